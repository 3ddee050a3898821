"""How long it takes from the slot of a transition until its receiver has the message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.collectors.histograms import histogram, observed
from zerostate_monitoring.collectors.items import Item
from zerostate_monitoring.collectors.tallies import Key, tally
from zerostate_monitoring.models import OutboxEntry, Receiver
from zerostate_monitoring.models.outbox import MessageState, Notice

_FAMILY: Final = "zerostate_monitoring_delivery_delay_seconds"
_DELAY: Final = "delay"
_NEWS: Final = (Notice.FIRED, Notice.RESOLVED)
"""What tells of a transition; what is told again, or to others, is late on purpose."""


def delivery_delays(now: datetime) -> Iterator[Item]:
    """The family, from 0 on for each receiver."""
    totals = tally("delivery_delays", now, _count)
    names = Receiver.objects.order_by("name").values_list("name", flat=True)
    yield histogram(CATALOGUE[_FAMILY], _DELAY, totals, [*names])


def _count(after: datetime | None, until: datetime) -> Mapping[Key, float]:
    """Notices in messages that were sent within a span."""
    sent = OutboxEntry.objects.filter(
        message__state=MessageState.SENT, message__ended_at__lte=until, notice__in=_NEWS
    )
    if after is not None:
        sent = sent.filter(message__ended_at__gt=after)
    rows = sent.order_by().values_list(
        "message__receiver_name", "message__sent_at", "event__slot_ms", "event__at"
    )
    found = Counter[Key]()
    for name, sent_at, slot_ms, at in rows.iterator(chunk_size=2000):
        if sent_at is None:
            continue
        began = at.timestamp() if slot_ms is None else slot_ms / 1000
        seconds = max(0.0, sent_at.timestamp() - began)
        for key, value in observed(CATALOGUE[_FAMILY], _DELAY, name, seconds):
            found[key] += value  # type: ignore[assignment]
    return found
