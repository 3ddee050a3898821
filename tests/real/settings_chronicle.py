"""The example project for a chronicle; it also counts what its database and cache do.

Its lines are JSON, as in production.
"""

from __future__ import annotations

import os

from example_project.settings import *  # noqa: F403
from example_project.settings import DATABASES
from zerostate_monitoring.logs import logging_settings

DATABASES["default"]["ENGINE"] = "django_prometheus.db.backends.sqlite3"
CACHES = {"default": {"BACKEND": "django_prometheus.cache.backends.locmem.LocMemCache"}}
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGGING = logging_settings("json", service="chronicle", environment="test")
ZEROSTATE_MONITORING_OBSERVE_SECONDS = 0
ZEROSTATE_MONITORING_API_TOKEN = "s3cret"
ZEROSTATE_MONITORING_HEARTBEAT_URL = os.environ["HEARTBEAT_URL"]
ZEROSTATE_MONITORING_WEBHOOK_TOKEN = "t0ken"
