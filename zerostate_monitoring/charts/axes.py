"""Where the lines of a grid lie and what stands at them: round values, round times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from zerostate_monitoring.charts.scale import extent, widened
from zerostate_monitoring.charts.units import Scales, scale_for
from zerostate_monitoring.charts.words import ENGLISH, Words

_ROOM: Final = 0.06
_FACTORS: Final = (0.2, 0.5, 1, 2, 5, 10)
_MOST_LEVELS: Final = 6
_MOST_TIMES: Final = 10
_DAY_S: Final = 86_400
_TIMES_S: Final = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200,
    _DAY_S, 2 * _DAY_S, 7 * _DAY_S, 30 * _DAY_S,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis, and its text; ``day`` where another day (or, of days, year) begins."""

    at: float
    text: str
    day: str = ""


def room(values: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest of an axis for finite ``values``: with some room, and zero if near."""
    low, high = extent(values)
    # Halves, so that the difference of two large numbers stays a number.
    more = (high / 2 - low / 2) * 2 * _ROOM
    is_near = 0 <= low <= high / 2
    widest = widened(low, high, more if math.isfinite(more) else 0.0)
    return (0.0 if is_near else widest[0]), widest[1]


def levels(low: float, high: float, scales: Scales, words: Words = ENGLISH) -> list[Tick]:
    """Round values between two, at most seven, all written in one size of their unit."""
    size, word = scale_for(max(abs(low), abs(high)), scales)
    low, high = low / size, high / size
    step = _step(low, high)
    if not step:
        return []
    places = min(max(-math.floor(math.log10(step) + 1e-9), 0), 12)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [
        Tick(one * step * size, _level(one * step, places, words) + words.unit(word))
        for one in range(first, last + 1)
    ]


def _level(value: float, places: int, words: Words) -> str:
    return words.number(f"{value:.{places}f}").replace("-", "−")


def _step(low: float, high: float) -> float:
    span = high / 2 - low / 2
    if not (math.isfinite(span) and span > 0):
        return 0.0
    least = 10.0 ** math.floor(math.log10(span))
    return next((least * f for f in _FACTORS if span / (least * f) < _MOST_LEVELS / 2), 0.0)


def times(start_ms: int, end_ms: int, zone: tzinfo) -> list[Tick]:
    """Round instants of a zone between two, at most eleven; the first of each day names it."""
    span = max(end_ms - start_ms, 1)
    step = next((1000 * s for s in _TIMES_S if span <= 1000 * s * _MOST_TIMES), span)
    offset = _at(start_ms, zone).utcoffset()
    shift = 0 if offset is None else round(offset.total_seconds() * 1000)
    first = -(-(start_ms + shift) // step) * step - shift
    found: list[Tick] = []
    before = ""
    for at_ms in range(first, end_ms + 1, step):
        at = _at(at_ms, zone)
        day = f"{at:%Y}" if step >= 1000 * _DAY_S else f"{at:%Y-%m-%d}"
        found.append(Tick(at_ms, _clock(at, step), day if day != before else ""))
        before = day
    return found


def _clock(at: datetime, step_ms: int) -> str:
    if step_ms >= 1000 * _DAY_S:
        return f"{at:%m-%d}"
    return f"{at:%H:%M}" if step_ms >= 60_000 else f"{at:%H:%M:%S}"


def _at(at_ms: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, zone)
