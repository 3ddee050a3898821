"""From syntax tree to text, on one line or on many.

Source of the form: ``promql/parser/printer.go`` and ``prettier.go`` of Prometheus 3.14.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from zerostate_monitoring.promql.durations import format_duration
from zerostate_monitoring.promql.labels import METRIC_NAME
from zerostate_monitoring.promql.matchers import format_matcher
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Card,
    Duration,
    Expr,
    Length,
    Matcher,
    MatrixSelector,
    Number,
    Paren,
    String,
    Subquery,
    Unary,
    VectorSelector,
)
from zerostate_monitoring.promql.numerals import format_number, round_half_away
from zerostate_monitoring.promql.quoting import is_plain_label, quote

MAX_WIDTH: Final = 100
"""Bytes of a line, without its indentation, beyond which an expression is broken."""

_NAMED: Final = frozenset({"step", "range", "min_of", "max_of"})

# Plain as they are, a list of labels may not hold them.
_NO_LABELS: Final = frozenset({"inf", "nan", "without"})


def format_expr(expr: Expr) -> str:
    """One line that parses to an equal tree; equal trees give equal lines.

    It is what Prometheus's ``String`` gives, except where that would parse to something else:
    an infinity left of ``^`` has no sign, a negative duration of zero keeps its own, durations
    lose no millisecond, labels called like words of the language stand in quotes, durations
    that are computed have the parentheses and signs without which they would mean another.
    """
    match expr:
        case Subquery():
            return f"{format_expr(expr.expr)}{_range_of_subquery(expr)}"
        case Paren():
            return f"({format_expr(expr.expr)})"
        case Unary():
            return f"{expr.op}{format_expr(expr.expr)}"
        case Binary():
            return f"{_left(expr)} {_operator(expr)} {format_expr(expr.right)}"
        case Aggregation() | Call():
            return f"{_head(expr)}({', '.join(map(format_expr, _arguments(expr)))})"
    return _leaf(expr)


# -- parts ---------------------------------------------------------------------


def _leaf(expr: Number | String | VectorSelector | MatrixSelector) -> str:
    match expr:
        case Number():
            return _number(expr)
        case String():
            return quote(expr.value)
        case VectorSelector():
            return f"{_bare(expr)}{_modifiers(expr)}"
        case MatrixSelector(selector):
            return f"{_bare(selector)}[{_range(expr)}]{_modifiers(selector)}"


def _number(number: Number) -> str:
    if not number.is_duration:
        return format_number(number.value)
    sign = "-" if math.copysign(1, number.value) < 0 else ""
    return sign + format_duration(round_half_away(abs(number.value) * 1000))


def _left(binary: Binary) -> str:
    return _as_base(binary, format_expr(binary.left))


def _as_base(binary: Binary, left: str) -> str:
    """``left`` without a sign that would be read as one of the whole power."""
    return left.replace("+", "") if binary.op == "^" and left.strip() == "+Inf" else left


def _bare(selector: VectorSelector) -> str:
    shown = sorted(
        format_matcher(matcher)
        for matcher in selector.matchers
        if not _is_shown_by_name(matcher, selector.name)
    )
    return f"{selector.name}{{{','.join(shown)}}}" if shown else selector.name


def _is_shown_by_name(matcher: Matcher, name: str) -> bool:
    return name != "" and matcher == Matcher(METRIC_NAME, "=", name)


def _modifiers(node: VectorSelector | Subquery) -> str:
    text = ""
    if isinstance(node.at, int):
        text = f" @ {node.at / 1000:.3f}"
    elif node.at is not None:
        text = f" @ {node.at}()"
    if node.offset_expr is not None:
        return f"{text} offset {_offset(node.offset_expr)}"
    return f"{text} offset {format_duration(node.offset_ms)}" if node.offset_ms else text


def _range_of_subquery(node: Subquery) -> str:
    step = format_duration(node.step_ms) if node.step_ms else ""
    if node.step_expr is not None:
        step = _length(node.step_expr)
    return f"[{_range(node)}:{step}]{_modifiers(node)}"


def _range(node: MatrixSelector | Subquery) -> str:
    given = node.range_expr
    return format_duration(node.range_ms) if given is None else _length(given)


def _length(length: Length) -> str:
    if isinstance(length, Number):
        return _number(length)
    parts = [_length(operand) for operand in length.operands]
    match length.op, parts:
        case "()", [inner]:
            return f"({inner})"
        case (("step" | "range" | "min_of" | "max_of"), _):
            return f"{length.op}({', '.join(parts)})"
        case _, [operand]:
            return length.op + operand
        case "^", [left, right] if left.startswith("-"):
            return f"({left}) ^ {right}"
    return f" {length.op} ".join(parts)


def _offset(length: Duration) -> str:
    """Behind ``offset``, so that no more and no less is read as a part of it."""
    text = _length(length)
    signs = len(text) - len(text.lstrip("+-"))
    if text.startswith("(") or signs > 1 or _is_read_alone(length):
        return text
    first: Length = length
    while isinstance(first, Duration) and len(first.operands) > 1 and first.op not in _NAMED:
        first = first.operands[0]
    if isinstance(first, Number):
        number = _number(first)
        return f"({number}){text.removeprefix(number)}"
    return "+" * (2 - signs) + text


def _is_read_alone(length: Length) -> bool:
    match length:
        case Duration("+" | "-", (Duration(op),)):
            return op == "()" or op in _NAMED
        case Duration(op):
            return op in _NAMED
    return False


def _operator(node: Binary) -> str:
    parts = [node.op, *(["bool"] if node.returns_bool else [])]
    matching = node.matching
    if matching is None:
        return parts[0] if len(parts) == 1 else " ".join(parts)
    grouped = matching.card in {Card.MANY_TO_ONE, Card.ONE_TO_MANY}
    if matching.labels or matching.on or grouped:
        parts.append(f"{'on' if matching.on else 'ignoring'} ({_labels(matching.labels)})")
    if grouped:
        side = "left" if matching.card is Card.MANY_TO_ONE else "right"
        parts.append(f"group_{side} ({_labels(matching.include)})")
    return " ".join(parts)


def _head(node: Aggregation | Call) -> str:
    if isinstance(node, Call):
        return node.function.name
    if not node.without and not node.grouping:
        return node.op
    return f"{node.op} {'without' if node.without else 'by'} ({_labels(node.grouping)}) "


def _arguments(node: Aggregation | Call) -> tuple[Expr, ...]:
    if isinstance(node, Call):
        return node.arguments
    return (node.expr,) if node.parameter is None else (node.parameter, node.expr)


def _labels(labels: Iterable[str]) -> str:
    return ", ".join(map(_label, labels))


def _label(name: str) -> str:
    return name if is_plain_label(name) and name.lower() not in _NO_LABELS else quote(name)


# -- many lines ----------------------------------------------------------------


def prettify(expr: Expr) -> str:
    """``expr`` over as many lines as it needs; what Prometheus's ``format_query`` gives.

    An expression whose one line has more than ``MAX_WIDTH`` bytes is broken and its parts are
    indented by two spaces, as deep as need be.
    """
    return _pretty(expr, 0)


def _pretty(expr: Expr, level: int) -> str:
    line, indent = format_expr(expr), "  " * level
    fits = len(line.encode()) <= MAX_WIDTH
    match expr:
        case Unary():
            return f"{indent}{expr.op}{_pretty(expr.expr, level).strip()}"
        case Subquery():
            # Prometheus gives a short one no indentation.
            return line if fits else _pretty(expr.expr, level) + _range_of_subquery(expr)
        case Binary() | Aggregation() | Call() | Paren() if not fits:
            return _broken(expr, level)
    return f"{indent}{line}"


def _broken(expr: Binary | Aggregation | Call | Paren, level: int) -> str:
    indent = "  " * level
    if isinstance(expr, Binary):
        left, right = _pretty(expr.left, level + 1), _pretty(expr.right, level + 1)
        return f"{_as_base(expr, left)}\n{indent}{_operator(expr)}\n{right}"
    head = "" if isinstance(expr, Paren) else _head(expr)
    parts = (expr.expr,) if isinstance(expr, Paren) else _arguments(expr)
    inner = ",\n".join(_pretty(part, level + 1) for part in parts)
    return f"{indent}{head}(\n{inner}\n{indent})"
