"""Alerts and their events as rows, made from what the state machine says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from zerostate_monitoring.alerting.evaluation.deciding import Outcome
from zerostate_monitoring.alerting.evaluation.instants import time_of
from zerostate_monitoring.alerting.evaluation.loading import Known
from zerostate_monitoring.alerting.evaluation.values import column_of, text_of
from zerostate_monitoring.alerting.identity import Annotations
from zerostate_monitoring.alerting.states import Change, Live
from zerostate_monitoring.models.alert import Alert, AlertEvent
from zerostate_monitoring.models.rule import Rule
from zerostate_monitoring.models.words import AlertState, EventKind

CHANGED: Final = (
    "state",
    "value",
    "annotations",
    "series",
    "started_at",
    "active_at",
    "fired_at",
    "keep_since",
    "held",
    "observed",
    "rule_version",
)
"""Columns that may change while an alert goes on."""

_ENDED: Final = {
    EventKind.RESOLVED: AlertState.RESOLVED,
    EventKind.EXPIRED: AlertState.EXPIRED,
}
_MOVES: Final = frozenset({EventKind.PENDING, EventKind.FIRING, EventKind.BACK_TO_PENDING})
_MOST_HELD: Final = 200


@dataclass(frozen=True, slots=True)
class Changed:
    """An alert whose row is written: what it is now, what happened to it, what it was before."""

    rule: Rule
    live: Live
    changes: Sequence[Change]
    known: Known | None

    @property
    def place(self) -> tuple[int, str]:
        """Whose alert it is."""
        return self.rule.pk, self.live.key


def changed(outcome: Outcome) -> Iterator[Changed]:
    """The alerts of a rule that need a row: those that are new, or not what they were."""
    work, after = outcome.work, outcome.step.live
    by_key: dict[str, list[Change]] = {}
    for change in outcome.step.changes:
        by_key.setdefault(change.live.key, []).append(change)
    for key, changes in by_key.items():
        live = after.get(key, changes[-1].live)
        yield Changed(work.row, live, changes, work.known.get(key))
    for key, known in work.known.items():
        if key not in by_key and key in after and _moved(known.live, after[key]):
            yield Changed(work.row, after[key], (), known)


def _moved(before: Live, after: Live) -> bool:
    """Whether its clocks run otherwise, although nothing happened to it."""
    return (
        before.active_ms != after.active_ms
        or before.fired_ms != after.fired_ms
        or before.keep_ms != after.keep_ms
        or before.held != after.held[:_MOST_HELD]
    )


def new_alert(one: Changed, group: str) -> Alert:
    """The row of an alert that begins."""
    labels = dict(one.live.labels)
    return Alert(
        rule=one.rule,
        rule_name=one.rule.name,
        group_name=group,
        fingerprint=one.live.key,
        labels=labels,
        severity=labels.get("severity", "")[:200],
        layer=labels.get("layer", "")[:200],
        started_at=time_of(one.live.started_ms),
    )


def applied(alert: Alert, one: Changed, at: datetime, now: datetime) -> None:
    """Let the row say what the alert is after this slot."""
    live, kinds = one.live, {change.kind for change in one.changes}
    alert.state = live.state
    alert.started_at = time_of(live.started_ms)
    alert.active_at = time_of(live.active_ms)
    alert.fired_at = time_of(live.fired_ms)
    alert.keep_since = time_of(live.keep_ms)
    alert.held = live.held[:_MOST_HELD]
    if kinds & _MOVES:
        alert.value = column_of(live.value)
        alert.annotations = dict(live.annotations)
        if isinstance(live.annotations, Annotations):
            alert.series = dict(live.annotations.series)
        alert.rule_version = one.rule.version
        alert.observed = one.rule.observing_until is not None and now < one.rule.observing_until
    for change in one.changes:
        if change.kind in _ENDED:
            alert.state = _ENDED[change.kind]
            alert.ended_at, alert.end_reason, alert.held = at, change.end_reason, ""


def event_of(alert: Alert, change: Change, one: Changed, slot_ms: int, now: datetime) -> AlertEvent:
    """The row that tells of a change."""
    detail: dict[str, Any] = {"value": text_of(change.live.value)}
    if change.kind is EventKind.HELD:
        detail = {"reason": change.live.held}
    elif change.kind is EventKind.GAP and one.known is not None:
        detail = {"seconds": _uncounted(one.known.live, change.live) / 1000}
    elif change.end_reason:
        detail["reason"] = str(change.end_reason)
    return AlertEvent(alert=alert, kind=change.kind, at=now, slot_ms=slot_ms, detail=detail)


def _uncounted(before: Live, after: Live) -> int:
    """How much time (ms) does not count towards ``for`` or ``keep_firing_for``."""
    if before.keep_ms is not None and after.keep_ms is not None:
        return after.keep_ms - before.keep_ms
    return after.active_ms - before.active_ms
