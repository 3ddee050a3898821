"""The parts of an expression that a person wants to see beside its answer. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Expr,
    Number,
    Paren,
    Unary,
    ValueType,
    VectorSelector,
    children,
)
from zerostate_monitoring.promql.printer import format_expr

MOST: Final = 8
"""Parts of one expression."""
DEPTH: Final = 4
"""Operators inside operators."""

COMPARISONS: Final = frozenset({"==", "!=", ">", "<", ">=", "<="})


def bare(node: Expr) -> Expr:
    """The expression without parentheses around it."""
    while isinstance(node, Paren):
        node = node.expr
    return node


def operands(expr: Expr, most: int = MOST) -> tuple[str, ...]:
    """The texts of its parts, from the outside inwards, without ``expr`` itself.

    Both sides of comparisons, of ``and``, ``or`` and ``unless``, of arithmetic, a few levels
    down; below a function that only counts, sorts or rounds, what is in it. Numbers that stand
    there as such say themselves.
    """
    found: dict[str, None] = {}
    level = [bare(expr)]
    for _ in range(DEPTH):
        below = [part for node in level for part in _parts(node)]
        for part in below:
            if _tells(part):
                found.setdefault(format_expr(part))
        level = below
    own = format_expr(bare(expr))
    return tuple(text for text in found if text != own)[:most]


def _parts(node: Expr) -> Iterator[Expr]:
    match node:
        case Binary():
            yield bare(node.left)
            yield bare(node.right)
        case Unary():
            yield bare(node.expr)
        case Aggregation() if _compares(node.expr):
            yield bare(node.expr)
        case Call() if any(map(_compares, node.arguments)):
            yield from (bare(one) for one in node.arguments if one.type is ValueType.VECTOR)


def _compares(node: Expr) -> bool:
    """Whether something is compared inside, so that the outside alone does not tell why."""
    inner = bare(node)
    return isinstance(inner, Binary) or (
        not isinstance(inner, VectorSelector) and any(map(_compares, children(inner)))
    )


def _tells(node: Expr) -> bool:
    """Whether it gives numbers over time that one cannot read off the expression."""
    if node.type is ValueType.SCALAR:
        return not _is_constant(node)
    return node.type is ValueType.VECTOR


def _is_constant(node: Expr) -> bool:
    inner = bare(node)
    if isinstance(inner, Number):
        return True
    return isinstance(inner, Binary | Unary) and all(map(_is_constant, children(inner)))


def limits(expr: Expr) -> dict[str, float]:
    """The plain numbers that parts are compared with, by the text of the part."""
    found: dict[str, float] = {}
    for node in _comparisons(bare(expr), DEPTH):
        left, right = bare(node.left), bare(node.right)
        if isinstance(right, Number):
            found.setdefault(format_expr(left), right.value)
        elif isinstance(left, Number):
            found.setdefault(format_expr(right), left.value)
    return found


def _comparisons(node: Expr, depth: int) -> Iterator[Binary]:
    if isinstance(node, Binary) and node.op in COMPARISONS:
        yield node
    if depth:
        for part in _parts(node):
            yield from _comparisons(part, depth - 1)


def belongs(series: Labels, alert: Mapping[str, str], own: Collection[str] = ()) -> bool:
    """Whether a series can be one of those that an alert is of: no label of both differs.

    ``own`` are the labels that the rule sets itself, which say nothing of its series.
    """
    return all(
        name == NAME or name in own or alert.get(name, value) == value for name, value in series
    )
