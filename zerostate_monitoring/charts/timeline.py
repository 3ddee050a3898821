"""Alerts over time as SVG: a row for each, a bar while it waits and one while it fires. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from html import escape
from typing import Final

from zerostate_monitoring.charts.words import ENGLISH, Words

_ROW: Final = 22
_BAR: Final = 12
_LABELS: Final = 300
_TOP: Final = 8
_AXIS: Final = 24
_LETTER: Final = 6.6
_STEPS_S: Final = (
    60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000
)  # fmt: skip
_MOST_TICKS: Final = 7
_DAY_MS: Final = 86_400_000

COLOURS: Final = {
    "pending": "#e3b341", "firing": "#c9302c", "acknowledged": "#2f7ed8", "held back": "#8a94a0",
    "healthy": "#3d9a50", "degraded": "#e3b341", "unhealthy": "#c9302c", "unknown": "#8a94a0",
    "told": "#3d9a50", "not told": "#c9302c", "comment": "#8e5bd0",
}  # fmt: skip
_ON_DARK: Final = frozenset({"firing", "unhealthy", "not told"})
"""Kinds on whose colour a word is white; on the others it is dark."""
_MARK: Final = 5.0
# Neither style nor class: a page may forbid the one, and have the other for itself.
_FAINT: Final = 'stroke="currentColor" stroke-opacity="0.15"'
_QUIET: Final = 'fill-opacity="0.65"'


@dataclass(frozen=True, slots=True)
class Bar:
    """A span of time (ms) in a row; ``kind`` is a word that has a colour.

    One without length is a mark. ``said`` is what it says when pointed at; left out, its kind.
    """

    start_ms: int
    end_ms: int
    kind: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One alert: its name, and its bars in order."""

    label: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """What is shown. Before ``known_from_ms`` nothing is known; ``None``: all of it is.

    ``margin`` is how wide the names may be. With ``words`` a bar with room has its word in it, as
    ``said`` has it.
    """

    start_ms: int
    end_ms: int
    known_from_ms: int | None = None
    zone: tzinfo = UTC
    width: int = 960
    margin: int = _LABELS
    words: bool = False
    said: Words = ENGLISH


def timeline(rows: Sequence[Row], span: Span, most: int = 40, told: str = "") -> str:
    """A picture of the first ``most`` of ``rows``, as one ``<svg>`` that needs nothing else.

    ``told`` is what a reader hears who does not see it; left out, it is of alerts.
    """
    shown = rows[:most]
    heard = escape(told or _told(rows, span.said))
    height = _TOP + _ROW * max(len(shown), 1) + _AXIS + (_ROW if len(rows) > most else 0)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{span.width}" height="{height}" '
        f'viewBox="0 0 {span.width} {height}" role="img" aria-label="{heard}" '
        # Time goes from left to right in every language, as in all charts.
        'direction="ltr" fill="currentColor" font-family="system-ui,sans-serif" font-size="12">'
    )
    parts = (
        *_unknown(span, len(shown)),
        *_grid(span, len(shown)),
        *(part for place, row in enumerate(shown) for part in _row(row, place, span)),
        *_rest(len(rows) - len(shown), len(shown), span),
    )
    return head + "".join(parts) + "</svg>"


def _told(rows: Sequence[Row], said: Words) -> str:
    firing = sum(bar.kind == "firing" for row in rows for bar in row.bars)
    return said.alerts(len(rows), firing)


def _row(row: Row, place: int, span: Span) -> Iterator[str]:
    y = _TOP + place * _ROW
    longest = int((span.margin - 8) / _LETTER)
    label = row.label if len(row.label) <= longest else row.label[: longest - 1] + "…"
    yield (
        f'<text x="{span.margin - 8}" y="{y + _BAR + 1}" text-anchor="end">{escape(label)}'
        f"<title>{escape(row.label)}</title></text>"
    )
    for bar in row.bars:
        left, right = _x(bar.start_ms, span), _x(bar.end_ms, span)
        if bar.start_ms == bar.end_ms:
            left, right = left - _MARK / 2, left + _MARK / 2
        title = escape(bar_title(bar, span.zone, span.said))
        yield (
            f'<rect fill="{COLOURS[bar.kind]}" x="{left:.1f}" y="{y + 3}" height="{_BAR}" '
            f'width="{max(right - left, 2):.1f}"><title>{title}</title></rect>'
        )
        word = span.said.kind(bar.kind)
        if span.words and right - left > len(word) * _LETTER + 10:
            ink = "#fff" if bar.kind in _ON_DARK else "#111"
            yield (
                f'<text fill="{ink}" font-size="10" x="{(left + right) / 2:.1f}" y="{y + 12}" '
                f'text-anchor="middle" pointer-events="none">{escape(word)}</text>'
            )


def bar_title(bar: Bar, zone: tzinfo, words: Words) -> str:
    """What a bar says when pointed at: what it is, from when until when."""
    start, end = (datetime.fromtimestamp(at / 1000, zone) for at in (bar.start_ms, bar.end_ms))
    said = bar.said or words.kind(bar.kind)
    if bar.start_ms == bar.end_ms:
        return f"{said} {start:%Y-%m-%d %H:%M:%S %Z}"
    return f"{said} {start:%Y-%m-%d %H:%M:%S} – {end:%H:%M:%S %Z}"


def _grid(span: Span, rows: int) -> Iterator[str]:
    bottom = _TOP + _ROW * max(rows, 1)
    form = "%H:%M" if span.end_ms - span.start_ms <= _DAY_MS else "%m-%d %H:%M"
    for at_ms in ticks(span.start_ms, span.end_ms):
        x = _x(at_ms, span)
        yield f'<line {_FAINT} x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}"/>'
        yield (
            f'<text {_QUIET} x="{x:.1f}" y="{bottom + 15}" text-anchor="middle">'
            f"{_at(at_ms, span):{form}}</text>"
        )


def ticks(start_ms: int, end_ms: int) -> list[int]:
    """Round instants between two, at most seven."""
    length = end_ms - start_ms
    step = next((1000 * s for s in _STEPS_S if length <= 1000 * s * _MOST_TICKS), length or 1)
    return list(range(-(-start_ms // step) * step, end_ms + 1, step))


def _unknown(span: Span, rows: int) -> Iterator[str]:
    """The time before history."""
    if span.known_from_ms is None or span.known_from_ms <= span.start_ms:
        return
    right = _x(min(span.known_from_ms, span.end_ms), span)
    yield (
        f'<rect fill-opacity="0.08" x="{span.margin}" y="{_TOP}" width="{right - span.margin:.1f}" '
        f'height="{_ROW * max(rows, 1)}"><title>{escape(span.said.unknown)}</title></rect>'
    )


def _rest(more: int, shown: int, span: Span) -> Iterator[str]:
    if more > 0:
        x, y = span.margin - 8, _TOP + _ROW * shown + _AXIS + _BAR
        said = escape(span.said.more(more))
        yield f'<text {_QUIET} x="{x}" y="{y}" text-anchor="end">{said}</text>'


def _x(at_ms: int, span: Span) -> float:
    length = max(span.end_ms - span.start_ms, 1)
    inside = span.width - span.margin - 24
    share = (min(max(at_ms, span.start_ms), span.end_ms) - span.start_ms) / length
    return span.margin + share * inside


def _at(at_ms: int, span: Span) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, span.zone)
