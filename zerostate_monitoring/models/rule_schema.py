"""Which metrics the lint of rules knows in this installation."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from django.dispatch import Signal

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models.metric import Metric
from zerostate_monitoring.models.words import RuleKind
from zerostate_monitoring.rules.lint import recorded
from zerostate_monitoring.rules.schema import (
    ALERTS,
    PROMETHEUS,
    Joined,
    Metrics,
    Schema,
    of_definitions,
)

if TYPE_CHECKING:
    from zerostate_monitoring.models.rule import Rule

page_requested = Signal()
"""Sent where a rule names what the catalogue does not; a receiver returns a ``Schema``.

The rows stand below the store, so they ask whoever can look at the page.
"""


def schema_for(rule: Rule) -> Schema:
    """The catalogue, what the evaluation writes, and what other enabled rules record."""
    rows = type(rule)._default_manager.filter(
        kind=RuleKind.RECORDING, enabled=True, group__enabled=True
    )
    others = rows.exclude(pk=rule.pk).order_by("group__position", "group__name", "position", "pk")
    return recorded((row.definition() for row in others), base_schema())


def base_schema() -> Schema:
    """All but what rules record."""
    catalogued = _catalogued(("node", "node_role", *conf.NODE_LABELS))
    return Joined(catalogued, ALERTS, *([PROMETHEUS] if conf.PROMETHEUS_URL else []))


@cache
def _catalogued(node_labels: tuple[str, ...]) -> Metrics:
    return of_definitions(CATALOGUE, node_labels=node_labels)


def page_schema() -> Schema | None:
    """What stands on the page now; ``None`` where nobody can tell."""
    for _receiver, answer in page_requested.send_robust(sender=None):
        if answer is not None and not isinstance(answer, Exception):
            schema: Schema = answer
            return schema
    return None


def switched_off(names: Iterable[str]) -> list[str]:
    """Families among those that samples of these names belong to which operators disabled."""
    found = (CATALOGUE.find(name) for name in names)
    families = sorted({definition.name for definition in found if definition is not None})
    rows = Metric.objects.filter(name__in=families, enabled=False)
    return sorted(row.name for row in rows if not row.always_on)
