"""From text to tree, and what is refused where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.promql.verdicts import attempt, refused
from zerostate_monitoring.promql.lexer import KEYWORDS
from zerostate_monitoring.promql.nodes import (
    Binary,
    Card,
    Matcher,
    Matching,
    MatrixSelector,
    Number,
    Paren,
    Span,
    Subquery,
    Unary,
    VectorSelector,
)
from zerostate_monitoring.promql.parser import parse_expr


def shape(expr):
    """``expr`` with parentheses around every operator."""
    match expr:
        case Binary():
            return f"({shape(expr.left)} {expr.op} {shape(expr.right)})"
        case Unary():
            return f"({expr.op}{shape(expr.expr)})"
        case Number():
            return f"{expr.value:g}"
        case VectorSelector():
            return expr.name + (f" offset {expr.offset_ms}" if expr.offset_ms else "")
        case MatrixSelector():
            return f"{shape(expr.selector)}[{expr.range_ms}]"
        case Subquery():
            return f"{shape(expr.expr)}[{expr.range_ms}:]"
        case Paren():
            return f"<{shape(expr.expr)}>"
    return type(expr).__name__


# -- operators -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * c ^ d", "(a + (b * (c ^ d)))"),
        ("a - b - c", "((a - b) - c)"),
        ("a / b % c atan2 d", "(((a / b) % c) atan2 d)"),
        ("a ^ b ^ c", "(a ^ (b ^ c))"),
        ("a or b and c unless d", "(a or ((b and c) unless d))"),
        ("a > b + c == d", "((a > (b + c)) == d)"),
        ("a and b > c or d", "((a and (b > c)) or d)"),
        ("-a ^ b", "(-(a ^ b))"),
        ("-1 ^ 2", "(-(1 ^ 2))"),
        ("-a * b", "((-a) * b)"),
        ("a ^ -b * c", "((a ^ (-b)) * c)"),
        ("a ^ -b ^ c", "(a ^ (-(b ^ c)))"),
        ("- -1", "1"),
        ("a - -1", "(a - -1)"),
        ("-(1)", "(-<1>)"),
        ("-a offset 1s", "(-a offset 1000)"),
        ("a ^ b offset 1s ^ c", "(a ^ (b offset 1000 ^ c))"),
        ("a + b[5m:]", "Subquery"),
        ("a offset -2 ^ 2", "(a offset -2000 ^ 2)"),
    ],
)
def test_operators__bind_as_in_prometheus(text, expected):
    """Only ``^`` goes from the right; a sign binds like ``*``; modifiers bind tightest."""
    if expected == "Subquery":
        assert "this is a range vector" in refused(text)[0]
    else:
        assert shape(parse_expr(text)) == expected


@pytest.mark.parametrize(
    ("text", "matching"),
    [
        ("a + b", Matching()),
        ("a + on (x, sum) b", Matching(Card.ONE_TO_ONE, True, ("x", "sum"))),
        ("a + on () b", Matching(Card.ONE_TO_ONE, True)),
        ("a + ignoring (x,) b", Matching(Card.ONE_TO_ONE, False, ("x",))),
        ("a + on (x) group_left b", Matching(Card.MANY_TO_ONE, True, ("x",))),
        ("a + on(x) GROUP_RIGHT('y.z') b", Matching(Card.ONE_TO_MANY, True, ("x",), ("y.z",))),
        ("a + ignoring(x) group_left(x) b", Matching(Card.MANY_TO_ONE, False, ("x",), ("x",))),
        ("a and b", Matching(Card.MANY_TO_MANY)),
        ("a unless on(x) b", Matching(Card.MANY_TO_MANY, True, ("x",))),
        ("a + 1", None),
        ("1 + on() group_left a", None),
    ],
)
def test_matching__stands_between_vectors(text, matching):
    """Set operators are many-to-many; beside a scalar there is no matching."""
    assert parse_expr(text).matching == matching


def test_group_left__takes_parentheses_behind_it_for_its_labels():
    """What follows is a sign, then."""
    assert shape(parse_expr("a * on(x) group_left (b) + c")) == "(a * (+c))"


# -- selectors -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "matchers"),
    [
        ("up", "up", []),
        ("a:b:c", "a:b:c", []),
        ("up{}", "up", []),
        ("up{b='1',a!='2',}", "up", [("b", "=", "1"), ("a", "!=", "2")]),
        ("{a=~'x.+',b!~'y'}", "", [("a", "=~", "x.+"), ("b", "!~", "y")]),
        ("{sum='1',inf='2'}", "", [("sum", "=", "1"), ("inf", "=", "2")]),
        ("{'my.label'='x'}", "", [("my.label", "=", "x")]),
        ("{'my.metric','x'!='y'}", "", [("__name__", "=", "my.metric"), ("x", "!=", "y")]),
        ("{__name__=~'a|b'}", "", [("__name__", "=~", "a|b")]),
    ],
)
def test_selectors__hold_all_matchers_as_they_were_written(text, name, matchers):
    """That of a name before the braces is the last."""
    last = [Matcher("__name__", "=", name)] if name else []
    assert parse_expr(text) == VectorSelector(name, (*(Matcher(*m) for m in matchers), *last))


@pytest.mark.parametrize(
    "word",
    sorted(KEYWORDS - {"atan2", "bool", "group_left", "group_right", "ignoring", "on"}),
)
def test_keywords__are_metrics_where_they_can_be(word):
    """Most words of the language name a metric where an operand is expected."""
    assert parse_expr(word).name == word
    assert parse_expr(f"{word.upper()} + {word}{{a='b'}}").left.name == word.upper()


@pytest.mark.parametrize("word", ["atan2", "bool", "group_left", "ignoring", "on"])
def test_keywords__are_refused_as_metrics_where_prometheus_refuses_them(word):
    """As labels they are taken."""
    assert refused(f"{word} + 1")[1] == word
    assert parse_expr(f"sum by ({word}) (a)").grouping == (word,)


@pytest.mark.parametrize(
    ("text", "offset_ms", "at"),
    [
        ("up offset 5m", 300_000, None),
        ("up offset 300", 300_000, None),
        ("up offset -0x10", -16_000, None),
        ("up offset --1.0015", 1001, None),
        ("up @ 1.0015", 0, 1002),
        ("up @ -1.0015", 0, -1002),
        ("up @ 1h", 0, 3_600_000),
        ("up @ START() offset +1s", 1000, "start"),
        ("up offset 1s @ end()", 1000, "end"),
        ("up offset 0s offset 1s", 1000, None),
    ],
)
def test_modifiers__stand_in_either_order(text, offset_ms, at):
    """Times are milliseconds; an offset loses what is below, a time is rounded."""
    assert (parse_expr(text).offset_ms, parse_expr(text).at) == (offset_ms, at)
    ranged = parse_expr(text.replace("up", "up[5m]"))
    assert (ranged.selector.offset_ms, ranged.selector.at) == (offset_ms, at)
    over = parse_expr(text.replace("up", "(up)[1h:]"))
    assert (over.offset_ms, over.at) == (offset_ms, at)


@pytest.mark.parametrize(
    ("text", "range_ms", "step_ms"),
    [
        ("up[5m:1m]", 300_000, 60_000),
        ("up[300:]", 300_000, None),
        ("up[ 1y : 0.001 ]", 365 * 86_400_000, 1),
        ("rate(up[5m])[1h:]", 3_600_000, None),
        ("up offset 5m [1h:]", 3_600_000, None),
        ("1[1h:]", None, None),
    ],
)
def test_subqueries__go_over_instant_vectors(text, range_ms, step_ms):
    """A step may be left out."""
    if range_ms is None:
        assert "goes over an instant vector" in refused(text)[0]
    else:
        expr = parse_expr(text)
        assert (expr.range_ms, expr.step_ms) == (range_ms, step_ms)


# -- texts and places ----------------------------------------------------------


_SYMBOLS = "( ) [ ] { } , = != =~ == < + - * / ^ @ : 5m 1 'x' a rate abs inf step() min_of("
_WORDS = st.sampled_from([*sorted(KEYWORDS), *_SYMBOLS.split()])


@given(st.lists(_WORDS, max_size=12).map(" ".join))
def test_parse_expr__raises_nothing_else(text):
    """Any row of words is a query, or is refused with a place in it."""
    if error := attempt(text):
        assert 0 <= error.start <= error.end <= len(text)
        assert len(error.message) < 400


def test_spans__are_places_in_the_text():
    """Each node knows its part; a selector inside of a range does not hold the range."""
    text = " sum( é1 + rate(x[5m] offset 1m)) ".replace("é1", '{a="é"}')
    expr = parse_expr(text)
    call = expr.expr.right
    nodes = [expr, expr.expr, expr.expr.left, call, call.arguments[0], call.arguments[0].selector]
    assert [text[node.span.start : node.span.end] for node in nodes] == [
        text.strip(),
        '{a="é"} + rate(x[5m] offset 1m)',
        '{a="é"}',
        "rate(x[5m] offset 1m)",
        "x[5m] offset 1m",
        "x",
    ]
    assert expr == parse_expr(text.replace(" ", "\n# c\n  "))
    assert expr.span != Span(0, 0)
