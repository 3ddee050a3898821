"""Writes what came of flushes in one transaction: the messages, and the end of each entry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

from django.db import transaction
from django.db.models import Case, Value, When
from django.utils.translation import gettext_noop

from zerostate_monitoring.alerting.delivery.composing import purpose_of
from zerostate_monitoring.alerting.delivery.deciding import Plan, Told, next_flush
from zerostate_monitoring.alerting.delivery.ending import end_dead
from zerostate_monitoring.alerting.delivery.parting import Part
from zerostate_monitoring.alerting.delivery.places import Place
from zerostate_monitoring.alerting.delivery.reading import with_due
from zerostate_monitoring.alerting.delivery.saying import say_suppressed
from zerostate_monitoring.models import Alert, AlertEvent, Message, NotificationGroup, OutboxEntry
from zerostate_monitoring.models.outbox import MessageState, Notice, OutboxState
from zerostate_monitoring.models.words import AlertState, EventKind
from zerostate_monitoring.notifiers.base import Composed

COUNTED: Final = gettext_noop("The message counts it and does not name it.")
MOST_SUBJECT: Final = 500


@dataclass(frozen=True, slots=True)
class Frozen:
    """A message before it is stored; ``fault`` says why it cannot be sent."""

    key: str
    composed: Composed
    part: Part
    fault: str = ""

    @property
    def told(self) -> Iterator[Told]:
        """All that it tells, also what it counts only."""
        return chain(self.part.lines, self.part.counted)


@dataclass(frozen=True, slots=True)
class Flush:
    """What comes of a group that was claimed by ``token``."""

    group: NotificationGroup
    token: str
    plan: Plan
    place: Place
    messages: Sequence[Frozen] = ()

    @property
    def tells_all(self) -> bool:
        """Whether its messages tell of what fired before, too, as repetitions are counted from.

        Else news that comes often would put them off for ever where each alert has its event.
        """
        told = {one.alert.pk for frozen in self.messages for one in frozen.told}
        return told.issuperset(alert.pk for alert in self.plan.unchanged)


Stored = Sequence[tuple[Flush, Frozen, Message]]


def freeze(flushes: Sequence[Flush], now: datetime) -> bool:
    """Store the messages and end the entries, if all claims still hold; else nothing.

    Nothing is stored either while somebody ends one of the alerts: whoever does so must see what
    the receivers are told, to tell them of the end. The next flush decides anew.
    """
    with transaction.atomic():
        if _take(flushes, now) and _still_fire(flushes):
            _write(flushes, now)
            return True
        transaction.set_rollback(True)
    return False


def _take(flushes: Sequence[Flush], now: datetime) -> bool:
    """End the claims; the groups are locked from here on.

    The first statement writes, so that SQLite need not turn a reader into a writer; and all
    entries of others are seen below or come after. Groups are locked in the order of their keys,
    as by whoever writes entries.
    """
    rows = NotificationGroup.objects.filter(
        pk__in=[one.group.pk for one in flushes], claim_token__in={one.token for one in flushes}
    )
    mine = rows.select_for_update().order_by("key").values("pk")
    taken = NotificationGroup.objects.filter(pk__in=mine)
    return taken.update(claim_token="", claimed_until=None, flushed_at=now) == len(flushes)


def _still_fire(flushes: Sequence[Flush]) -> bool:
    """Lock the alerts that are told as firing; False if one has ended or somebody holds it."""
    told = (one for flush in flushes for one in flush.plan.told)
    fire = {one.alert.pk for one in told if one.notice is not Notice.RESOLVED}
    rows = Alert.objects.filter(pk__in=fire, state=AlertState.FIRING)
    return len(rows.select_for_update(no_key=True, skip_locked=True)) == len(fire)


def _write(flushes: Sequence[Flush], now: datetime) -> None:
    plans = [flush.plan for flush in flushes]
    _end(chain.from_iterable(p.superseded.items() for p in plans), OutboxState.SUPERSEDED, now)
    held = [(pk, *found) for plan in plans for pk, found in plan.suppressed.items()]
    _end(((pk, why.text) for pk, _, why in held), OutboxState.SUPPRESSED, now)
    say_suppressed([(alert, why) for _, alert, why in held], now)
    _set_next_flushes(flushes, _store(flushes, now), now)


def _end(reasons: Iterable[tuple[int, str]], state: OutboxState, now: datetime) -> None:
    """End due entries, each with its reason."""
    by_reason: dict[str, list[int]] = defaultdict(list)
    for pk, reason in reasons:
        by_reason[reason[:500]].append(pk)
    for reason, pks in by_reason.items():
        due = OutboxEntry.objects.filter(pk__in=pks, state=OutboxState.DUE)
        due.update(state=state, reason=reason, ended_at=now)


def _store(flushes: Sequence[Flush], now: datetime) -> frozenset[int]:
    """Store the messages; returns the groups that have some."""
    new = [(flush, one, _message(flush, one, now)) for flush in flushes for one in flush.messages]
    Message.objects.bulk_create(message for *_, message in new)
    _bind(new)
    _repeat(new, now)
    for _, frozen, message in new:
        if frozen.fault:
            end_dead(message, now, frozen.fault)
    return frozenset(flush.group.pk for flush, *_ in new)


def _message(flush: Flush, frozen: Frozen, now: datetime) -> Message:
    entries = (one.entry for one in frozen.told if one.entry is not None)
    return Message(
        key=frozen.key,
        receiver=flush.group.receiver,
        receiver_name=flush.group.receiver.name,
        group=flush.group,
        purpose=purpose_of(flush.group),
        subject=frozen.composed.subject[:MOST_SUBJECT],
        payload=dict(frozen.composed.payload),
        state=MessageState.DUE,
        created_at=now,
        next_try_at=now,
        instead_of_id=next((entry.instead_of_id for entry in entries), None),
    )


def _bind(stored: Stored) -> None:
    """Give each entry the message that tells it."""
    of = {m.pk: [t.entry.pk for t in one.told if t.entry is not None] for _, one, m in stored}
    told = list(chain.from_iterable(of.values()))
    if not told:
        return
    own = Case(*(When(pk__in=pks, then=Value(message)) for message, pks in of.items() if pks))
    due = OutboxEntry.objects.filter(pk__in=told, state=OutboxState.DUE)
    due.update(state=OutboxState.FROZEN, message=own)
    counted = [t.entry.pk for _, one, _ in stored for t in one.part.counted if t.entry is not None]
    if counted:
        rows = OutboxEntry.objects.filter(pk__in=counted, state=OutboxState.FROZEN)
        rows.update(reason=COUNTED)


def _repeat(stored: Stored, now: datetime) -> None:
    """Entries for alerts that still fire; they belong to the event of their firing."""
    again = [
        (flush, one.alert, message)
        for flush, frozen, message in stored
        for one in _repeated(flush.plan, frozen)
    ]
    if not again:
        return
    events = _firing_events([alert for _, alert, _ in again])
    OutboxEntry.objects.bulk_create(
        _repetition(alert, flush.group, message, events[alert.pk], now)
        for flush, alert, message in again
        if alert.pk in events
    )


def _repeated(plan: Plan, frozen: Frozen) -> Iterator[Told]:
    repeated = {alert.pk for alert in plan.repeated}
    return (one for one in frozen.told if one.entry is None and one.alert.pk in repeated)


def _firing_events(alerts: Sequence[Alert]) -> Mapping[int, AlertEvent]:
    """The event of the newest firing of each alert."""
    rows = AlertEvent.objects.filter(alert__in=alerts, kind=EventKind.FIRING)
    return {event.alert_id: event for event in rows.order_by("pk")}


def _repetition(
    alert: Alert, group: NotificationGroup, message: Message, event: AlertEvent, now: datetime
) -> OutboxEntry:
    return OutboxEntry(
        event=event,
        alert=alert,
        receiver=group.receiver,
        group=group,
        notice=Notice.REPEATED,
        state=OutboxState.FROZEN,
        created_at=now,
        message=message,
    )


def _set_next_flushes(flushes: Sequence[Flush], telling: frozenset[int], now: datetime) -> None:
    groups = [flush.group for flush in flushes]
    left = with_due(groups)
    for flush in flushes:
        group = flush.group
        if group.pk in telling and flush.tells_all:
            group.told_at = now
        group.flush_at = next_flush(
            flush.place,
            now,
            told_at=group.told_at,
            is_left=group.pk in left,
            is_firing=flush.plan.tells_firing or flush.plan.is_watched,
        )
    NotificationGroup.objects.bulk_update(groups, ["told_at", "flush_at"])
