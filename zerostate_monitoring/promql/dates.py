"""Parts of dates from seconds since 1970.

The arithmetic is Go's on 64 bits: what is no time at all (NaN, Inf, 1e300) becomes the smallest
integer there, and wraps around to some date, which Prometheus then tells. Source: Go's
``time`` package; the calendar's algorithm is by Neri and Schneider.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from zerostate_monitoring.promql.data import Floats

Numbers = npt.NDArray[np.uint64]
Values = Callable[[Floats], Floats]

_DAY: Final = 86_400
_YEARS: Final = 292_277_022_400
"""Time is counted from 1 March of this year before year 0, a Wednesday."""
_ZERO_TO_UNIX: Final = (_YEARS // 400 * 146_097 + 306 + 719_162) * _DAY
_NOTHING: Final = -(2**63)
_MONTHS: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.uint64)


def _moments(values: Floats) -> Numbers:
    """Seconds since the beginning of time."""
    known = (values >= -(2.0**63)) & (values < 2.0**63)
    seconds = np.where(known, np.trunc(np.where(known, values, 0.0)), 0.0).astype(np.int64)
    return np.where(known, seconds, _NOTHING).astype(np.uint64) + np.uint64(_ZERO_TO_UNIX)


@dataclass(frozen=True)
class _Calendar:
    """Dates as years, months and days; ``day_of_era`` counts from 1 March."""

    year: npt.NDArray[np.int64]
    month: Numbers
    day: Numbers
    day_of_year: Numbers
    is_leap: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, days: Numbers) -> _Calendar:
        """The dates of ``days`` since the beginning of time."""
        quarters = 4 * days + 3
        century, rest = quarters // 146_097, quarters % 146_097 | 3
        since_march = rest % 1461 // 4
        fifths = 5 * since_march + 461
        month = fifths // 153
        is_next = month >= 13
        year = (100 * century + rest // 1461).astype(np.int64) - _YEARS + is_next
        is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
        before_march = np.where(is_leap, np.uint64(61), np.uint64(60))
        return cls(
            year,
            np.where(is_next, month - 12, month),
            np.asarray(fifths % 153 // 5 + 1, np.uint64),
            np.where(is_next, since_march - 305, since_march + before_march),
            is_leap,
        )


def _of_date(part: Callable[[_Calendar], npt.NDArray[np.generic]]) -> Values:
    def function(values: Floats) -> Floats:
        return part(_Calendar.of(_moments(values) // _DAY)).astype(np.float64)

    return function


def _of_moment(part: Callable[[Numbers], Numbers]) -> Values:
    def function(values: Floats) -> Floats:
        return part(_moments(values)).astype(np.float64)

    return function


def _days_in_month(date: _Calendar) -> Numbers:
    days = _MONTHS[date.month]
    return np.asarray(days + ((date.month == 2) & date.is_leap).astype(np.uint64))


DATES: Final[Mapping[str, Values]] = {
    "days_in_month": _of_date(_days_in_month),
    "day_of_month": _of_date(lambda date: date.day),
    # Sunday is 0.
    "day_of_week": _of_moment(lambda moment: (moment // _DAY + 3) % 7),
    "day_of_year": _of_date(lambda date: date.day_of_year),
    "hour": _of_moment(lambda moment: moment % _DAY // 3600),
    "minute": _of_moment(lambda moment: moment % 3600 // 60),
    "month": _of_date(lambda date: date.month),
    "year": _of_date(lambda date: date.year),
}
