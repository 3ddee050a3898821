"""Settings of the example: one machine, SQLite, a Valkey or Redis on loopback.

``DATA``, ``DATABASE``, ``PLATFORM_DATABASE``, ``REDIS_URL``, ``CELERY_BROKER_URL`` and
``SECRET_KEY`` in the environment change what stands here.
"""

from __future__ import annotations

import os

from example_project.environment import data_directory, database, redis_database
from zerostate_monitoring.schedule import beat_schedule

DATA = data_directory()

SECRET_KEY = os.environ.get("SECRET_KEY", "only-for-the-demonstration-on-loopback")
DEBUG = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ROOT_URLCONF = "example_project.urls"
WSGI_APPLICATION = "example_project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_prometheus",
    "zerostate_monitoring",
    "example_project.network",
]

MIDDLEWARE = [
    "zerostate_monitoring.instrumentation.http.RequestMetricsMiddleware",
    "zerostate_monitoring.instrumentation.http.SafeBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "zerostate_monitoring.instrumentation.http.SafeAfterMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = {
    "default": database("DATABASE", DATA / "example.sqlite3"),
    # The network's own tables; Django's migrations stay away from them.
    "platform": database("PLATFORM_DATABASE", DATA / "platform.sqlite3"),
}
DATABASE_ROUTERS = ["zerostate_monitoring.sources.platform.router.PlatformRouter"]

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", redis_database(REDIS_URL, 0))
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = beat_schedule()

ZEROSTATE_MONITORING_REDIS_URL = redis_database(REDIS_URL, 1)
ZEROSTATE_MONITORING_PLATFORM_DATABASE = "platform"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "zerostate_monitoring.logs.KeyValueFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
