"""When a clock ran ahead and came back: times of the delivery that lie where none can.

What was flushed, tried or noted meanwhile would wait until then. Each pass looks for it, and
brings it back to now: nothing is told twice for that, and nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Case, Exists, F, Model, OuterRef, Q, QuerySet, Value, When

from zerostate_monitoring.alerting.clocks import AHEAD, latest, note
from zerostate_monitoring.alerting.delivery.announcing import LONGEST_WAIT
from zerostate_monitoring.alerting.delivery.backoff import LONGEST_ASKED_SECONDS
from zerostate_monitoring.alerting.delivery.flushing import CLAIM
from zerostate_monitoring.alerting.delivery.leasing import lease_time
from zerostate_monitoring.alerting.delivery.places import place_of_row
from zerostate_monitoring.models import (
    AlertEvent,
    Attempt,
    Heartbeat,
    Message,
    NotificationGroup,
    OutboxEntry,
    ReceiverState,
    Tally,
)
from zerostate_monitoring.models.alert import ANNOUNCED
from zerostate_monitoring.models.outbox import MessageState, OutboxState

WHAT: Final = "delivery"
MOST: Final = 500
"""Rows of one sort that one pass brings back."""

_ASKED: Final = timedelta(seconds=LONGEST_ASKED_SECONDS)

Rows = QuerySet[Any]
Changes = dict[str, Any]


def bring_back(now: datetime) -> int:
    """Bring back to ``now`` what lies in the future; returns how many rows.

    Where this host's clock alone is slow, nothing does.
    """
    if not any(rows.exists() for rows, _ in _ahead(now, now)):
        return 0
    done = sum(_change(rows, changes) for rows, changes in _ahead(latest(now), now))
    if done:
        note(WHAT, now, done)
    return done


def _change(rows: Rows, changes: Changes) -> int:
    # The keys first: an index finds them, and no other row is locked.
    model: type[Model] = rows.model
    keys = list(rows.order_by().values_list("pk", flat=True)[:MOST])
    return model._default_manager.filter(pk__in=keys).update(**changes) if keys else 0


def _ahead(latest: datetime, now: datetime) -> Iterator[tuple[Rows, Changes]]:
    """What lies in the future by a clock that says ``latest``, and what it is changed to."""
    limit = latest + AHEAD
    for find in (_groups, _messages, _entries, _receivers, _others):
        yield from find(limit, now)


def _until(now: datetime, *fields: str) -> Changes:
    """No later than now; what is none stays none."""
    return {
        field: Case(When(**{f"{field}__gt": now}, then=Value(now)), default=F(field))
        for field in fields
    }


def _groups(limit: datetime, now: datetime) -> Iterator[tuple[Rows, Changes]]:
    """A flush that is further away than its route says, or that followed one of the future."""
    due = OutboxEntry.objects.filter(group=OuterRef("pk"), state=OutboxState.DUE)
    rows = NotificationGroup.objects.filter(flush_at__gt=limit)
    was_flushed = Q(flushed_at__gt=limit) | Q(told_at__gt=limit)
    back = {"flush_at": now, **_until(now, "flushed_at", "told_at", "sent_at")}
    yield rows.filter(was_flushed), back
    waiting = rows.filter(Exists(due)).select_related("route")[:MOST]
    late = [row.pk for row in waiting if _waits_too_long(row, limit)]
    yield NotificationGroup.objects.filter(pk__in=late), {"flush_at": now}
    # Whoever has claimed one loses it, if somebody else is quicker.
    held = NotificationGroup.objects.filter(flush_at__lte=now, claimed_until__gt=limit + CLAIM)
    yield held, {"claimed_until": None}


def _waits_too_long(group: NotificationGroup, limit: datetime) -> bool:
    place = place_of_row(group)
    return group.flush_at is not None and group.flush_at > limit + max(place.wait, place.interval)


def _messages(limit: datetime, now: datetime) -> Iterator[tuple[Rows, Changes]]:
    """A next try or the end of a lease that follow a time of the future."""
    tried = Attempt.objects.filter(message=OuterRef("pk"), started_at__gt=limit)
    begun = Q(created_at__gt=limit) | Q(resent_at__gt=limit) | Exists(tried)
    due = Message.objects.filter(state=MessageState.DUE, next_try_at__gt=limit)
    back = {"next_try_at": now, **_until(now, "created_at", "resent_at")}
    yield due.filter(begun | Q(next_try_at__gt=limit + _ASKED)), back
    lease = lease_time()
    leased = Message.objects.filter(state=MessageState.LEASED, lease_until__gt=limit + lease)
    yield leased, {"lease_until": now + lease, **_until(now, "created_at", "resent_at")}
    ended = Message.objects.filter(ended_at__gt=limit)
    yield ended, _until(now, "created_at", "sent_at", "ended_at")


def _entries(limit: datetime, now: datetime) -> Iterator[tuple[Rows, Changes]]:
    """Escalation counts from when somebody was told."""
    yield OutboxEntry.objects.filter(ended_at__gt=limit), _until(now, "created_at", "ended_at")


def _receivers(limit: datetime, now: datetime) -> Iterator[tuple[Rows, Changes]]:
    fails = Q(failing_since__gt=limit) | Q(last_success_at__gt=limit)
    back = _until(now, "failing_since", "last_success_at", "probe_at")
    yield ReceiverState.objects.filter(fails | Q(probe_at__gt=limit + _ASKED)), back


def _others(limit: datetime, now: datetime) -> Iterator[tuple[Rows, Changes]]:
    """Signals, the dead man's switch, and what counts rows by their times."""
    events = AlertEvent.objects.filter(announced_at=None, kind__in=ANNOUNCED)
    yield events.filter(announce_after__gt=limit + LONGEST_WAIT), {"announce_after": now}
    called = Q(tried_at__gt=limit) | Q(called_at__gt=limit)
    arrived = Q(arrived_at__gt=limit) | Q(slot_at__gt=limit)
    # It must arrive anew: a slot of the future would look alive until then.
    back = {"arrived_at": None, "slot_at": None, **_until(now, "tried_at", "called_at")}
    yield Heartbeat.objects.filter(called | arrived), back
    yield Tally.objects.filter(counted_until__gt=limit), {"counted_until": now}
