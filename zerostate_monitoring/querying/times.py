"""Times as people say them: ``now``, ``-5m``, ``now-1h``, RFC 3339, seconds since 1970."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.promql.parameters import duration_ns, quoted, time_ms

HOUR_MS: Final = 3_600_000
_INTERVAL_MS: Final = 15_000
_NOW: Final = "now"


def instant_ms(text: str, now_ms: int) -> int:
    """Read an instant. What begins with a sign and is no plain number is told from now.

    Raises:
        ValueError: it cannot be read; the message says how one is written.
    """
    said = text.strip()
    rest = said.removeprefix(_NOW)
    if not rest:
        return now_ms if said else _refused(text)
    if rest == said and not (said[0] in "+-" and said[-1].isalpha()):
        return _absolute(said)
    sign = {"+": 1, "-": -1}.get(rest[0], 0)
    try:
        return now_ms + sign * (duration_ns(rest[1:]) // 1_000_000) if sign else _refused(text)
    except ValueError:
        return _refused(text)


def step_ms(start_ms: int, end_ms: int, points: int) -> int:
    """A step that gives about so many points: a whole number of columns of history."""
    wanted = -(-(end_ms - start_ms) // max(points, 1))
    return max(1, -(-wanted // _INTERVAL_MS)) * _INTERVAL_MS


def _absolute(text: str) -> int:
    try:
        return time_ms(text)
    except ValueError:
        return _refused(text)


def _refused(text: str) -> int:
    raise ValueError(
        f"{quoted(text)} is no time: write now, -5m, now-1h, 2026-01-31T12:00:00Z, "
        "or seconds since 1970"
    )
