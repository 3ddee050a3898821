"""Where a run's outcome is written down: the collector's row, and notes in the store."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.db.models import Q

from zerostate_monitoring.collectors.base import CollectorDefinition
from zerostate_monitoring.collectors.carry import Carried, family_of
from zerostate_monitoring.collectors.outcome import Outcome
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.frames.text import keepable
from zerostate_monitoring.models import Collector, Metric
from zerostate_monitoring.storage.reader import COLLECTOR, COLLECTOR_ERRORS, SERIES_DROPPED
from zerostate_monitoring.storage.store import Store

logger = logging.getLogger(__name__)

NOTE: Final = COLLECTOR
ERRORS: Final = COLLECTOR_ERRORS
DROPPED: Final = SERIES_DROPPED

_SEEN_EVERY: Final = timedelta(seconds=30)
_LONGEST_TEXT: Final = 2000

_uncounted: Final[WeakKeyDictionary[Store, Counter[tuple[str, str]]]] = WeakKeyDictionary()
"""What this process has yet to count in a store: kind and key."""


def claim(row: Collector, now: datetime) -> bool:
    """Take the next token of the row; False if another run was faster. One query.

    The row is brought up to date, so its ``token`` is this run's.
    """
    token = row.token + 1
    claimed = Collector.objects.filter(pk=row.pk, token=row.token)
    if not claimed.update(token=token, last_started_at=now):
        return False
    row.token = token
    row.last_started_at = now
    return True


def unclaim(row: Collector, before: datetime | None) -> None:
    """Leave no trace of a run that was overtaken; ``before`` is when the run before began."""
    Collector.objects.filter(pk=row.pk, token=row.token).update(last_started_at=before)


def is_enabled(row: Collector) -> bool:
    """Whether an operator wants its runs at this moment. One query."""
    return Collector.objects.filter(pk=row.pk, enabled=True).exists()


def is_disabled(name: str) -> bool:
    """Whether an operator has switched off the collector ``name``, if it has a row. One query."""
    return Collector.objects.filter(name=name, enabled=False).exists()


def unfinished_since(row: Collector) -> datetime | None:
    """When the row's last run began, if it left no word of its end; None if it did."""
    ended = (row.last_success_at, row.last_failure_at)
    return None if row.last_started_at in ended else row.last_started_at


def record(
    row: Collector,
    outcome: Outcome,
    now: datetime,
    interval: float,
    carried: Mapping[str, Carried] | None,
) -> bool:
    """Write the outcome into the row unless a newer run has claimed it. One query.

    ``carried`` is None where no frame was written.
    """
    fields = _success(now) if outcome.ok else _failure(row, outcome, now)
    fields |= {"interval_seconds": interval, "duration_seconds": outcome.duration}
    if carried is not None:
        fields |= {"carry": dict(carried), **_given(outcome)}
    return _update(row, fields)


def record_unclaimed(row: Collector, outcome: Outcome, now: datetime, interval: float) -> bool:
    """Write down a run that failed before it could claim the row. One query.

    Another run may be under way that knows no more of the store than this one: it keeps
    its claim, and its own word comes later.
    """
    fields = {**_failure(row, outcome, now), "interval_seconds": interval}
    fields["duration_seconds"] = outcome.duration
    if unfinished_since(row) is None:
        fields["last_started_at"] = now
    return _update(row, fields)


def _update(row: Collector, fields: Mapping[str, Any]) -> bool:
    for name, value in fields.items():
        setattr(row, name, value)
    if Collector.objects.filter(pk=row.pk, token=row.token).update(**fields):
        return True
    logger.warning("collection_overtaken", extra={"collector": row.name, "token": row.token})
    return False


def finite(
    carried: Mapping[str, Carried], previous: Mapping[str, Carried]
) -> tuple[dict[str, Carried], frozenset[str]]:
    """What of ``carried`` JSON can hold, and the families whose counts are no numbers.

    Of those what was remembered before stays.
    """
    broken = [key for key, memory in carried.items() if not _is_finite(memory)]
    kept = {key: memory for key, memory in carried.items() if _is_finite(memory)}
    kept |= {key: previous[key] for key in broken if key in previous}
    return kept, frozenset(family_of(key) for key in broken)


