"""A rule and an alert in Prometheus's shapes.

Source: ``web/api/v1/api.go`` of Prometheus 3.14.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from zerostate_monitoring.api import numbers
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.models import Alert, GroupState, Rule, RuleState
from zerostate_monitoring.models.rule_checks import labelled
from zerostate_monitoring.models.words import AlertState, Health
from zerostate_monitoring.promql.printer import format_expr
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.definitions import AlertingRule

_HEALTH: Final = {
    Health.OK: "ok",
    Health.NO_DATA: "ok",
    Health.STALE: "ok",
    Health.WAITING: "ok",
    Health.ERROR: "err",
}


def rule_shape(row: Rule, standing: str, group: GroupState | None) -> dict[str, Any]:
    """A rule without its alerts; ``standing`` is the state of these, if there are any."""
    state: RuleState | None = getattr(row, "state", None)
    health = Health(state.health) if state else Health.UNKNOWN
    definition = labelled(row)
    shown: dict[str, Any] = {"name": row.name, "query": _query(row.expr)}
    if isinstance(definition, AlertingRule):
        asked = group is not None and group.last_slot_ms > 0
        shown |= {
            "state": standing or ("inactive" if asked else "unknown"),
            "duration": plain(definition.for_.total_seconds()),
            "keepFiringFor": plain(definition.keep_firing_for.total_seconds()),
            "annotations": dict(definition.annotations),
        }
    shown |= {
        "labels": dict(definition.labels),
        "health": _HEALTH.get(health, "unknown"),
        "evaluationTime": plain((state and state.duration_seconds) or 0.0),
        "lastEvaluation": time_text(group.evaluated_at if group else None),
        "type": row.kind,
    }
    if state and health is Health.ERROR:
        shown["lastError"] = state.reason
    return shown


def _query(expr: str) -> str:
    """The expression as Prometheus prints it; as it stands where it cannot be read."""
    try:
        return format_expr(parse(expr).expr)
    except QuerySyntaxError:
        return expr


def alert_shape(row: Alert, values: Mapping[str, str]) -> dict[str, Any]:
    """An alert; ``values`` are those of the last slot, by key."""
    shown = {
        "labels": row.labels,
        "annotations": row.annotations,
        "state": row.state,
        "activeAt": time_text(row.active_at),
        "value": exponent(_value(row, values)),
    }
    if row.keep_since is not None and row.state == AlertState.FIRING:
        shown["keepFiringSince"] = time_text(row.keep_since)
    return shown


def _value(row: Alert, values: Mapping[str, str]) -> float:
    """The newest value; that of the last transition where no newer one is known."""
    try:
        return float(values[str(row.pk)])
    except (KeyError, ValueError):
        return float("nan") if row.value is None else row.value


def exponent(value: float) -> str:
    """A number as Go's ``'e'`` format spells it: shortest digits, two for the exponent."""
    if not math.isfinite(value):
        return numbers.plain(value)
    digits, _, _ = f"{value!r}".partition("e")
    precision = len(digits.replace("-", "").replace(".", "").strip("0")) - 1
    return f"{value:.{max(precision, 0)}e}"


def time_text(at: datetime | None) -> str:
    """An instant as Go writes it: RFC 3339 without zeros at the end."""
    if at is None:
        return "0001-01-01T00:00:00Z"
    text = at.strftime("%Y-%m-%dT%H:%M:%S")
    rest = f"{at.microsecond:06d}".rstrip("0")
    return f"{text}.{rest}Z" if rest else f"{text}Z"


def plain(value: float) -> float | int:
    return int(value) if value == int(value) else value
