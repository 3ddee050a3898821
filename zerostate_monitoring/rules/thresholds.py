"""Alerts without PromQL: a metric, how to read it, and a threshold; to an expression and back."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from zerostate_monitoring.exceptions import DurationError, QueryError, QuerySyntaxError
from zerostate_monitoring.promql.functions import FUNCTIONS
from zerostate_monitoring.promql.labels import METRIC_NAME
from zerostate_monitoring.promql.matchers import compile_matcher, in_order
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Expr,
    Matcher,
    MatrixSelector,
    Number,
    VectorSelector,
)
from zerostate_monitoring.promql.printer import format_expr
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.promql.tree import unwrapped
from zerostate_monitoring.rules.definitions import Problem
from zerostate_monitoring.rules.durations import format_duration

COMPARISONS: Final = (">", ">=", "<", "<=", "==", "!=")
AGGREGATIONS: Final = ("sum", "avg", "min", "max", "count")
FUNCTIONS_OF_A_WINDOW: Final = (
    *("rate", "increase", "delta", "changes", "resets"),
    *("avg_over_time", "min_over_time", "max_over_time", "sum_over_time", "count_over_time"),
    *("last_over_time", "present_over_time", "stddev_over_time"),
)

_METRIC: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_WORDS: Final = frozenset({"nan", "inf"})
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """``aggregation by (by) (function(metric{matchers}[window])) comparison value``.

    ``aggregation`` and ``function`` may be empty; ``by`` goes with an aggregation,
    ``window`` with a function.
    """

    metric: str
    comparison: str
    value: float
    matchers: tuple[Matcher, ...] = ()
    aggregation: str = ""
    by: tuple[str, ...] = ()
    function: str = ""
    window: timedelta | None = None

    def problems(self) -> tuple[Problem, ...]:
        """All that keeps it from being an expression."""
        return tuple(
            problem
            for part in (_metric, _matchers, _aggregation, _function, _comparison)
            for problem in part(self)
        )

    @property
    def expr(self) -> str:
        """The expression.

        Raises:
            ValueError: it has ``problems()``.
        """
        if found := self.problems():
            raise ValueError("; ".join(map(str, found)))
        name = Matcher(METRIC_NAME, "=", self.metric)
        selector = VectorSelector(self.metric, (*in_order(self.matchers), name))
        expr: Expr = selector
        if self.function and self.window is not None:
            matrix = MatrixSelector(selector, self.window // _MILLISECOND)
            expr = Call(FUNCTIONS[self.function], (matrix,))
        if self.aggregation:
            expr = Aggregation(self.aggregation, expr, None, self.by)
        return format_expr(Binary(self.comparison, expr, Number(self.value)))

    @classmethod
    def of(cls, expr: str) -> Threshold | None:
        """The threshold that ``expr`` is; ``None`` where it is none.

        What comes back gives the same expression, but for blanks, parentheses and the order
        of matchers. A threshold on the left is turned round.
        """
        try:
            tree = unwrapped(parse(expr).expr)
        except QuerySyntaxError:
            return None
        if not isinstance(tree, Binary) or tree.op not in COMPARISONS or tree.returns_bool:
            return None
        left, op, right = unwrapped(tree.left), tree.op, unwrapped(tree.right)
        if isinstance(left, Number):
            left, op, right = right, _MIRRORED[op], left
        if not isinstance(right, Number):
            return None
        found = _read(left, op, right.value)
        return None if found is None or found.problems() else found


_MIRRORED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


def _read(expr: Expr, op: str, value: float) -> Threshold | None:
    aggregation = ""
    by: tuple[str, ...] = ()
    if isinstance(expr, Aggregation):
        if expr.without or expr.parameter is not None:
            return None
        aggregation, by, expr = expr.op, expr.grouping, unwrapped(expr.expr)
    function, window = "", None
    if isinstance(expr, Call):
        matrix = unwrapped(expr.arguments[0]) if len(expr.arguments) == 1 else None
        if not isinstance(matrix, MatrixSelector):
            return None
        function, window = expr.function.name, matrix.range_ms * _MILLISECOND
        expr = matrix.selector
    if not isinstance(expr, VectorSelector) or expr.offset_ms or expr.at is not None:
        return None
    return Threshold(
        metric=expr.name,
        comparison=op,
        value=value,
        matchers=tuple(m for m in expr.matchers if m.name != METRIC_NAME),
        aggregation=aggregation,
        by=by,
        function=function,
        window=window,
    )


# -- what can be wrong -----------------------------------------------------------


def _metric(threshold: Threshold) -> Iterator[Problem]:
    name = threshold.metric
    if not _METRIC.fullmatch(name) or name.lower() in _WORDS or not _is_selector(name):
        yield Problem("metric", "This is no name of a metric.")


def _is_selector(name: str) -> bool:
    try:
        return isinstance(parse(name).expr, VectorSelector)
    except QuerySyntaxError:
        return False


def _matchers(threshold: Threshold) -> Iterator[Problem]:
    for place, matcher in enumerate(threshold.matchers):
        where = f"matchers[{place}]"
        if not matcher.name or matcher.name == METRIC_NAME:
            yield Problem(where, "This is no name of a label.")
        try:
            compile_matcher(matcher)
        except QueryError as error:
            yield Problem(where, f"The regular expression cannot be used: {error}.")


def _aggregation(threshold: Threshold) -> Iterator[Problem]:
    if threshold.aggregation not in {"", *AGGREGATIONS}:
        yield Problem("aggregation", f"One of {', '.join(AGGREGATIONS)}, or none.")
    if threshold.by and not threshold.aggregation:
        yield Problem("by", "Labels are kept by an aggregation; without one all are.")
    if not all(threshold.by):
        yield Problem("by", "This is no name of a label.")


def _function(threshold: Threshold) -> Iterator[Problem]:
    if threshold.function not in {"", *FUNCTIONS_OF_A_WINDOW}:
        yield Problem("function", f"One of {', '.join(FUNCTIONS_OF_A_WINDOW)}, or none.")
    if bool(threshold.function) != (threshold.window is not None):
        yield Problem("window", "A function goes over a window, and nothing else has one.")
    if threshold.window is None:
        return
    try:
        format_duration(threshold.window)
    except DurationError as error:
        yield Problem("window", str(error))
    if not threshold.window:
        yield Problem("window", "A window is longer than nothing.")


def _comparison(threshold: Threshold) -> Iterator[Problem]:
    if threshold.comparison not in COMPARISONS:
        yield Problem("comparison", f"One of {' '.join(COMPARISONS)}.")
    if math.isnan(threshold.value):
        yield Problem("value", "This is no number, so no comparison with it is true.")