def _is_finite(memory: Carried) -> bool:
    numbers = (memory["total"], memory["last"], memory.get("newest"), memory.get("fell"))
    return all(number is None or math.isfinite(number) for number in numbers)


def _success(now: datetime) -> dict[str, Any]:
    return {"last_success_at": now, "failures_in_a_row": 0}


def _given(outcome: Outcome) -> dict[str, Any]:
    return {
        "samples": outcome.samples,
        "absent": {storable(name): storable(why) for name, why in outcome.absent.items()},
        "refused": {storable(name): storable(why) for name, why in outcome.refused.items()},
    }


def _failure(row: Collector, outcome: Outcome, now: datetime) -> dict[str, Any]:
    return {
        "last_failure_at": now,
        "last_error": storable(outcome.error),
        "last_error_kind": outcome.error_kind,
        "failures_in_a_row": row.failures_in_a_row + 1,
    }


def storable(text: str) -> str:
    """``text`` as every database takes it: no NUL, no half characters, not endless."""
    return keepable(text)[:_LONGEST_TEXT]


def seen(names: Collection[str], now: datetime) -> None:
    """Remember that these families have samples; at most every 30 seconds. One query."""
    old = Q(last_seen_at=None) | Q(last_seen_at__lt=now - _SEEN_EVERY)
    Metric.objects.filter(old, name__in=sorted(names)).update(last_seen_at=now)


def tell(
    store: Store,
    definition: CollectorDefinition,
    row: Collector | None,
    outcome: Outcome,
    at: float,
    overflow: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Leave notes for the page; a store that is away is logged, the row has it all.

    What could not be counted is counted when this process next reaches the store.
    ``at`` is when the run began, in unix seconds. ``row`` is None for a run that was
    overtaken: the note is the newer run's.
    """
    uncounted = _uncounted.setdefault(store, Counter())
    uncounted.update({(DROPPED, family): series for family, series in overflow.items()})
    if outcome.failed:
        will_count(store, definition.name, outcome.error_kind)
    try:
        if row is not None:
            store.note(NOTE, {definition.name: note_of(definition, row, outcome, at)})
        _count(store, uncounted)
    except StoreError as error:
        details = {"collector": definition.name, "error": str(error)}
        logger.warning("collector_note_not_written", extra=details)


def count_error(store: Store, name: str, kind: str) -> None:
    """Count an error of the collector ``name``, now or when the store is next reached."""
    will_count(store, name, kind)
    try:
        _count(store, _uncounted[store])
    except StoreError as error:
        logger.warning("error_not_counted", extra={"collector": name, "error": str(error)})


def will_count(store: Store, name: str, kind: str) -> None:
    """Count an error of the collector ``name`` with this process's next word to the store."""
    _uncounted.setdefault(store, Counter())[ERRORS, f"{name}|{kind}"] += 1


def _count(store: Store, uncounted: Counter[tuple[str, str]]) -> None:
    for kind, key in list(uncounted):
        # Taken out first: another thread may be at it, and nothing is to be counted twice.
        by = uncounted.pop((kind, key), 0)
        try:
            if by:
                store.count(kind, key, by)
        except StoreError:
            uncounted[kind, key] += by
            raise


def tell_off(store: Store, name: str, reason: str) -> None:
    """Note that the collector ``name`` is not meant to run, so that nobody misses it."""
    try:
        store.note(NOTE, {name: {"off": reason}})
    except StoreError as error:
        details = {"collector": name, "error": str(error)}
        logger.warning("collector_note_not_written", extra=details)


def note_of(
    definition: CollectorDefinition, row: Collector, outcome: Outcome, at: float
) -> dict[str, Any]:
    """What the page says of a collector; times in unix seconds, 0 before the first success.

    ``at`` is when the run began that is told of, however it ended.
    """
    success = row.last_success_at
    return {
        "at": at,
        "interval": definition.interval_seconds,
        "last_success": success.timestamp() if success else 0.0,
        "duration": outcome.duration,
        "samples": row.samples,
        "source": definition.source,
        "source_up": outcome.source_up,
        "absent": len(row.absent),
        "refused": len(row.refused),
    }
