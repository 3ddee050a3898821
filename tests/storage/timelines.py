"""Small timelines for tests, and what a reader should see of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import NAME, Storage
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.storage.parts import named
from zerostate_monitoring.storage.recording import Piece, Recorder
from zerostate_monitoring.storage.timeline import Bounds

INTERVAL = 15_000
BOUNDS = Bounds(INTERVAL, 30 * 24 * 3_600_000, 1 << 30)
ALL = [Matcher(NAME, "=~", ".+")]

_NAN = 0x7FF8000000000001
_sources: dict[tuple[Labels, ...], Source] = {}

Seen = dict[tuple[Labels, int], int | str]
"""The bits of a sample, or ``stale``, by series and slot."""


class Source:
    """What stands for some series."""


def series(name: str, **labels: str) -> Labels:
    """A series by its name and labels."""
    return named(name, labels.items())


def now_slot() -> int:
    """The slot in which we are."""
    return int(time.time() * 1000) // INTERVAL * INTERVAL


def column(page: Mapping[Labels, float]) -> Callable[[], list[Piece]]:
    """A page as two producers would give it."""

    def pieces() -> list[Piece]:
        every = tuple(page)
        half = len(every) // 2
        return [_piece(every[:half], page), _piece(every[half:], page)]

    return pieces


def _piece(labels: tuple[Labels, ...], page: Mapping[Labels, float]) -> Piece:
    source = _sources.setdefault(labels, Source())
    values = np.array([page[one] for one in labels], dtype=np.float64)
    return Piece(source, lambda: labels, values)


def bits(value: float) -> int:
    """The 64 bits of a sample as history keeps it."""
    return _NAN if value != value else int(np.float64(value).view(np.uint64))


def modelled(pages: Mapping[int, Mapping[Labels, float]], start: int, end: int) -> Seen:
    """What stands at start < slot <= end: samples, and markers where a series has just left."""
    found: Seen = {}
    before: Mapping[Labels, float] = {}
    for slot, page in sorted(pages.items()):
        if start < slot <= end:
            found.update({(labels, slot): "stale" for labels in before if labels not in page})
            found.update({(labels, slot): bits(value) for labels, value in page.items()})
            before = page
    return found


def read(storage: Storage, matchers: Sequence[Matcher], start: int, end: int) -> Seen:
    """The same of a storage; markers of series that ended before the span are left out."""
    found: Seen = {}
    names: set[Labels] = set()
    for block in storage.select(matchers, start, end):
        assert block.values.shape == (len(block.times), len(block.series))
        assert not names.intersection(block.series.labels)
        names.update(block.series.labels)
        everywhere = np.ones(block.values.shape, dtype=bool)
        present = everywhere if block.present is None else block.present
        stale = ~everywhere if block.stale is None else block.stale
        assert not (present & stale).any()
        for row, slot in enumerate(block.times.tolist()):
            for place, labels in enumerate(block.series.labels):
                if present[row, place]:
                    found[labels, slot] = int(block.values[row, place].view(np.uint64))
                elif stale[row, place] and row:
                    found[labels, slot] = "stale"
    return found


def fill(
    recorder: Recorder,
    pages: Sequence[Mapping[Labels, float]],
    start: int = 0,
    bounds: Bounds = BOUNDS,
) -> int:
    """Record pages at one slot after the other, behind ``start``; the last slot."""
    slot = start or now_slot() - 1000 * INTERVAL
    for page in pages:
        slot += INTERVAL
        assert recorder.record(slot, column(page), bounds).value == "ok"
    return slot
