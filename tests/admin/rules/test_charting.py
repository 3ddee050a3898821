"""The picture of what an expression gave in the last hour."""

from __future__ import annotations

import json
import re

import pytest

from zerostate_monitoring.admin.rules.charting import (
    Compared,
    chart_of,
    compared,
    joined,
    leading,
)
from zerostate_monitoring.alerting.advising import advised
from zerostate_monitoring.charts.timeline import Bar
from zerostate_monitoring.exceptions import (
    QueryError,
    QueryLimitError,
    QueryTimeoutError,
    SourceError,
    StoreUnavailableError,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("expr", "found"),
    [
        ("zerostate_node_up < 1", Compared("zerostate_node_up", 1.0, "<")),
        ("(sum(zerostate_node_up)) >= (3)", Compared("sum(zerostate_node_up)", 3.0, ">=")),
        ("5 < zerostate_peer_connections", Compared("zerostate_peer_connections", 5.0, ">")),
        ("0 == zerostate_node_up", Compared("zerostate_node_up", 0.0, "==")),
        ("zerostate_node_up", Compared("zerostate_node_up")),
        ("a > b", Compared("a > b")),
        ("1 > bool 2", Compared("1 > bool 2")),
    ],
)
def test_compared__what_with_which_number(expr, found):
    """Either way round; an expression that is no such comparison is shown whole."""
    assert compared(expr) == found


@pytest.mark.parametrize(
    ("expr", "found"),
    [
        ("a > 1 and b < 2", Compared("a", 1.0, ">", ("and",))),
        ("(a / c > 0.2 and b >= 10) or b > 5", Compared("a / c", 0.2, ">", ("and", "or"))),
        ("a > 1 unless on (x) b", Compared("a", 1.0, ">", ("unless",))),
        ("a > 1", Compared("a", 1.0, ">")),
        ("a and b > 1", Compared("a and b > 1")),
    ],
)
def test_leading__the_first_comparison_before_all_else(expr, found):
    """It gives the value; where nothing is compared there the expression is taken whole."""
    assert leading(expr) == found


def test_chart__of_a_first_comparison_says_that_more_decides(history):
    """With its limit; a rule that is one comparison has nothing to be said."""
    chart = chart_of("sum(zerostate_node_up) < 3 and on () vector(1)", history, name="Few")
    assert 'data-limit="3.0"' in chart.picture
    assert "what stands after “and” decides as well" in chart.picture
    assert "decides as well" not in chart_of("zerostate_node_up == 0", history).picture


def test_chart__a_series_without_labels_has_the_name_of_the_rule(history):
    """Two braces tell nobody what the line is."""
    chart = chart_of("sum(zerostate_node_up) < 3", history, name="Few")
    assert ">Few</bdi>" in chart.picture
    assert ">{}</bdi>" not in chart.picture


def test_chart__of_some_series_leaves_out_the_others(history):
    """Unless there is none of them: then all are shown."""
    only = chart_of("zerostate_node_up == 0", history, only=lambda one: ("node", "edge-1") in one)
    assert only.series == 1
    none = chart_of("zerostate_node_up == 0", history, only=lambda one: False)
    assert none.series == 5


def test_chart__a_long_expression_is_cut_after_a_word(history):
    """All of it opens with a click, and how long the window is stands beside it."""
    expr = " + ".join(["sum(zerostate_node_up)"] * 12)
    picture = str(chart_of(f"{expr} > 3", history).picture)
    short = re.search(r"<summary>(.*?)</summary>", picture).group(1)
    assert short.endswith(" … in the last 60 min")
    assert short.removesuffix(" … in the last 60 min").split()[-1] in {
        "+",
        "sum(zerostate_node_up)",
    }
    assert f"<code>{expr} in the last" in picture


@pytest.mark.parametrize(
    ("expr", "value", "holds"),
    [
        ("x < 1", 0, True),
        ("1 < x", 0, False),
        ("x == 1", 1, True),
        ("x != 1", 1, False),
        ("x", 1, False),
    ],
)
def test_compared__whether_a_value_would_fire(expr, value, holds):
    """As the expression says."""
    assert compared(expr).holds(value) is holds


def test_chart__what_would_fire_comes_first(history):
    """Of many series those beyond the threshold are named first, and then the nearest."""
    chart = chart_of("zerostate_node_up == 0", history)
    assert chart.series == 5
    assert str(chart.picture).index("relay-2") < str(chart.picture).index("edge-1")


@pytest.mark.parametrize("expr", ["", "sum(rate(", "zerostate_escrows", "1e400"])
def test_chart__says_why_there_is_none(store, expr):
    """Not an error: a sentence."""
    chart = chart_of(expr)
    assert chart.problem or chart.picture


def test_chart__without_a_store(settings):
    """The page opens, and the place of the picture says why."""
    assert chart_of("zerostate_node_up == 0").problem


def test_chart__over_a_chosen_window(history):
    """As long as it is asked for; no line has more points than are seen apart."""
    chart = chart_of("zerostate_node_up == 0", history, span_s=900)
    assert "in the last 15 min" in str(chart.picture)
    whole = chart_of("zerostate_node_up == 0", history, span_s=24 * 3600)
    (values,) = re.findall(r"<script[^>]*>(.*?)</script>", str(whole.picture))
    assert json.loads(values)["step"] >= 180_000


def test_chart__bands_of_all_alerts_are_one(history):
    """Where several fire at once the band is no darker; what lies outside is cut off."""
    bars = [
        Bar(0, 50, "pending"),
        Bar(40, 60, "firing"),
        Bar(55, 80, "firing"),
        Bar(90, 200, "firing"),
        Bar(0, 5, "firing"),
    ]
    assert joined(bars, 10, 100) == (
        Bar(10, 50, "pending"),
        Bar(40, 80, "firing"),
        Bar(90, 100, "firing"),
    )
    assert joined([], 0, 1) == ()


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (QueryTimeoutError("the query took longer than 2 seconds"), "Choose a shorter time"),
        (StoreUnavailableError("The store does not answer."), "can be saved all the same"),
        (SourceError("status 502"), "whether the server that evaluates is up"),
        (QueryError("several series match"), "several series match"),
        (QueryLimitError("a selector finds 9 series: add matchers"), "add matchers"),
    ],
)
def test_advice__what_to_do_stands_beside_why(error, advice):
    """In one or two sentences."""
    said = advised(error)
    assert said.startswith(str(error))
    assert advice in said
