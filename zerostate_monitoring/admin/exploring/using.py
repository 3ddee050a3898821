"""Who uses a metric: rules with their thresholds and when they fired, and dashboards' panels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final

from django.db.models import Q

from zerostate_monitoring.admin.exploring.readings import EVERY, Reading
from zerostate_monitoring.admin.exploring.windows import Window
from zerostate_monitoring.charts.timeline import Bar
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.models import Alert, Rule
from zerostate_monitoring.promql.nodes import Binary, Call, Expr, Number
from zerostate_monitoring.promql.operators import COMPARISONS
from zerostate_monitoring.promql.printer import format_expr
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.promql.tree import unwrapped
from zerostate_monitoring.rules.lint import metrics_of
from zerostate_monitoring.rules.thresholds import Threshold

_MOST_ALERTS: Final = 500
_FUNCTIONS: Final = {
    "value": frozenset({"", "avg_over_time", "min_over_time", "max_over_time", "last_over_time"}),
    "rate": frozenset({"rate"}),
}
"""Which functions of a rule give what a reading gives."""
_QUANTILES: Final = frozenset({"quantiles", "p99", "p50"})
_TURNED: Final = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_PARTS: Final = ("", "_bucket", "_sum", "_count")


@dataclass(frozen=True, slots=True)
class Use:
    """A rule that reads the metric, and those of its limits that belong into the picture."""

    rule: Rule
    limits: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A metric as a picture shows it; ``series`` are the label sets that it has now."""

    name: str
    shown: Reading
    series: Sequence[Labels] = ()

    def is_apart(self, by: Sequence[str]) -> bool:
        """Whether its series stay apart where they are put together by some labels."""
        kept = {tuple(pair for pair in labels if pair[0] in by) for labels in self.series}
        return len(kept) == len(self.series)


def uses_of(rules: Iterable[Rule], seen: Seen) -> list[Use]:
    """Each rule with the limits that it sets to what the picture shows."""
    return [Use(rule, tuple(sorted(set(limits_of(rule.expr, seen))))) for rule in rules]


def limits_of(expr: str, seen: Seen) -> Iterator[float]:
    """Numbers with which an expression compares the metric, read as the picture reads it."""
    try:
        tree = parse(expr).expr
    except QueryError:
        return
    for node in _deciding(tree):
        if isinstance(node, Binary) and node.op in COMPARISONS:
            yield from _of_comparison(node, seen)


def _deciding(node: Expr) -> Iterator[Expr]:
    """What says that an alert is there; ``a and b`` only asks for ``b`` as well."""
    node = unwrapped(node)
    if isinstance(node, Binary) and node.op in {"and", "unless", "or"}:
        yield from _deciding(node.left)
        if node.op == "or":
            yield from _deciding(node.right)
    else:
        yield node


def _of_comparison(node: Binary, seen: Seen) -> Iterator[float]:
    left, right, op = unwrapped(node.left), unwrapped(node.right), node.op
    if isinstance(left, Number):
        left, right, op = right, left, _TURNED.get(op, op)
    if isinstance(right, Number):
        for side in _deciding(left):
            if _is_shown(side, f"{op} {format_expr(right)}", seen):
                yield right.value


def _is_shown(side: Expr, limit: str, seen: Seen) -> bool:
    """Whether the picture shows what is compared: the same reading, and sums of the same."""
    if isinstance(side, Call) and side.function.name == "histogram_quantile":
        return seen.shown.key in _QUANTILES and f"{seen.name}_bucket" in _names(format_expr(side))
    found = Threshold.of(f"{format_expr(side)} {limit}")
    if found is None or found.metric != seen.name or found.aggregation == "count":
        return False
    if found.function not in _FUNCTIONS.get(seen.shown.key, ()):
        return False
    return found.aggregation != "sum" or _is_same_sum(found.by, seen)


def _is_same_sum(by: tuple[str, ...], seen: Seen) -> bool:
    if seen.shown.by == EVERY:
        return seen.is_apart(by)
    return by == tuple(filter(None, (seen.shown.by,)))


def spans_of(rules: Sequence[Rule], window: Window) -> tuple[Bar, ...]:
    """When any of the rules was pending, and when it fired; one query."""
    if not rules:
        return ()
    start, end = (datetime.fromtimestamp(at / 1000, UTC) for at in (window.start_ms, window.end_ms))
    rows = Alert.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=start), rule__in=rules, started_at__lte=end
    ).order_by("-started_at")
    times = rows.values_list("started_at", "fired_at", "ended_at")[:_MOST_ALERTS]
    pending, firing = [], []
    for started, fired, ended in times:
        stop = ended or end
        pending.append((_ms(started), _ms(fired or stop)))
        if fired is not None:
            firing.append((_ms(fired), _ms(stop)))
    return (
        *(Bar(*span, "pending") for span in _without(_joined(pending), _joined(firing))),
        *(Bar(*span, "firing") for span in _joined(firing)),
    )


Spans = list[tuple[int, int]]


def _joined(spans: Spans) -> Spans:
    """Spans that meet as one."""
    found: Spans = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _without(spans: Spans, taken: Spans) -> Iterator[tuple[int, int]]:
    """What is left of spans outside of others."""
    for start, end in spans:
        at = start
        for begin, stop in taken:
            if begin < end and stop > at:
                if begin > at:
                    yield at, begin
                at = max(at, stop)
        if at < end:
            yield at, end


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def panels_of(name: str) -> tuple[tuple[str, str], ...]:
    """Dashboards and panels that ask for the metric, or for what rules record of it."""
    return _panels().get(name, ())


@cache
def _panels() -> dict[str, tuple[tuple[str, str], ...]]:
    # Every process with admin imports this file; only who looks at a metric needs all panels.
    from zerostate_monitoring.generators.dashboards.panels import (
        placed,
        resolved,
    )

    found: dict[str, dict[tuple[str, str], None]] = {}
    for dashboard, _row, panel in placed():
        for query in panel.queries:
            for name in _names(resolved(query, dashboard)):
                found.setdefault(name, {})[dashboard.title, panel.title] = None
    return {name: tuple(places) for name, places in found.items()}


def _names(expr: str) -> frozenset[str]:
    """Families that an expression reads; of a histogram it names a part."""
    try:
        names = metrics_of(expr)
    except QueryError:
        return frozenset()
    ends = tuple(filter(None, _PARTS))
    return names | {name.removesuffix(end) for name in names for end in ends if name.endswith(end)}
