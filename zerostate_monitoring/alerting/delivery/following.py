"""Follows alerts that fire: what is held back no longer, and what has a receiver at last.

What is to be told is found outside of any transaction, and decided again inside one that has
locked the group it goes to: two workers never tell the same twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_noop

from zerostate_monitoring.alerting.delivery.deciding import ReasonFor
from zerostate_monitoring.alerting.delivery.enqueuing import tellings_of
from zerostate_monitoring.alerting.delivery.outbox import Telling, lock_groups, write
from zerostate_monitoring.alerting.delivery.places import Place, place_of_row
from zerostate_monitoring.alerting.routing import Routing, load
from zerostate_monitoring.models import Alert, AlertEvent, OutboxEntry
from zerostate_monitoring.models.outbox import Notice, OutboxState
from zerostate_monitoring.models.words import AlertState, EventKind

_TOLD = (OutboxState.SENT, OutboxState.FROZEN, OutboxState.DEAD)


@dataclass(frozen=True, slots=True)
class Again:
    """An alert that is to be told again in a place where ``entry`` was the last word of it."""

    entry: OutboxEntry
    place: Place
    notice: Notice


def tell_again(now: datetime, reason_for: ReasonFor) -> int:
    """Tell of alerts that nothing holds back any more; returns how many entries."""
    found = [*_suppressed(), *_once_acknowledged()]
    free = [entry for entry in found if reason_for(entry.alert) is None]
    again = [Again(entry, place_of_row(entry.group), _notice_of(entry)) for entry in free]
    return _write_again(again, now) if again else 0


def last_entries() -> QuerySet[OutboxEntry]:
    """The last word on each alert that fires, per group."""
    later = OutboxEntry.objects.filter(
        alert=OuterRef("alert"), group=OuterRef("group"), pk__gt=OuterRef("pk")
    )
    rows = OutboxEntry.objects.filter(~Exists(later), alert__state=AlertState.FIRING)
    return rows.select_related("alert", "event", "group__route")


def _suppressed() -> Iterable[OutboxEntry]:
    return last_entries().filter(state=OutboxState.SUPPRESSED).order_by("pk")


def _once_acknowledged() -> Iterable[OutboxEntry]:
    """Last words from before the end of an acknowledgement, by its time or by hand."""
    ended = AlertEvent.objects.filter(
        alert=OuterRef("alert"), kind=EventKind.UNACKNOWLEDGED, at__gt=OuterRef("created_at")
    )
    return last_entries().filter(Exists(ended), state__in=_TOLD).order_by("pk")


def _notice_of(entry: OutboxEntry) -> Notice:
    if entry.state == OutboxState.SUPPRESSED:
        return Notice(entry.notice)
    return Notice.REPEATED


def _write_again(again: Sequence[Again], now: datetime) -> int:
    with transaction.atomic():
        lock_groups([one.place for one in again])
        last = last_entries().filter(pk__in=[one.entry.pk for one in again])
        still = set(last.values_list("pk", flat=True))
        left = [one for one in again if one.entry.pk in still]
        events = _events(EventKind.UNSUPPRESSED, {one.entry.alert_id for one in left}, now)
        write([_telling(one, events[one.entry.alert_id]) for one in left], now)
    return len(left)


def _telling(one: Again, event: AlertEvent) -> Telling:
    return Telling(
        event=event, place=one.place, notice=one.notice, step=one.entry.step, at_once=True
    )


def _events(kind: EventKind, alerts: Iterable[int], now: datetime) -> dict[int, AlertEvent]:
    rows = [AlertEvent(alert_id=alert, kind=kind, at=now) for alert in sorted(alerts)]
    AlertEvent.objects.bulk_create(rows)
    return {row.alert_id: row for row in rows}


def route_again(now: datetime) -> int:
    """Tell of alerts that had no receiver when they fired and have one now."""
    unrouted = Alert.objects.filter(state=AlertState.FIRING, is_unrouted=True)
    if not (alerts := list(unrouted.order_by("pk"))):
        return 0
    routing = load()
    return sum(_route(alert, routing, now) for alert in alerts)


def _route(alert: Alert, routing: Routing, now: datetime) -> bool:
    event = AlertEvent(
        alert=alert,
        kind=EventKind.UNSUPPRESSED,
        at=now,
        detail={"reason": gettext_noop("It has a route now.")},
    )
    if not (tellings := tellings_of(routing, event, at_once=True)):
        return False
    with transaction.atomic():
        rows = Alert.objects.filter(pk=alert.pk, state=AlertState.FIRING, is_unrouted=True)
        if not rows.update(is_unrouted=False):
            return False
        event.save()
        write(tellings, now)
    return True
