"""What stands in braces and in lists of labels."""

from __future__ import annotations

from typing import Final, cast

from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.promql.cursor import Cursor, fail
from zerostate_monitoring.promql.lexer import NAME, STRING, Token
from zerostate_monitoring.promql.matchers import compile_matcher
from zerostate_monitoring.promql.nodes import Matcher, Operator, Span, VectorSelector

METRIC_NAME: Final = "__name__"
MOST_MATCHERS: Final = 100

_OPERATORS: Final = ("=", "!=", "=~", "!~")


def parse_selector(cursor: Cursor, *, named_once: bool = True) -> VectorSelector:
    """``name``, ``name{matchers}`` or ``{matchers}`` at the cursor.

    A query refuses two names; who lists series finds those that have both, which are none.

    Raises:
        QuerySyntaxError: it is none, it names the metric twice, or it would select everything.
    """
    start = cursor.token.start
    name = cursor.take().text if cursor.token.kind == NAME else ""
    matchers = _parse_braces(cursor) if cursor.token.kind == "{" else ()
    span = cursor.since(start)
    if name:
        if named_once:
            _refuse_second_name(name, matchers, span)
        return VectorSelector(name, (*matchers, Matcher(METRIC_NAME, "=", name)), span=span)
    if all(compile_matcher(matcher)("") for matcher in matchers):
        fail(
            "The selector would select everything: at least one matcher must refuse "
            'the empty value, as {job="x"} or {job=~".+"} do.',
            span,
        )
    return VectorSelector("", matchers, span=span)


def _refuse_second_name(name: str, matchers: tuple[Matcher, ...], span: Span) -> None:
    for matcher in matchers:
        if matcher.name == METRIC_NAME:
            fail(
                f"The metric is named twice: “{name}” before the braces and "
                f"“{matcher.value}” inside them.",
                span,
            )


def _parse_braces(cursor: Cursor) -> tuple[Matcher, ...]:
    cursor.take()
    matchers: list[Matcher] = []
    while not cursor.accept("}"):
        start = cursor.token.start
        matchers.append(_parse_matcher(cursor))
        if len(matchers) > MOST_MATCHERS:
            fail(f"A selector may have {MOST_MATCHERS} matchers at most.", cursor.since(start))
        if cursor.token.kind != "}":
            cursor.expect(",", "a comma or the closing brace")
    return tuple(matchers)


def _parse_matcher(cursor: Cursor) -> Matcher:
    label = cursor.accept(NAME, STRING) or cursor.refuse("a label or the closing brace")
    if label.kind == STRING and cursor.token.kind in {",", "}"}:
        return Matcher(METRIC_NAME, "=", str(label.value))
    op = cursor.accept(*_OPERATORS) or cursor.refuse("one of = != =~ !~")
    value = cursor.expect(STRING, "a value in quotes")
    matcher = Matcher(_text(label), cast("Operator", op.kind), str(value.value))
    try:
        compile_matcher(matcher)
    except QueryError as error:
        fail(f"The regular expression cannot be used: {error}.", Span(label.start, value.end))
    return matcher


def parse_label_list(cursor: Cursor) -> tuple[str, ...]:
    """``(a, b)`` at the cursor; a comma may stand behind the last label.

    Raises:
        QuerySyntaxError: it is none, or a name is no label's.
    """
    cursor.expect("(", "a list of labels in parentheses")
    labels: list[str] = []
    while not cursor.accept(")"):
        labels.append(_parse_label(cursor))
        if cursor.token.kind != ")":
            cursor.expect(",", "a comma or the closing parenthesis")
    return tuple(labels)


def _parse_label(cursor: Cursor) -> str:
    # Prometheus takes any keyword for a label but this one.
    if cursor.token.keyword == "without":
        cursor.refuse('a label, in quotes if it is called so: "without",')
    label = cursor.accept(NAME, STRING) or cursor.refuse("a label")
    return label_name(_text(label), Span(label.start, label.end))


def label_name(name: str, span: Span) -> str:
    """``name`` if a label may be called so.

    Raises:
        QuerySyntaxError: it may not.
    """
    if not name or "\N{REPLACEMENT CHARACTER}" in name:
        fail("This is no name of a label: it is empty, or holds what is no character.", span)
    return name


def _text(label: Token) -> str:
    return label.text if label.kind == NAME else str(label.value)
