"""Files of rules: Prometheus's own, objects of Kubernetes, and promtool's tests."""

from __future__ import annotations

from zerostate_monitoring.rules.files.cases import Case, Cases, read_cases
from zerostate_monitoring.rules.files.kubernetes import (
    PrometheusRule,
    read_prometheus_rule,
    write_prometheus_rule,
)
from zerostate_monitoring.rules.files.reading import read_rules
from zerostate_monitoring.rules.files.targets import Target
from zerostate_monitoring.rules.files.unit_tests import read_unit_tests, write_unit_tests
from zerostate_monitoring.rules.files.writing import Written, write_rules

__all__ = [
    "Case",
    "Cases",
    "PrometheusRule",
    "Target",
    "Written",
    "read_cases",
    "read_prometheus_rule",
    "read_rules",
    "read_unit_tests",
    "write_prometheus_rule",
    "write_rules",
    "write_unit_tests",
]
