"""Durations of rules: ``1h30m`` and back.

Source of the rules: ``ParseDuration`` in ``model/time.go`` of prometheus/common 0.70.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from zerostate_monitoring.exceptions import DurationError
from zerostate_monitoring.promql import durations as promql

_UNITS_MS: Final = {
    "y": 365 * 86_400_000,
    "w": 7 * 86_400_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1_000,
    "ms": 1,
}
_ORDER: Final = list(_UNITS_MS)
_PART: Final = re.compile(r"([0-9]+)([^0-9]*)")
_MAX_MS: Final = ((1 << 63) - 1) // 1_000_000
_MILLISECOND: Final = timedelta(milliseconds=1)
_UNITS: Final = "y w d h m s ms"


def parse_duration(text: str) -> timedelta:
    """The duration that ``text`` names: ``1h30m``, ``500ms``, ``0``.

    Units go from large to small, each at most once; 1d is 24 hours, 1y is 365 days.

    Raises:
        DurationError: it names none; the message says why.
    """
    if text == "0":
        return timedelta(0)
    if not text:
        raise DurationError("The duration is empty; write one such as 5m.")
    if text[0] in "+-":
        raise DurationError(f"“{_short(text)}” has a sign; a duration of a rule has none.")
    return timedelta(milliseconds=_milliseconds(text))


def _milliseconds(text: str) -> int:
    at, last, total = 0, -1, 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            raise DurationError(
                f"“{_short(text)}” is no duration: a number is missing before "
                f"“{_short(text[at:])}”. Write it as 1h30m."
            )
        count, unit = part.groups()
        place = _place(unit, text)
        if place <= last:
            raise DurationError(
                f"“{_short(text)}”: units go from large to small, each once: {_UNITS}."
            )
        # Twenty digits of the smallest unit are too long already.
        total += int(count[:20]) * _UNITS_MS[unit]
        if total > _MAX_MS:
            raise DurationError(f"“{_short(text)}” is too long; the longest is 292 years.")
        last, at = place, part.end()
    return total


def _place(unit: str, text: str) -> int:
    if not unit:
        raise DurationError(f"“{_short(text)}” has no unit behind its number; one of {_UNITS}.")
    if unit.startswith("."):
        raise DurationError(f"“{_short(text)}”: durations have whole numbers alone; 1.5h is 1h30m.")
    if unit not in _UNITS_MS:
        raise DurationError(f"“{_short(text)}”: “{_short(unit)}” is no unit; one of {_UNITS}.")
    return _ORDER.index(unit)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def format_duration(duration: timedelta) -> str:
    """``duration`` as Prometheus writes it: ``90m`` is ``1h30m``, none is ``0s``.

    Raises:
        DurationError: it is negative, longer than 292 years, or has parts of a millisecond.
    """
    ms, rest = divmod(duration, _MILLISECOND)
    if rest:
        raise DurationError(f"{duration} has parts of a millisecond; durations of rules have none.")
    if ms < 0:
        raise DurationError(f"{duration} is negative; durations of rules are not.")
    if ms > _MAX_MS:
        raise DurationError(f"{duration} is too long; the longest is 292 years.")
    return promql.format_duration(ms)
