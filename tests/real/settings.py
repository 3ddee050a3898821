"""Settings of the processes that real tests start; what differs comes from the environment."""

from __future__ import annotations

import json
import os
from pathlib import Path

from example_project.environment import database
from tests.settings import *  # noqa: F403 - the same project, but on servers
from tests.settings import INSTALLED_APPS as BASE_APPS
from zerostate_monitoring.schedule import beat_schedule

DIRECTORY = Path(os.environ["TEST_DIRECTORY"])

INSTALLED_APPS = [*BASE_APPS, "tests.real"]
DATABASES = {
    "default": database("DATABASE", DIRECTORY / "project.sqlite3"),
    "platform": database("PLATFORM_DATABASE", DIRECTORY / "platform.sqlite3"),
}
DATABASE_ROUTERS = ["zerostate_monitoring.sources.platform.router.PlatformRouter"]

CELERY_BROKER_URL = os.environ["BROKER_URL"]
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = beat_schedule()

ZEROSTATE_MONITORING_REDIS_URL = os.environ["STORE_URL"]
ZEROSTATE_MONITORING_PLATFORM_DATABASE = "platform"
ZEROSTATE_MONITORING_NODES_INTERVAL_SECONDS = 2
ZEROSTATE_MONITORING_EXECUTION_INTERVAL_SECONDS = 2
ZEROSTATE_MONITORING_ECONOMIC_INTERVAL_SECONDS = 2
ZEROSTATE_MONITORING_NODE_EXTRA_FAMILIES = (
    "node_boot_time_seconds",
    "prometheus_build_info",
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}

globals().update(json.loads(os.environ.get("TEST_SETTINGS", "{}")))
