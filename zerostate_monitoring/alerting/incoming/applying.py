"""Rows and events in step with what an Alertmanager tells. Nobody is sent anything.

One transaction. Alerts are known by all their labels. The rows of an alert are locked, and two
messages that tell of the same new alert at once meet at the unique index: one of them is
tried again, and then finds the row.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from zerostate_monitoring.alerting.incoming.matching import load, rule_of
from zerostate_monitoring.alerting.incoming.payload import Notification, Told
from zerostate_monitoring.alerting.incoming.steps import Known, Step, step
from zerostate_monitoring.models import Alert, AlertEvent, Rule
from zerostate_monitoring.models.words import ALERTMANAGER, LIVE, AlertState, EndReason, EventKind

logger = logging.getLogger(__name__)

_TRIES: Final = 3
_ENDS: Final = {
    AlertState.FIRING: (AlertState.RESOLVED, EventKind.RESOLVED),
    AlertState.PENDING: (AlertState.EXPIRED, EventKind.EXPIRED),
}
_BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)
_ENDED_UNSEEN: Final = "Its end was not told: the same alert fires anew."


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many alerts began, ended, and were as they are; how many the message left out."""

    fired: int = 0
    resolved: int = 0
    unchanged: int = 0
    truncated: int = 0
    without_rule: int = 0


def apply(given: Notification) -> Outcome:
    """Bring rows and events into step.

    Raises:
        IntegrityError: again and again somebody else writes the same alerts.
    """
    if given.truncated:
        details = {"receiver": given.receiver, "alerts": given.truncated}
        logger.warning("alertmanager_truncated", extra=details)
    for left in range(_TRIES - 1, -1, -1):
        try:
            with transaction.atomic():
                return _applied(given)
        except IntegrityError:
            if not left:
                raise
    raise AssertionError  # pragma: no cover - the loop returns or raises


def _applied(given: Notification) -> Outcome:
    told = _in_order(given)
    rules = load(one.name for one in told)
    keeping = _Keeping(given.receiver, _newest(told))
    for one in told:
        keeping.take(one, rule_of(one.labels, rules.get(one.name, ())))
    counts = keeping.counts
    return Outcome(
        fired=counts["fired"],
        resolved=counts["resolved"],
        unchanged=counts["unchanged"],
        truncated=given.truncated,
        without_rule=counts["without_rule"],
    )


def _in_order(given: Notification) -> list[Told]:
    """What began first comes first; of one incident its end comes last."""
    return sorted(
        given.alerts, key=lambda one: (one.fingerprint, one.started_at, one.ended_at is not None)
    )


def _newest(told: list[Told]) -> dict[str, Alert]:
    """The newest row of each alert, locked in the same order by everybody."""
    rows = Alert.objects.filter(fingerprint__in={one.fingerprint for one in told}).order_by()
    newest = rows.values("fingerprint").annotate(newest=Max("pk")).values("newest")
    locked = Alert.objects.filter(pk__in=newest).order_by("pk").select_for_update(no_key=True)
    return {row.fingerprint: row for row in locked}


class _Keeping:
    """Writes what each told alert does."""

    def __init__(self, receiver: str, newest: dict[str, Alert]) -> None:
        self._receiver = receiver
        self._newest = newest
        self.counts = Counter[str]()

    def take(self, told: Told, rule: Rule | None) -> None:
        """Bring one alert into step."""
        row = self._newest.get(told.fingerprint)
        todo = step(_known(row), told.started_at, told.ended_at)
        self.counts["without_rule"] += rule is None
        if todo is Step.NOTHING:
            self.counts["unchanged"] += 1
            return
        if row is not None and todo is Step.REPLACE:
            self._end(row, told, told.started_at, _ENDED_UNSEEN)
        if row is not None and todo is Step.RESOLVE:
            self._end(row, told, told.ended_at or told.started_at)
            return
        made = self._begin(told, rule)
        if told.ended_at is not None:
            self._end(made, told, told.ended_at)

    def _begin(self, told: Told, rule: Rule | None) -> Alert:
        row = Alert.objects.create(**_fields(told, rule))
        self._newest[told.fingerprint] = row
        self._event(row, EventKind.FIRING, told.started_at, told)
        self.counts["fired"] += 1
        return row

    def _end(self, row: Alert, told: Told, at: datetime, remark: str = "") -> None:
        state, kind = _ENDS[AlertState(row.state)]
        row.state, row.ended_at = state, max(at, row.fired_at or row.started_at)
        row.end_reason, row.held = EndReason.RESOLVED, ""
        row.save(update_fields=["state", "ended_at", "end_reason", "held"])
        self._event(row, kind, row.ended_at, told, remark)
        self.counts["resolved"] += 1

    def _event(
        self, row: Alert, kind: EventKind, at: datetime, told: Told, remark: str = ""
    ) -> None:
        detail: dict[str, Any] = {
            "source": ALERTMANAGER,
            "receiver": self._receiver,
            "url": told.url,
            "since": at.isoformat(),
        }
        if remark:
            detail["remark"] = remark
        # Events stand at the time at which they are written: so each is counted, however late.
        AlertEvent.objects.create(alert=row, kind=kind, at=timezone.now(), detail=detail)


def _known(row: Alert | None) -> Known | None:
    if row is None:
        return None
    # What was pending when the evaluation here was switched off knows nothing of what is told.
    fired_at = _BEFORE_ALL if row.state == AlertState.PENDING else row.fired_at
    return Known(fired_at or row.started_at, None if row.state in LIVE else row.ended_at)


def _fields(told: Told, rule: Rule | None) -> Mapping[str, Any]:
    return {
        "rule": rule,
        "rule_name": told.name,
        "rule_version": rule.version if rule else 1,
        "group_name": rule.group.name if rule else "",
        "fingerprint": told.fingerprint,
        "labels": dict(told.labels),
        "annotations": dict(told.annotations),
        "severity": told.labels.get("severity", "")[:200],
        "layer": told.labels.get("layer", "")[:200],
        "state": AlertState.FIRING,
        "started_at": told.started_at,
        "active_at": told.started_at,
        "fired_at": told.started_at,
    }
