"""The samples of a range before each step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from zerostate_monitoring.promql.data import AnyBlock, Floats, Mask, Part, Times
from zerostate_monitoring.promql.deadline import check_time
from zerostate_monitoring.promql.grids import Grid
from zerostate_monitoring.promql.label_sets import Index
from zerostate_monitoring.promql.selecting import carried

_CELLS: Final = 2_000_000
"""How many cells of windows are laid out at once: some 16 MB for each array of floats."""


@dataclass
class Windows:
    """The samples of one block in a range before each of N instants.

    Of ``values`` (T, S), the rows ``low[n]:high[n]`` lie in (until[n] - range_ms, until[n]].
    ``times`` are the steps of the evaluation, which some functions look at besides.
    """

    block: AnyBlock
    times: Times
    until: Times
    range_ms: int

    @cached_property
    def rows(self) -> slice:
        """The rows of the block that any window looks at."""
        # Steps are in order, so the first and the last are the borders.
        borders = (int(self.until[0]) - self.range_ms, int(self.until[-1]))
        start, stop = self.block.times.searchsorted(borders, side="right").tolist()
        return slice(start, max(start, stop))

    @cached_property
    def sample_times(self) -> Times:
        """The times of the rows (T, ms)."""
        return self.block.times[self.rows]

    @cached_property
    def values(self) -> Floats:
        """The samples of the rows (T, S)."""
        block = self.block
        if isinstance(block, Part):
            return block.whole.values[self.rows][:, block.columns]
        return block.values[self.rows]

    @cached_property
    def present(self) -> Mask | None:
        """Where samples stand (T, S); ``None`` means everywhere."""
        block = self.block
        found = block.whole.present if isinstance(block, Part) else block.present
        if found is None:
            return None
        found = found[self.rows]
        if isinstance(block, Part):
            found = found[:, block.columns]
        return None if found.all() else found

    @cached_property
    def low(self) -> Index:
        """The first row of each window (N)."""
        return self.sample_times.searchsorted(self.until - self.range_ms, side="right")

    @cached_property
    def high(self) -> Index:
        """The row behind the last one of each window (N)."""
        return self.sample_times.searchsorted(self.until, side="right")

    @property
    def are_empty(self) -> bool:
        """Whether there is no row in any window."""
        return bool((self.high <= self.low).all())

    @property
    def shape(self) -> tuple[int, int]:
        """Steps and series."""
        return len(self.until), len(self.block.series)

    @property
    def is_dense(self) -> bool:
        """Whether each series has a sample at each time."""
        return self.present is None

    @cached_property
    def count(self) -> Index:
        """How many samples stand in each window: (N, S), or (N, 1) if all have as many."""
        present = self.present
        if present is None:
            return (self.high - self.low)[:, None]
        running = np.zeros((len(present) + 1, present.shape[1]), np.intp)
        np.cumsum(present, axis=0, out=running[1:])
        return running[self.high] - running[self.low]

    @cached_property
    def before(self) -> Index:
        """Where the newest sample stands before each row; -1 for none (T + 1, S)."""
        present = self.present
        return carried(np.ones(self.values.shape, np.bool_) if present is None else present)

    @cached_property
    def last(self) -> Index:
        """The row of the last sample: (N, S), or (N, 1). Only where ``count`` is positive."""
        if self.is_dense:
            return np.maximum(self.high - 1, 0)[:, None]
        return np.maximum(self.before[self.high], 0)

    @cached_property
    def first(self) -> Index:
        """The row of the first sample: (N, S), or (N, 1). Only where ``count`` is positive."""
        limit = max(len(self.sample_times) - 1, 0)
        present = self.present
        if present is None:
            return np.minimum(self.low, limit)[:, None]
        after = len(present) - 1 - carried(present[::-1])[::-1]
        return np.minimum(after[self.low], limit)

    def at(self, rows: Index) -> Floats:
        """The values at ``rows`` (N, S)."""
        values = self.values
        if not len(values):
            return np.zeros(self.shape)
        if rows.shape[1] == 1:
            return values[rows[:, 0]]
        return np.take_along_axis(values, rows, axis=0)

    def seconds(self, rows: Index, origin: Times) -> Floats:
        """The times of ``rows`` after ``origin`` (N, ms), in seconds: (N, S) or (N, 1)."""
        times = self.sample_times
        if not len(times):
            return np.zeros(rows.shape)
        return (times[rows] - origin[:, None]) / 1000

    def seconds_between(self, earlier: Index, later: Index) -> Floats:
        """The seconds from row to row: (N, S) or (N, 1).

        Rounded once: a difference of two ``seconds`` is rounded before it is taken, and what is
        compared with it falls to the other side where both are equal.
        """
        times = self.sample_times
        if not len(times):
            return np.zeros(later.shape)
        return (times[later] - times[earlier]) / 1000

    def present_if(self, found: Mask) -> Mask | None:
        """``found``, (N, S) or (N, 1), as a grid's mask."""
        return None if found.all() else np.broadcast_to(found, self.shape)

    def grid(self, values: Floats, found: Mask) -> Grid:
        """Values where ``found`` holds."""
        return Grid(self.block.series, np.broadcast_to(values, self.shape), self.present_if(found))

    def layouts(self) -> Iterator[Layout]:
        """All windows, laid out in parts that fit into memory; one after the other."""
        steps, series = self.shape
        length = int((self.high - self.low).max(initial=0))
        wide = max(1, min(series, _CELLS // max(length, 1)))
        tall = max(1, _CELLS // max(length * wide, 1))
        for n in range(0, steps, tall):
            for s in range(0, series, wide):
                own = slice(n, min(n + tall, steps)), slice(s, min(s + wide, series))
                check_time()
                yield Layout(self, *own, length)


@dataclass(frozen=True)
class Layout:
    """Some windows of some series side by side: arrays of (n, length, s)."""

    windows: Windows
    steps: slice
    series: slice
    length: int

    @cached_property
    def rows(self) -> Index:
        """The row of each cell (n, length)."""
        rows = self.windows.low[self.steps, None] + np.arange(self.length)
        return np.asarray(np.minimum(rows, max(len(self.windows.sample_times) - 1, 0)))

    @cached_property
    def values(self) -> Floats:
        """What stands in the cells; anything where ``mask`` does not hold."""
        return self.windows.values[:, self.series][self.rows]

    @cached_property
    def mask(self) -> Mask:
        """Where samples stand: (n, length, s), or (n, length, 1) if it is all series'."""
        windows = self.windows
        sizes = windows.high[self.steps] - windows.low[self.steps]
        inside: Mask = (np.arange(self.length) < sizes[:, None])[:, :, None]
        present = windows.present
        return inside if present is None else inside & present[:, self.series][self.rows]

    @cached_property
    def times(self) -> Times:
        """The time of each cell, in milliseconds since 1970 (n, length)."""
        return np.asarray(self.windows.sample_times[self.rows])
