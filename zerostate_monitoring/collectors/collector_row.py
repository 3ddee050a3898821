"""A collector's row: made with its first run, and asked whether it is time for the next."""

from __future__ import annotations

from zerostate_monitoring.collectors.base import CollectorDefinition
from zerostate_monitoring.models import Collector


def row_of(definition: CollectorDefinition) -> Collector:
    """The collector's row; made if this is its first run."""
    row, _ = Collector.objects.get_or_create(
        name=definition.name,
        defaults={
            "source": definition.source,
            "interval_seconds": definition.interval_seconds,
        },
    )
    return row


def too_soon(row: Collector, now: float, interval: float) -> str:
    """Why a run would only read the same numbers again; empty if it would not.

    Two beats, or a queue that was held up, send a run right after another one. Whose clock is a
    little behind, or who had to wait for the lease, began before it.
    """
    if row.last_started_at is None:
        return ""
    since = now - row.last_started_at.timestamp()
    return f"it ran {max(since, 0):.0f} s ago" if abs(since) < interval / 2 else ""
