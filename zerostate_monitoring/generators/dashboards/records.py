"""Parts of queries that are asked of recorded series, where rules record them. Pure but for rows.

A dashboard is declared with what it asks of nodes. Where a rule records the same sum by more
labels, its series answer instead, at a small part of the cost; where nobody records it, or the
rule is disabled, the query stays as it is declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from zerostate_monitoring.models.rule import Rule
from zerostate_monitoring.models.words import RuleKind
from zerostate_monitoring.rules.durations import parse_duration

_LONGEST_INTERVAL_SECONDS: Final = 60.0
"""Of a group whose series may be drawn: a curve has a point each 15 s or more."""

_MADE: Final = re.compile(r"sum(?: by \(([^()]*)\))? ?\(rate\((\w+)\[(\w+)\]\)\)")
_ASKED: Final = re.compile(
    r"sum(?: by \(([^()]*)\))? ?\((rate|increase)\((\w+)(?:\{([^{}]*)\})?\[(\w+)\]\)\)"
)
_MATCHED: Final = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")


@dataclass(frozen=True, slots=True)
class Record:
    """A recorded series: its name, and the labels that it keeps."""

    name: str
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Records:
    """What is recorded, by the family and the window of its rates."""

    found: Mapping[tuple[str, str], Record] = field(
        default_factory=lambda: MappingProxyType({}), hash=False
    )

    def asked(self, expr: str) -> str:
        """``expr``, with recorded series in the place of what they are made of."""
        return _ASKED.sub(self._replaced, expr)

    def _replaced(self, part: re.Match[str]) -> str:
        by, function, family, matchers, window = part.groups()
        record = self.found.get((family, window))
        if record is None or not _labels(by) | _matched(matchers) <= record.labels:
            return part[0]
        grouped = f" by ({by})" if by else ""
        chosen = f"{{{matchers}}}" if matchers else ""
        summed = f"sum{grouped} ({record.name}{chosen})"
        if function == "rate":
            return summed
        return f"({parse_duration(window).total_seconds():g} * {summed})"


NOTHING: Final = Records()
"""Where no rules are evaluated."""


def of_rules(rules: Iterable[tuple[str, str]]) -> Records:
    """Of names and expressions of recording rules; those of another shape are left out."""
    found: dict[tuple[str, str], Record] = {}
    for name, expr in rules:
        if made := _MADE.fullmatch(expr.strip()):
            by, family, window = made.groups()
            found.setdefault((family, window), Record(name, _labels(by)))
    return Records(found)


def from_rows() -> Records:
    """Of the rules that are enabled, often enough evaluated, and add no labels. One query."""
    rows = Rule.objects.filter(
        kind=RuleKind.RECORDING,
        enabled=True,
        group__enabled=True,
        group__interval_seconds__lte=_LONGEST_INTERVAL_SECONDS,
        group__labels={},
        labels={},
    )
    return of_rules(rows.order_by("name").values_list("name", "expr"))


def _labels(by: str | None) -> frozenset[str]:
    return frozenset(name.strip() for name in (by or "").split(",") if name.strip())


def _matched(matchers: str | None) -> frozenset[str]:
    """Labels that matchers name; one that only looks like one keeps the query as it is."""
    return frozenset(_MATCHED.findall(matchers or ""))
