"""An expression's tree as Prometheus's ``parse_query`` writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from zerostate_monitoring.api import numbers
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    At,
    Binary,
    Call,
    Expr,
    Length,
    MatrixSelector,
    Number,
    Paren,
    String,
    Subquery,
    Unary,
    VectorSelector,
)

Node = dict[str, Any]


def tree(expr: Expr) -> Node:
    """The tree under ``expr`` as plain dicts."""
    return _WRITERS[type(expr)](expr)


def _number(number: Number) -> Node:
    return {"type": "numberLiteral", "val": numbers.plain(number.value)}


def _string(string: String) -> Node:
    return {"type": "stringLiteral", "val": string.value}


def _paren(paren: Paren) -> Node:
    return {"type": "parenExpr", "expr": tree(paren.expr)}


def _unary(unary: Unary) -> Node:
    return {"type": "unaryExpr", "op": unary.op, "expr": tree(unary.expr)}


def _vector(selector: VectorSelector) -> Node:
    return {"type": "vectorSelector", **_selector(selector)}


def _matrix(matrix: MatrixSelector) -> Node:
    return {
        "type": "matrixSelector",
        **_selector(matrix.selector),
        "range": matrix.range_ms,
        "rangeExpr": _length(matrix.range_expr),
    }


def _selector(selector: VectorSelector) -> Node:
    return {
        "name": selector.name,
        "matchers": [
            {"name": matcher.name, "value": matcher.value, "type": matcher.op}
            for matcher in selector.matchers
        ],
        "offset": selector.offset_ms,
        "offsetExpr": _length(selector.offset_expr),
        **_at(selector.at),
        "anchored": False,
        "smoothed": False,
    }


def _at(at: At | None) -> Node:
    return {
        "timestamp": at if isinstance(at, int) else None,
        "startOrEnd": at if isinstance(at, str) else None,
    }


def _subquery(subquery: Subquery) -> Node:
    return {
        "type": "subquery",
        "expr": tree(subquery.expr),
        "range": subquery.range_ms,
        "rangeExpr": _length(subquery.range_expr),
        "offset": subquery.offset_ms,
        "offsetExpr": _length(subquery.offset_expr),
        "step": subquery.step_ms or 0,
        "stepExpr": _length(subquery.step_expr),
        **_at(subquery.at),
    }


def _length(length: Length | None, *, wrapped: bool = False) -> Node | None:
    if length is None:
        return None
    if isinstance(length, Number):
        return {**_number(length), "duration": length.is_duration}
    match length.op, length.operands:
        case ("()" | "+") as op, [inner]:
            return _length(inner, wrapped=op == "()")
        case op, [left, right]:
            return _computed(op, _length(left), _length(right), wrapped=wrapped)
    only = _length(length.operands[0]) if length.operands else None
    return _computed(length.op, None, only, wrapped=wrapped)


def _computed(op: str, left: Node | None, right: Node | None, *, wrapped: bool) -> Node:
    return {"type": "durationExpr", "op": op, "lhs": left, "rhs": right, "wrapped": wrapped}


def _binary(binary: Binary) -> Node:
    matching = binary.matching
    return {
        "type": "binaryExpr",
        "op": binary.op,
        "lhs": tree(binary.left),
        "rhs": tree(binary.right),
        "matching": matching
        and {
            "card": matching.card.value,
            "labels": list(matching.labels),
            "on": matching.on,
            "include": list(matching.include),
            "fillValues": {"lhs": None, "rhs": None},
        },
        "bool": binary.returns_bool,
    }


def _aggregation(aggregation: Aggregation) -> Node:
    parameter = aggregation.parameter
    return {
        "type": "aggregation",
        "op": aggregation.op,
        "expr": tree(aggregation.expr),
        "param": None if parameter is None else tree(parameter),
        "grouping": list(aggregation.grouping),
        "without": aggregation.without,
    }


def _call(call: Call) -> Node:
    function = call.function
    return {
        "type": "call",
        "func": {
            "name": function.name,
            "argTypes": [kind.value for kind in function.arguments],
            "variadic": -1 if function.repeats else function.optional,
            "returnType": function.gives.value,
        },
        "args": [tree(argument) for argument in call.arguments],
    }


_WRITERS: Final[Mapping[type[Any], Callable[[Any], Node]]] = {
    Aggregation: _aggregation,
    Binary: _binary,
    Call: _call,
    MatrixSelector: _matrix,
    Number: _number,
    Paren: _paren,
    String: _string,
    Subquery: _subquery,
    Unary: _unary,
    VectorSelector: _vector,
}
