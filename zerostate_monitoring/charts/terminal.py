"""One series as a line on a terminal, with its axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from zerostate_monitoring.charts.scale import extent
from zerostate_monitoring.charts.text import fitted, number, width

Point = tuple[int, float]
"""An instant in milliseconds, and the value there."""

_DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille character's dots, by row and column."""
_BLANK: Final = 0x2800
_MIN_COLUMNS: Final = 8


@dataclass(frozen=True, slots=True)
class Style:
    """The characters of a picture. ``dots`` are columns and rows of one character."""

    dots: tuple[int, int]
    upright: str
    tick: str
    corner: str
    level: str


BRAILLE: Final = Style((2, 4), "│", "┤", "└", "─")
ASCII: Final = Style((1, 1), "|", "+", "+", "-")


@dataclass(frozen=True, slots=True)
class Frame:
    """The span of time and the size of a picture, in columns and lines of the line itself.

    Points further apart than ``step_ms`` are not joined: nothing is known between them.
    """

    start_ms: int
    end_ms: int
    step_ms: int
    columns: int = 80
    lines: int = 6


def chart(
    points: Sequence[Point], frame: Frame, style: Style, clock: Callable[[int], str]
) -> list[str]:
    """The lines of a picture as wide as ``frame.columns``: axis, line, times, figures."""
    seen = [(at, value) for at, value in points if math.isfinite(value)]
    if not seen:
        return [f"no number among {len(points)} values" if points else "no values"]
    low, high = extent([value for _, value in seen])
    labels = (number(high), number(low))
    margin = max(map(width, labels))
    inside = max(frame.columns - margin - 2, _MIN_COLUMNS)
    rows = _rows(seen, frame, style, (low, high, inside))
    lines = [
        _axis(place, labels, margin, style, len(rows)) + row.rstrip()
        for place, row in enumerate(rows)
    ]
    foot = " " * margin + " "
    lines.append(foot + style.corner + style.level * inside)
    lines.append(foot + " " + _times(frame, inside, clock))
    lines.append(foot + " " + figures(points, seen))
    return lines


def figures(points: Sequence[Point], seen: Sequence[Point]) -> str:
    """Smallest, largest and last value, and how many there are."""
    values = [value for _, value in seen]
    least, most, last = number(min(values)), number(max(values)), number(points[-1][1])
    return f"min {least}  max {most}  last {last}  values {len(points)}"


def _axis(place: int, labels: tuple[str, str], margin: int, style: Style, lines: int) -> str:
    label = labels[0] if place == 0 else labels[1] if place == lines - 1 else ""
    return fitted(label, margin, right=True) + " " + (style.tick if label else style.upright)


def _times(frame: Frame, columns: int, clock: Callable[[int], str]) -> str:
    first, last = clock(frame.start_ms), clock(frame.end_ms)
    space = columns - width(first) - width(last)
    return first + " " * max(space, 1) + last


def _rows(
    seen: Sequence[Point], frame: Frame, style: Style, scale: tuple[float, float, int]
) -> list[str]:
    across, down = style.dots
    grid = [[0] * scale[2] for _ in range(frame.lines)]
    for x, y in _dots(seen, frame, style, scale):
        grid[y // down][x // across] |= _DOTS[y % down][x % across]
    if style is ASCII:
        return ["".join("*" if cell else " " for cell in row) for row in grid]
    return ["".join(chr(_BLANK + cell) if cell else " " for cell in row) for row in grid]


def _dots(
    seen: Sequence[Point], frame: Frame, style: Style, scale: tuple[float, float, int]
) -> Iterator[tuple[int, int]]:
    """Every dot of the line, from the top left."""
    low, high, columns = scale
    right = columns * style.dots[0] - 1
    bottom = frame.lines * style.dots[1] - 1
    span = frame.end_ms - frame.start_ms or 1

    def place(point: Point) -> tuple[int, int]:
        x = round((point[0] - frame.start_ms) / span * right)
        # Halves, so that the difference of two large numbers stays a number.
        height = (point[1] / 2 - low / 2) / (high / 2 - low / 2)
        return min(max(x, 0), right), bottom - round(height * bottom)

    yield place(seen[0])
    for before, after in pairwise(seen):
        if after[0] - before[0] > frame.step_ms:
            yield place(after)
        else:
            yield from _joined(place(before), place(after))


def _joined(before: tuple[int, int], after: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The dots between two dots, both included."""
    (x0, y0), (x1, y1) = before, after
    steps = max(abs(x1 - x0), abs(y1 - y0), 1)
    for step in range(steps + 1):
        yield x0 + round((x1 - x0) * step / steps), y0 + round((y1 - y0) * step / steps)
