"""The production settings where mail goes nowhere, and everything may be some times faster."""

from __future__ import annotations

import os

from example_project.settings import DATA
from example_project.settings_production import *  # noqa: F403 - the same, with what is said here

EMAIL_BACKEND = "example_project.mailbox.backend.MailboxBackend"
MAILBOX_DIRECTORY = DATA / "mailbox"

_LAPSE = float(os.environ.get("STACK_LAPSE", "1"))

ZEROSTATE_MONITORING_NODES_INTERVAL_SECONDS = 15 / _LAPSE
ZEROSTATE_MONITORING_EXECUTION_INTERVAL_SECONDS = 30 / _LAPSE
ZEROSTATE_MONITORING_ECONOMIC_INTERVAL_SECONDS = 60 / _LAPSE
ZEROSTATE_MONITORING_PUBLISH_INTERVAL_SECONDS = 5 / _LAPSE
