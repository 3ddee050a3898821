"""What an evaluation has changed, as rows: one transaction per group and slot, or nothing.

The number of queries does not grow with rules or alerts, and an alert that stays what it was
costs no row. Whoever was overtaken writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F

from zerostate_monitoring.alerting.delivery.enqueuing import enqueue
from zerostate_monitoring.alerting.evaluation.claims import Claim
from zerostate_monitoring.alerting.evaluation.deciding import Outcome
from zerostate_monitoring.alerting.evaluation.instants import time_of
from zerostate_monitoring.alerting.evaluation.rows import (
    CHANGED,
    Changed,
    applied,
    changed,
    event_of,
    new_alert,
)
from zerostate_monitoring.alerting.evaluation.values import text_of
from zerostate_monitoring.alerting.identity import Annotations
from zerostate_monitoring.models.alert import Alert, AlertEvent
from zerostate_monitoring.models.rule import Rule, RuleState
from zerostate_monitoring.models.rule_group import Evaluation, GroupState
from zerostate_monitoring.models.words import LIVE, EventKind, Health

_TOLD: Final = frozenset({EventKind.FIRING, EventKind.RESOLVED, EventKind.EXPIRED})
_BATCH: Final = 500


class OvertakenError(Exception):
    """Another has claimed the group since; it never leaves this module."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A claimed slot that was evaluated: since when, for how long, at what time it is written."""

    claim: Claim
    began_at: datetime
    seconds: float
    now: datetime


def persist(slot: Slot, outcomes: Sequence[Outcome]) -> bool:
    """Write what the rules of a group gave at a slot; False if another has overtaken.

    Raises:
        DatabaseError: nothing was written.
    """
    try:
        with transaction.atomic():
            _write(slot, outcomes)
    except OvertakenError:
        return False
    return True


def _write(slot: Slot, outcomes: Sequence[Outcome]) -> None:
    _take(slot)
    there = _still_there(outcomes)
    outcomes = [one for one in outcomes if one.work.row.pk in there]
    changes = [change for outcome in outcomes for change in changed(outcome)]
    rows = _alerts(changes, slot)
    events = list(_events(changes, rows, slot))
    AlertEvent.objects.bulk_create(events, batch_size=_BATCH)
    if told := [event for event in events if event.kind in _TOLD]:
        enqueue(told, slot.now)
    _write_states(outcomes, slot.now)
    _write_evaluation(slot, outcomes, rows)


def _take(slot: Slot) -> None:
    """The first statement: it locks the group's row, and writes, so that SQLite waits for it."""
    claim = slot.claim
    mine = GroupState.objects.filter(
        group=claim.group, token=claim.token, last_slot_ms__lt=claim.slot_ms
    )
    taken = mine.update(
        last_slot_ms=claim.slot_ms,
        claimed_until=None,
        evaluated_at=slot.now,
        duration_seconds=slot.seconds,
        slots_evaluated=F("slots_evaluated") + 1,
        slots_missed=F("slots_missed") + claim.missed,
    )
    if not taken:
        raise OvertakenError


