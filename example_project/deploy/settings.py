"""Settings under which the files are generated: whatever is stated here stands in none of them."""

from __future__ import annotations

from example_project.settings import *  # noqa: F403 - the same, with what is said here

# Prometheus evaluates in both: the third way of docs/prometheus.md.
ZEROSTATE_MONITORING_EVALUATE = False
LOGGING = {"version": 1, "disable_existing_loggers": False}
