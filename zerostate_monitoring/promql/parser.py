"""From text to syntax tree.

Source of the rules: ``promql/parser/generated_parser.y`` of Prometheus 3.14.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from zerostate_monitoring.promql import checking
from zerostate_monitoring.promql.cursor import Cursor, fail
from zerostate_monitoring.promql.functions import (
    AGGREGATIONS,
    EXPERIMENTAL,
    EXPERIMENTAL_AGGREGATIONS,
    FUNCTIONS,
    refusal,
)
from zerostate_monitoring.promql.labels import parse_label_list, parse_selector
from zerostate_monitoring.promql.levels import Levels
from zerostate_monitoring.promql.lexer import DURATION, END, KEYWORDS, NAME, NUMBER, STRING, Token
from zerostate_monitoring.promql.modifiers import parse_at, parse_offset, parse_range
from zerostate_monitoring.promql.nodes import (
    Card,
    Expr,
    Matching,
    Number,
    Paren,
    Span,
    String,
    children,
    durations,
)

_POWER: Final = {
    "or": 1,
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(("==", "!=", "<=", "<", ">=", ">", "</", ">/"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%", "atan2"), 5),
    "^": 6,
}
# A sign binds like “*”: it takes in what binds tighter.
_OPERAND_OF_A_SIGN: Final = _POWER["*"]
_NO_METRIC: Final = frozenset({"atan2", "bool", "group_left", "group_right", "ignoring", "on"})
_NEVER_CALLED: Final = KEYWORDS - EXPERIMENTAL
_AGGREGATIONS: Final = AGGREGATIONS | EXPERIMENTAL_AGGREGATIONS
_NOT_AVAILABLE: Final = "is experimental in Prometheus and not available here."


def parse_expr(text: str) -> Expr:
    """The syntax tree of ``text``; its types fit.

    Raises:
        QuerySyntaxError: the text is no query, or larger than this parser takes: more than
            ``lexer.MAX_TOKENS`` tokens, or more than ``levels.MAX_DEPTH``
            levels. Operators of one rank in a row are levels, too: ``a + b + c`` has two.
    """
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self._cursor: Final = Cursor(text)
        self._levels: Final = Levels()

    def parse(self) -> Expr:
        if self._cursor.token.kind == END:
            fail("The query is empty.", self._cursor.token)
        expr = self._expression()
        self._cursor.expect(END, "an operator or the end of the query")
        return expr

    def _grown(self, expr: Expr) -> Expr:
        return self._levels.grown(expr, (*children(expr), *durations(expr)))

    # -- operators -------------------------------------------------------------

    def _expression(self, floor: int = 0) -> Expr:
        self._levels.enter(self._cursor.token)
        left = self._operand()
        while self._power() > floor:
            left = self._grown(self._binary(left))
        self._levels.leave()
        return left

    def _power(self) -> int:
        token = self._cursor.token
        return _POWER.get(token.keyword or token.kind, 0)

    def _binary(self, left: Expr) -> Expr:
        power, operator = self._power(), self._cursor.take()
        if operator.kind in {"</", ">/"}:
            fail(f"“{operator.kind}” works on native histograms, which are not stored.", operator)
        modifiers = self._modifiers()
        from_the_right = operator.kind == "^"
        right = self._expression(power - 1 if from_the_right else power)
        return checking.make_binary(operator, left, right, modifiers)

    def _modifiers(self) -> checking.Modifiers:
        returns_bool = self._accept_keyword("bool") is not None
        matching = Matching()
        if word := self._accept_keyword("on", "ignoring"):
            labels = parse_label_list(self._cursor)
            matching = self._grouped(Matching(on=word.keyword == "on", labels=labels))
        token = self._cursor.token
        if token.keyword.startswith("fill") and self._cursor.following.kind == "(":
            fail(f"“{token.text}” {_NOT_AVAILABLE}", token)
        return checking.Modifiers(returns_bool, matching)

    def _grouped(self, matching: Matching) -> Matching:
        word = self._accept_keyword("group_left", "group_right")
        if word is None:
            return matching
        card = Card.MANY_TO_ONE if word.keyword == "group_left" else Card.ONE_TO_MANY
        include = parse_label_list(self._cursor) if self._cursor.token.kind == "(" else ()
        return replace(matching, card=card, include=include)

    def _accept_keyword(self, *words: str) -> Token | None:
        return self._cursor.take() if self._cursor.token.keyword in words else None

    # -- operands --------------------------------------------------------------

    def _operand(self) -> Expr:
        if self._cursor.token.kind in {"+", "-"}:
            sign = self._cursor.take()
            return self._grown(checking.make_unary(sign, self._expression(_OPERAND_OF_A_SIGN)))
        return self._modified(self._grown(self._plain()))

    def _modified(self, expr: Expr) -> Expr:
        cursor = self._cursor
        while True:
            token = cursor.token
            if token.kind == "[":
                expr = parse_range(cursor, self._levels, expr)
            elif token.kind == "@":
                expr = parse_at(cursor, expr)
            elif token.keyword == "offset":
                expr = parse_offset(cursor, self._levels, expr)
            elif token.keyword in {"anchored", "smoothed"}:
                fail(f"“{token.text}” {_NOT_AVAILABLE}", token)
            else:
                return expr
            self._grown(expr)

    def _plain(self) -> Expr:
        token = self._cursor.token
        span = Span(token.start, token.end)
        if token.kind in {NUMBER, DURATION}:
            self._cursor.take()
            return Number(float(token.value), token.kind == DURATION, span=span)
        if token.kind == STRING:
            self._cursor.take()
            return String(str(token.value), span=span)
        if token.kind == "(":
            return self._paren()
        if token.kind == NAME:
            return self._named()
        if token.kind != "{":
            self._cursor.refuse("an expression")
        return parse_selector(self._cursor)

    def _paren(self) -> Expr:
        start = self._cursor.take().start
        expr = self._expression()
        self._cursor.expect(")", "an operator or “)”")
        return Paren(expr, span=self._cursor.since(start))

    def _named(self) -> Expr:
        word, following = self._cursor.token, self._cursor.following
        opens = following.kind == "("
        if word.keyword in _AGGREGATIONS and (opens or following.keyword in {"by", "without"}):
            return self._aggregation()
        if opens and word.keyword not in _NEVER_CALLED and ":" not in word.text:
            return self._call()
        if word.keyword in _NO_METRIC:
            self._cursor.refuse("an expression")
        return parse_selector(self._cursor)

    # -- functions and aggregations --------------------------------------------

    def _call(self) -> Expr:
        name = self._cursor.take()
        function = FUNCTIONS.get(name.text)
        if function is None:
            fail(refusal(name.text) or _unknown(name.text), name)
        arguments = self._arguments()
        return checking.make_call(function, arguments, self._cursor.since(name.start))

    def _aggregation(self) -> Expr:
        op = self._cursor.take()
        if reason := refusal(op.keyword):
            fail(reason, op)
        clause = self._accept_keyword("by", "without")
        grouping = parse_label_list(self._cursor) if clause else ()
        arguments = self._arguments()
        if clause is None and (clause := self._accept_keyword("by", "without")):
            grouping = parse_label_list(self._cursor)
        return checking.make_aggregation(
            op.keyword,
            arguments,
            grouping,
            self._cursor.since(op.start),
            without=clause is not None and clause.keyword == "without",
        )

    def _arguments(self) -> tuple[Expr, ...]:
        cursor = self._cursor
        cursor.expect("(", "the arguments in parentheses")
        arguments: list[Expr] = []
        while not cursor.accept(")"):
            if arguments:
                cursor.expect(",", "an operator, a comma or “)”")
            arguments.append(self._expression())
        return tuple(arguments)


def _unknown(name: str) -> str:
    close = get_close_matches(name[:60], FUNCTIONS, n=1)
    return f"There is no function {name[:60]}()." + (f" Is {close[0]}() meant?" if close else "")
