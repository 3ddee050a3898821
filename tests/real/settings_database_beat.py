"""The processes' settings with django-celery-beat's scheduler in place of the plain one."""

from __future__ import annotations

from tests.real.settings import *  # noqa: F403 - the same project, but for its beat
from tests.real.settings import INSTALLED_APPS as BASE_APPS

INSTALLED_APPS = [*BASE_APPS, "django_celery_beat"]
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
