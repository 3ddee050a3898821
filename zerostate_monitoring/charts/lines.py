"""Several series over time as one SVG: lines, thresholds, and bands of time. Pure.

The picture is as wide as its place and its texts keep their size: the lines lie in a drawing
of its own that is stretched, and all else is placed in per cent. Its axes' texts stand outside
of it, so its place leaves room for them (``chart.css``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from html import escape
from itertools import pairwise
from typing import Final

from zerostate_monitoring.charts.axes import levels, room, times
from zerostate_monitoring.charts.scale import Scale
from zerostate_monitoring.charts.thinning import runs_of, thinned
from zerostate_monitoring.charts.timeline import COLOURS as KINDS
from zerostate_monitoring.charts.timeline import Bar
from zerostate_monitoring.charts.units import axis_scales, told
from zerostate_monitoring.charts.words import ENGLISH, Words

COLOURS: Final = (
    "#2f7ed8", "#cc751f", "#d90082", "#0d8000", "#287373", "#7a9973", "#aa86b2", "#736a56",
)  # fmt: skip
"""Each has three times the contrast of white and of black, and is told from each other one, also
by who does not tell red from green."""
MOST: Final = len(COLOURS)
"""So many series have a line."""
ALARM: Final = "#d6413c"

_ACROSS: Final = 1000.0
"""Width of the drawing in its own units, which are stretched."""
_MOST_POINTS: Final = 6_000
"""So many points of all lines are drawn."""
_FEW: Final = 40
"""Where there is no room for more values than so many, each is a dot."""
_INNER: Final = (
    '<svg viewBox="0 0 {width:g} {height}" width="100%" height="{height}" '
    'preserveAspectRatio="none" fill="none">'
)
_APART: Final = 13.0
"""Texts on the left that are nearer to each other than so many dots would touch."""
_FAINT: Final = 'stroke="currentColor" stroke-opacity="0.15"'
_STILL: Final = 'vector-effect="non-scaling-stroke"'


@dataclass(frozen=True, slots=True)
class Line:
    """One series: its name, and its values at instants (ms), in order of time.

    ``whole`` is its name where ``name`` leaves something out.
    """

    name: str
    points: Sequence[tuple[int, float]]
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the picture covers: instants (ms), the step between two values, and a zone.

    ``unit`` is that of the values, as of a metric (``seconds``, ``bytes``, ``ratio``) or of its
    rate (``bytes/s``). ``spans`` are bands of time behind the lines; their kinds are those of a
    timeline. ``width`` is how many dots it is wide at most, and says how fine the lines are.
    """

    start_ms: int
    end_ms: int
    step_ms: int
    zone: tzinfo = UTC
    width: int = 960
    height: int = 200
    thresholds: tuple[float, ...] = ()
    spans: tuple[Bar, ...] = ()
    unit: str = ""
    title: str = ""
    words: Words = ENGLISH


def lines(series: Sequence[Line], frame: Frame) -> str:
    """A picture of the first series; empty where none has a number."""
    shown = series[:MOST]
    if not any(math.isfinite(value) for line in shown for _, value in line.points):
        return ""
    low, high = extent_of(shown, frame)
    scale = Scale(frame.start_ms, frame.end_ms, low, high, 0, 0, _ACROSS, frame.height)
    parts = (
        *_bands(frame),
        '<g data-levels="">',
        *_levels(scale, frame),
        "</g>",
        *_times(scale, frame),
        _INNER.format(width=_ACROSS, height=frame.height),
        *(part for at, line in enumerate(shown) for part in _line(line, at, scale, frame, shown)),
        "</svg>",
        *_thresholds(scale, frame),
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="{frame.height}" role="img" '
        f'aria-label="{escape(heard(series, frame))}" overflow="visible" direction="ltr" '
        'fill="currentColor" font-family="system-ui,sans-serif" font-size="12">'
        f"{''.join(parts)}</svg>"
    )


def extent_of(shown: Sequence[Line], frame: Frame) -> tuple[float, float]:
    """Lowest and highest value of the axis: of all numbers and thresholds."""
    values = [v for line in shown for _, v in line.points if math.isfinite(v)]
    limits = [value for value in frame.thresholds if math.isfinite(value)]
    return room([*values, *limits]) if values else (0.0, 1.0)


def heard(series: Sequence[Line], frame: Frame) -> str:
    """What a reader hears who does not see it: how many series, lowest and highest."""
    values = [v for line in series[:MOST] for _, v in line.points if math.isfinite(v)]
    if not values:
        return frame.title
    low, high = (told(one, frame.unit, frame.words) for one in (min(values), max(values)))
    counted = f"{frame.words.series(len(series))}, {low} – {high}"
    return f"{frame.title}: {counted}" if frame.title else counted


def _share(at_ms: float, frame: Frame) -> float:
    """Where an instant lies across, in per cent; what is beyond the edges lies on them."""
    share = (at_ms - frame.start_ms) / max(frame.end_ms - frame.start_ms, 1)
    return min(max(share, 0.0), 1.0) * 100


def _bands(frame: Frame) -> Iterator[str]:
    for bar in frame.spans:
        left, right = _share(bar.start_ms, frame), _share(bar.end_ms, frame)
        if right <= 0 or left >= 100:
            continue
        where = f'x="{left:.2f}%" width="{max(right - left, 0.25):.2f}%" fill="{KINDS[bar.kind]}"'
        yield (
            f"<g><title>{escape(frame.words.kind(bar.kind))}</title>"
            f'<rect {where} y="0" height="{frame.height}" '
            f'fill-opacity="0.14"/><rect {where} y="-4" height="4"/></g>'
        )


