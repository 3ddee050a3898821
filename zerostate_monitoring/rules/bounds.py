"""Which values an expression can give, as far as it can be told without data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    Number,
    Paren,
    Subquery,
    Unary,
    ValueType,
    VectorSelector,
)
from zerostate_monitoring.promql.operators import COMPARISONS
from zerostate_monitoring.promql.query import Query
from zerostate_monitoring.promql.tree import unwrapped
from zerostate_monitoring.rules.label_flow import selected_metrics
from zerostate_monitoring.rules.schema import Schema

_INF: Final = math.inf


@dataclass(frozen=True, slots=True)
class Bounds:
    """No value is below ``low`` or above ``high``; NaN may be."""

    low: float = -_INF
    high: float = _INF

    def within(self, other: Bounds) -> Bounds:
        """What is in both."""
        return Bounds(max(self.low, other.low), min(self.high, other.high))

    def or_(self, other: Bounds) -> Bounds:
        """What is in one of them."""
        return Bounds(min(self.low, other.low), max(self.high, other.high))


ANY: Final = Bounds()
_FROM_ZERO: Final = Bounds(0)
_UNIT: Final = Bounds(0, 1)

_OF_FUNCTIONS: Final = {
    **dict.fromkeys(("abs", "sqrt", "exp", "acosh", "cosh"), _FROM_ZERO),
    **dict.fromkeys(("changes", "resets", "stddev_over_time", "stdvar_over_time"), _FROM_ZERO),
    **dict.fromkeys(("absent", "absent_over_time", "present_over_time"), Bounds(1, 1)),
    "count_over_time": Bounds(1),
    "time": Bounds(1e9),
    "timestamp": _FROM_ZERO,
    **dict.fromkeys(("sin", "cos", "sgn", "tanh"), Bounds(-1, 1)),
    "histogram_fraction": _UNIT,
    "minute": Bounds(0, 59),
    "hour": Bounds(0, 23),
    "day_of_week": Bounds(0, 6),
    "day_of_month": Bounds(1, 31),
    "day_of_year": Bounds(1, 366),
    "days_in_month": Bounds(28, 31),
    "month": Bounds(1, 12),
    "pi": Bounds(math.pi, math.pi),
}
_AS_THEIR_ARGUMENT: Final = frozenset(
    {
        *("avg_over_time", "first_over_time", "last_over_time", "max_over_time", "min_over_time"),
        *("label_join", "label_replace", "scalar", "sort", "sort_desc", "vector"),
    }
)
_FROM_ZERO_IF_THEIR_ARGUMENT: Final = frozenset({"rate", "increase", "irate", "sum_over_time"})
_AS_THEIR_ELEMENTS: Final = frozenset({"avg", "max", "min", "topk", "bottomk"})
_OF_AGGREGATIONS: Final = {
    "count": Bounds(1),
    "count_values": Bounds(1),
    "group": Bounds(1, 1),
    "stddev": _FROM_ZERO,
    "stdvar": _FROM_ZERO,
}


def bounds_of(expr: Expr, schema: Schema) -> Bounds:
    """Between which values all that ``expr`` gives lies."""
    match expr:
        case Number(value=value):
            return ANY if math.isnan(value) else Bounds(value, value)
        case VectorSelector():
            return _of_selector(expr, schema)
        case MatrixSelector(selector=inner) | Paren(expr=inner) | Subquery(expr=inner):
            return bounds_of(inner, schema)
        case Unary(op=op, expr=inner):
            bounds = bounds_of(inner, schema)
            return bounds if op == "+" else Bounds(-bounds.high, -bounds.low)
    return _of_operation(expr, schema)


def _of_operation(expr: Expr, schema: Schema) -> Bounds:
    match expr:
        case Aggregation():
            return _of_aggregation(expr, schema)
        case Call():
            return _of_call(expr, schema)
        case Binary():
            return _of_binary(expr, schema)
    return ANY


def _of_selector(selector: VectorSelector, schema: Schema) -> Bounds:
    metrics = selected_metrics(selector, schema)
    if metrics is None:
        return ANY
    low = min(-_INF if metric.lowest is None else metric.lowest for metric in metrics)
    high = max(_INF if metric.highest is None else metric.highest for metric in metrics)
    return Bounds(low, high)


def _of_aggregation(node: Aggregation, schema: Schema) -> Bounds:
    if node.op in _OF_AGGREGATIONS:
        return _OF_AGGREGATIONS[node.op]
    inner = bounds_of(node.expr, schema)
    if node.op in _AS_THEIR_ELEMENTS:
        return inner
    # A sum of one element is that element.
    if node.op == "sum":
        return Bounds(
            inner.low if inner.low >= 0 else -_INF, inner.high if inner.high <= 0 else _INF
        )
    return ANY


def _of_call(call: Call, schema: Schema) -> Bounds:
    name = call.function.name
    if name in _OF_FUNCTIONS:
        return _OF_FUNCTIONS[name]
    if name in _AS_THEIR_ARGUMENT:
        # scalar() of nothing is NaN, which no comparison but != takes.
        return bounds_of(call.arguments[0], schema)
    if name in _FROM_ZERO_IF_THEIR_ARGUMENT:
        return Bounds(0 if bounds_of(call.arguments[0], schema).low >= 0 else -_INF)
    if name == "histogram_quantile":
        return _of_quantile(call, schema)
    if name.startswith("clamp"):
        return _clamped(call, schema)
    return ANY


def _of_quantile(call: Call, schema: Schema) -> Bounds:
    buckets = bucket_bounds(call.arguments[1], schema)
    quantile = bounds_of(call.arguments[0], schema)
    if not buckets or not 0 <= quantile.low <= quantile.high <= 1:
        return ANY
    return Bounds(0 if buckets[0] > 0 else -_INF, buckets[-1])


def bucket_bounds(expr: Expr, schema: Schema) -> tuple[float, ...]:
    """The finite bounds of the histograms that ``expr`` reads, if all are known and the same."""
    found: set[tuple[float, ...]] = set()
    for selection in Query("", expr).selectors:
        metrics = selected_metrics(selection.selector, schema)
        found |= {()} if metrics is None else {metric.buckets for metric in metrics}
    return found.pop() if len(found) == 1 else ()


def _clamped(call: Call, schema: Schema) -> Bounds:
    # An end that is worked out may be NaN, which bounds nothing.
    if not all(isinstance(unwrapped(end), Number) for end in call.arguments[1:]):
        return ANY
    bounds = bounds_of(call.arguments[0], schema)
    ends = [bounds_of(argument, schema) for argument in call.arguments[1:]]
    name = call.function.name
    if name == "clamp":
        return Bounds(ends[0].low, ends[1].high)
    if name == "clamp_min":
        return Bounds(max(bounds.low, ends[0].low), max(bounds.high, ends[0].high))
    return Bounds(min(bounds.low, ends[0].low), min(bounds.high, ends[0].high))


# -- operators -----------------------------------------------------------------


def _of_binary(node: Binary, schema: Schema) -> Bounds:
    left, right = bounds_of(node.left, schema), bounds_of(node.right, schema)
    if node.op in COMPARISONS:
        return _UNIT if node.returns_bool else _filtered(node, left, right)
    return _WAYS[node.op](left, right) if node.op in _WAYS else ANY


def _numbers(low: float, high: float) -> Bounds:
    return Bounds(-_INF if math.isnan(low) else low, _INF if math.isnan(high) else high)


def _product(left: Bounds, right: Bounds) -> Bounds:
    # By a number alone: else the signs must be told apart.
    for bounds, factor in ((left, right), (right, left)):
        if factor.low == factor.high and math.isfinite(factor.low) and factor.low > 0:
            return Bounds(bounds.low * factor.low, bounds.high * factor.low)
    return _FROM_ZERO if left.low >= 0 and right.low >= 0 else ANY


def _quotient(left: Bounds, right: Bounds) -> Bounds:
    if right.low == right.high and math.isfinite(right.low) and right.low > 0:
        return Bounds(left.low / right.low, left.high / right.low)
    return _FROM_ZERO if left.low >= 0 and right.low >= 0 else ANY


_WAYS: Final[Mapping[str, Callable[[Bounds, Bounds], Bounds]]] = {
    "and": lambda left, right: left,  # noqa: ARG005 -- its right side is not shown.
    "unless": lambda left, right: left,  # noqa: ARG005 -- as “and”.
    "or": Bounds.or_,
    "+": lambda left, right: _numbers(left.low + right.low, left.high + right.high),
    "-": lambda left, right: _numbers(left.low - right.high, left.high - right.low),
    "*": _product,
    "/": _quotient,
}


def _filtered(node: Binary, left: Bounds, right: Bounds) -> Bounds:
    # What is shown is the left side, or the vector where the left one is a scalar.
    if node.left.type is ValueType.SCALAR is not node.right.type:
        return right.within(_passing(_MIRRORED[node.op], left))
    return left.within(_passing(node.op, right))


_MIRRORED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


def _passing(op: str, right: Bounds) -> Bounds:
    if op == "==":
        return right
    if op in {"<", "<="}:
        return Bounds(high=right.high)
    return Bounds(low=right.low) if op in {">", ">="} else ANY


def verdict(op: str, left: Bounds, right: Bounds) -> bool | None:
    """Whether ``left op right`` is true for all values, or for none; else ``None``.

    NaN aside: but for ``!=`` it makes every comparison false.
    """
    tests = {
        "<": (left.high < right.low, left.low >= right.high),
        "<=": (left.high <= right.low, left.low > right.high),
        ">": (left.low > right.high, left.high <= right.low),
        ">=": (left.low >= right.high, left.high < right.low),
        "==": (
            left.low == left.high == right.low == right.high,
            left.high < right.low or left.low > right.high,
        ),
    }
    if op == "!=":
        equal = verdict("==", left, right)
        return None if equal is None else not equal
    always, never = tests[op]
    return True if always else False if never else None
