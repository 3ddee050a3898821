"""Which metrics dashboards may ask for: the catalogue's, recorded ones, and few beside."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.rules.definitions import RecordingRule
from zerostate_monitoring.rules.lint import recorded
from zerostate_monitoring.rules.schema import (
    ALERTS,
    PROMETHEUS,
    Joined,
    Metric,
    Metrics,
    MetricType,
    Schema,
    of_definitions,
)
from zerostate_monitoring.rules.shipped import GROUPS, ShippedRecording

DJANGO_PROMETHEUS: Final = Metrics(
    Metric(name=f"django_{name}", type=MetricType.COUNTER, labels=frozenset(labels), lowest=0)
    for name, labels in (
        ("db_execute_total", ("alias", "vendor")),
        ("db_errors_total", ("alias", "vendor", "type")),
        ("db_new_connections_total", ("alias", "vendor")),
        ("cache_get_total", ("backend",)),
        ("cache_get_hits_total", ("backend",)),
    )
)
"""What django-prometheus counts where its engines and caches are used; it stands on our page."""

RECORDED: Final = {
    rule.name: rule.expr
    for group in GROUPS
    for rule in group.rules
    if isinstance(rule, ShippedRecording)
}
"""Recorded series by name, and of what they are made."""


def schema() -> Schema:
    """All of them."""
    rules = [RecordingRule(record=name, expr=expr) for name, expr in RECORDED.items()]
    return recorded(rules, Joined(of_definitions(CATALOGUE), ALERTS, PROMETHEUS, DJANGO_PROMETHEUS))
