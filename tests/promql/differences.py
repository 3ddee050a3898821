"""What versions of Prometheus do otherwise, one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from tests.promql import vocabulary as words
from tests.promql.answers import Answer, Ask


@dataclass(frozen=True, slots=True)
class Difference:
    """A query that differs is excused if its smallest form meets ``pattern``.

    And if in what it differs meets ``seen``, where that is given.
    """

    pattern: str
    reason: str
    range_only: bool = False
    seen: str = ""

    def covers(self, ask: Ask, problem: str) -> bool:
        """Whether it is about this query, and what is wrong with it."""
        if self.range_only and not ask.step_ms:
            return False
        return bool(re.search(self.pattern, ask.text) and re.search(self.seen, problem))


@dataclass(frozen=True, slots=True)
class Version:
    """How a Prometheus differs from what we follow."""

    name: str
    without: frozenset[str]
    """Functions that are not generated for it."""
    differences: tuple[Difference, ...] = ()
    remarks: bool = True
    """Whether it has warnings and infos."""
    computed_durations: bool = False
    closed_windows: bool = False
    """Whether a window holds the sample at its start, too."""
    zero_first: bool = False
    """Whether rates are extended in the older order; see ``older``."""

    def difference(self, ask: Ask, problem: str) -> str:
        """Why a smallest query may differ in this; empty if it may not."""
        return next((one.reason for one in self.differences if one.covers(ask, problem)), "")

    def seen(self, theirs: Answer, ours: Answer) -> Answer:
        """Our answer as this version would give it."""
        return ours if self.remarks else replace(ours, warnings=(), infos=())


_NATIVES: Final = frozenset(words.OF_NATIVES)
"""We say of them that there are no native histograms; Prometheus gives an empty answer."""

_SHIFTED: Final = Difference(
    r"@ .*\[[^\]]*:[^\]]*\] offset -",
    "Prometheus shifts what @ ties to a time in a subquery that lies ahead, and begins where the "
    "query does",
)
"""By the subquery's offset: its preparation reckons with one that begins elsewhere."""

DIFFERENCES: Final[Mapping[str, Version]] = {
    "3.14": Version(
        "3.14",
        without=_NATIVES,
        computed_durations=True,
        differences=(
            _SHIFTED,
            Difference(
                r"predict_linear\(.*:[^\]]*\] @", "3.14.0 gives nothing for a subquery with @"
            ),
            Difference(
                r"\[[^\d\]]+:", "3.14.0 wants a digit somewhere before the colon of a subquery"
            ),
        ),
    ),
    "2.42": Version(
        "2.42",
        without=_NATIVES | {"first_over_time", "histogram_fraction"},
        remarks=False,
        closed_windows=True,
        zero_first=True,
        differences=(
            _SHIFTED,
            Difference(r"@ [^\[]*\)\[\w+:", "2.42 finds steps where a subquery's range has none"),
            Difference(r"predict_linear\(.*@", "2.42 loses steps of what @ ties to a time"),
            Difference(r"\batan2\b", "2.42 leaves the metric's name on atan2"),
            Difference(
                r"(std(dev|var)_over_time|deriv)\(.*(\b(huge|odd)\b|\^|\bexp\b)",
                "2.42 overflows to NaN, 3.14 to Inf",
            ),
            Difference(r"\bstd(dev|var)\b", "2.42 finds no deviation in one NaN or infinity"),
            Difference(
                r"(==|!=|<=?|>=?) ",
                "2.42 filters before it looks for duplicates",
                seen="error execution: several series (of the left side )?match .* for ",
            ),
            Difference(r"\bcount_values by", "2.42 changes the grouping from step to step", True),
            Difference(r"\bcount_values\b.*\) by", "2.42 changes the grouping from step to step"),
            Difference(
                r"\babsent(_over_time)?\(.*\b(\w+)(!=|!~)\".*, \2=",
                "2.42 names what absent misses by its conditions as they are written, 3.14 in an "
                "order of its own",
            ),
        ),
    ),
}
