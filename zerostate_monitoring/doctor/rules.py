"""Whether rules read families that are there."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from zerostate_monitoring.doctor.finding import Finding, ok, warning
from zerostate_monitoring.models import Metric
from zerostate_monitoring.models.rule_readers import readers_of

_TITLE = "rules"
_MOST = 10


def examine_rules() -> Iterator[Finding]:
    """Enabled rules that read a family which is withdrawn or disabled: they fire for nothing."""
    gone = Metric.objects.filter(Q(enabled=False) | Q(withdrawn_at__isnull=False))
    names = [metric.name for metric in gone if not metric.always_on]
    readers = readers_of(names)
    if not readers:
        yield ok(_TITLE, "no enabled rule reads a family that is withdrawn or disabled")
        return
    for name, rules in sorted(readers.items()):
        shown = ", ".join(sorted(rule.name for rule in rules)[:_MOST])
        more = len(rules) - _MOST
        said = f"{shown} and {more} more" if more > 0 else shown
        yield warning(
            _TITLE,
            f"{name} is withdrawn or disabled, and is read by {said}",
            "Enable the family among the metrics, or change or disable these rules.",
        )
