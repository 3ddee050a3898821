"""Nodes whose parts fit each other: types, numbers of arguments, matching.

Source of the rules: ``checkAST`` in ``promql/parser/parse.go`` of Prometheus 3.14.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from zerostate_monitoring.promql.cursor import fail
from zerostate_monitoring.promql.functions import PARAMETERS
from zerostate_monitoring.promql.labels import label_name
from zerostate_monitoring.promql.lexer import Token
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Card,
    Expr,
    Function,
    Matching,
    Number,
    Paren,
    Span,
    String,
    Unary,
    ValueType,
)

COMPARISONS: Final = frozenset({"==", "!=", "<=", "<", ">=", ">"})
SETS: Final = frozenset({"and", "or", "unless"})

_OPERANDS: Final = frozenset({ValueType.SCALAR, ValueType.VECTOR})
_WORDS: Final = {
    ValueType.SCALAR: "a scalar",
    ValueType.STRING: "a string",
    ValueType.VECTOR: "an instant vector",
    ValueType.MATRIX: "a range vector",
}
_WAYS: Final = {
    (ValueType.MATRIX, ValueType.VECTOR): " A range makes one of a selector: x[5m].",
    (ValueType.VECTOR, ValueType.MATRIX): " Without its range it is one.",
    (ValueType.VECTOR, ValueType.SCALAR): " vector() makes one of a scalar.",
    (ValueType.SCALAR, ValueType.VECTOR): " scalar() makes one of a vector.",
}


@dataclass(frozen=True, slots=True)
class Modifiers:
    """What stands behind an operator."""

    returns_bool: bool = False
    matching: Matching = field(default_factory=Matching)


def _expect_type(expr: Expr, wanted: ValueType, where: str) -> None:
    given = expr.type
    if given is not wanted:
        way = _WAYS.get((wanted, given), "")
        fail(f"{where} must be {_WORDS[wanted]}; this is {_WORDS[given]}.{way}", expr.span)


# -- functions and aggregations ------------------------------------------------


def make_call(function: Function, arguments: tuple[Expr, ...], span: Span) -> Call:
    """A call whose arguments are those that ``function`` takes.

    Raises:
        QuerySyntaxError: there are too many, too few, or one has another type.
    """
    _expect_count(function, len(arguments), span)
    for index, argument in enumerate(arguments):
        wanted = function.arguments[min(index, len(function.arguments) - 1)]
        _expect_type(argument, wanted, f"Argument {index + 1} of {function.name}()")
    return Call(function, arguments, span=span)


def _expect_count(function: Function, count: int, span: Span) -> None:
    most = len(function.arguments)
    least = most - 1 if function.repeats else most - function.optional
    if least <= count and (count <= most or function.repeats):
        return
    wanted = f"{least} or more" if function.repeats else f"{least} to {most}"
    if least == most:
        wanted = str(most) if most else "no"
    noun = "argument" if wanted == "1" else "arguments"
    fail(f"{function.name}() takes {wanted} {noun}, not {count}.", span)


def make_aggregation(
    op: str, arguments: tuple[Expr, ...], grouping: tuple[str, ...], span: Span, *, without: bool
) -> Aggregation:
    """An aggregation with its parameter, if ``op`` has one.

    Raises:
        QuerySyntaxError: there are too many arguments, too few, or one has another type.
    """
    parameter_type = PARAMETERS.get(op)
    count = 1 if parameter_type is None else 2
    if len(arguments) != count:
        nouns = "1 argument" if count == 1 else "2 arguments"
        fail(f"{op}() takes {nouns}, not {len(arguments)}.", span)
    _expect_type(arguments[-1], ValueType.VECTOR, f"What {op}() aggregates")
    if parameter_type is None:
        return Aggregation(op, arguments[0], None, grouping, without, span=span)
    _expect_type(arguments[0], parameter_type, f"The parameter of {op}()")
    if op == "count_values":
        _expect_label(arguments[0])
    return Aggregation(op, arguments[1], arguments[0], grouping, without, span=span)


def _expect_label(expr: Expr) -> None:
    while isinstance(expr, Paren):
        expr = expr.expr
    if isinstance(expr, String):
        label_name(expr.value, expr.span)


# -- operators -----------------------------------------------------------------


def make_unary(sign: Token, expr: Expr) -> Unary | Number:
    """``-expr`` or ``+expr``; a number takes its sign in.

    Raises:
        QuerySyntaxError: the expression is a string or a range vector.
    """
    span = Span(sign.start, expr.span.end)
    if isinstance(expr, Number):
        negative = sign.kind == "-" and expr.value == expr.value
        return replace(expr, value=-expr.value if negative else expr.value, span=span)
    if expr.type not in _OPERANDS:
        fail(f"A sign stands before scalars and instant vectors, not {_WORDS[expr.type]}.", span)
    return Unary("-" if sign.kind == "-" else "+", expr, span=span)


def make_binary(operator: Token, left: Expr, right: Expr, modifiers: Modifiers) -> Binary:
    """``left operator right``.

    Raises:
        QuerySyntaxError: the operator does not work on these types, or not with ``modifiers``.
    """
    op = operator.keyword or operator.kind
    _check_operands(op, left, right)
    vectors = left.type is right.type is ValueType.VECTOR
    scalars = left.type is right.type is ValueType.SCALAR
    span = Span(left.span.start, right.span.end)
    _check_bool(operator, op, modifiers, scalars=scalars)
    _check_labels(operator, modifiers.matching)
    matching = _check_matching(op, modifiers.matching, span, vectors=vectors)
    return Binary(op, left, right, modifiers.returns_bool, matching, span=span)


def _check_operands(op: str, left: Expr, right: Expr) -> None:
    for expr in (left, right):
        if expr.type not in _OPERANDS:
            way = _WAYS.get((ValueType.VECTOR, expr.type), "")
            fail(
                f"“{op}” works on scalars and instant vectors; this is {_WORDS[expr.type]}.{way}",
                expr.span,
            )
        if op in SETS and expr.type is ValueType.SCALAR:
            fail(f"“{op}” works on instant vectors alone; this is a scalar.", expr.span)


def _check_bool(operator: Token, op: str, modifiers: Modifiers, *, scalars: bool) -> None:
    if modifiers.returns_bool and op not in COMPARISONS:
        fail(f"“bool” belongs to comparisons; “{op}” is none.", operator)
    if scalars and op in COMPARISONS and not modifiers.returns_bool:
        fail(f"Between two scalars “bool” is needed: 1 {op} bool 2.", operator)


def _check_labels(operator: Token, matching: Matching) -> None:
    twice = set(matching.labels) & set(matching.include)
    if matching.on and twice:
        fail(f"The label “{min(twice)}” stands in “on” and in the group at once.", operator)


def _check_matching(op: str, matching: Matching, span: Span, *, vectors: bool) -> Matching | None:
    if not vectors:
        if matching.labels:
            fail("“on” and “ignoring” belong between two instant vectors.", span)
        return None
    if op not in SETS:
        return matching
    if matching.card is not Card.ONE_TO_ONE:
        fail(f"“{op}” takes no group_left and no group_right.", span)
    return replace(matching, card=Card.MANY_TO_MANY)
