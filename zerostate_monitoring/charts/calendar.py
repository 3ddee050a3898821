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

from zerostate_monitoring.charts.axes import times

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
_LAST_NAME: Final = 89
_MOST_LINES: Final = 45
_MOST_STRETCHES: Final = 1_500
"""So many are drawn: lanes after that are left out."""
_MOST_TITLES: Final = 400
"""Where there are more stretches than these, they have no titles: the table has their times."""
_LEAST_DOTS: Final = 8
"""A bar is as wide as this at least: what lasts an hour in three weeks is seen, and hit."""
_SHORT: Final = ((0.7, ""), (1.4, "zsm-short"), (2.7, "zsm-shorter"))
"""Below such a share of the width, in hundredths, a bar can be narrower than that: the least on
every page, the others where there is little room, of which the style sheet knows."""
_FEW_DAYS: Final = 2
"""So few days are named by their hours."""
_DAY_MS: Final = 86_400_000

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
    with_month: Callable[[datetime], str] | None = None
    """How the first day is named, and the first of another month; left out, as the others."""


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
    for mark in _marks(days):
        x = f"{_x(mark.at_ms, days):.2f}%"
        top = 4 if mark.text else _TOP - 4
        yield f'<line {_FAINT} x1="{x}" x2="{x}" y1="{top}" y2="{_TOP}"/>'
        # Where names stand the line is broken: it begins with a gap, and has one in each lane.
        gaps = f'stroke-dasharray="0 {_BAR_TOP - 2} {_LANE - _BAR_TOP + 2} 0"'
        yield f'<line {_FAINT} {gaps} x1="{x}" x2="{x}" y1="{_TOP}" y2="{bottom}"/>'
        # A name that would run out of the picture is left out.
        if mark.text and _x(mark.at_ms, days) < _LAST_NAME:
            # Where there is little room, the style sheet leaves every second name away.
            odd = ' class="zsm-odd"' if mark.is_odd else ""
            yield f'<text{odd} {_QUIET} x="{x}" dx="3" y="13">{escape(mark.text)}</text>'


@dataclass(frozen=True, slots=True)
class _Mark:
    """A line down, and what stands beside it."""

    at_ms: int
    text: str = ""
    is_odd: bool = False


def _marks(days: Days) -> Iterator[_Mark]:
    if days.end_ms - days.start_ms <= _FEW_DAYS * _DAY_MS:
        for place, tick in enumerate(times(days.start_ms, days.end_ms, days.zone)):
            at = datetime.fromtimestamp(tick.at / 1000, days.zone)
            text = _named(days, at, None) if tick.day and place else tick.text
            yield _Mark(round(tick.at), text, is_odd=place % 2 == 1)
        return
    found = midnights(days)
    step = max(-(-len(found) // _MOST_NAMED), 1)
    before: dict[bool, datetime] = {}
    for place, day in enumerate(found):
        at_ms = round(day.timestamp() * 1000)
        if place % step == 0:
            is_odd = place // step % 2 == 1
            # One of an even place may stand beside another even one.
            yield _Mark(at_ms, _named(days, day, before.get(is_odd)), is_odd=is_odd)
            before = {False: before.get(False, day) if is_odd else day, True: day}
        elif len(found) <= _MOST_LINES:
            yield _Mark(at_ms)


def _named(days: Days, day: datetime, before: datetime | None) -> str:
    """The month is named once, where it begins."""
    if days.with_month is None or (before is not None and before.month == day.month):
        return days.named(day)
    return days.with_month(day)


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
    title = f"<title>{escape(one.told)}</title>" if one.told and is_told else ""
    place = f'y="{y + _BAR_TOP}" height="{_BAR}"'
    bar = f"<rect {_across(left, right)} {place}"
    return f"{bar}>{title}</rect>" if title else f"{bar}/>"


def _across(left: float, right: float) -> str:
    """Where a bar lies; one that could be too narrow to be seen is as wide as it must be."""
    width = right - left
    for most, name in _SHORT:
        if width < most:
            size = f'class="{name}" width="{width:.2f}%"' if name else f'width="{_LEAST_DOTS}"'
            if right <= 100 - _SHORT[-1][0]:
                return f'x="{left:.2f}%" {size}'
            # At the very end it ends there.
            return f'x="{right:.2f}%" transform="translate(-{_LEAST_DOTS})" width="{_LEAST_DOTS}"'
    return f'x="{left:.2f}%" width="{width:.2f}%"'


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
