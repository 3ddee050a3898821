"""A series as one line of text, for where no picture is shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from zerostate_monitoring.charts.scale import Point, extent

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_GAP: Final = "·"


def sparkline(points: Sequence[Point], columns: int = 30) -> str:
    """The line: a block for each part of the time, a dot where nothing is known.

    A part shows the value that lies furthest from the first one, so that no peak is lost.
    Empty if there is no number.
    """
    seen = [(at, value) for at, value in points if math.isfinite(value)]
    if not seen:
        return ""
    low, high = extent([value for _, value in seen])
    start, span = points[0][0], max(points[-1][0] - points[0][0], 1)
    width = min(columns, len(points))
    cells: list[list[float]] = [[] for _ in range(width)]
    for at, value in seen:
        cells[min((at - start) * width // span, width - 1)].append(value)
    first = seen[0][1]
    return "".join(_block(cell, first, low, high) for cell in cells)


def _block(cell: Sequence[float], first: float, low: float, high: float) -> str:
    if not cell:
        return _GAP
    # Halves, so that the difference of two large numbers stays a number.
    value = max(cell, key=lambda one: abs(one / 2 - first / 2))
    height = (value / 2 - low / 2) / (high / 2 - low / 2)
    return _BLOCKS[round(height * (len(_BLOCKS) - 1))]
