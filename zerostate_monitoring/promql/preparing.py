"""What many queries ask of ranges at one instant, worked out for all series at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.promql.calls import OVER_RANGES
from zerostate_monitoring.promql.data import AnyBlock, Block, Part, Series, Times
from zerostate_monitoring.promql.grids import Grid
from zerostate_monitoring.promql.nodes import Call, MatrixSelector
from zerostate_monitoring.promql.query import Query
from zerostate_monitoring.promql.selecting import blocks_for, ends
from zerostate_monitoring.promql.sharing import remember
from zerostate_monitoring.promql.steps import Steps
from zerostate_monitoring.promql.tree import unwrapped
from zerostate_monitoring.promql.windows import Windows

_SMALL_CELLS: Final = 50_000
"""A block of more samples costs more than the calls that it takes; it is left to itself."""
_MOST_CELLS: Final = 4_000_000
"""How many samples are laid side by side at once: some 32 MB."""

Key = tuple[Callable[[Windows], Grid], int, int]
"""A function, its range (ms), and where the range ends (ms)."""


@dataclass(slots=True)
class _Wanted:
    """The blocks that one function is asked of, by what they have in common."""

    until: Times
    seen: set[int] = field(default_factory=set)
    blocks: dict[tuple[int, bool], list[Windows]] = field(default_factory=dict)

    def add(self, steps: Steps, block: AnyBlock, range_ms: int) -> None:
        """Take a block unless it is known, large or empty."""
        if id(block) in self.seen:
            return
        self.seen.add(id(block))
        windows = Windows(block, steps.times, self.until, range_ms)
        rows = windows.rows
        if 0 < (rows.stop - rows.start) * len(block.series) <= _SMALL_CELLS:
            self.blocks.setdefault((id(block.times), windows.is_dense), []).append(windows)


def prepare(steps: Steps, queries: Iterable[Query]) -> None:
    """Work out the functions over ranges of all ``queries`` for whole blocks.

    What fails here fails again where it is asked for, and is told there.
    """
    wanted: dict[Key, _Wanted] = {}
    try:
        for call in _calls(queries):
            _look_at(steps, call, wanted)
        for (function, range_ms, _), found in wanted.items():
            for alike in found.blocks.values():
                for part in _parts(alike):
                    _work(steps, function, range_ms, part)
    except QueryError:
        return


def _calls(queries: Iterable[Query]) -> Iterator[Call]:
    for query in queries:
        yield from query.range_calls


def _look_at(steps: Steps, call: Call, wanted: dict[Key, _Wanted]) -> None:
    ranged = unwrapped(call.arguments[0])
    function = OVER_RANGES.get(call.function.name)
    if function is None or not isinstance(ranged, MatrixSelector):
        return
    until = ends(steps, ranged.selector.offset_ms, ranged.selector.at)
    found = wanted.setdefault((function, ranged.range_ms, int(until[0])), _Wanted(until))
    for block in blocks_for(steps, ranged.selector, ranged.range_ms):
        whole = block.whole if isinstance(block, Part) else block
        found.add(steps, whole, ranged.range_ms)


def _parts(blocks: list[Windows]) -> Iterator[list[Windows]]:
    """Blocks together, as long as they fit into memory."""
    part: list[Windows] = []
    size = 0
    for windows in blocks:
        part.append(windows)
        size += windows.values.size
        if size >= _MOST_CELLS:
            yield part
            part, size = [], 0
    yield part


def _work(
    steps: Steps, function: Callable[[Windows], Grid], range_ms: int, part: list[Windows]
) -> None:
    """Apply the function to all blocks side by side, and remember what belongs to each."""
    if len(part) < 2:
        return
    first = part[0]
    grid = function(Windows(_side_by_side(part), steps.times, first.until, range_ms))
    start = 0
    for windows in part:
        series = windows.block.series
        columns = slice(start, start + len(series))
        remember(steps, function, windows, grid.part(series, columns))
        start = columns.stop


def _side_by_side(part: list[Windows]) -> AnyBlock:
    present = None
    if not part[0].is_dense:
        present = np.concatenate([windows.present for windows in part], axis=1)
    values = np.concatenate([windows.values for windows in part], axis=1)
    # No function looks at the labels; their number alone must be right.
    return Block(Series([()] * values.shape[1]), part[0].sample_times, values, present)
