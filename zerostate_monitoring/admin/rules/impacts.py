"""What switching off or deleting rules does: alerts that end, rules that lose their series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from zerostate_monitoring.admin import words
from zerostate_monitoring.alerting.impact import impact_of_all
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.rule_readers import readers_of
from zerostate_monitoring.models.words import AlertState, EndReason, RuleKind

_MOST: Final = 50


def impact_context(rules: Sequence[Rule], reason: EndReason) -> dict[str, Any]:
    """Which alerts end, and which rules read what these record; for a template."""
    found = impact_of_all(rules, reason=reason)
    recorded = {rule.name for rule in rules if rule.kind == RuleKind.RECORDING and rule.enabled}
    keys = {rule.pk for rule in rules}
    readers = {one for found_ in readers_of(recorded).values() for one in found_}
    return {
        "closed": [_row(alert) for alert in found.closed[:_MOST]],
        "closed_total": len(found.closed),
        "closed_firing": sum(alert.state == AlertState.FIRING for alert in found.closed),
        "readers": sorted(rule.name for rule in readers if rule.pk not in keys),
        "reason": reason.label,
    }


def _row(alert: Any) -> dict[str, Any]:
    return {
        "name": alert.rule_name,
        "state": words.state_badge(alert.state, severity=alert.severity),
        "labels": words.labels_that_matter(alert.labels),
        "since": words.ago(alert.fired_at or alert.started_at),
    }
