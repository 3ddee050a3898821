"""Settings of a project whose platform is a port that takes connections and says nothing."""

from __future__ import annotations

import json
import os

from tests.settings import *  # noqa: F403 - the same project, with another platform
from tests.settings import DATABASES

DATABASES["platform"] = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": "platform",
    "USER": "monitor",
    "HOST": "127.0.0.1",
    "PORT": os.environ["PLATFORM_PORT"],
    "OPTIONS": json.loads(os.environ["PLATFORM_OPTIONS"]),
}
ZEROSTATE_MONITORING_PLATFORM_DATABASE = "platform"
