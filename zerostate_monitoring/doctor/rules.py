"""Whether rules read families that are there."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext as _

from zerostate_monitoring.doctor.finding import Finding, ok, some, warning
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
        yield ok(_TITLE, _("no enabled rule reads a family that is withdrawn or disabled"))
        return
    for name, rules in sorted(readers.items()):
        said = _("%(name)s is withdrawn or disabled, and is read by %(rules)s")
        shown = some(sorted(rule.name for rule in rules), _MOST)
        yield warning(
            _TITLE,
            said % {"name": name, "rules": shown},
            _("Enable the family among the metrics, or change or disable these rules."),
        )
