"""What stands behind a selector or subquery: ranges, ``offset`` and ``@``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from zerostate_monitoring.promql.cursor import Cursor, fail
from zerostate_monitoring.promql.lengths import (
    TOO_SHORT,
    parse_length,
    parse_offset_length,
    whole_ms,
)
from zerostate_monitoring.promql.levels import Levels
from zerostate_monitoring.promql.lexer import DURATION, NUMBER, Token
from zerostate_monitoring.promql.nodes import (
    At,
    Duration,
    Expr,
    Length,
    MatrixSelector,
    Span,
    Subquery,
    ValueType,
    VectorSelector,
)
from zerostate_monitoring.promql.numerals import round_half_away

Modified = VectorSelector | MatrixSelector | Subquery

_MAX_MS: Final = (1 << 63) - 1


# -- ranges and subqueries -----------------------------------------------------


def parse_range(cursor: Cursor, levels: Levels, expr: Expr) -> MatrixSelector | Subquery:
    """``expr[5m]`` or ``expr[1h:5m]``; the cursor stands at the bracket.

    Raises:
        QuerySyntaxError: it is none, or ``expr`` cannot have a range.
    """
    bracket = cursor.take()
    range_ms, range_expr = _positive(parse_length(cursor, levels))
    if not cursor.accept(":"):
        cursor.expect("]", "an operator, “:” or “]”")
        selector = _rangeable(expr, Span(bracket.start, cursor.end))
        return MatrixSelector(selector, range_ms, range_expr, span=cursor.since(expr.span.start))
    steps = cursor.token.kind != "]"
    step_ms, step_expr = _positive(parse_length(cursor, levels)) if steps else (None, None)
    cursor.expect("]", "an operator or “]”" if steps else "a step or “]”")
    span = cursor.since(expr.span.start)
    if expr.type is not ValueType.VECTOR:
        fail(f"A subquery goes over an instant vector; this is a {expr.type}.", span)
    return Subquery(expr, range_ms, step_ms, range_expr=range_expr, step_expr=step_expr, span=span)


def _positive(length: Length) -> tuple[int, Duration | None]:
    """A plain duration in milliseconds, or one that is computed."""
    if isinstance(length, Duration):
        return 0, length
    ms = whole_ms(length)
    if ms <= 0:
        fail(TOO_SHORT, length.span)
    return ms, None


def _rangeable(expr: Expr, brackets: Span) -> VectorSelector:
    if not isinstance(expr, VectorSelector):
        fail(
            "A range stands behind a selector alone. Over any other expression goes a "
            "subquery: [1h:5m].",
            brackets,
        )
    if _is_moved(expr) or expr.at is not None:
        fail("The range stands before offset and @: x[5m] offset 1h.", brackets)
    return expr


# -- offset and @ --------------------------------------------------------------


def parse_offset(cursor: Cursor, levels: Levels, expr: Expr) -> Modified:
    """``expr offset 5m``; the cursor stands at the word.

    Raises:
        QuerySyntaxError: it is none, or ``expr`` can have no offset, or has one.
    """
    word = cursor.take()
    length = parse_offset_length(cursor, levels)
    target = _modifiable(expr, word)
    if _is_moved(_bearer(target)):
        fail("The offset is given twice.", Span(expr.span.start, cursor.end))
    if isinstance(length, Duration):
        return _changed(target, cursor, offset_expr=length)
    return _changed(target, cursor, offset_ms=whole_ms(length))


def _is_moved(node: VectorSelector | Subquery) -> bool:
    return node.offset_ms != 0 or node.offset_expr is not None


def parse_at(cursor: Cursor, expr: Expr) -> Modified:
    """``expr @ 17``, ``expr @ start()`` or ``expr @ end()``; the cursor stands at the sign.

    Raises:
        QuerySyntaxError: it is none, or ``expr`` can have no time, or has one.
    """
    sign = cursor.take()
    at = _end_of_range(cursor) if cursor.token.keyword in {"start", "end"} else _instant(cursor)
    target = _modifiable(expr, sign)
    if _bearer(target).at is not None:
        fail("The time behind @ is given twice.", Span(expr.span.start, cursor.end))
    return _changed(target, cursor, at=at)


def _end_of_range(cursor: Cursor) -> At:
    word = cursor.take()
    cursor.expect("(", f"“()” behind “{word.text}”")
    cursor.expect(")", "“)”")
    return "start" if word.keyword == "start" else "end"


def _instant(cursor: Cursor) -> int:
    start = cursor.token.start
    minus = cursor.accept("+", "-")
    token = cursor.accept(NUMBER, DURATION) or cursor.refuse(
        "a time in seconds since 1970, start() or end()"
    )
    seconds = float(token.value)
    if not abs(seconds) * 1000 <= _MAX_MS:
        fail("This is no time: @ takes seconds since 1970.", cursor.since(start))
    return round_half_away((-1000 if minus and minus.kind == "-" else 1000) * seconds)


def _modifiable(expr: Expr, word: Token) -> Modified:
    if not isinstance(expr, VectorSelector | MatrixSelector | Subquery):
        fail(
            f"“{word.text}” stands directly behind a selector, its range or a subquery; "
            "not behind any other expression.",
            Span(expr.span.start, word.end),
        )
    return expr


def _bearer(expr: Modified) -> VectorSelector | Subquery:
    return expr.selector if isinstance(expr, MatrixSelector) else expr


def _changed(expr: Modified, cursor: Cursor, **changes: Any) -> Modified:
    span = cursor.since(expr.span.start)
    if isinstance(expr, MatrixSelector):
        return replace(expr, selector=replace(expr.selector, **changes), span=span)
    return replace(expr, span=span, **changes)
