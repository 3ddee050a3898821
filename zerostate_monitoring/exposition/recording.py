"""One column of history: what the page says at a slot, appended to the timeline."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Final
from weakref import WeakKeyDictionary

from zerostate_monitoring.collectors.base import COLLECTORS
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import StoreUnavailableError
from zerostate_monitoring.exposition.columns import Columns
from zerostate_monitoring.exposition.feeding import refused_processes
from zerostate_monitoring.exposition.planner import Planner
from zerostate_monitoring.storage.recording import Piece, Recorder
from zerostate_monitoring.storage.snapshot import Snapshot
from zerostate_monitoring.storage.store import Store, current_store
from zerostate_monitoring.storage.timeline import Bounds, Outcome

logger = logging.getLogger(__name__)


def slot_of(now: float, interval: float) -> int:
    """The slot (ms) in which ``now`` (unix seconds) lies: a multiple of the interval."""
    width = max(1, round(interval * 1000))
    return int(now * 1000) // width * width


def record(now: float, store: Store | None = None) -> int | None:
    """Append the column of ``now``'s slot; the slot in milliseconds, or None if none was made.

    None where history is switched off, another process has made the column, or the clock is
    ahead of the store's.

    Raises:
        StoreError: the store does not answer or is full: this slot stays a gap.
    """
    if conf.HISTORY <= 0:
        return None
    store = store or current_store()
    slot = slot_of(now, conf.HISTORY_INTERVAL_SECONDS)
    outcome = _recording(store).record(slot, _bounds())
    if outcome is Outcome.OK:
        return slot
    if outcome is not Outcome.TAKEN:
        logger.warning("history_not_recorded", extra={"slot": slot, "reason": outcome.value})
    return None


def refused(snapshot: Snapshot) -> frozenset[str]:
    """The producers that settings and operators keep from the page."""
    has_platform = bool(conf.PLATFORM_DATABASE)
    return refused_processes(snapshot, conf.FEED_ORDER, has_platform=has_platform)


class Recording:
    """All that one process keeps for recording one store's page."""

    def __init__(self, store: Store) -> None:
        known = COLLECTORS.intervals
        planner = Planner(known, lambda: conf.EXTERNAL_LABELS, refused)
        self._store: Final = store
        self._columns: Final = Columns(planner, known)
        self._recorder: Final = Recorder(store.timeline())
        self._lock: Final = threading.Lock()

    def record(self, slot: int, bounds: Bounds) -> Outcome:
        """Append the column of ``slot`` (ms).

        Raises:
            StoreError: the store does not answer or is full.
        """
        with self._lock:
            return self._recorder.record(slot, self._pieces, bounds)

    def _pieces(self) -> Iterator[Piece]:
        snapshot = self._store.snapshot()
        if not snapshot.up:
            raise StoreUnavailableError("the store went away while a column was made")
        return self._columns.pieces(snapshot)


def _bounds() -> Bounds:
    interval = max(1, round(conf.HISTORY_INTERVAL_SECONDS * 1000))
    return Bounds(interval, int(conf.HISTORY * 1000), conf.HISTORY_MAX_BYTES)


# A forked child has a store of its own, and so a place of its own in the timeline.
_recordings: Final[WeakKeyDictionary[Store, Recording]] = WeakKeyDictionary()


def _recording(store: Store) -> Recording:
    found = _recordings.get(store)
    return found or _recordings.setdefault(store, Recording(store))
