"""Durations in brackets and behind ``offset``: a number, or an expression that gives one.

Source of the rules: ``duration_expr`` and ``offset_duration_expr`` in
``promql/parser/generated_parser.y`` of Prometheus 3.14.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from zerostate_monitoring.promql.cursor import Cursor, fail
from zerostate_monitoring.promql.durations import MAX_SECONDS, milliseconds
from zerostate_monitoring.promql.levels import Levels
from zerostate_monitoring.promql.lexer import DURATION, NUMBER, Token
from zerostate_monitoring.promql.nodes import Duration, Length, Number, Span
from zerostate_monitoring.promql.numerals import round_half_away

_POWER: Final = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 3}
# A sign binds like “*”: it takes in what binds tighter.
_OPERAND_OF_A_SIGN: Final = _POWER["*"]
_SIGNS: Final = frozenset({"+", "-"})
_OPERANDS: Final = {"step": 0, "range": 0, "min_of": 2, "max_of": 2}

TOO_SHORT: Final = "A range and a step must be at least one millisecond long."
BY_ZERO: Final = "A duration cannot be divided by zero."
TOO_LONG: Final = "This duration is too long; the longest is 292 years."


def parse_length(cursor: Cursor, levels: Levels) -> Length:
    """The duration that stands in brackets, up to the colon or the bracket.

    Raises:
        QuerySyntaxError: there is none.
    """
    return _Reader(cursor, levels).climb()


def parse_offset_length(cursor: Cursor, levels: Levels) -> Length:
    """The duration behind ``offset``.

    It is one number or one function, with a sign or without, or parentheses with a sign: an
    operator behind them is none of the duration's. After parentheses without a sign, or
    after two signs, it is.

    Raises:
        QuerySyntaxError: there is none.
    """
    reader = _Reader(cursor, levels)
    signed = cursor.token.kind in _SIGNS
    head = (cursor.following if signed else cursor.token).kind
    if head in _SIGNS or (head == "(" and not signed):
        return reader.climb()
    return reader.signed() if signed else reader.plain()


def whole_ms(number: Number) -> int:
    """A plain duration in milliseconds.

    Raises:
        QuerySyntaxError: it is too long.
    """
    # Durations are whole milliseconds, and short enough for a float to say which.
    if number.is_duration:
        return round_half_away(number.value * 1000)
    ms = milliseconds(number.value)
    if ms is None:
        fail(TOO_LONG, number.span)
    return ms


class _Reader:
    def __init__(self, cursor: Cursor, levels: Levels) -> None:
        self._cursor: Final = cursor
        self._levels: Final = levels

    def climb(self, floor: int = 0) -> Length:
        """Operands and operators that bind tighter than ``floor``."""
        left = self._operand()
        while (power := _POWER.get(self._cursor.token.kind, 0)) > floor:
            left = self._binary(left, power)
        return left

    def signed(self) -> Length:
        """One operand with its sign, which is kept even if it changes nothing."""
        sign = self._cursor.take()
        operand = self.plain()
        if sign.kind == "+" and isinstance(operand, Duration) and operand.op == "()":
            return self._made("+", (operand,), sign.start)
        return self._with_sign(sign, operand)

    def plain(self) -> Length:
        """One operand: a number, a function, or parentheses."""
        token = self._cursor.token
        if token.kind == "(":
            return self._paren()
        if token.keyword in _OPERANDS:
            return self._call()
        return self._number()

    def _deeper(self, floor: int = 0) -> Length:
        self._levels.enter(self._cursor.token)
        length = self.climb(floor)
        self._levels.leave()
        return length

    def _operand(self) -> Length:
        if self._cursor.token.kind not in _SIGNS:
            return self.plain()
        sign = self._cursor.take()
        return self._with_sign(sign, self._deeper(_OPERAND_OF_A_SIGN))

    def _with_sign(self, sign: Token, operand: Length) -> Length:
        if isinstance(operand, Duration):
            return self._made("-", (operand,), sign.start) if sign.kind == "-" else operand
        span = self._cursor.since(sign.start)
        value = -operand.value if sign.kind == "-" else operand.value
        return Number(value, operand.is_duration, span=span)

    def _binary(self, left: Length, power: int) -> Length:
        operator = self._cursor.take()
        op = operator.kind
        right = self._deeper(power - 1 if op == "^" else power)
        if op in {"/", "%"} and isinstance(right, Number) and right.value == 0:
            fail(BY_ZERO, operator)
        return self._made(op, (left, right), left.span.start)

    def _number(self) -> Number:
        token = self._cursor.accept(NUMBER, DURATION) or self._cursor.refuse(
            "a duration such as 5m"
        )
        span = Span(token.start, token.end)
        if abs(float(token.value)) > MAX_SECONDS:
            fail(TOO_LONG, span)
        return Number(float(token.value), token.kind == DURATION, span=span)

    def _paren(self) -> Length:
        start = self._cursor.take().start
        inner = self._deeper()
        self._cursor.expect(")", "an operator or “)”")
        # Around a number, or once more, they say nothing.
        if isinstance(inner, Number) or inner.op == "()":
            return replace(inner, span=self._cursor.since(start))
        return self._made("()", (inner,), start)

    def _call(self) -> Duration:
        word = self._cursor.take()
        self._cursor.expect("(", f"“(” behind “{word.text}”")
        operands: list[Length] = []
        for place in range(_OPERANDS[word.keyword]):
            if place:
                self._cursor.expect(",", "an operator or a comma")
            operands.append(self._deeper())
        self._cursor.expect(")", "an operator or “)”" if operands else "“)”")
        return self._made(word.keyword, tuple(operands), word.start)

    def _made(self, op: str, operands: tuple[Length, ...], start: int) -> Duration:
        made = Duration(op, operands, span=self._cursor.since(start))
        return self._levels.grown(made, operands)
