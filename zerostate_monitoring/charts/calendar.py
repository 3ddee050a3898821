"""What comes, lasts and goes on some days as SVG: a lane for each, and a line for now. Pure.

Places across are shares of the width, heights are pixels: the picture is as wide as whatever holds
it, on a telephone too, and its letters stay as large as they are. A lane's name stands above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from html import escape
from itertools import groupby
from typing import Final

_LANE: Final = 40
_BAR_TOP: Final = 21
_BAR: Final = 12
_TOP: Final = 22
_FOOT: Final = 6
_LONGEST: Final = 52
_LONGEST_TITLE: Final = 300
"""Letters of a name above its lane, and of its title."""
_MOST_NAMED: Final = 7
"""Days whose names stand above the picture: as many as a telephone has room for."""
_MOST_LINES: Final = 45
_MOST_STRETCHES: Final = 1_500
"""So many are drawn: lanes after that are left out."""
_MOST_TITLES: Final = 400
"""Where there are more stretches than these, they have no titles: the table has their times."""
_LEAST: Final = 0.3
"""The width of a bar, in hundredths of the picture's, that can still be seen."""

_BLUE, _GREY, _RED = "#2f7ed8", "#8a94a0", "#c9302c"
_LOOKS: Final = {
    "now": f'fill="{_BLUE}" stroke="{_BLUE}"',
    "to come": f'fill="{_BLUE}" fill-opacity="0.12" stroke="{_BLUE}"',
    "over": f'fill="{_GREY}" stroke="{_GREY}"',
    "broken": f'fill="none" stroke="{_RED}" stroke-dasharray="3 2"',
}
"""How each kind of stretch looks: filled, hollow, grey, dashed."""
_FAINT: Final = 'stroke="currentColor" stroke-opacity="0.13"'
_QUIET: Final = 'fill-opacity="0.75"'


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one instant (ms) to another; ``kind`` is a key of how it looks, ``told`` its title."""

    start_ms: int
    end_ms: int
    kind: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One thing, and when it is."""

    label: str
    stretches: tuple[Stretch, ...]


def _date(at: datetime) -> str:
    return f"{at:%m-%d}"


@dataclass(frozen=True, slots=True)
class Days:
    """What is shown: instants (ms), whose days, how a day is named, and the word for now."""

    start_ms: int
    end_ms: int
    now_ms: int
    zone: tzinfo = UTC
    named: Callable[[datetime], str] = _date
    now: str = "now"


def calendar(lanes: Sequence[Lane], days: Days, told: str, most: int = 60) -> str:
    """A picture of the first lanes, as one ``<svg>`` that needs nothing else.

    ``told`` is what a reader hears who does not see it.
    """
    shown = _bounded(lanes[:most])
    is_told = sum(len(lane.stretches) for lane in shown) <= _MOST_TITLES
    bottom = _TOP + _LANE * max(len(shown), 1)
    parts = (
        *_grid(days, bottom),
        *(
            part
            for place, lane in enumerate(shown)
            for part in _lane(lane, place, days, is_told=is_told)
        ),
        *_now(days, bottom),
    )
    # Time goes from left to right in every language, as in all charts.
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="{bottom + _FOOT}" '
        f'role="img" aria-label="{escape(told)}" direction="ltr" fill="currentColor" '
        f'font-family="system-ui,sans-serif" font-size="12">{"".join(parts)}</svg>'
    )


def _bounded(lanes: Sequence[Lane]) -> Sequence[Lane]:
    """As many of the first lanes as a page can bear."""
    total = 0
    for place, lane in enumerate(lanes):
        total += len(lane.stretches)
        if total > _MOST_STRETCHES:
            return lanes[:place]
    return lanes


def midnights(days: Days) -> list[datetime]:
    """The beginnings of days, by the clock of their zone."""
    first = datetime.fromtimestamp(days.start_ms / 1000, days.zone)
    day = first.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    found = []
    while day.timestamp() * 1000 < days.end_ms:
        if day.timestamp() * 1000 >= days.start_ms:
            found.append(day)
        # Added to the clock on the wall, so a day of 23 or 25 hours is one day.
        day += timedelta(days=1)
    return found


def _grid(days: Days, bottom: int) -> Iterator[str]:
    found = midnights(days)
    step = max(-(-len(found) // _MOST_NAMED), 1)
    for place, day in enumerate(found):
        is_named = place % step == 0
        if not is_named and len(found) > _MOST_LINES:
            continue
        x = _x(round(day.timestamp() * 1000), days)
        top = 4 if is_named else _TOP - 4
        yield f'<line {_FAINT} x1="{x:.2f}%" x2="{x:.2f}%" y1="{top}" y2="{bottom}"/>'
        # A name that would run out of the picture is left out.
        if is_named and x < 89:
            # Where there is little room, the style sheet leaves every second name away.
            odd = ' class="zsm-odd"' if place // step % 2 else ""
            yield f'<text{odd} {_QUIET} x="{x:.2f}%" dx="3" y="13">{escape(days.named(day))}</text>'


def _lane(lane: Lane, place: int, days: Days, *, is_told: bool) -> Iterator[str]:
    y = _TOP + place * _LANE
    is_long = len(lane.label) > _LONGEST
    label = lane.label[: _LONGEST - 1] + "…" if is_long else lane.label
    # A name in another direction than the text around it stays on its own side.
    yield (
        f'<text x="2" y="{y + 15}" unicode-bidi="isolate">{escape(label)}'
        f"<title>{escape(lane.label[:_LONGEST_TITLE])}</title></text>"
    )
    shown = (s for s in lane.stretches if s.end_ms > days.start_ms and s.start_ms < days.end_ms)
    # A look is said once for all that follow each other: a window of each day has very many.
    for kind, alike in groupby(shown, lambda one: one.kind):
        drawn = "".join(_stretch(one, y, days, is_told=is_told) for one in alike)
        yield f"<g {_LOOKS[kind]}>{drawn}</g>"


def _stretch(one: Stretch, y: int, days: Days, *, is_told: bool) -> str:
    left, right = _x(one.start_ms, days), _x(one.end_ms, days)
    left = min(left, 100 - _LEAST)
    title = f"<title>{escape(one.told)}</title>" if one.told and is_told else ""
    place = f'x="{left:.2f}%" y="{y + _BAR_TOP}" height="{_BAR}"'
    bar = f'<rect {place} width="{max(right - left, _LEAST):.2f}%"'
    return f"{bar}>{title}</rect>" if title else f"{bar}/>"


def _now(days: Days, bottom: int) -> Iterator[str]:
    if not days.start_ms <= days.now_ms <= days.end_ms:
        return
    x = _x(days.now_ms, days)
    yield (
        f'<line stroke="{_RED}" stroke-width="1.5" x1="{x:.2f}%" x2="{x:.2f}%" '
        f'y1="{_TOP - 6}" y2="{bottom}"><title>{escape(days.now)}</title></line>'
    )


def _x(at_ms: int, days: Days) -> float:
    length = max(days.end_ms - days.start_ms, 1)
    return (min(max(at_ms, days.start_ms), days.end_ms) - days.start_ms) / length * 100
