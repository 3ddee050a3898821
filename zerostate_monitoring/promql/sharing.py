"""Work on a whole block once, for the many parts of it that queries look at.

A thousand rules at one instant name hundreds of selectors over the same samples. What a
function makes of all series together costs little more than what it makes of a few: numpy's
calls weigh more than its additions there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

import numpy as np

from zerostate_monitoring.promql.data import AnyBlock, Part
from zerostate_monitoring.promql.grids import Grid
from zerostate_monitoring.promql.steps import Steps
from zerostate_monitoring.promql.windows import Windows

_CALLS_CELLS: Final = 20_000
"""How many cells could be computed in the time that the calls for one part take."""


@dataclass(slots=True)
class _Work:
    """What one function has done over one block at one instant.

    It holds the block, by whose id it is found: so that the id stays the block's.
    """

    of: AnyBlock
    spent: int = 0
    whole: Grid | None = None


def applied(function: Callable[[Windows], Grid], windows: Windows) -> Grid:
    """``function(windows)``; functions need not think of windows without any row."""
    if windows.are_empty:
        none = np.zeros(windows.shape)
        return Grid(windows.block.series, none, none.astype(np.bool_))
    return function(windows)


def over_range(steps: Steps, function: Callable[[Windows], Grid], windows: Windows) -> Grid:
    """``function(windows)``; from the whole block where its parts are asked for often.

    Parts are worked out one by one until that has cost as much as the whole would have: so
    no order of queries costs more than twice what is needed.
    """
    block = windows.block
    if len(steps) != 1:
        return applied(function, windows)
    whole = block.whole if isinstance(block, Part) else block
    key = _key(function, whole, windows)
    work: _Work | None = steps.read.shared.get(key)
    if work is None:
        work = steps.read.shared[key] = _Work(whole)
    if work.whole is None:
        rows = windows.rows.stop - windows.rows.start
        work.spent += _CALLS_CELLS + rows * len(block.series)
        if whole is not block and work.spent < rows * len(whole.series):
            return applied(function, windows)
        every = Windows(whole, windows.times, windows.until, windows.range_ms)
        work.whole = applied(function, every)
    if isinstance(block, Part):
        return work.whole.part(block.series, block.columns)
    return work.whole


def remember(
    steps: Steps, function: Callable[[Windows], Grid], windows: Windows, grid: Grid
) -> None:
    """What ``function`` gives of a whole block was worked out already."""
    steps.read.shared[_key(function, windows.block, windows)] = _Work(windows.block, whole=grid)


def _key(function: Callable[[Windows], Grid], whole: AnyBlock, windows: Windows) -> Hashable:
    return (function, id(whole), windows.range_ms, int(windows.until[0]))
