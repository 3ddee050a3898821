"""Text on a terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.charts.text import fitted, number, printable, series_name, table, width


@given(st.text())
def test_printable__steers_no_terminal(text):
    """Whatever a node puts into a label, no control character comes out."""
    assert printable(text).isprintable()


@given(st.text(), st.integers(1, 30))
def test_fitted__takes_exactly_its_columns(text, columns):
    """Wide characters count twice, combining ones not at all."""
    assert width(fitted(text, columns)) == columns


def test_width__of_what_is_not_latin():
    """As a terminal shows it."""
    assert (width("abc"), width("日本"), width("e\u0301")) == (3, 4, 1)


def test_series_name__is_promql():
    """It can be copied into the next question."""
    labels = (("__name__", "up"), ("job", 'a"\\\n'))
    assert series_name(labels) == 'up{job="a\\"\\\\\\n"}'
    assert (series_name(()), series_name((("__name__", "up"),))) == ("{}", "up")


def test_number__is_short():
    """What a person reads."""
    values = (1.0, 1 / 3, 1e300, float("nan"), float("inf"), float("-inf"))
    assert [*map(number, values)] == ["1", "0.3333333333", "1e+300", "NaN", "+Inf", "-Inf"]


def test_table__is_aligned():
    """Numbers at the right, all else at the left."""
    assert table([("a", "value"), ("日本語", "1"), ("b\n", "10")], right=1) == [
        "a       value",
        "日本語      1",
        "b\\n        10",
    ]
