"""The store in figures: its server's memory, how quickly it answers, what frames take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.collectors.items import Item
from zerostate_monitoring.storage.snapshot import Snapshot
from zerostate_monitoring.storage.store import Store
from zerostate_monitoring.storage.totals import PROCESS

_PREFIX: Final = "zerostate_monitoring_store_"
_VALUE_BYTES: Final = 8


def store_figures(store: Store, snapshot: Snapshot) -> Iterator[Item]:
    """What the server tells; what it does not tell is absent.

    Raises:
        StoreError: it does not answer.
    """
    yield CATALOGUE[_PREFIX + "round_trip_seconds"].reading(store.round_trip())
    told = store.describe()
    if told.used_memory is not None:
        yield CATALOGUE[_PREFIX + "memory_bytes"].reading(told.used_memory)
    if told.max_memory:
        yield CATALOGUE[_PREFIX + "memory_limit_bytes"].reading(told.max_memory)
    # What processes count is held as totals, not as frames.
    frames = [p for name, p in snapshot.packed.items() if not name.startswith(PROCESS)]
    yield CATALOGUE[_PREFIX + "frames"].reading(len(frames))
    taken = _VALUE_BYTES * sum(len(packed.values) for packed in frames)
    yield CATALOGUE[_PREFIX + "frames_bytes"].reading(taken)
