"""Times and lengths of time: how they are written, and their methods in templates.

Source of the rules: ``time/format.go`` and ``time/time.go`` of Go 1.26. Times are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from zerostate_monitoring.rules.templates.values import (
    Callee,
    Length,
    Moment,
    Named,
    Refusal,
    Value,
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = 1_000_000_000
_MAX_NS: Final = (1 << 63) - 1
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def spelled(value: Moment | Length) -> str:
    """The text of a time or a length of time, as Go prints it."""
    if isinstance(value, Length):
        return _spelled_length(value.ns)
    return formatted(value, "2006-01-02 15:04:05.999999999 -0700 MST")


def _date(moment: Moment) -> datetime:
    return _EPOCH + timedelta(seconds=moment.ns // _SECOND)


# -- layouts -------------------------------------------------------------------

_PARTS: Final[Mapping[str, Callable[[datetime], str]]] = {
    "January": lambda at: _MONTHS[at.month - 1],
    "Jan": lambda at: _MONTHS[at.month - 1][:3],
    "Monday": lambda at: _DAYS[at.isoweekday() % 7],
    "Mon": lambda at: _DAYS[at.isoweekday() % 7][:3],
    "MST": lambda _: "UTC",
    "01": lambda at: f"{at.month:02d}",
    "1": lambda at: f"{at.month}",
    "02": lambda at: f"{at.day:02d}",
    "_2": lambda at: f"{at.day:2d}",
    "2": lambda at: f"{at.day}",
    "002": lambda at: f"{at.timetuple().tm_yday:03d}",
    "__2": lambda at: f"{at.timetuple().tm_yday:3d}",
    "15": lambda at: f"{at.hour:02d}",
    "03": lambda at: f"{at.hour % 12 or 12:02d}",
    "3": lambda at: f"{at.hour % 12 or 12}",
    "04": lambda at: f"{at.minute:02d}",
    "4": lambda at: f"{at.minute}",
    "05": lambda at: f"{at.second:02d}",
    "5": lambda at: f"{at.second}",
    "06": lambda at: f"{at.year % 100:02d}",
    "2006": lambda at: f"{at.year:04d}",
    "_2006": lambda at: f"_{at.year:04d}",
    "PM": lambda at: "PM" if at.hour >= 12 else "AM",
    "pm": lambda at: "pm" if at.hour >= 12 else "am",
    "-0700": lambda _: "+0000",
    "-07:00": lambda _: "+00:00",
    "-07": lambda _: "+00",
    "-070000": lambda _: "+000000",
    "-07:00:00": lambda _: "+00:00:00",
}
_TOKEN: Final = re.compile(
    "|".join(
        [
            *(r"Jan(?:uary)?+(?![a-z])|Mon(?:day)?+(?![a-z])|January|Monday",),
            *("MST|2006|_2006|__2|_2|002|0[1-6]|15|[1-5]|PM|pm",),
            *("-07:00:00|-070000|-07:00|-0700|-07|Z07:00:00|Z070000|Z07:00|Z0700|Z07",),
            r"(?P<fraction>[.,](?:0+|9+)(?![0-9]))",
        ]
    )
)


def formatted(moment: Moment, layout: str) -> str:
    """The time by a layout of Go's, which shows how 2 January 2006, 15:04:05 would be written."""
    at = _date(moment)

    def part(match: re.Match[str]) -> str:
        token = match[0]
        if match["fraction"]:
            return _fraction(moment.ns % _SECOND, token)
        return "Z" if token[0] == "Z" else _PARTS[token](at)

    return _TOKEN.sub(part, layout)


def _fraction(ns: int, token: str) -> str:
    digits = f"{ns:09d}"[: len(token) - 1].ljust(len(token) - 1, "0")
    if token[1] == "9":
        digits = digits.rstrip("0")
        return f"{token[0]}{digits}" if digits else ""
    return token[0] + digits


# -- lengths -------------------------------------------------------------------


