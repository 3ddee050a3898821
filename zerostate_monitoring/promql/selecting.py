"""The newest sample of each series at each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from zerostate_monitoring.promql.data import AnyBlock, Mask, Part, Times
from zerostate_monitoring.promql.grids import Grid, beside
from zerostate_monitoring.promql.label_sets import Index
from zerostate_monitoring.promql.nodes import VectorSelector
from zerostate_monitoring.promql.steps import Steps


def ends(steps: Steps, offset_ms: int, at: int | str | None) -> Times:
    """The instants that a selector means at each step (N)."""
    if at is None:
        return steps.times - offset_ms if offset_ms else steps.times
    fixed = {"start": steps.start_ms, "end": steps.end_ms}.get(str(at), at)
    return np.full(len(steps), int(fixed) - offset_ms, np.int64)


def blocks_for(steps: Steps, selector: VectorSelector, reach_ms: int) -> Sequence[AnyBlock]:
    """What the storage has for a selector, ``reach_ms`` before each instant included."""
    until = ends(steps, selector.offset_ms, selector.at)
    # Steps are in order, so the first and the last are the borders.
    budget = steps.budget
    start, end = int(until[0]) - reach_ms, int(until[-1])
    found = steps.read.select(selector.matchers, start, end, budget.check_time)
    budget.take(found.samples, found.series)
    # One value for each series and step is made of them, by whatever comes next.
    budget.foresee(len(steps) * found.series)
    return found.blocks


def select_instants(steps: Steps, selector: VectorSelector) -> Grid:
    """The newest sample of each series in the look-back before each step."""
    until = ends(steps, selector.offset_ms, selector.at)
    blocks = blocks_for(steps, selector, steps.lookback_ms)
    return beside([_newest_of(steps, block, until) for block in blocks], len(steps))


def _newest_of(steps: Steps, block: AnyBlock, until: Times) -> Grid:
    """The newest samples; a part takes them from its whole, where one instant is looked at."""
    if not isinstance(block, Part) or len(until) > 1:
        return _newest(block, until, steps.lookback_ms)
    key = ("newest", id(block.whole), int(until[0]))
    whole: Grid | None = steps.read.shared.get(key)
    if whole is None:
        whole = steps.read.shared[key] = _newest(block.whole, until, steps.lookback_ms)
    return whole.part(block.series, block.columns)


def select_times(steps: Steps, selector: VectorSelector) -> Grid:
    """As ``select_instants``, with the samples' times in seconds as values."""
    lookback_ms = steps.lookback_ms
    if selector.at is not None:
        # As in Prometheus: ``timestamp(x @ t offset 5m)`` is evaluated at t, though of the
        # samples that were read for t - 5m.
        lookback_ms -= abs(selector.offset_ms)
        selector = replace(selector, offset_ms=max(selector.offset_ms, 0))
    until = ends(steps, selector.offset_ms, selector.at)
    blocks = blocks_for(steps, selector, lookback_ms) if lookback_ms > 0 else ()
    parts = []
    for block in blocks:
        rows, found = _newest_rows(block, until, lookback_ms)
        seconds = block.times[rows] / 1000
        shape = (len(until), len(block.series))
        parts.append(Grid(block.series, np.broadcast_to(seconds, shape), found))
    return beside(parts, len(steps))


def _newest(block: AnyBlock, until: Times, lookback_ms: int) -> Grid:
    rows, found = _newest_rows(block, until, lookback_ms)
    if rows.shape[1] == 1:
        values = block.values[rows[:, 0]]
    else:
        values = np.take_along_axis(block.values, rows, axis=0)
    return Grid(block.series, values, found)


def _newest_rows(block: AnyBlock, until: Times, lookback_ms: int) -> tuple[Index, Mask | None]:
    """The row of the newest sample at each instant: (N, S), or (N, 1) if it is everybody's."""
    rows = np.searchsorted(block.times, until, side="right") - 1
    if _is_whole(block, rows):
        recent = (rows >= 0) & (block.times[rows] > until - lookback_ms)
        places = np.maximum(rows, 0)[:, None]
        if recent.all():
            return places, None
        return places, np.broadcast_to(recent[:, None], (len(until), len(block.series)))
    # Only the rows that any of the instants looks back to.
    first = int(np.searchsorted(block.times, until[0] - lookback_ms, side="right"))
    newest = _last_before(block, first)[np.maximum(rows + 1 - first, 0)]
    recent = (newest >= 0) & (block.times[newest] > (until - lookback_ms)[:, None])
    places = np.maximum(newest, 0)
    if block.stale is not None:
        recent &= ~np.take_along_axis(block.stale, places, axis=0)
    return places, None if recent.all() else recent


def _is_whole(block: AnyBlock, rows: Index) -> bool:
    """Whether each series has a sample in each of the ``rows``."""
    if block.present is None:
        return True
    distinct = rows[:1] if len(rows) == 1 else np.unique(rows)
    return bool(block.present[distinct[distinct >= 0]].all()) and bool((rows >= 0).all())


def _last_before(block: AnyBlock, first: int) -> Index:
    """Where the newest sample or marker stands before each row from ``first`` on; -1 for none."""
    present = block.present
    stands = np.ones(block.values.shape, np.bool_) if present is None else present
    stands = stands[first:]
    if block.stale is not None:
        stands = stands | block.stale[first:]
    return carried(stands, first)


def carried(stands: Mask, first: int = 0) -> Index:
    """The last row up to each one where ``stands`` holds (T, S); rows count from ``first``."""
    rows = np.arange(first, first + len(stands), dtype=np.intp)[:, None]
    last = np.full((len(stands) + 1, stands.shape[1]), -1, np.intp)
    np.maximum.accumulate(np.where(stands, rows, -1), axis=0, out=last[1:])
    return last
