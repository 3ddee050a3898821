"""Series that are given once and kept in memory: the example of a ``Storage``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import (
    NAME,
    Block,
    Floats,
    Mask,
    Series,
    Times,
    is_stale,
)
from zerostate_monitoring.promql.matchers import meets_all
from zerostate_monitoring.promql.nodes import Matcher

_Given = tuple[Labels, Times, Floats]
_Columns = npt.NDArray[np.intp]

WIDEST: Final = 1.5
"""A grid has at most so many times the timestamps of its fullest series."""
TRIES: Final = 8
"""How many grids a series is held against; the newest first."""
KEPT: Final = 256
"""How many selections are kept, with what was found; more are made again."""


class MemoryStorage:
    """Implements ``Storage`` for what it is given: labels, times (ms) and values of each series.

    Labels need no order; times must ascend. A value of ``STALE_BITS`` is a stale marker.
    Series whose timestamps fit one grid share a block. What was selected once is kept: the
    same matchers give the same ``Series`` again, and so do others that mean the same. When there
    is too much of it, all is forgotten.
    """

    def __init__(
        self,
        series: Iterable[tuple[Labels, Sequence[int] | Times, Sequence[float] | Floats]],
    ) -> None:
        given = [_checked(labels, times, values) for labels, times, values in series]
        if len({labels for labels, _, _ in given}) != len(given):
            raise ValueError("a series stands twice")
        self._blocks: Final = [_block(together) for together in _grids(given)]
        self._by_name: Final[dict[str, list[tuple[int, int]]]] = {}
        for number, block in enumerate(self._blocks):
            for column, labels in enumerate(block.series.labels):
                places = self._by_name.setdefault(dict(labels).get(NAME, ""), [])
                places.append((number, column))
        self._selected: Final[dict[tuple[Matcher, ...], list[Block]]] = {}
        self._parts: Final[dict[tuple[int, bytes], Block]] = {}

    def __len__(self) -> int:
        return sum(len(block.series) for block in self._blocks)

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> list[Block]:
        """All series that meet all ``matchers``, with their samples of start_ms < t ≤ end_ms."""
        return self.select_within(matchers, start_ms, end_ms, None)

    def select_within(
        self,
        matchers: Sequence[Matcher],
        start_ms: int,
        end_ms: int,
        check: Callable[[], None] | None,
    ) -> list[Block]:
        """As ``select``; ``check`` is called now and then, and raises where the time is over."""
        key = tuple(matchers)
        blocks = self._selected.get(key)
        if blocks is None:
            blocks = self._select(key, check)
            if len(self._selected) >= KEPT:
                self._selected.clear()
                self._parts.clear()
            self._selected[key] = blocks
        return [_between(block, start_ms, end_ms) for block in blocks]

    def _select(
        self, matchers: tuple[Matcher, ...], check: Callable[[], None] | None
    ) -> list[Block]:
        chosen: dict[int, list[int]] = {}
        for name in self._names(matchers):
            for number, column in self._by_name.get(name, ()):
                chosen.setdefault(number, []).append(column)
        meets = meets_all(matchers, check)
        found = []
        for number in sorted(chosen):
            labels = self._blocks[number].series.labels
            columns = [column for column in sorted(chosen[number]) if meets(labels[column])]
            if columns:
                found.append(self._part(number, np.array(columns, dtype=np.intp)))
        return found

    def _names(self, matchers: tuple[Matcher, ...]) -> Iterable[str]:
        for matcher in matchers:
            if matcher.name == NAME and matcher.op == "=":
                return (matcher.value,)
        return self._by_name

    def _part(self, number: int, columns: _Columns) -> Block:
        """These series of a block; the block itself where they are all of it."""
        block = self._blocks[number]
        if len(columns) == len(block.series):
            return block
        key = (number, columns.tobytes())
        part = self._parts.get(key)
        if part is None:
            part = self._parts[key] = Block(
                Series(block.series.labels[column] for column in columns),
                block.times,
                block.values[:, columns],
                None if block.present is None else block.present[:, columns],
                None if block.stale is None else block.stale[:, columns],
            )
        return part


def _checked(
    labels: Labels, times: Sequence[int] | Times, values: Sequence[float] | Floats
) -> _Given:
    at = np.asarray(times, dtype=np.int64)
    numbers = np.asarray(values, dtype=np.float64)
    if at.shape != numbers.shape or at.ndim != 1:
        raise ValueError("times and values differ in length")
    if np.any(at[1:] <= at[:-1]):
        raise ValueError("times do not ascend")
    return tuple(sorted(labels)), at, numbers


def _grids(given: list[_Given]) -> list[list[_Given]]:
    """Which series share a block: first those of the same times, then those that nearly do."""
    same: dict[bytes, list[_Given]] = {}
    for one in given:
        same.setdefault(one[1].tobytes(), []).append(one)
    grids: list[list[_Given]] = []
    unions: list[Times] = []
    # The fullest come first: those that lack a few of its times join it.
    for group in sorted(same.values(), key=lambda group: -len(group[0][1])):
        times = group[0][1]
        for number in reversed(range(max(0, len(grids) - TRIES), len(grids))):
            union = np.union1d(unions[number], times)
            if len(union) <= WIDEST * len(grids[number][0][1]):
                grids[number].extend(group)
                unions[number] = union
                break
        else:
            grids.append(list(group))
            unions.append(times)
    return grids


def _block(together: list[_Given]) -> Block:
    times = np.unique(np.concatenate([at for _, at, _ in together]))
    shape = (len(times), len(together))
    values = np.zeros(shape)
    present: Mask = np.zeros(shape, dtype=np.bool_)
    stale: Mask = np.zeros(shape, dtype=np.bool_)
    for column, (_, at, numbers) in enumerate(together):
        rows = np.searchsorted(times, at)
        ended = is_stale(numbers)
        values[rows, column] = np.where(ended, 0.0, numbers)
        present[rows, column] = ~ended
        stale[rows, column] = ended
    return Block(
        Series(labels for labels, _, _ in together),
        times,
        values,
        None if present.all() else present,
        stale if stale.any() else None,
    )


def _between(block: Block, start_ms: int, end_ms: int) -> Block:
    first, end = np.searchsorted(block.times, (start_ms, end_ms), side="right")
    if first == 0 and end == len(block.times):
        return block
    return Block(
        block.series,
        block.times[first:end],
        block.values[first:end],
        None if block.present is None else block.present[first:end],
        None if block.stale is None else block.stale[first:end],
    )
