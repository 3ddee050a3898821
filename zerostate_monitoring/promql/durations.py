"""Durations of PromQL: ``1h30m``, or seconds as a number."""

from __future__ import annotations

import re
from typing import Final

from zerostate_monitoring.promql.numerals import round_half_away

# From large to small; each may stand once.
_UNITS_MS: Final = {
    "y": 365 * 86_400_000,
    "w": 7 * 86_400_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1_000,
    "ms": 1,
}
# Years and weeks are written only where nothing is left over: 90d says more than 12w6d.
_WHOLE_ONLY: Final = ("y", "w")
# Twenty digits of the smallest unit are beyond the longest duration already.
_DURATION: Final = re.compile("".join(rf"(?:([0-9]{{1,20}}){unit})?" for unit in _UNITS_MS))
_MAX_NS: Final = (1 << 63) - 1
_NS_PER_MS: Final = 1_000_000
MAX_SECONDS: Final = (1 << 63) / 1e9
"""What the longest duration has: 292 years."""


def parse_duration(text: str) -> float | None:
    """Seconds of a duration with units; ``None`` where it is none, or beyond 292 years."""
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        return None
    parts = zip(match.groups(default="0"), _UNITS_MS.values(), strict=True)
    ms = sum(int(count) * unit for count, unit in parts)
    if ms * _NS_PER_MS > _MAX_NS:
        return None
    return ms // 1000 + ms % 1000 / 1000


def milliseconds(seconds: float) -> int | None:
    """Whole milliseconds of ``seconds``; ``None`` where they are no time, or too long a one.

    As Prometheus does: nanoseconds are rounded, what they have below a millisecond is lost.
    """
    if not abs(seconds) <= MAX_SECONDS:
        return None
    ns = round_half_away(seconds * 1e9)
    ms = abs(ns) // _NS_PER_MS
    return ms if ns >= 0 else -ms


def format_duration(ms: int) -> str:
    """Milliseconds with units, the way Prometheus writes them: ``90m`` is ``1h30m``."""
    if ms == 0:
        return "0s"
    left, out = abs(ms), "-" if ms < 0 else ""
    for unit, size in _UNITS_MS.items():
        if left < size or (unit in _WHOLE_ONLY and left % size):
            continue
        count, left = divmod(left, size)
        out += f"{count}{unit}"
    return out
