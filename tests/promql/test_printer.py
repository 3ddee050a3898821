"""From tree to text and back; the text is Prometheus's."""

from __future__ import annotations

import math
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.promql.strategies import exprs
from zerostate_monitoring.promql import printer
from zerostate_monitoring.promql.nodes import Binary, Number, Paren, Unary, VectorSelector
from zerostate_monitoring.promql.parser import parse_expr
from zerostate_monitoring.promql.printer import format_expr, prettify

# Drawing whole trees takes its time on a busy machine.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@patient
@given(exprs)
def test_format_expr__parses_to_an_equal_tree(expr):
    """What is written is read as the same tree, and written the same again."""
    again = parse_expr(format_expr(expr))
    assert again == expr
    assert format_expr(again) == format_expr(expr)


@patient
@given(exprs, st.sampled_from([10, 100]))
@example(Binary("^", Number(math.inf), Number(1e94)), 100)
def test_prettify__parses_to_an_equal_tree(expr, width):
    """Lines and indentation mean nothing, however much is broken."""
    with patch.object(printer, "MAX_WIDTH", width):
        assert parse_expr(prettify(expr)) == expr


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ('up{z="1",a=~"b"}', 'up{a=~"b",z="1"}'),
        ("sum by () (up)", "sum(up)"),
        ("SUM(up) WITHOUT(a,)", "sum without (a) (up)"),
        ('sum(up) by ("a.b", c)', 'sum by ("a.b", c) (up)'),
        ("count_values('x', up)", 'count_values("x", up)'),
        ("a OR b", "a or b"),
        ("a and on() b", "a and on () b"),
        ("a * ignoring() b", "a * b"),
        ("a / on(x) group_left b", "a / on (x) group_left () b"),
        ("a == bool b", "a == bool b"),
        ("up[90m] offset 1d @ 1.5", "up[1h30m] @ 1.500 offset 1d"),
        ("up[1h:] @ end() offset -300", "up[1h:] @ end() offset -5m"),
        ("up[7d:604800]", "up[1w:1w]"),
        ("up[90d]", "up[90d]"),
        ("up[90m+1]", "up[1h30m + 1]"),
        ("up[ (2*STEP( ))^2 : -(3-range()) ]", "up[(2 * step()) ^ 2:-(3 - range())]"),
        ("up[((1m%7s))]", "up[(1m % 7s)]"),
        ("up[(300)]", "up[5m]"),
        ("up[5m*(2)]", "up[5m * 2]"),
        ("up[min_of(1h,range()/2):]", "up[min_of(1h, range() / 2):]"),
        ("up offset -Step() @ 1", "up @ 1.000 offset -step()"),
        ("up[5m] offset (1h/2)", "up[5m] offset (1h / 2)"),
        ("up[5m:] offset -(1h/2)", "up[5m:] offset -(1h / 2)"),
        ("up offset (1m + 1m) * 2", "up offset (1m + 1m) * 2"),
        ("up offset step() + 1", "up offset step() + 1"),
        ('{"my.metric"}', '{__name__="my.metric"}'),
        ('up{"a.b"="c"}', 'up{"a.b"="c"}'),
        ("- 1e22", "-10000000000000000000000"),
        ("0x1F + 010", "31 + 8"),
        ("inf", "+Inf"),
        ("-inF", "-Inf"),
        ("-nan", "NaN"),
        ("5m", "5m"),
        ("`\\\n\x00\x7f\x80é\U000e0001`", '"\\\\\\n\\x00\\x7f\\u0080é\\U000e0001"'),
    ],
)
def test_format_expr__writes_as_prometheus(text, canonical):
    """The expected texts were written by Prometheus 3.14."""
    assert format_expr(parse_expr(text)) == canonical


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Inf ^ 2", "Inf ^ 2"),
        ("-0s", "-0s"),
        ("2s603ms", "2s603ms"),
        ("up[9999d1ms]", "up[9999d1ms]"),
        ('sum by ("without", "inf") (a)', 'sum by ("without", "inf") (a)'),
        ('"\\ufffd"', '"\\ufffd"'),
        ("up[(-2) ^ 2]", "up[(-2) ^ 2]"),
        ("up[-0s + 1]", "up[-0s + 1]"),
        ("up offset (1m) * 2", "up offset (1m) * 2"),
        ("up offset --1m * 2", "up offset (1m) * 2"),
        ("up offset --step() * 2", "up offset --step() * 2"),
        ("up offset ++step() * 2", "up offset ++step() * 2"),
        ("up offset +-step() ^ 2", "up offset +-step() ^ 2"),
        ("up offset ++min_of(1, 2) % 3", "up offset ++min_of(1, 2) % 3"),
        ("up offset +(1m + 1m) * 2", "up offset +(1m + 1m) * 2"),
    ],
)
def test_format_expr__departs_where_prometheus_would_say_something_else(text, canonical):
    """Where Prometheus's own text parses to another tree, or not at all, ours does not."""
    assert format_expr(parse_expr(text)) == canonical
    assert parse_expr(canonical) == parse_expr(text)


def test_format_expr__keeps_the_sign_of_zero():
    """1/0 and 1/-0 differ, so their keys do."""
    assert format_expr(parse_expr("1 / -0")) == "1 / -0"
    assert format_expr(parse_expr("1 / 0")) == "1 / 0"


def test_prettify__breaks_what_is_longer_than_a_line():
    """One argument to a line, each level two spaces deeper, the operator between its operands."""
    long = "very_long_metric_name_" + "x" * 50
    assert prettify(parse_expr(f"sum by (a) (rate({long}[5m])) / topk(2, {long})")) == (
        f"  sum by (a) (rate({long}[5m]))\n/\n  topk(2, {long})"
    )


def test_prettify__indents_as_prometheus(monkeypatch):
    """A case of each kind, as Prometheus 3.14 breaks it at ten characters."""
    monkeypatch.setattr(printer, "MAX_WIDTH", 10)
    text = '-quantile without(a) (0.9, (foo{a="b"} > bool on(c) group_left(d) bar))'
    assert prettify(parse_expr(text)) == (
        "-quantile without (a) (\n"
        "  0.9,\n"
        "  (\n"
        '      foo{a="b"}\n'
        "    > bool on (c) group_left (d)\n"
        "      bar\n"
        "  )\n"
        ")"
    )


def test_prettify__counts_bytes():
    """As Prometheus counts: an é is two."""
    fits, breaks = '"' + "e" * 95 + '"', '"' + "é" * 49 + '"'
    assert "\n" not in prettify(parse_expr(f"({fits})"))
    assert "\n" in prettify(parse_expr(f"({breaks})"))


def test_format_expr__says_all_that_a_hand_made_tree_holds():
    """A tree needs no text to have been made from."""
    assert format_expr(Unary("-", Paren(Number(1)))) == "-(1)"
    assert format_expr(VectorSelector("up", ())) == "up"
