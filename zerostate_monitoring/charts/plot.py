"""A small picture of one series: what stands where, for whoever draws it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from zerostate_monitoring.charts.scale import (
    Point,
    Scale,
    clock,
    extent,
    runs,
    short,
    ticks,
    widened,
)

_LEFT: Final = 46.0
_RIGHT: Final = 12.0
_TOP: Final = 10.0
_BOTTOM: Final = 20.0
_ROOM: Final = 0.06
"""Share of the height that stays free above and below the line."""
_TICK_WIDTH: Final = 90


@dataclass(frozen=True, slots=True)
class Label:
    """A text and where its edge or middle lies; ``anchor`` is ``start``, ``middle`` or ``end``."""

    x: float
    y: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Plot:
    """All lines and texts of a picture, in its own units from the top left."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    lines: Sequence[Sequence[tuple[float, float]]]
    levels: Sequence[Label]
    times: Sequence[Label]
    threshold: Label | None
    """Where the threshold lies, and its text."""


def plot(
    points: Sequence[Point],
    *,
    threshold: float | None = None,
    width: float = 480,
    height: float = 120,
) -> Plot | None:
    """The picture of ``points``, which are in order of time; ``None`` without a number."""
    values = [value for _, value in points if math.isfinite(value)]
    if not values:
        return None
    shown = None if threshold is None or not math.isfinite(threshold) else threshold
    scale = _scale(points, values if shown is None else [*values, shown], width, height)
    right, bottom = scale.left + scale.width, scale.top + scale.height
    return Plot(
        width=width,
        height=height,
        left=scale.left,
        right=right,
        top=scale.top,
        bottom=bottom,
        lines=[[(scale.x(at), scale.y(value)) for at, value in run] for run in runs(points)],
        levels=_levels(scale, values),
        times=_times(scale, bottom, right),
        threshold=None if shown is None else Label(right, scale.y(shown), short(shown), "end"),
    )


def _scale(points: Sequence[Point], values: Sequence[float], width: float, height: float) -> Scale:
    low, high = extent(values)
    # Halves, so that the difference of two large numbers stays a number.
    low, high = widened(low, high, (high / 2 - low / 2) * 2 * _ROOM)
    start, end = points[0][0], points[-1][0]
    if end <= start:
        start, end = start - 60_000, end + 60_000
    inner = (max(width - _LEFT - _RIGHT, 1.0), max(height - _TOP - _BOTTOM, 1.0))
    return Scale(start, end, low, high, _LEFT, _TOP, *inner)


def _levels(scale: Scale, values: Sequence[float]) -> list[Label]:
    """The smallest and the largest value; only one where both are the same."""
    low, high = min(values), max(values)
    found = [high] if short(low) == short(high) else [high, low]
    labels = [Label(scale.left - 6, scale.y(value), short(value), "end") for value in found]
    if len(labels) == 2 and labels[1].y - labels[0].y < 12:
        # Two values so near to each other on this scale are read as one.
        return labels[:1]
    return labels


def _times(scale: Scale, bottom: float, right: float) -> list[Label]:
    span = scale.end_ms - scale.start_ms
    most = max(int(scale.width // _TICK_WIDTH), 1)
    labels = [
        Label(scale.x(at), bottom + 12, clock(at, span))
        for at in ticks(scale.start_ms, scale.end_ms, most)
    ]
    # What would run into the word at the right end is left out.
    labels = [one for one in labels if one.x < right - 44]
    return [*labels, Label(right, bottom + 12, "UTC", "end")]
