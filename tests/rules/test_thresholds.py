"""A threshold becomes an expression and comes back the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.promql.matchers import in_order
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.thresholds import (
    AGGREGATIONS,
    COMPARISONS,
    FUNCTIONS_OF_A_WINDOW,
    Threshold,
)

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("fields", "expr"),
    [
        ({}, "up < 1"),
        ({"matchers": (Matcher("job", "=", "a"),)}, 'up{job="a"} < 1'),
        ({"aggregation": "sum"}, "sum(up) < 1"),
        ({"aggregation": "sum", "by": ("job",)}, "sum by (job) (up) < 1"),
        ({"function": "rate", "window": 5 * MINUTE}, "rate(up[5m]) < 1"),
        (
            {
                "function": "increase",
                "window": 90 * MINUTE,
                "aggregation": "max",
                "by": ("a", "b"),
                "matchers": (Matcher("x", "!~", "y|z"), Matcher("c", "!=", "")),
                "comparison": "!=",
                "value": -1.5,
            },
            'max by (a, b) (increase(up{c!="",x!~"y|z"}[1h30m])) != -1.5',
        ),
    ],
)
def test_threshold__is_an_expression(fields, expr):
    """Each part has its place."""
    assert Threshold(**{"metric": "up", "comparison": "<", "value": 1.0, **fields}).expr == expr


@pytest.mark.parametrize(
    ("expr", "same"),
    [
        ("5 > up", "up < 5"),
        ("(sum ((up)) by (job)) >= 1e3", "sum by (job) (up) >= 1000"),
        ("up == -1", "up == -1"),
        ("up > 5m", "up > 300"),
        ('{__name__="up"} > 1', None),
        ("up", None),
        ("up > bool 1", None),
        ("up > up", None),
        ("up offset 5m > 1", None),
        ("up @ 5 > 1", None),
        ("sum without (a) (up) > 1", None),
        ("topk(1, up) > 1", None),
        ("stddev(up) > 1", None),
        ("abs(up) > 1", None),
        ("deriv(up[5m]) > 1", None),
        ("rate(up[5m:1m]) > 1", None),
        ("quantile_over_time(0.5, up[5m]) > 1", None),
        ("sum(up > 1)", None),
        ("up + 1 > 1", None),
        ("up > 1 and up < 5", None),
        ("up > NaN", None),
        ("up >", None),
    ],
)
def test_of__reads_what_has_that_form(expr, same):
    """An expression that has the form comes back; any other is none."""
    found = Threshold.of(expr)
    assert (found and found.expr) == same


_LABELS = st.sampled_from(["a", "job", "on", "by", "sum", "with space", "é", "le"])
_MATCHERS = st.lists(
    st.builds(Matcher, _LABELS, st.sampled_from(["=", "!=", "=~", "!~"]), st.sampled_from("ab.*")),
    max_size=3,
).map(in_order)
_THRESHOLDS = st.builds(
    Threshold,
    metric=st.sampled_from(["up", "a:b", "bool", "sum", "on", "by", "nan", "inf", "x_total"]),
    comparison=st.sampled_from(COMPARISONS),
    value=st.floats(allow_nan=False),
    matchers=_MATCHERS,
    aggregation=st.sampled_from(["", *AGGREGATIONS]),
    by=st.lists(_LABELS, max_size=2).map(tuple),
    function=st.sampled_from(["", *FUNCTIONS_OF_A_WINDOW]),
    window=st.one_of(st.none(), st.integers(0, 10**9).map(lambda ms: timedelta(milliseconds=ms))),
)


@given(_THRESHOLDS)
def test_threshold__round_trip(threshold):
    """What has no problem becomes an expression that is the same threshold."""
    if threshold.problems():
        with pytest.raises(ValueError, match=":"):
            assert threshold.expr
    else:
        assert parse(threshold.expr).type == "vector"
        assert Threshold.of(threshold.expr) == threshold


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"metric": ""}, "metric"),
        ({"metric": "a b"}, "metric"),
        ({"metric": "nan"}, "metric"),
        ({"matchers": (Matcher("a", "=~", "("),)}, "matchers[0]"),
        ({"matchers": (Matcher("__name__", "=", "x"),)}, "matchers[0]"),
        ({"aggregation": "stddev"}, "aggregation"),
        ({"by": ("a",)}, "by"),
        ({"function": "deriv", "window": MINUTE}, "function"),
        ({"function": "rate"}, "window"),
        ({"window": MINUTE}, "window"),
        ({"function": "rate", "window": timedelta(0)}, "window"),
        ({"function": "rate", "window": -MINUTE}, "window"),
        ({"comparison": "=~"}, "comparison"),
        ({"value": float("nan")}, "value"),
    ],
)
def test_problems__name_the_field(fields, field):
    """What is no threshold is refused by its field."""
    made = Threshold(**{"metric": "up", "comparison": ">", "value": 1.0, **fields})
    assert [problem.field for problem in made.problems()] == [field]
