"""A series as a small line beside its number: no axis, no text; a second, faint one beneath."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Final

from zerostate_monitoring.charts.axes import room
from zerostate_monitoring.charts.scale import Point, Scale
from zerostate_monitoring.charts.thinning import runs_of, thinned

_LINE: Final = "#2f7ed8"
_EDGE: Final = 2.0


def spark(
    points: Sequence[Point],
    *,
    name: str,
    step_ms: int,
    before: Sequence[Point] = (),
    width: int = 120,
    height: int = 28,
) -> str:
    """The picture; empty without a number. ``name`` is for readers who do not see it.

    ``before`` is the same hour of the day before, moved to the times of ``points``; it is drawn
    faint and broken. Gaps stay gaps, and the last value has a dot.
    """
    seen = [value for _, value in (*points, *before) if math.isfinite(value)]
    if not any(math.isfinite(value) for _, value in points):
        return ""
    ends = [at for at, _ in (*points, *before)]
    low, high = room(seen)
    inner = (width - 2 * _EDGE, height - 2 * _EDGE)
    scale = Scale(min(ends), max(ends), low, high, _EDGE, _EDGE, *inner)
    faint = 'stroke="currentColor" stroke-opacity="0.45" stroke-width="1" stroke-dasharray="2 2"'
    parts = (
        _path(before, scale, step_ms, faint),
        _path(points, scale, step_ms, f'stroke="{_LINE}" stroke-width="1.5"'),
        _last(points, scale),
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="zsm-spark" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-label="{escape(name)}" fill="none" '
        f'stroke-linejoin="round" stroke-linecap="round">{"".join(parts)}</svg>'
    )


def _path(points: Sequence[Point], scale: Scale, step_ms: int, how: str) -> str:
    runs = thinned(runs_of(points, step_ms), scale.start_ms, scale.end_ms, int(scale.width))
    drawn = "".join(
        "M" + "L".join(f"{scale.x(at):.1f} {scale.y(value):.1f}" for at, value in run)
        + ("h0" if len(run) == 1 else "")
        for run in runs
    )  # fmt: skip
    return f'<path d="{drawn}" {how}/>' if drawn else ""


def _last(points: Sequence[Point], scale: Scale) -> str:
    at, value = points[-1]
    if not math.isfinite(value):
        return ""
    return f'<circle cx="{scale.x(at):.1f}" cy="{scale.y(value):.1f}" r="2" fill="{_LINE}"/>'