def _spelled_length(ns: int) -> str:
    sign, left = ("-" if ns < 0 else ""), abs(ns)
    if left == 0:
        return "0s"
    for unit, size in (("ns", 1), ("µs", 1_000), ("ms", 1_000_000)):
        if left < min(size * 1_000, _SECOND):
            return f"{sign}{_decimal(left, size)}{unit}"
    seconds, rest = divmod(left, _SECOND)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{_decimal(seconds * _SECOND + rest, _SECOND)}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return f"{sign}{hours}h{text}" if hours else f"{sign}{text}"


def _decimal(value: int, size: int) -> str:
    whole, rest = divmod(value, size)
    if not rest:
        return str(whole)
    return f"{whole}.{str(rest).rjust(len(str(size)) - 1, '0').rstrip('0')}"


# -- methods -------------------------------------------------------------------


def _moment(ns: int) -> Moment:
    if not -_MAX_NS - 1 <= ns <= _MAX_NS:
        raise Refusal("this time is out of reach: years 1678 to 2261 are not")
    return Moment(ns)


def _added(moment: Moment, years: int, months: int, days: int) -> Moment:
    at = _date(moment)
    months_in_all = at.year * 12 + at.month - 1 + months + years * 12
    year, month = divmod(months_in_all, 12)
    try:
        first = at.replace(year=year, month=month + 1, day=1)
        changed = first + timedelta(days=at.day - 1 + days)
    except (ValueError, OverflowError):
        raise Refusal("this time is out of reach: years 1678 to 2261 are not") from None
    seconds = (changed - _EPOCH) // timedelta(seconds=1)
    return _moment(seconds * _SECOND + moment.ns % _SECOND)


def _method(call: Callable[..., Value], *parameters: str) -> Callee:
    return Callee(call, parameters)


_OF_MOMENTS: Final = {
    "Add": _method(lambda at, length: _moment(at.ns + length.ns), "length"),
    "AddDate": _method(_added, "int", "int", "int"),
    "After": _method(lambda at, other: at > other, "moment"),
    "Before": _method(lambda at, other: at < other, "moment"),
    "Day": _method(lambda at: _date(at).day),
    "Equal": _method(lambda at, other: at == other, "moment"),
    "Format": _method(formatted, "string"),
    "Hour": _method(lambda at: _date(at).hour),
    "IsZero": _method(lambda _: False),
    "Minute": _method(lambda at: _date(at).minute),
    "Month": _method(lambda at: Named(_date(at).month, _MONTHS[_date(at).month - 1], "time.Month")),
    "Nanosecond": _method(lambda at: at.ns % _SECOND),
    "Second": _method(lambda at: _date(at).second),
    "String": _method(spelled),
    "Sub": _method(lambda at, other: Length(at.ns - other.ns), "moment"),
    "UTC": _method(lambda at: at),
    "Unix": _method(lambda at: at.ns // _SECOND),
    "UnixMicro": _method(lambda at: at.ns // 1_000),
    "UnixMilli": _method(lambda at: at.ns // 1_000_000),
    "UnixNano": _method(lambda at: at.ns),
    "Weekday": _method(
        lambda at: Named(
            _date(at).isoweekday() % 7, _DAYS[_date(at).isoweekday() % 7], "time.Weekday"
        )
    ),
    "Year": _method(lambda at: _date(at).year),
    "YearDay": _method(lambda at: _date(at).timetuple().tm_yday),
}
_OF_LENGTHS: Final = {
    "Abs": _method(lambda length: Length(abs(length.ns))),
    "Hours": _method(lambda length: length.ns / (3600 * _SECOND)),
    "Microseconds": _method(lambda length: int(length.ns / 1_000)),
    "Milliseconds": _method(lambda length: int(length.ns / 1_000_000)),
    "Minutes": _method(lambda length: length.ns / (60 * _SECOND)),
    "Nanoseconds": _method(lambda length: length.ns),
    "Seconds": _method(lambda length: length.ns / _SECOND),
    "String": _method(spelled),
}


def method(value: Value, name: str) -> Callee | None:
    """The method of a value, which takes the value first; ``None`` where there is none."""
    if isinstance(value, Moment):
        return _OF_MOMENTS.get(name)
    if isinstance(value, Length):
        return _OF_LENGTHS.get(name)
    if isinstance(value, Named) and name == "String":
        return _method(lambda named: named.name)
    return None
