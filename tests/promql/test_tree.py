"""What is said of trees."""

from __future__ import annotations

import pytest

from zerostate_monitoring.promql.parser import parse_expr
from zerostate_monitoring.promql.tree import is_constant, unwrapped


@pytest.mark.parametrize(
    ("text", "constant"),
    [
        ("1", True),
        ("x", False),
        ("x @ 5", True),
        ("x @ end() + 1", True),
        ("x @ 5 + x", False),
        ("rate(x[5m] @ 5)", True),
        ("rate(x[5m])", False),
        ("sum_over_time(x[5m:1m] @ 5)", True),
        ("sum_over_time((x @ 5)[5m:1m])", False),
        ("sum(x @ 5)", True),
        ("topk(scalar(x), y @ 5)", True),
        ("time()", False),
        ("hour()", False),
        ("hour(x @ 5)", False),
        ("predict_linear(x[5m] @ 5, 60)", False),
        ("timestamp(x @ 5)", True),
        ("timestamp((x @ 5))", True),
        ("timestamp(abs(x @ 5))", False),
        ("-(x @ 5)", True),
    ],
)
def test_is_constant__where_times_are_fixed(text, constant):
    """Functions that look at the step are never constant."""
    assert is_constant(parse_expr(text)) is constant


def test_unwrapped__takes_all_parentheses_off():
    """Those inside stay."""
    assert unwrapped(parse_expr("((x + (y)))")) == parse_expr("x + (y)")