def _still_there(outcomes: Sequence[Outcome]) -> set[int]:
    """Rules that have not been deleted or disabled since they were read; they are locked."""
    rows = Rule.objects.filter(pk__in=[one.work.row.pk for one in outcomes], enabled=True)
    return set(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


# -- alerts ------------------------------------------------------------------------


def _alerts(changes: Sequence[Changed], slot: Slot) -> dict[tuple[int, str], Alert]:
    """The alerts that change, written; those that somebody else has ended are left out."""
    now, at = slot.now, time_of(slot.claim.slot_ms)
    old = _locked([one.known.pk for one in changes if one.known])
    rows: dict[tuple[int, str], Alert] = {}
    for one in changes:
        alert = old.get(one.known.pk) if one.known else new_alert(one, slot.claim.group.name)
        if alert is not None:
            applied(alert, one, at, now)
            rows[one.place] = alert
    new = [rows[one.place] for one in changes if one.known is None]
    Alert.objects.bulk_create(new, batch_size=_BATCH)
    known = [alert for alert in rows.values() if alert.pk in old]
    on, ended = _parted(known)
    Alert.objects.bulk_update(on, CHANGED, batch_size=_BATCH)
    for (state, reason), keys in ended.items():
        Alert.objects.filter(pk__in=keys).update(
            state=state, end_reason=reason, ended_at=at, held=""
        )
    return rows


def _parted(
    alerts: Sequence[Alert],
) -> tuple[list[Alert], dict[tuple[str, str], list[int]]]:
    """Those that go on; the keys of those that have ended, by what becomes of them."""
    on, ended = list[Alert](), dict[tuple[str, str], list[int]]()
    for alert in alerts:
        if alert.is_live:
            on.append(alert)
        else:
            ended.setdefault((alert.state, alert.end_reason), []).append(alert.pk)
    return on, ended


def _locked(keys: Sequence[int]) -> dict[int, Alert]:
    if not keys:
        return {}
    live = Alert.objects.filter(pk__in=keys, state__in=LIVE).order_by("pk")
    # The delivery, which has locked a group that is waited for below, refers to their keys.
    return {alert.pk: alert for alert in live.select_for_update(no_key=True)}


def _events(
    changes: Sequence[Changed], rows: dict[tuple[int, str], Alert], slot: Slot
) -> Iterator[AlertEvent]:
    for one in changes:
        alert = rows.get(one.place)
        if alert is not None:
            for change in one.changes:
                yield event_of(alert, change, one, slot.claim.slot_ms, slot.now)


# -- how it went ---------------------------------------------------------------------


def _write_states(outcomes: Sequence[Outcome], now: datetime) -> None:
    """Only those of rules whose evaluation goes otherwise than before."""
    rows = [_state(outcome, now) for outcome in outcomes if _is_other(outcome)]
    if rows:
        RuleState.objects.bulk_create(
            rows,
            batch_size=_BATCH,
            update_conflicts=True,
            unique_fields=["rule"],
            update_fields=["health", "reason", "since", "ready_at", "warnings"],
        )


def _is_other(outcome: Outcome) -> bool:
    state = outcome.work.state
    return state is None or (
        (state.health, state.reason, state.ready_at, state.warnings)
        != (outcome.health, outcome.reason, time_of(outcome.ready_ms), list(outcome.warnings))
    )


def _state(outcome: Outcome, now: datetime) -> RuleState:
    before = outcome.work.state
    is_same = before is not None and before.health == outcome.health
    return RuleState(
        rule=outcome.work.row,
        health=outcome.health,
        reason=outcome.reason,
        since=before.since if before is not None and is_same else now,
        ready_at=time_of(outcome.ready_ms),
        warnings=list(outcome.warnings),
    )


def _write_evaluation(
    slot: Slot, outcomes: Sequence[Outcome], rows: dict[tuple[int, str], Alert]
) -> None:
    claim = slot.claim
    values = dict(_values(outcomes, rows, claim.values))
    GroupState.objects.filter(group=claim.group).update(values=values)
    Evaluation.objects.create(
        group=claim.group,
        slot_ms=claim.slot_ms,
        token=claim.token,
        started_at=slot.began_at,
        duration_seconds=slot.seconds,
        rules=len(outcomes),
        failed=sum(one.health == Health.ERROR for one in outcomes),
        missed_before=claim.missed,
    )


def _values(
    outcomes: Sequence[Outcome], rows: dict[tuple[int, str], Alert], before: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """The value of each live alert, by its primary key; of one that is not found now the last."""
    for outcome in outcomes:
        known, rule = outcome.work.known, outcome.work.row.pk
        for key, live in outcome.step.live.items():
            text = text_of(live.value)
            if key in known:
                pk = str(known[key].pk)
                is_found = isinstance(live.annotations, Annotations)
                yield pk, text if is_found else before.get(pk, text)
            elif alert := rows.get((rule, key)):
                yield str(alert.pk), text
