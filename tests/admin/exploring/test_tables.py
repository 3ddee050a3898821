"""Values of a table are written as those of its chart."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.admin.chart_words import chart_words
from zerostate_monitoring.admin.exploring.tables import table_of
from zerostate_monitoring.charts.units import told
from zerostate_monitoring.promql.data import Result, Scalar

UNITS = ("", "/s", "seconds", "bytes/s", "ratio", "peers")


def value_of(number, unit):
    ((_cells, value, _at),) = table_of(Result(Scalar(0, number)), unit).rows
    return value


@given(st.floats(), st.sampled_from(UNITS))
def test_value__begins_as_the_chart_writes_it(number, unit):
    """Whatever it is: one formatter for both."""
    assert value_of(number, unit).startswith(told(number, unit, chart_words()))


@pytest.mark.parametrize(
    ("number", "unit", "said"),
    [
        (6 / 7, "/s", "0.8571/s (0.857143)"),
        (3.0, "", "3"),
        (0.5, "/s", "0.5/s"),
        (0.25, "ratio", "25 % (0.25)"),
        (12_345.0, "", "12.35k (12\u202f345)"),
        (90.0, "seconds", "1.5 min (90)"),
        (2.0, "seconds", "2 s"),
    ],
)
def test_value__has_all_digits_behind_what_leaves_some_out(number, unit, said):
    """And stands once where nothing is left out."""
    assert value_of(number, unit) == said


def test_value__stays_in_order_from_right_to_left():
    """A number before its unit is one thing there."""
    with translation.override("he"):
        assert value_of(0.5, "/s").startswith("\u2068")
        assert value_of(0.5, "/s").endswith("\u2069")
