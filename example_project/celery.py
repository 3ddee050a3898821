"""The project's Celery application: ``celery -A example_project worker``."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from example_project.demo.leash import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")

app = Celery("example_project")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def keep_on_leash(**kwargs: Any) -> None:
    """Let the processes of a demo's worker end with it, however it ends."""
    if "EXAMPLE_DEMO" in os.environ:
        die_with_parent()
