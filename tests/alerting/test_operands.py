"""The parts that tell why, and those that belong to an alert."""

from __future__ import annotations

import pytest

from zerostate_monitoring.alerting.operands import belongs, limits, operands
from zerostate_monitoring.promql.query import parse


@pytest.mark.parametrize(
    ("expr", "parts"),
    [
        ("up == 0", ["up"]),
        ("(up) == (0)", ["up"]),
        ("up", []),
        ("vector(1)", []),
        (
            "sum(rate(a[5m])) / sum(rate(b[5m])) > 0.1",
            [
                "sum(rate(a[5m])) / sum(rate(b[5m]))",
                "sum(rate(a[5m]))",
                "sum(rate(b[5m]))",
            ],
        ),
        ("x > 1 and on (node) y < 2 * 3", ["x > 1", "y < 2 * 3", "x", "y"]),
        ("x > y unless z", ["x > y", "z", "x", "y"]),
        ("x > scalar(y)", ["x", "scalar(y)"]),
        ("x > x", ["x"]),
        ("-x > 1", ["-x", "x"]),
        ("count(up == 0) > 2", ["count(up == 0)", "up == 0", "up"]),
        ("absent(up > 1)", ["up > 1", "up"]),
        ("quantile_over_time(0.9, x[5m:]) > 1", ["quantile_over_time(0.9, x[5m:])"]),
        ("time() - x > 5 * 60", ["time() - x", "time()", "x"]),
    ],
)
def test_operands__are_what_is_compared_and_combined(expr, parts):
    """From the outside inwards, each once, without numbers that stand there."""
    assert list(operands(parse(expr).expr)) == parts


def test_operands__are_few():
    """However long the expression."""
    assert len(operands(parse(" or ".join(f"x{n} > 1" for n in range(50))).expr)) == 8


def test_limits__are_the_numbers_of_comparisons():
    """On either side, and inside of others."""
    expr = parse("(x > 1 and 2 < y) or z == on () w").expr
    assert limits(expr) == {"x": 1.0, "y": 2.0}


@pytest.mark.parametrize(
    ("series", "own", "does"),
    [
        ({"__name__": "up", "node": "a"}, (), True),
        ({"node": "b"}, (), False),
        ({"node": "a", "zone": "1"}, (), True),
        ({}, (), True),
        ({"node": "a", "severity": "5"}, ("severity",), True),
        ({"node": "a", "severity": "5"}, (), False),
    ],
)
def test_belongs__where_no_label_differs(series, own, does):
    """Labels that the rule sets say nothing of the series."""
    alert = {"alertname": "X", "node": "a", "severity": "critical"}
    assert belongs(tuple(sorted(series.items())), alert, own) is does
