"""What waits to be delivered, and what became of the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from django.db.models import Count, Max, Min, Q, Sum

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.collectors.items import Absent, Item
from zerostate_monitoring.collectors.tallies import Key, tally
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import (
    Heartbeat,
    Message,
    NotificationGroup,
    OutboxEntry,
    Receiver,
    ReceiverState,
)
from zerostate_monitoring.models.outbox import MessageState, OutboxState

_PREFIX: Final = "zerostate_monitoring_"
_SENT, _RETRIED, _DEAD = "sent", "retried", "dead_letter"
_OUTCOMES: Final = {MessageState.SENT.value: _SENT, MessageState.DEAD.value: _DEAD}
_TEST: Final = "test"


def deliveries(now: datetime) -> Iterator[Item]:
    """The families of delivery; a few queries on indexes, however many rows there are."""
    oldest = oldest_due(now)
    if oldest is not None:
        family = CATALOGUE[_PREFIX + "outbox_oldest_due_timestamp_seconds"]
        yield family.reading(oldest.timestamp())
    for state, count in _entries().items():
        yield CATALOGUE[_PREFIX + "outbox_entries"].reading(count, state=state)
    yield from _receivers(now)
    # What nobody has asked for is no gap.
    if conf.HEARTBEAT_URL:
        yield _heartbeat()


def _heartbeat() -> Item:
    family = CATALOGUE[_PREFIX + "heartbeat_last_success_timestamp_seconds"]
    called = Heartbeat.objects.aggregate(at=Max("called_at"))["at"]
    if called is not None:
        return family.reading(called.timestamp())
    return Absent(family.name, "the heartbeat's address was never called")


def oldest_due(now: datetime) -> datetime | None:
    """Since when the oldest group or message waits that nobody has taken although it is due.

    Messages of a receiver that fails, or that asked to be left alone, wait on purpose until it
    is tried again. A lease that has ended leaves its message waiting, too.
    """
    waits = Q(receiver__state__probe_at__gt=now)
    due = Message.objects.filter(state=MessageState.DUE, next_try_at__lte=now).exclude(waits)
    left = Message.objects.filter(state=MessageState.LEASED, lease_until__lte=now)
    groups = NotificationGroup.objects.filter(flush_at__lte=now)
    times = (
        due.order_by().aggregate(at=Min("next_try_at"))["at"],
        left.order_by().aggregate(at=Min("lease_until"))["at"],
        groups.order_by().aggregate(at=Min("flush_at"))["at"],
    )
    return min((at for at in times if at is not None), default=None)


def _entries() -> dict[str, int]:
    """Notices on their way, or of dead letters. One state at a time: so an index is used."""
    entries = OutboxEntry.objects.order_by()
    frozen = sum(
        entries.filter(message__state=state).count()
        for state in (MessageState.DUE, MessageState.LEASED)
    )
    return {
        OutboxState.DUE.value: entries.filter(state=OutboxState.DUE).count(),
        OutboxState.FROZEN.value: frozen,
        OutboxState.DEAD.value: entries.filter(message__state=MessageState.DEAD).count(),
    }


def _receivers(now: datetime) -> Iterator[Item]:
    totals = tally("deliveries", now, _count)
    names = list(Receiver.objects.order_by("name").values_list("name", flat=True))
    delivered = CATALOGUE[_PREFIX + "deliveries_total"]
    for name in names:
        for outcome in delivered.values["outcome"]:
            count = totals.get((name, outcome), 0)
            yield delivered.reading(count, receiver=name, outcome=outcome)
    failing = ReceiverState.objects.filter(receiver__enabled=True, failing_since__isnull=False)
    yield CATALOGUE[_PREFIX + "receivers_failing"].reading(failing.count())
    paused = set(failing.filter(probe_at__gt=now).values_list("receiver__name", flat=True))
    for name in names:
        yield CATALOGUE[_PREFIX + "receiver_paused"].reading(name in paused, receiver=name)


def _count(after: datetime | None, until: datetime) -> Mapping[Key, float]:
    """Messages that ended in a span, by receiver and outcome, without tests."""
    ended = Message.objects.filter(ended_at__lte=until, state__in=list(_OUTCOMES))
    if after is not None:
        ended = ended.filter(ended_at__gt=after)
    rows = ended.exclude(purpose=_TEST).order_by().values_list("receiver_name", "state")
    found = Counter[Key]()
    for name, state, count, tries in rows.annotate(ended=Count("pk"), tried=Sum("attempts")):
        found[name, _OUTCOMES[state]] += count
        found[name, _RETRIED] += max(0, tries - count)
    return found
