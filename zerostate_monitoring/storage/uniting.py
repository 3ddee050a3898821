"""Blocks of several origins as one storage would give them: no series twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import AnyBlock, Block, Mask, Series, Times

Blocks = Sequence[AnyBlock]


def labels_of(blocks: Blocks) -> set[Labels]:
    """All series of some blocks."""
    return {labels for block in blocks for labels in block.series.labels}


def present_in(block: AnyBlock) -> Mask:
    """Where samples stand."""
    if block.present is None:
        return np.ones(block.values.shape, dtype=bool)
    return block.present


def some(block: AnyBlock, places: Sequence[int]) -> AnyBlock:
    """Some series of a block."""
    if len(places) == len(block.series):
        return block
    chosen = list(places)
    return Block(
        Series([block.series.labels[place] for place in places]),
        block.times,
        block.values[:, chosen],
        None if block.present is None else block.present[:, chosen],
        None if block.stale is None else block.stale[:, chosen],
    )


def without(blocks: Blocks, known: Collection[Labels]) -> list[AnyBlock]:
    """Blocks without the series that stand elsewhere."""
    if not known:
        return list(blocks)
    found = []
    for block in blocks:
        alone = [n for n, labels in enumerate(block.series.labels) if labels not in known]
        if alone:
            found.append(some(block, alone))
    return found


def united(blocks: Blocks) -> list[AnyBlock]:
    """Blocks in which a series may stand more than once, each in one block.

    A rule that moved to another group has its past in the one and its present in the other.
    Of two samples of one instant the later block's stands, and a sample goes before an end.
    """
    if len(blocks) < 2 or len(labels_of(blocks)) == sum(len(block.series) for block in blocks):
        return list(blocks)
    seen: set[Labels] = set()
    twice: set[Labels] = set()
    for block in blocks:
        twice |= seen.intersection(block.series.labels)
        seen.update(block.series.labels)
    return [*without(blocks, twice), _merged(blocks, sorted(twice))]


def _merged(blocks: Blocks, labels: Sequence[Labels]) -> Block:
    index = {one: place for place, one in enumerate(labels)}
    times: Times = np.unique(np.concatenate([block.times for block in blocks]))
    values = np.zeros((len(times), len(labels)))
    present: Mask = np.zeros(values.shape, dtype=bool)
    stale: Mask = np.zeros(values.shape, dtype=bool)
    for block in blocks:
        own = [place for place, one in enumerate(block.series.labels) if one in index]
        columns = np.array([index[block.series.labels[n]] for n in own], dtype=np.intp)
        at = np.ix_(times.searchsorted(block.times), columns)
        there = present_in(block)[:, own]
        values[at] = np.where(there, block.values[:, own], values[at])
        present[at] |= there
        if block.stale is not None:
            stale[at] |= block.stale[:, own]
    return Block(Series(labels), times, values, present, stale & ~present)


# -- the long tier -----------------------------------------------------------------


def joined(older: AnyBlock, newer: AnyBlock, first: int) -> AnyBlock:
    """``newer`` with the samples that ``older`` has of its series from before it and ``first``."""
    places = {labels: place for place, labels in enumerate(older.series.labels)}
    found = [places.get(labels, -1) for labels in newer.series.labels]
    # A reader may hold more than the timeline has by now.
    rows = np.flatnonzero(older.times < min([first, *newer.times[:1].tolist()]))
    if not len(rows) or max(found, default=-1) < 0:
        return newer
    there = np.array(found) >= 0
    before: Mask = np.zeros((len(rows), len(found)), dtype=bool)
    before[:, there] = present_in(older)[np.ix_(rows, np.array(found)[there])]
    values = np.zeros(before.shape)
    values[:, there] = older.values[np.ix_(rows, np.array(found)[there])]
    stale = None
    if newer.stale is not None:
        stale = np.concatenate([np.zeros(before.shape, dtype=bool), newer.stale])
    return Block(
        newer.series,
        np.concatenate([older.times[rows], newer.times]),
        np.concatenate([values, newer.values]),
        np.concatenate([before, present_in(newer)]),
        stale,
    )


def thinned(block: AnyBlock, interval_ms: int) -> AnyBlock:
    """A block's samples at multiples of ``interval_ms`` alone; and where its series end."""
    chosen = block.times % interval_ms == 0
    if chosen.all():
        return block
    present = present_in(block) & chosen[:, None]
    ends = np.zeros(len(chosen), dtype=bool) if block.stale is None else block.stale.any(axis=1)
    rows = np.flatnonzero(chosen | ends)
    stale = None if block.stale is None else block.stale[rows]
    return Block(block.series, block.times[rows], block.values[rows], present[rows], stale)