def _levels(scale: Scale, frame: Frame) -> Iterator[str]:
    taken = [scale.y(limit) for limit in _limits(frame)]
    for tick in levels(scale.low, scale.high, axis_scales(frame.unit), frame.words):
        y = scale.y(tick.at)
        yield f'<line {_FAINT} x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
        if all(abs(y - other) >= _APART for other in taken):
            yield (
                f'<text x="-8" y="{y:.1f}" dy="0.35em" text-anchor="end">{escape(tick.text)}</text>'
            )


def _times(scale: Scale, frame: Frame) -> Iterator[str]:
    bottom = frame.height
    yield f'<line {_FAINT} x1="0" x2="100%" y1="{bottom}" y2="{bottom}"/>'
    for number, tick in enumerate(times(frame.start_ms, frame.end_ms, frame.zone)):
        x = f"{_share(tick.at, frame):.2f}%"
        # Where there is little room, the style sheet leaves every second text away.
        named = ' class="zsm-odd"' if number % 2 else ""
        yield f'<line {_FAINT} x1="{x}" x2="{x}" y1="0" y2="{bottom}"/>'
        rows = [text for text in (tick.text, tick.day) if text]
        for row, text in enumerate(rows):
            y = bottom + 17 + 15 * row
            yield f'<text{named} x="{x}" y="{y}" text-anchor="middle">{text}</text>'


def _line(line: Line, at: int, scale: Scale, frame: Frame, shown: Sequence[Line]) -> Iterator[str]:
    columns = min(frame.width, _MOST_POINTS // (2 * len(shown)))
    runs = thinned(
        runs_of(line.points, frame.step_ms), frame.start_ms, frame.end_ms, max(columns, 1)
    )
    if not runs:
        return
    dotted = [[f"{scale.x(t):.1f} {scale.y(v):.1f}" for t, v in run] for run in runs]
    paths = [_turning(run, path) for run, path in zip(runs, dotted, strict=True)]
    title = escape((line.whole or line.name)[:300])
    yield f'<g data-line="{at}" stroke="{COLOURS[at]}"><title>{title}</title>'
    if len(shown) == 1 and scale.low == 0:
        # An area tells of an amount, so only where the axis begins at nothing.
        area = "".join(_closed(run, path, scale) for run, path in zip(runs, paths, strict=True))
        yield f'<path d="{area}" fill="{COLOURS[at]}" fill-opacity="0.1" stroke="none"/>'
    drawn = "".join(_steps(path) for path in paths if len(path) > 1)
    yield f'<path d="{drawn}" stroke-width="1.6" stroke-linejoin="round" {_STILL}/>'
    # A value between two gaps is a dot, a line of no length with round ends; so are few values.
    few = (frame.end_ms - frame.start_ms) <= _FEW * frame.step_ms
    if dots := "".join(f"M{dot}h0" for path in dotted if few or len(path) == 1 for dot in path):
        yield f'<path d="{dots}" stroke-width="5" stroke-linecap="round" {_STILL}/>'
    yield "</g>"


def _steps(path: Sequence[str]) -> str:
    """A path by the steps between its points, in tenths: a third shorter than by the points."""
    tenths = [[round(float(part) * 10) for part in dot.split()] for dot in path]
    steps = (f"{(x - at) / 10:g} {(y - to) / 10:g}" for (at, to), (x, y) in pairwise(tenths))
    return f"M{path[0]}l{' '.join(steps)}".replace(" -", "-")


def _turning(run: Sequence[tuple[int, float]], path: Sequence[str]) -> list[str]:
    """Without what lies between its neighbours on a level: the line is the same, and short."""
    last = len(run) - 1
    return [
        dot
        for at, dot in enumerate(path)
        if at in {0, last} or not run[at - 1][1] == run[at][1] == run[at + 1][1]
    ]


def _closed(run: Sequence[tuple[int, float]], path: Sequence[str], scale: Scale) -> str:
    if len(run) == 1:
        return ""
    left, right = scale.x(run[0][0]), scale.x(run[-1][0])
    return f"M{left:.1f} {scale.height:g}L{'L'.join(path)}L{right:.1f} {scale.height:g}Z"


def _limits(frame: Frame) -> list[float]:
    return sorted({one for one in frame.thresholds if math.isfinite(one)})


def _thresholds(scale: Scale, frame: Frame) -> Iterator[str]:
    """A line across, and its value beside the axis: above the lines nobody could read it."""
    taken = -math.inf
    for limit in reversed(_limits(frame)):
        y, text = scale.y(limit), escape(told(limit, frame.unit, frame.words))
        yield (
            f'<g data-limit="{limit!r}" data-y="{y:.1f}"><line stroke="{ALARM}" stroke-width="1.4" '
            f'stroke-dasharray="6 4" x1="-5" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        # All of them stand below the picture.
        if y - taken >= _APART:
            taken = y
            yield (
                f'<text x="-8" y="{y:.1f}" dy="0.35em" text-anchor="end" font-weight="bold">'
                f"{text}</text>"
            )
        yield "</g>"
