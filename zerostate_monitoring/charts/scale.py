"""Where the points of a series lie on a picture: extents, ticks, and unbroken runs."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

Point = tuple[int, float]
"""An instant in milliseconds since 1970, and the value there."""

_LARGEST: Final = sys.float_info.max
_MINUTE: Final = 60_000
_STEPS: Final = tuple(
    minutes * _MINUTE
    for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080)
)
_GAP: Final = 2.5
"""Points further apart than so many of the usual steps are not joined."""


def extent(values: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest of finite ``values``; a level line has room around it, zero above it."""
    low, high = min(values), max(values)
    # The halves, as they are told apart below: the smallest numbers have none.
    if low / 2 < high / 2:
        return low, high
    if not low:
        # What is nothing all the time is seldom a thing that could be less.
        return 0.0, 1.0
    room = abs(low) / 2 or 1.0
    return widened(low, high, room)


def widened(low: float, high: float, room: float) -> tuple[float, float]:
    """Two values further apart, within what numbers can say."""
    return max(low - room, -_LARGEST), min(high + room, _LARGEST)


@dataclass(frozen=True, slots=True)
class Scale:
    """From instants and values to a rectangle whose origin is at the top left."""

    start_ms: int
    end_ms: int
    low: float
    high: float
    left: float
    top: float
    width: float
    height: float

    def x(self, at_ms: float) -> float:
        """Where an instant lies across."""
        span = max(self.end_ms - self.start_ms, 1)
        return self.left + (at_ms - self.start_ms) / span * self.width

    def y(self, value: float) -> float:
        """Where a value lies down; what is beyond the edges lies on them."""
        # Halves, so that the difference of two large numbers stays a number.
        share = (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return self.top + (1 - min(max(share, 0.0), 1.0)) * self.height


def runs(points: Sequence[Point]) -> list[list[Point]]:
    """Points that are joined: a missing number or a gap in time begins a new run."""
    usual = _usual_step(points)
    found: list[list[Point]] = []
    before: Point | None = None
    for point in points:
        if not math.isfinite(point[1]):
            before = None
            continue
        if before is None or point[0] - before[0] > usual * _GAP:
            found.append([])
        found[-1].append(point)
        before = point
    return found


def ticks(start_ms: int, end_ms: int, most: int) -> list[int]:
    """Round instants between two, at most ``most``."""
    span = end_ms - start_ms
    step = next((one for one in _STEPS if span // one < most), _STEPS[-1])
    first = -(-start_ms // step) * step
    return list(range(first, end_ms + 1, step))[:most]


def clock(at_ms: int, span_ms: int) -> str:
    """An instant on the axis, in UTC: the time, or the day where the axis is days long."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f"{at:%H:%M}" if span_ms <= 2 * 1440 * _MINUTE else f"{at:%m-%d}"


def short(value: float) -> str:
    """A value in few characters, such as ``1.25k``."""
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size <= abs(value) < 1e15:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def _usual_step(points: Sequence[Point]) -> float:
    steps = sorted(after[0] - before[0] for before, after in pairwise(points))
    return steps[len(steps) // 2] if steps else 0.0
