"""The example with lines as in production, which are exported over OTLP, too."""

from __future__ import annotations

import os

from celery.signals import worker_process_init

from example_project.settings import *  # noqa: F403
from tests.real.lines_site import ship
from zerostate_monitoring.logs import logging_settings

LOGGING = logging_settings("json", service=os.environ["SERVICE"], environment="test", otlp=True)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ZEROSTATE_MONITORING_PUBLISH_INTERVAL_SECONDS = 1

worker_process_init.connect(ship, weak=False)
