"""Maintenance windows as time intervals that mute routes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any, Final

from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.generators.alertmanager.matchers import matcher_texts
from zerostate_monitoring.generators.alertmanager.values import WindowValue

MOST: Final = 4
"""Windows that mute: each combination of them is a route beneath each route."""

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MIDNIGHT: Final = "24:00"
_BEGINNING: Final = "00:00"


@dataclass(frozen=True, slots=True)
class Muted:
    """A window that Alertmanager can hold: its name, matchers and intervals."""

    name: str
    matchers: tuple[str, ...]
    intervals: tuple[dict[str, Any], ...]


def muted(windows: Sequence[WindowValue]) -> tuple[tuple[Muted, ...], tuple[str, ...]]:
    """The windows that can be held, and a sentence for each that cannot."""
    found: list[Muted] = []
    warnings: list[str] = []
    for window in windows:
        try:
            one = _one(window)
        except RuleError as error:
            warnings.append(f"The window {window.name} is left out: {error}")
            continue
        if len(found) == MOST:
            said = f"more than {MOST} windows cannot be held; make it a silence when it comes."
            warnings.append(f"The window {window.name} is left out: {said}")
            continue
        found.append(one)
    return tuple(found), tuple(warnings)


def muting_routes(windows: Sequence[Muted], names: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Routes beneath a route: alerts that meet a window's matchers, muted by it.

    An alert that meets those of several is muted by each: so beneath them stand those of the
    windows that follow.
    """
    return list(_muting(windows, names))


def _muting(windows: Sequence[Muted], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    for place, window in enumerate(windows):
        muting = [*names, window.name]
        beneath = muting_routes(windows[place + 1 :], muting)
        yield {
            "matchers": list(window.matchers),
            "mute_time_intervals": muting,
            **({"routes": beneath} if beneath else {}),
        }


def _one(window: WindowValue) -> Muted:
    if window.fault:
        raise RuleError(f"it holds nothing back here either. {window.fault}")
    matchers = tuple(matcher_texts(window.matchers))
    if window.once is not None:
        raise RuleError(_silence(window, matchers))
    return Muted(window.name or "window", matchers, tuple(_intervals(window)))


def _silence(window: WindowValue, matchers: Sequence[str]) -> str:
    starts, ends = window.once or ("", "")
    asked = " ".join(f"'{each}'" for each in matchers)
    return (
        "it comes once, which is a silence: amtool silence add "
        f"--start={starts} --end={ends} --comment=maintenance {asked}"
    )


def _intervals(window: WindowValue) -> Iterator[dict[str, Any]]:
    if window.start is None or window.end is None:
        raise RuleError("it has no times.")
    start, end = _minute(window.start), _minute_after(window.end)
    if window.end > window.start:
        yield _interval(window, window.weekdays, start, end)
        return
    # Over midnight: Alertmanager's times are those of one day.
    yield _interval(window, window.weekdays, start, _MIDNIGHT)
    if end != _BEGINNING:
        following = sorted({(day + 1) % 7 for day in window.weekdays})
        yield _interval(window, following, _BEGINNING, end)


def _interval(window: WindowValue, weekdays: Sequence[int], start: str, end: str) -> dict[str, Any]:
    zone = {} if window.zone == "UTC" else {"location": window.zone}
    return {
        "times": [{"start_time": start, "end_time": end}],
        "weekdays": [_DAYS[day] for day in sorted(set(weekdays))],
        **zone,
    }


def _minute(at: time) -> str:
    return f"{at:%H:%M}"


def _minute_after(at: time) -> str:
    """Up to the whole minute: windows end late rather than early."""
    minutes = at.hour * 60 + at.minute + bool(at.second or at.microsecond)
    return f"{minutes // 60:02}:{minutes % 60:02}"
