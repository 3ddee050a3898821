"""Durations that are computed become plain ones, for the step and the range of a query.

Source of the rules: ``promql/durations.go`` of Prometheus 3.14.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from zerostate_monitoring.promql.cursor import fail
from zerostate_monitoring.promql.durations import MAX_SECONDS
from zerostate_monitoring.promql.lengths import BY_ZERO, TOO_LONG, TOO_SHORT
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Duration,
    Expr,
    Length,
    MatrixSelector,
    Number,
    Paren,
    Subquery,
    Unary,
    VectorSelector,
    children,
    durations,
)
from zerostate_monitoring.promql.operators import ARITHMETIC

_FUNCTIONS: Final[Mapping[str, Callable[[float, float], Any]]] = {
    **ARITHMETIC,
    "min_of": np.minimum,
    "max_of": np.maximum,
}


def is_computed(expr: Expr) -> bool:
    """Whether a duration in ``expr`` is more than a number."""
    return bool(durations(expr)) or any(is_computed(child) for child in children(expr))


def resolved(expr: Expr, step_ms: int, range_ms: int) -> Expr:
    """``expr`` with plain durations, in a query with that step and that range.

    Both are zero at an instant.

    Raises:
        QuerySyntaxError: a duration has no value, or not one that can stand in its place.
    """
    if not is_computed(expr):
        return expr
    with np.errstate(all="ignore"):
        return _Query(step_ms, range_ms).resolved(expr)


@dataclass(frozen=True, slots=True)
class _Query:
    step_ms: int
    range_ms: int

    def resolved(self, expr: Expr) -> Expr:
        changes: dict[str, Any] = {}
        match expr:
            case VectorSelector():
                changes = self._offset(expr)
            case MatrixSelector():
                selector = replace(expr.selector, **self._offset(expr.selector))
                changes = {"selector": selector, **self._lengths(range=expr.range_expr)}
            case Subquery():
                lengths = self._lengths(range=expr.range_expr, step=expr.step_expr)
                changes = {"expr": self.resolved(expr.expr), **lengths, **self._offset(expr)}
            case Paren() | Unary():
                changes = {"expr": self.resolved(expr.expr)}
            case Binary():
                changes = {"left": self.resolved(expr.left), "right": self.resolved(expr.right)}
            case Aggregation():
                parameter = expr.parameter and self.resolved(expr.parameter)
                changes = {"expr": self.resolved(expr.expr), "parameter": parameter}
            case Call():
                changes = {"arguments": tuple(map(self.resolved, expr.arguments))}
        return replace(expr, **changes) if changes else expr

    def _offset(self, node: VectorSelector | Subquery) -> dict[str, Any]:
        given = node.offset_expr
        return {"offset_ms": self._ms(given), "offset_expr": None} if given else {}

    def _lengths(self, **lengths: Duration | None) -> dict[str, Any]:
        """The attributes of ranges and steps, which have to be positive."""
        changes: dict[str, Any] = {}
        for name, given in lengths.items():
            if given is not None:
                ms = self._ms(given)
                if ms <= 0:
                    fail(TOO_SHORT, given.span)
                changes |= {f"{name}_ms": ms, f"{name}_expr": None}
        return changes

    def _ms(self, given: Duration) -> int:
        seconds = self._seconds(given)
        if not math.isfinite(seconds):
            fail("This duration is infinite, or no number.", given.span)
        if abs(seconds) > MAX_SECONDS:
            fail(TOO_LONG, given.span)
        # What is below a millisecond is lost.
        return int(seconds * 1000)

    def _seconds(self, given: Length) -> float:
        if isinstance(given, Number):
            return given.value
        match given.op, [self._seconds(operand) for operand in given.operands]:
            case op, []:
                ms = self.step_ms if op == "step" else self.range_ms
                return ms // 1000 + ms % 1000 / 1000
            case op, [operand]:
                return -operand if op == "-" else operand
            case (("/" | "%"), [_, 0.0]):
                fail(BY_ZERO, given.span)
            case op, [left, right]:
                return float(_FUNCTIONS[op](left, right))
        raise ValueError(given)
