"""Short words in which tests of built-in rules are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.rules.durations import parse_duration
from zerostate_monitoring.rules.shipped.definition import Case, Firing, Moment

_MINUTE: Final = "1m"
_HALF_A_MINUTE: Final = "30s"


def case(
    name: str,
    series: Mapping[str, str],
    *moments: Moment,
    every: str = _MINUTE,
    evaluated: str = _HALF_A_MINUTE,
) -> Case:
    """A test: a value of each series ``every`` so often, from 0 on."""
    return Case(
        name=name,
        series=series,
        moments=moments,
        interval=parse_duration(every),
        evaluation_interval=parse_duration(evaluated),
    )


def quiet(at: str) -> Moment:
    """Nothing fires."""
    return Moment(at=parse_duration(at))


def fires(at: str, value: float, **labels: str) -> Moment:
    """One alert fires, with these labels of the expression."""
    return Moment(at=parse_duration(at), alerts=(Firing(value=value, labels=labels),))


def slow(good: int) -> str:
    """The bucket that all of ``good`` events a minute reach; from 10 to 30 minutes a tenth."""
    few = good // 10
    start = 10 * good
    return f"0+{good}x10 {start + few}+{few}x19 {start + 20 * few + good}+{good}x39"
