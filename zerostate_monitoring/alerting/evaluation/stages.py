"""Which rules of a group can be asked together. Pure.

Prometheus evaluates the rules of a group one after another, and a rule sees what those before
it gave at the same instant, and nothing of those behind it. Asked together are rules of which
none needs to see another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.promql.query import parse

ALERTS: Final = "ALERTS"
FOR_STATE: Final = "ALERTS_FOR_STATE"
OF_ALERTS: Final = frozenset({ALERTS, FOR_STATE})


@dataclass(frozen=True, slots=True)
class Traffic:
    """Names of the series that a rule reads, ``None`` for any, and of those that it writes."""

    reads: frozenset[str] | None
    writes: frozenset[str]


@lru_cache(maxsize=4096)
def names_read(text: str) -> frozenset[str] | None:
    """The names of what an expression selects; ``None`` if a selector may choose any.

    What is no expression selects nothing.
    """
    try:
        query = parse(text)
    except QueryError:
        return frozenset()
    names = set[str]()
    for selection in query.selectors:
        exact = [one for one in selection.selector.matchers if one.name == NAME and one.op == "="]
        if not exact:
            return None
        names.add(exact[0].value)
    return frozenset(names)


def stages(rules: Iterable[Traffic]) -> list[int]:
    """The stage of each rule, from 0 on; what a stage gives is seen from the next one on."""
    state = _Written({}, {}, 0)
    return [state.place(rule) for rule in rules]


@dataclass(slots=True)
class _Written:
    """Names by the first stage that sees their newest samples, and by the last that read them."""

    seen_from: dict[str, int]
    read_in: dict[str, int]
    read_all_in: int

    def place(self, rule: Traffic) -> int:
        stage = max(self._after(rule.reads), self._not_before(rule.writes))
        if rule.reads is None:
            self.read_all_in = max(self.read_all_in, stage)
        for name in rule.reads or ():
            self.read_in[name] = max(stage, self.read_in.get(name, 0))
        for name in rule.writes:
            self.seen_from[name] = max(stage + 1, self.seen_from.get(name, 0))
        return stage

    def _after(self, reads: frozenset[str] | None) -> int:
        names: Sequence[str] = [*self.seen_from] if reads is None else [*reads]
        return max((self.seen_from.get(name, 0) for name in names), default=0)

    def _not_before(self, writes: frozenset[str]) -> int:
        """A rule must not be seen by one that stands before it."""
        return max([self.read_all_in, *(self.read_in.get(name, 0) for name in writes)])
