"""Settings of the example: one machine, SQLite, a Valkey or Redis on loopback.

``DATA``, ``DATABASE``, ``PLATFORM_DATABASE``, ``REDIS_URL``, ``CELERY_BROKER_URL``, ``TRACING``,
``DEMO_PORT`` and ``SECRET_KEY`` in the environment change what stands here, and passwords may
stand beside addresses: ``DATABASE_PASSWORD``, ``PLATFORM_DATABASE_PASSWORD``, ``REDIS_PASSWORD``.
"""

from __future__ import annotations

import logging
import os

from example_project.environment import (
    choice,
    data_directory,
    database,
    demo_store,
    redis_address,
    redis_database,
    value,
)
from zerostate_monitoring.logs import logging_settings
from zerostate_monitoring.schedule import beat_schedule

DATA = data_directory()

SECRET_KEY = value("SECRET_KEY", "only-for-the-demonstration-on-loopback")
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
    "example_project.mailbox",
]

MIDDLEWARE = [
    # Probes are answered before anything that could be away, redirect or refuse.
    "zerostate_monitoring.health.middleware.ProbeMiddleware",
    "zerostate_monitoring.instrumentation.http.RequestMetricsMiddleware",
    # Within the request's span, so that its line names the trace.
    "zerostate_monitoring.instrumentation.request_lines.RequestLinesMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "example_project.policy.ContentSecurityPolicyMiddleware",
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

# The demonstration sends no mail: http://127.0.0.1:8000/mailbox/ shows what it would send.
EMAIL_BACKEND = "example_project.mailbox.backend.MailboxBackend"
MAILBOX_DIRECTORY = DATA / "mailbox"
DEFAULT_FROM_EMAIL = "ZeroState monitoring <monitoring@zerostate.example>"

REDIS_URL = redis_address("REDIS_URL", demo_store(DATA, "redis://127.0.0.1:6379"))
CELERY_BROKER_URL = redis_address("CELERY_BROKER_URL", redis_database(REDIS_URL, 0))
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = beat_schedule()

ZEROSTATE_MONITORING_REDIS_URL = redis_database(REDIS_URL, 1)
ZEROSTATE_MONITORING_PLATFORM_DATABASE = "platform"
# Who has acknowledged an alert stands in the dashboards, by name.
ZEROSTATE_MONITORING_ALERTS_NAME_PEOPLE = True
# Where a worker or a beat says that it runs, for a container's probe.
ZEROSTATE_MONITORING_PULSE_FILE = value("PULSE_FILE")
# What links in messages begin with.
ZEROSTATE_MONITORING_BASE_URL = f"http://127.0.0.1:{os.environ.get('DEMO_PORT', '8000')}"
# TRACING=yes sends traces to OTEL_EXPORTER_OTLP_ENDPOINT, by default http://localhost:4318.
ZEROSTATE_MONITORING_TRACING = choice("TRACING", "no", "yes") == "yes"
if ZEROSTATE_MONITORING_TRACING:
    # What the platform's executor does between orders, so that there is more to follow.
    CELERY_BEAT_SCHEDULE["example-round"] = {"task": "example.make_round", "schedule": 15.0}
if "EXAMPLE_DEMO" in os.environ:
    # Built-in rules send at once: somebody sits before it.
    ZEROSTATE_MONITORING_OBSERVE_SECONDS = 0

# Each of the many short tasks would have two lines more; Celery itself tells that it ended.
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_TASK_SUCCESS_LOG_LEVEL = logging.DEBUG
# Lines for people on a terminal; production writes JSON. docs/logs.md
LOGGING = logging_settings("console", service="example", environment="demo")
