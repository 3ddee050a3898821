"""From transitions to the outbox, in the transaction of the transitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_noop

from zerostate_monitoring.alerting.delivery.outbox import Telling, write
from zerostate_monitoring.alerting.delivery.places import place_of, place_of_row
from zerostate_monitoring.alerting.delivery.printing import notice
from zerostate_monitoring.alerting.routing import Routing, Step, load
from zerostate_monitoring.models import Alert, AlertEvent, OutboxEntry, Rule
from zerostate_monitoring.models.outbox import Notice, OutboxState
from zerostate_monitoring.models.words import EventKind

OBSERVING: Final = gettext_noop("observing")
_ENDS: Final = frozenset({EventKind.RESOLVED, EventKind.EXPIRED})
_MAYBE_TOLD: Final = frozenset(
    {OutboxState.DUE, OutboxState.FROZEN, OutboxState.SENT, OutboxState.DEAD}
)


def enqueue(events: Sequence[AlertEvent], now: datetime) -> None:
    """Write down who is to be told of ``events``, which are saved and know their alerts.

    Of alerts that fire, the first receiver of each route that takes them; of alerts that have
    ended, whoever was told or is still to be told that they fire. A constant number of
    queries, in the caller's transaction. Events of other kinds are for nobody.
    """
    if fired := [event for event in events if event.kind == EventKind.FIRING]:
        _fire(fired, now)
    if ended := [event for event in events if event.kind in _ENDS]:
        write(_endings(ended), now)


def _fire(events: Sequence[AlertEvent], now: datetime) -> None:
    routing, observed = load(), observing([event.alert for event in events], now)
    tellings: list[Telling] = []
    unrouted = []
    for event in events:
        told = tellings_of(routing, event, is_observing=event.alert_id in observed)
        tellings.extend(told)
        if not told:
            unrouted.append(event.alert)
    write(tellings, now)
    held = {t.event.alert_id: t.event.alert for t in tellings if t.state is OutboxState.SUPPRESSED}
    AlertEvent.objects.bulk_create(
        [
            *_said(held.values(), EventKind.SUPPRESSED, now),
            *_said(unrouted, EventKind.UNROUTED, now),
        ]
    )
    mark_unrouted([event.alert for event in events], {alert.pk for alert in unrouted})
    notice(routing)


def tellings_of(
    routing: Routing, event: AlertEvent, *, is_observing: bool = False, at_once: bool = False
) -> list[Telling]:
    """The first step of each route that takes the event's alert."""
    state = OutboxState.SUPPRESSED if is_observing else OutboxState.DUE
    labels = event.alert.labels
    found = []
    for taken in routing.of(labels):
        step = next_step(taken.steps, labels)
        if step is not None:
            place = place_of(taken.route, taken.steps[step].receiver_id, labels)
            found.append(
                Telling(
                    event=event,
                    place=place,
                    notice=Notice.FIRED,
                    step=step,
                    state=state,
                    reason=OBSERVING if is_observing else "",
                    at_once=at_once,
                )
            )
    return found


def next_step(
    steps: Sequence[Step], labels: Mapping[str, str], start: int = 0, without: Iterable[int] = ()
) -> int | None:
    """The first step from ``start`` on whose receiver can be told of an alert with ``labels``.

    An alert with a label ``receiver`` is about that receiver, and never goes to it.
    """
    about, failed = labels.get("receiver"), frozenset(without)
    for index in range(start, len(steps)):
        step = steps[index]
        if step.receiver_id not in failed and (not about or step.receiver_name != about):
            return index
    return None


def observing(alerts: Sequence[Alert], now: datetime) -> set[int]:
    """Primary keys of the alerts whose rules are only observed now."""
    rules = {alert.rule_id for alert in alerts if alert.rule_id is not None}
    watched = set(
        Rule.objects.filter(pk__in=rules, observing_until__gt=now).values_list("pk", flat=True)
    )
    return {
        alert.pk
        for alert in alerts
        if alert.rule_id in watched or (alert.observed and alert.rule_id is None)
    }


def mark_unrouted(alerts: Sequence[Alert], unrouted: set[int]) -> None:
    """Keep in the alerts' rows which of them nobody is told of."""
    for wanted in (True, False):
        changed = [
            a for a in alerts if (a.pk in unrouted) is wanted and a.is_unrouted is not wanted
        ]
        if changed:
            Alert.objects.filter(pk__in=[a.pk for a in changed]).update(is_unrouted=wanted)
        for alert in changed:
            alert.is_unrouted = wanted


def _said(alerts: Iterable[Alert], kind: EventKind, now: datetime) -> list[AlertEvent]:
    detail = {"kind": OBSERVING, "reason": OBSERVING} if kind is EventKind.SUPPRESSED else {}
    return [AlertEvent(alert=alert, kind=kind, at=now, detail=detail) for alert in alerts]


def _endings(events: Sequence[AlertEvent]) -> list[Telling]:
    """One entry for each group that has an entry of the alert."""
    by_alert = {event.alert_id: event for event in events}
    entries = (
        OutboxEntry.objects.filter(alert__in=by_alert)
        .exclude(notice=Notice.RESOLVED)
        .select_related("group__route", "receiver")
        .order_by("pk")
    )
    groups: dict[tuple[int, int], list[OutboxEntry]] = {}
    for entry in entries:
        groups.setdefault((entry.alert_id, entry.group_id), []).append(entry)
    return [_ending(by_alert[alert], found) for (alert, _), found in groups.items()]


def _ending(event: AlertEvent, entries: Sequence[OutboxEntry]) -> Telling:
    last = entries[-1]
    reason = _not_told(entries)
    return Telling(
        event=event,
        place=place_of_row(last.group),
        notice=Notice.RESOLVED,
        step=last.step,
        state=OutboxState.SUPERSEDED if reason else OutboxState.DUE,
        reason=reason,
    )


def _not_told(entries: Sequence[OutboxEntry]) -> str:
    """Why a receiver is not told that an alert has ended; empty if it is."""
    receiver = entries[-1].receiver
    if not any(entry.state in _MAYBE_TOLD for entry in entries):
        return gettext_noop("It was not told that the alert fired.")
    if not receiver.send_resolved:
        return gettext_noop("The receiver wants no word of ends.")
    return "" if receiver.enabled else gettext_noop("The receiver is disabled.")
