"""Numbers for people.

Source of the rules: ``template/template.go`` of Prometheus 3.14 and ``helpers/templates`` of
prometheus/common 0.70.
"""

from __future__ import annotations

import math
import re
from itertools import takewhile
from typing import Final

from zerostate_monitoring.exceptions import DurationError
from zerostate_monitoring.rules.durations import parse_duration
from zerostate_monitoring.rules.templates import dates
from zerostate_monitoring.rules.templates.values import Length, Moment, Refusal, Value, type_name
from zerostate_monitoring.rules.templates.verbs import Spec, by_verb

_LARGE: Final = ("k", "M", "G", "T", "P", "E", "Z", "Y")
_SMALL: Final = ("m", "u", "n", "p", "f", "a", "z", "y")
_FOUR: Final = Spec(precision=4)
_MAX_NS: Final = (1 << 63) - 1
_NUMBER: Final = re.compile(
    r"[+-]?(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)"
    r"(?:[eE][+-]?[0-9](?:_?[0-9])*)?|(?i:[+-]?inf(?:inity)?|nan)"
)
_HEXADECIMAL: Final = re.compile(
    r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+"
)


def as_float(value: Value) -> float:
    """The number that a value is or spells.

    Raises:
        Refusal: it is none.
    """
    if isinstance(value, str) and type_name(value) == "string":
        return _spelled_float(value)
    if type_name(value) in {"float64", "int"}:
        return float(value)
    raise Refusal(f"a {type_name(value)} is no number")


def _spelled_float(text: str) -> float:
    if _NUMBER.fullmatch(text):
        number = float(text)
        if math.isfinite(number) or text[-1].isalpha():
            return number
    elif _HEXADECIMAL.fullmatch(text):
        try:
            return float.fromhex(text)
        except OverflowError:
            pass
    raise Refusal(f"“{text[:40]}” is no number")


def _four(number: float) -> str:
    return by_verb(number, "g", _FOUR)


def humanize(value: Value) -> str:
    """Four digits with a prefix of thousands: ``1.234k``, ``12m``."""
    number = as_float(value)
    if number == 0 or not math.isfinite(number):
        return _four(number)
    if abs(number) < 1:
        return _four_with_small_prefix(number)
    prefix = ""
    for prefix_tried in _LARGE:
        if abs(number) < 1000:
            break
        prefix, number = prefix_tried, number / 1000
    return _four(number) + prefix


def _four_with_small_prefix(number: float) -> str:
    prefix = ""
    for prefix_tried in _SMALL:
        if abs(number) >= 1:
            break
        prefix, number = prefix_tried, number * 1000
    return _four(number) + prefix


def humanize1024(value: Value) -> str:
    """Four digits with a prefix of 1024s: ``1.206ki``."""
    number = as_float(value)
    if abs(number) <= 1 or not math.isfinite(number):
        return _four(number)
    prefix = ""
    for prefix_tried in _LARGE:
        if abs(number) < 1024:
            break
        prefix, number = f"{prefix_tried}i", number / 1024
    return _four(number) + prefix


def humanize_percentage(value: Value) -> str:
    """A ratio in percent."""
    return f"{_four(as_float(value) * 100)}%"


def humanize_duration(value: Value) -> str:
    """Seconds as ``1d 3h 46m 40s``, or with a small prefix below one.

    From 2⁶³ seconds on, where Prometheus writes nonsense, the number with its unit.
    """
    number = as_float(value)
    if not math.isfinite(number):
        return _four(number)
    if number == 0:
        return f"{_four(number)}s"
    if abs(number) < 1:
        return f"{_four_with_small_prefix(number)}s"
    sign = "-" if number < 0 else ""
    whole = int(abs(number))
    if whole > _MAX_NS:
        return f"{_four(number)}s"
    return sign + _days(whole, abs(number))


def _days(whole: int, number: float) -> str:
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"))
    skipped = len(list(takewhile(lambda part: part[0] == 0, parts)))
    if skipped == len(parts):
        return f"{_four(number)}s"
    return " ".join(f"{count}{unit}" for count, unit in (*parts[skipped:], (seconds, "s")))


def to_time(value: Value) -> Moment:
    """The time that is so many seconds after 1970; milliseconds count.

    Raises:
        Refusal: it is none, or beyond what nanoseconds in 64 bits reach.
    """
    number = as_float(value)
    if not math.isfinite(number):
        raise Refusal(f"{_four(number)} is no time")
    ns = number * 1e9
    if not abs(ns) < 1 << 63:
        raise Refusal(f"{_four(number)} seconds are out of reach: years 1678 to 2261 are not")
    return Moment(math.trunc(int(ns) / 1_000_000) * 1_000_000)


def to_duration(value: Value) -> Length:
    """The length of so many seconds.

    Raises:
        Refusal: it is none, or beyond 292 years.
    """
    number = as_float(value)
    if not abs(number) * 1e9 < 1 << 63:
        raise Refusal(f"{_four(number)} seconds are no length of time below 292 years")
    return Length(int(number * 1e9))


def humanize_timestamp(value: Value) -> str:
    """Seconds since 1970 as a time, to the millisecond."""
    number = as_float(value)
    return dates.spelled(to_time(number)) if math.isfinite(number) else _four(number)


def parsed_duration(text: str) -> float:
    """Seconds of ``1h30m``; a minus may stand before it.

    Raises:
        Refusal: it is no duration.
    """
    try:
        seconds = parse_duration(text.removeprefix("-")).total_seconds()
    except DurationError as error:
        raise Refusal(str(error)) from error
    return -seconds if text.startswith("-") else seconds
