"""What an expression compares is read, and not made up."""

from __future__ import annotations

import pytest

from zerostate_monitoring.notifiers.comparisons import comparison_of, subject_of
from zerostate_monitoring.rules.shipped import RULES

EITHER = "(a / b > 0.2 and b >= 10) or (c >= 5 and d == 0)"


@pytest.mark.parametrize(
    ("expr", "words"),
    [
        ("x > 0.2", "fires above 0.2"),
        ("0.2 < x", "fires above 0.2"),
        ("rate(x[5m]) / rate(y[5m]) >= 0.05", "fires at 0.05 and above"),
        ("x < -5", "fires below -5"),
        ("x <= 10000", "fires at 10,000 and below"),
        ("x == 0", "fires at 0"),
        ("(x > 1) and on (node) (y > 2)", "fires above 1"),
        ("x > 1 unless y > 2", "fires above 1"),
    ],
)
def test_comparison__is_read_out_of_the_expression(expr, words):
    """Also turned round, and where another condition goes with it."""
    assert str(comparison_of(expr)) == words


@pytest.mark.parametrize("expr", ["x", "x > y", "x > bool 1", "x > 1 or y > 2", "x >", "", "1 > 2"])
def test_comparison__is_not_made_up(expr):
    """Where no number decides, none is told."""
    assert comparison_of(expr) is None


@pytest.mark.parametrize(
    ("value", "words", "subject"),
    [(0.46, "fires above 0.2", "a / b"), (None, "None", EITHER), (7.0, "None", EITHER)],
)
def test_comparison__of_two_the_value_tells_which_it_was(value, words, subject):
    """0.46 can come of the share alone; 7 of both, and nothing is guessed."""
    assert str(comparison_of(EITHER, value)) == words
    assert subject_of(EITHER, value) == subject


@pytest.mark.parametrize(
    ("expr", "subject"),
    [
        ("rate(x[5m]) > 0.2", "rate(x[5m])"),
        ("0.2 < (x)", "x"),
        ("x > on (node) y", "x"),
        ("x", "x"),
        ("absent(x)", "absent(x)"),
        ("x > bool 1", "x > bool 1"),
        ("x >", "x >"),
    ],
)
def test_subject__is_the_side_that_is_watched(expr, subject):
    """Where nothing is compared it is all of it."""
    assert subject_of(expr) == subject


def test_comparison__is_known_of_the_payments():
    """The built-in rule has two branches; its usual one has a threshold to tell."""
    expr = RULES["PaymentsFailing"].rendered_expr()
    assert str(comparison_of(expr, 0.4642)) == "fires above 0.2"
    assert subject_of(expr, 0.4642).startswith("sum(increase(")
