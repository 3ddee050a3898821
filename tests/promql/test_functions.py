"""Functions and aggregations: which there are, and what they take."""

from __future__ import annotations

import pytest

from tests.promql.verdicts import attempt, refused
from zerostate_monitoring.promql.functions import (
    AGGREGATIONS,
    EXPERIMENTAL,
    EXPERIMENTAL_AGGREGATIONS,
    FUNCTIONS,
    NATIVE_HISTOGRAMS_ONLY,
)
from zerostate_monitoring.promql.nodes import Aggregation
from zerostate_monitoring.promql.parser import parse_expr


@pytest.mark.parametrize(
    "text",
    ["sum by (a, b) (up)", "SUM(up) by (a, b,)", "sum BY (a, 'b') (up)", "sum\n#c\nby(a,b)(up)"],
)
def test_aggregations__have_their_clause_on_either_side(text):
    """The order of labels is that of the text."""
    assert parse_expr(text) == Aggregation(
        "sum", parse_expr("up"), None, grouping=("a", "b"), without=False
    )


@pytest.mark.parametrize("op", sorted(AGGREGATIONS))
def test_aggregations__are_known(op):
    """Those with a parameter need it."""
    parameter = {"topk": "1, ", "bottomk": "1, ", "quantile": "1, ", "count_values": "'x', "}
    assert parse_expr(f"{op}({parameter.get(op, '')}up)").op == op
    assert ", not 0." in refused(f"{op}()")[0]


def test_functions__are_those_of_prometheus():
    """All 90 of version 3.14: those that work here, and those that are refused by name."""
    assert len(FUNCTIONS) + len(EXPERIMENTAL) + len(NATIVE_HISTOGRAMS_ONLY) == 90
    assert not set(FUNCTIONS) & (EXPERIMENTAL | NATIVE_HISTOGRAMS_ONLY)


@pytest.mark.parametrize("name", sorted(EXPERIMENTAL | EXPERIMENTAL_AGGREGATIONS))
def test_functions__refuses_experimental_ones_by_name(name):
    """With or without the right arguments."""
    message, place = refused(f"1 + {name}(1, up)")
    assert message == f"{name}() is experimental in Prometheus and not available here."
    assert place == name


@pytest.mark.parametrize("name", sorted(NATIVE_HISTOGRAMS_ONLY))
def test_functions__refuses_those_on_native_histograms_by_name(name):
    """They would give nothing."""
    assert "works on native histograms alone" in refused(f"{name}(up)")[0]


@pytest.mark.parametrize(
    "text",
    [
        "time()",
        "hour()",
        "hour(up)",
        "round(up)",
        "round(up, 5)",
        "label_join(up, 'a', 'b')",
        "label_join(up, 'a', 'b', 'c', 'd', 'e')",
        "absent(absent(up))",
        "quantile_over_time(0.9, up[5m])",
        "histogram_fraction(0, 1, up)",
        "predict_linear(up[5m], 1h)",
        "vector(scalar(up) + 1)",
        "abs((up))",
        "absent_over_time((up[5m]))",
    ],
)
def test_functions__take_the_arguments_of_their_signature(text):
    """Optional ones may be left out; strings may repeat; parentheses change no type."""
    assert attempt(text) is None
