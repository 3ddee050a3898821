"""Bars of time below a chart, on its axis: a row for each alert, its name above its bars. Pure.

Places across are shares of the width, as in ``lines``: what stands below a chart in a place of the
same width and padding lies where the chart has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from zerostate_monitoring.charts.axes import times
from zerostate_monitoring.charts.lines import Frame
from zerostate_monitoring.charts.timeline import COLOURS, Bar, Row, bar_title

_ROW: Final = 36
_BAR_TOP: Final = 18
_BAR: Final = 12
_AXIS: Final = 20
_LONGEST: Final = 60
_LONGEST_TITLE: Final = 300
_LEAST: Final = 0.3
"""The width of a bar, in hundredths of the picture's, that can still be seen."""
_FAINT: Final = 'stroke="currentColor" stroke-opacity="0.15"'


def strips(
    rows: Sequence[Row], frame: Frame, known_from_ms: int | None = None, most: int = 40
) -> str:
    """The first rows as one ``<svg>``; before ``known_from_ms`` nothing is known."""
    shown = rows[:most]
    bottom = _ROW * max(len(shown), 1)
    more = frame.words.more(len(rows) - most) if len(rows) > most else ""
    firing = sum(bar.kind == "firing" for row in rows for bar in row.bars)
    parts = (
        *_unknown(frame, bottom, known_from_ms),
        *_grid(frame, bottom, len(shown)),
        *(part for place, row in enumerate(shown) for part in _row(row, place, frame)),
        f'<text x="0" y="{bottom + _AXIS + 16}">{escape(more)}</text>' if more else "",
    )
    height = bottom + _AXIS + (_AXIS if more else 0)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="{height}" role="img" '
        f'aria-label="{escape(frame.words.alerts(len(rows), firing))}" overflow="visible" '
        'direction="ltr" fill="currentColor" font-family="system-ui,sans-serif" font-size="12">'
        f"{''.join(parts)}</svg>"
    )


def _grid(frame: Frame, bottom: int, rows: int) -> Iterator[str]:
    for number, tick in enumerate(times(frame.start_ms, frame.end_ms, frame.zone)):
        x = f"{_share(tick.at, frame):.2f}%"
        # Not through the names.
        for row in range(rows):
            top = row * _ROW + _BAR_TOP - 3
            yield f'<line {_FAINT} x1="{x}" x2="{x}" y1="{top}" y2="{top + _BAR + 6}"/>'
        odd = ' class="zsm-odd"' if number % 2 else ""
        yield f'<text{odd} x="{x}" y="{bottom + 14}" text-anchor="middle">{tick.text}</text>'


def _row(row: Row, place: int, frame: Frame) -> Iterator[str]:
    y = place * _ROW
    label = row.label if len(row.label) <= _LONGEST else row.label[: _LONGEST - 1] + "…"
    yield (
        f'<text x="0" y="{y + 12}" unicode-bidi="isolate">{escape(label)}'
        f"<title>{escape(row.label[:_LONGEST_TITLE])}</title></text>"
    )
    for bar in row.bars:
        if bar.end_ms >= frame.start_ms and bar.start_ms <= frame.end_ms:
            yield _bar(bar, y, frame)


def _bar(bar: Bar, y: int, frame: Frame) -> str:
    left, right = _share(bar.start_ms, frame), _share(bar.end_ms, frame)
    left, width = min(left, 100 - _LEAST), max(right - left, _LEAST)
    return (
        f'<rect fill="{COLOURS[bar.kind]}" x="{left:.2f}%" width="{width:.2f}%" '
        f'y="{y + _BAR_TOP}" height="{_BAR}">'
        f"<title>{escape(bar_title(bar, frame.zone, frame.words))}</title></rect>"
    )


def _unknown(frame: Frame, bottom: int, known_from_ms: int | None) -> Iterator[str]:
    """The time before history."""
    if known_from_ms is not None and known_from_ms > frame.start_ms:
        yield (
            f'<rect fill-opacity="0.08" x="0" y="0" width="{_share(known_from_ms, frame):.2f}%" '
            f'height="{bottom}"><title>{escape(frame.words.unknown)}</title></rect>'
        )


def _share(at_ms: float, frame: Frame) -> float:
    share = (at_ms - frame.start_ms) / max(frame.end_ms - frame.start_ms, 1)
    return min(max(share, 0.0), 1.0) * 100
