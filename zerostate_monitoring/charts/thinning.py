"""Runs of points that are joined, and fewer points that look the same."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from zerostate_monitoring.charts.scale import Point

_GAP: Final = 2.5
"""Points further apart than so many steps are not joined."""


def runs_of(points: Sequence[Point], step_ms: int) -> list[list[Point]]:
    """Points that are joined: a missing number or a gap in time begins a new run."""
    found: list[list[Point]] = []
    before: int | None = None
    for at, value in points:
        if not math.isfinite(value):
            before = None
            continue
        if before is None or at - before > step_ms * _GAP:
            found.append([])
        found[-1].append((at, value))
        before = at
    return found


def thinned(runs: Sequence[Sequence[Point]], start_ms: int, end_ms: int, columns: int) -> Runs:
    """``runs`` with at most two points in each of so many columns: its lowest and its highest.

    What was broken stays broken; where a column has more than one run, only the break between
    what is kept is seen.
    """
    if sum(len(run) for run in runs) <= 2 * columns:
        return [list(run) for run in runs]
    # A dot more, so that the end belongs to the last column.
    span = max(end_ms - start_ms, 0) + 1
    found: list[list[Point]] = []
    last = -1
    for number, at, value in _kept(runs, start_ms, columns / span):
        if number != last:
            found.append([])
            last = number
        found[-1].append((at, value))
    return found


Runs = list[list[Point]]


def _kept(
    runs: Sequence[Sequence[Point]], start_ms: int, per_ms: float
) -> Iterator[tuple[int, int, float]]:
    """Number of the run, time and value of each point that is kept."""
    column, lowest, highest = -1, (0, 0, 0.0), (0, 0, 0.0)
    for number, run in enumerate(runs):
        for at, value in run:
            here = int((at - start_ms) * per_ms)
            if here != column:
                if column >= 0:
                    yield from _in_order(lowest, highest)
                column, lowest, highest = here, (number, at, value), (number, at, value)
            elif value < lowest[2]:
                lowest = (number, at, value)
            elif value > highest[2]:
                highest = (number, at, value)
    if column >= 0:
        yield from _in_order(lowest, highest)


def _in_order(
    one: tuple[int, int, float], other: tuple[int, int, float]
) -> tuple[tuple[int, int, float], ...]:
    if one == other:
        return (one,)
    return (one, other) if one[1] <= other[1] else (other, one)
