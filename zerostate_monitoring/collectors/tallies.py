"""Totals of rows that are pruned: each row is counted once, soon after its time.

A row's time is set before its transaction ends, so what is newer than some seconds may not be
visible yet. It is counted the next time.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from django.db import transaction

from zerostate_monitoring.models import Tally

Key = tuple[str, ...]
Count = Callable[[datetime | None, datetime], Mapping[Key, float]]
"""Counts the rows of a span (after, until]; after ``None`` all up to its end."""

Cut = Callable[[datetime | None, datetime], datetime]
"""The end of the first part of a span that is counted at once; of a small one its own end."""

LATE: Final = timedelta(seconds=15)
"""No transaction that sets the time of a row is open for longer."""


_SLICES_SECONDS: Final = 3.0
"""For so long slices are begun; a collector that counts must end well within its limit."""


def tally(name: str, now: datetime, count: Count, late: timedelta = LATE) -> dict[Key, float]:
    """Count what is new, and give the totals by labels."""
    return _counted(name, now - late, count, _whole)[0]


def tally_in_slices(name: str, now: datetime, count: Count, cut: Cut) -> dict[Key, float] | None:
    """``tally`` where there may be millions of rows: each slice is kept once it is counted.

    ``None`` as long as some are left; the next call goes on behind what was counted.
    """
    ends = monotonic() + _SLICES_SECONDS
    while True:
        totals, is_whole = _counted(name, now - LATE, count, cut)
        if is_whole:
            return totals
        if monotonic() >= ends:
            return None


def _whole(after: datetime | None, until: datetime) -> datetime:
    return until


def _counted(name: str, until: datetime, count: Count, cut: Cut) -> tuple[dict[Key, float], bool]:
    """The totals after one more slice, and whether it was the last."""
    with transaction.atomic():
        # First a write, so that SQLite locks before it reads.
        Tally.objects.bulk_create([Tally(name=name)], ignore_conflicts=True)
        row = Tally.objects.select_for_update().get(name=name)
        totals = {_read(key): value for key, value in row.totals.items()}
        if row.counted_until is not None and row.counted_until >= until:
            return totals, True
        end = cut(row.counted_until, until)
        totals = _added(totals, count(row.counted_until, end))
        row.totals = {_written(key): value for key, value in totals.items()}
        row.counted_until = end
        row.save()
    return totals, end >= until


def _added(totals: Mapping[Key, float], new: Mapping[Key, float]) -> dict[Key, float]:
    found = Counter[Key]()
    for part in (totals, new):
        for key, value in part.items():
            found[key] += value  # type: ignore[assignment]
    return dict(found)


def _written(key: Key) -> str:
    return json.dumps(key)


def _read(text: str) -> Key:
    return tuple(json.loads(text))
