"""What can be said of a syntax tree before it is evaluated."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Call,
    Expr,
    Paren,
    Subquery,
    VectorSelector,
    children,
)

# Their results depend on the step even where their arguments do not.
_MOVING: Final = frozenset(
    {
        "days_in_month",
        "day_of_month",
        "day_of_week",
        "day_of_year",
        "hour",
        "minute",
        "month",
        "year",
        "predict_linear",
        "time",
        "timestamp",
    }
)


def unwrapped(node: Expr) -> Expr:
    """The expression without parentheses around it."""
    while isinstance(node, Paren):
        node = node.expr
    return node


def is_constant(node: Expr) -> bool:
    """Whether the expression gives the same at all steps, because ``@`` fixes its times."""
    match node:
        case VectorSelector() | Subquery():
            return node.at is not None
        case Call() if node.function.name == "timestamp":
            argument = unwrapped(node.arguments[0])
            return isinstance(argument, VectorSelector) and is_constant(argument)
        case Call() if node.function.name in _MOVING:
            return False
        case Aggregation():
            # As in Prometheus: a parameter is then read at the first step alone.
            return is_constant(node.expr)
    return all(is_constant(child) for child in children(node))
