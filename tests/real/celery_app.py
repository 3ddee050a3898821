"""The Celery application of the processes that real tests start."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from example_project.demo.leash import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.real.settings")

app = Celery("tests_real")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def keep_on_leash(**kwargs: Any) -> None:
    """Let a pool's process end with its worker, also one that was killed."""
    die_with_parent()
