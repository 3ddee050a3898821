"""Which limits of rules belong into the chart of a metric, and why another one does not.

A limit is drawn where the chart shows what the rule compares: each series where it compares each,
a sum where it adds up the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from zerostate_monitoring.admin.exploring.readings import EVERY, Reading
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.models import Rule
from zerostate_monitoring.promql.nodes import Binary, Call, Expr, Number
from zerostate_monitoring.promql.operators import COMPARISONS
from zerostate_monitoring.promql.printer import format_expr
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.promql.tree import unwrapped
from zerostate_monitoring.rules.lint import metrics_of
from zerostate_monitoring.rules.thresholds import Threshold

_FUNCTIONS: Final = {
    "value": frozenset({"", "avg_over_time", "min_over_time", "max_over_time", "last_over_time"}),
    "rate": frozenset({"rate"}),
}
"""Which functions of a rule give what a reading gives."""
_QUANTILES: Final = frozenset({"quantiles", "p99", "p50"})
_TURNED: Final = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_PARTS: Final = ("", "_bucket", "_sum", "_count")
_UPWARDS, _DOWNWARDS = frozenset({">", ">="}), frozenset({"<", "<="})


@dataclass(frozen=True, slots=True)
class Use:
    """A rule that reads the metric, and those of its limits that belong into the picture.

    ``why`` says why there is none.
    """

    rule: Rule
    limits: tuple[float, ...]
    why: str = ""


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

    @property
    def by(self) -> tuple[str, ...]:
        """The labels that the picture keeps, where it puts series together."""
        return tuple(filter(None, (self.shown.by,)))

    @property
    def is_every(self) -> bool:
        """Whether each series is seen for itself."""
        if self.shown.by == EVERY:
            return True
        return bool(self.series) and self.is_apart(self.by)


@dataclass(frozen=True, slots=True)
class _Limit:
    """A number, and why it does not belong into the picture; empty where it does."""

    value: float
    why: str = ""


def uses_of(rules: Iterable[Rule], seen: Seen) -> list[Use]:
    """Each rule with the limits that it sets to what the picture shows."""
    return [_use(rule, list(_limits(rule.expr, seen))) for rule in rules]


def _use(rule: Rule, found: Sequence[_Limit]) -> Use:
    limits = tuple(sorted({one.value for one in found if not one.why}))
    if limits:
        return Use(rule, limits)
    return Use(rule, (), next((one.why for one in found), "") or _why_none(rule.expr))


def _why_none(expr: str) -> str:
    """Where nothing of the metric is compared at all."""
    try:
        nodes = list(_deciding(parse(expr).expr))
    except QueryError:
        nodes = []
    if any(isinstance(node, Binary) and node.op in COMPARISONS for node in nodes):
        return _("it reads this beside what it compares")
    return _("it compares this with no plain number")


def limits_of(expr: str, seen: Seen) -> Iterator[float]:
    """Numbers with which an expression compares the metric, read as the picture reads it."""
    return (one.value for one in _limits(expr, seen) if not one.why)


def _limits(expr: str, seen: Seen) -> Iterator[_Limit]:
    """Each number that something of the metric is compared with."""
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


def _of_comparison(node: Binary, seen: Seen) -> Iterator[_Limit]:
    left, right, op = unwrapped(node.left), unwrapped(node.right), node.op
    if isinstance(left, Number):
        left, right, op = right, left, _TURNED.get(op, op)
    for side in _deciding(left):
        if seen.name not in names_of(format_expr(side)):
            continue
        if isinstance(right, Number):
            yield _Limit(right.value, _why_not(side, f"{op} {format_expr(right)}", seen))
        else:
            yield _Limit(math.nan, _("it compares this with no plain number"))


def _why_not(side: Expr, limit: str, seen: Seen) -> str:
    """Why the picture does not show what is compared; empty where it does."""
    if isinstance(side, Call) and side.function.name == "histogram_quantile":
        return "" if seen.shown.key in _QUANTILES else _reads(format_expr(side))
    found = Threshold.of(f"{format_expr(side)} {limit}")
    if found is None or found.metric != seen.name or found.aggregation == "count":
        return _("it compares what it works out of this, and not this")
    if found.function not in _FUNCTIONS.get(seen.shown.key, ()):
        return _reads(f"{found.function}(…)" if found.function else "")
    return "" if _is_put_alike(found, seen) else _puts(found, seen)


def _reads(how: str) -> str:
    if not how:
        return _("it reads the value as it stands: choose it under “Read as”")
    said = _("it reads %(how)s: choose that under “Read as”, if it is there")
    return said % {"how": how if len(how) <= 80 else "histogram_quantile(…)"}


def _is_put_alike(found: Threshold, seen: Seen) -> bool:
    """Whether the picture crosses the limit where, and only where, the rule's figure does."""
    upwards, downwards = found.comparison in _UPWARDS, found.comparison in _DOWNWARDS
    if seen.is_every:
        # One series beyond the limit is enough for the highest, or the lowest, to be there.
        alone = {"": True, "max": upwards, "min": downwards}.get(found.aggregation, False)
        return alone or seen.is_apart(found.by)
    if seen.shown.put == "max" and upwards:
        return found.aggregation in {"", "max"}
    return found.aggregation == seen.shown.put and set(found.by) == set(seen.by)


def _puts(found: Threshold, seen: Seen) -> str:
    if not found.aggregation:
        return _("it compares each series, and the chart puts them together: split by every series")
    how = f"{found.aggregation} by {', '.join(found.by)}" if found.by else found.aggregation
    if found.aggregation != seen.shown.put or len(found.by) > 1:
        return _("it compares %(how)s of the series, which this chart cannot show") % {"how": how}
    if not found.by:
        return _("it compares %(how)s of all series: choose “all together”") % {"how": how}
    return _("it compares %(how)s: split the chart so") % {"how": how}


def names_of(expr: str) -> frozenset[str]:
    """Families that an expression reads; of a histogram it names a part."""
    try:
        names = metrics_of(expr)
    except QueryError:
        return frozenset()
    ends = tuple(filter(None, _PARTS))
    return names | {name.removesuffix(end) for name in names for end in ends if name.endswith(end)}
