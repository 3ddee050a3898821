"""Times, durations and counts as Prometheus reads them from parameters.

Times and durations are exact integers: milliseconds since 1970, and nanoseconds.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from zerostate_monitoring.promql.querier import EARLIEST_MS, LATEST_MS

NANOSECONDS: Final = 1_000_000_000
_MS_IN_NS: Final = 1_000_000
_MAX_NS: Final = 2**63 - 1
_MAX_TEXT: Final = 100
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?\Z", re.ASCII)
_RFC3339: Final = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))\Z", re.ASCII
)
_DURATION: Final = re.compile(
    r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?\Z", re.ASCII
)
_UNITS_MS: Final = (31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1000, 1)
_INTEGER: Final = re.compile(r"[+-]?\d+\Z", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# The ends of time as clients of Prometheus write them.
_ENDS: Final = {
    "-292273086-05-16T16:47:06Z": EARLIEST_MS,
    "+292277025-08-18T07:12:54.999999999Z": LATEST_MS,
    "292277025-08-18T07:12:54.999999999Z": LATEST_MS,
}


def time_ms(text: str) -> int:
    """Read seconds since 1970, or RFC 3339, as milliseconds since 1970.

    Raises:
        ValueError: it is neither, or too far away.
    """
    at = _ENDS.get(text)
    if at is None:
        at = _seconds_ms(text)
    if at is None:
        at = _rfc3339_ms(text)
    if at is None or not EARLIEST_MS <= at <= LATEST_MS:
        raise ValueError(f"cannot parse {quoted(text)} to a valid timestamp")
    return at


def duration_ns(text: str) -> int:
    """Read seconds, or a duration such as ``1h30m``, as nanoseconds.

    Raises:
        ValueError: it is neither, or longer than 292 years.
    """
    if _is_number(text):
        nanoseconds = int(Decimal(text) * NANOSECONDS)
        if not -_MAX_NS <= nanoseconds <= _MAX_NS:
            raise ValueError(f"cannot parse {quoted(text)} to a valid duration. It overflows int64")
        return nanoseconds
    milliseconds = _units_ms(text)
    if milliseconds is None or milliseconds * _MS_IN_NS > _MAX_NS:
        raise ValueError(f"cannot parse {quoted(text)} to a valid duration")
    return milliseconds * _MS_IN_NS


def duration_ms(text: str) -> int:
    """Read a duration as milliseconds, at least 1 where it is above 0; see ``duration_ns``."""
    nanoseconds = duration_ns(text)
    return nanoseconds // _MS_IN_NS or int(nanoseconds > 0)


def count(text: str) -> int:
    """Read a number of items; no text is 0, which is no limit.

    Raises:
        ValueError: it is no whole number, or below 0.
    """
    number = integer(text) if text else 0
    if number < 0:
        raise ValueError("limit must be non-negative")
    return number


def integer(text: str) -> int:
    """Read a whole number.

    Raises:
        ValueError: it is none, or has more than 64 bits.
    """
    if not _INTEGER.match(text):
        raise ValueError(f"{quoted(text)} is not a whole number")
    if len(text) > _MAX_TEXT or abs(number := int(text)) > _MAX_NS:
        raise ValueError(f"{quoted(text)} is out of range")
    return number


def quoted(text: str) -> str:
    """``text`` in quotation marks, shortened where it is long."""
    shown = text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _is_number(text: str) -> bool:
    return len(text) <= _MAX_TEXT and bool(_NUMBER.match(text))


def _seconds_ms(text: str) -> int | None:
    """Seconds as a double has them, rounded and cut in the order that Prometheus does it."""
    if not _is_number(text):
        return None
    fraction, seconds = math.modf(float(text))
    if not abs(seconds) < LATEST_MS:
        return None
    rounded = math.copysign(math.floor(abs(fraction) * 1000 + 0.5), fraction) / 1000
    return int(seconds) * 1000 + int(rounded * NANOSECONDS) // _MS_IN_NS


def _rfc3339_ms(text: str) -> int | None:
    found = _RFC3339.match(text) if len(text) <= _MAX_TEXT else None
    if not found:
        return None
    date, fraction, sign, hours, minutes = found.groups()
    try:
        away = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        zone = timezone(-away if sign == "-" else away)
        at = datetime.fromisoformat(date).replace(tzinfo=zone)
    except ValueError:
        return None
    parts = Decimal(f"0.{fraction or 0}") * 1000
    whole = (at - _EPOCH) // timedelta(milliseconds=1)
    return whole + int(parts.quantize(Decimal(1), ROUND_FLOOR))


def _units_ms(text: str) -> int | None:
    if text == "0":
        return 0
    found = _DURATION.match(text) if 0 < len(text) <= _MAX_TEXT else None
    if not found:
        return None
    parts = zip(found.groups(), _UNITS_MS, strict=True)
    return sum(int(number) * unit for number, unit in parts if number)
