"""Where points lie, and which words stand beside them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.charts.glyphs import GLYPHS, written
from zerostate_monitoring.charts.plot import plot
from zerostate_monitoring.charts.scale import Scale, clock, extent, runs, short, ticks
from zerostate_monitoring.charts.sparkline import sparkline

MINUTE = 60_000
DAY = 1440 * MINUTE
START = 1_764_130_440_000


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.2, "0.2"), (1234, "1.23k"), (5e6, "5M"), (-2.5e9, "-2.5G"), (0, "0"), (1e-9, "1e-09")],
)
def test_short__fits_beside_an_axis(value, text):
    """Three digits and a unit."""
    assert short(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_short__can_be_written_with_the_glyphs_there_are(value):
    """Every character of an axis has strokes, so that none is missing in a picture."""
    assert set(short(value)) <= {*GLYPHS, "T", "G"}


def test_clock__times_and_days_can_be_written():
    """Also what stands below an axis."""
    assert clock(START, MINUTE) == "04:14"
    assert clock(START, 30 * DAY) == "11-26"
    assert set("04:14 11-26 UTC") - {" "} <= set(GLYPHS)


@given(st.integers(0, 10**13), st.integers(1, 400 * DAY), st.integers(1, 10))
def test_ticks__are_round_within_and_bounded(start, span, most):
    """Never more than there is room for."""
    found = ticks(start, start + span, most)
    assert len(found) <= most
    assert all(start <= at <= start + span and at % MINUTE == 0 for at in found)


def test_extent__a_level_line_has_room():
    """Zero, too."""
    assert extent([5.0, 5.0]) == (2.5, 7.5)
    assert extent([-4.0]) == (-6.0, -2.0)


def test_extent__of_nothing_but_zero_is_drawn_upwards_from_it():
    """No count and no time is less than nothing; the smallest numbers have room, too."""
    assert extent([0.0, -0.0]) == (0.0, 1.0)
    low, high = extent([5e-324])
    assert low < high


def test_runs__break_at_gaps_and_at_what_is_no_number():
    """A single late point does not break it."""
    points = [(0, 1.0), (15, 1.0), (30, 1.0), (60, 1.0), (75, math.nan), (90, 1.0), (200, 1.0)]
    assert [len(run) for run in runs(points)] == [4, 1, 1]


FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.lists(st.tuples(st.integers(0, 10**12), FINITE), min_size=1, max_size=20), st.none() | FINITE
)
def test_plot__all_lies_within_the_picture(points, threshold):
    """Lines, levels and the threshold."""
    drawn = plot(sorted(points), threshold=threshold)
    assert drawn is not None
    for x, y in (point for line in drawn.lines for point in line):
        assert drawn.left - 1e-6 <= x <= drawn.right + 1e-6
        assert drawn.top - 1e-6 <= y <= drawn.bottom + 1e-6
    assert all(0 <= label.x <= drawn.width for label in (*drawn.levels, *drawn.times))


@given(st.lists(st.tuples(st.integers(0, 10**12), st.floats()), max_size=80), st.integers(1, 60))
def test_sparkline__is_bounded_and_says_something_where_there_is_a_number(points, columns):
    """At most as wide as asked; empty only without a number."""
    line = sparkline(sorted(points, key=lambda one: one[0]), columns)
    assert len(line) <= columns
    assert bool(line) == any(math.isfinite(value) for _, value in points)


def test_sparkline__shows_peaks_and_gaps():
    """A single spike among hundreds of values is seen."""
    values = [1.0] * 300
    values[137] = 50.0
    points = [(n, value) for n, value in enumerate(values) if not 200 < n < 260]
    line = sparkline(points)
    assert line.count("█") == 1
    assert "·" in line


def test_written__a_text_is_as_wide_as_its_strokes():
    """Whatever has no strokes is a space."""
    strokes, width = written("10")
    assert max(x for stroke in strokes for x, _ in stroke) == width
    assert written("")[1] == 0
    assert written("?")[0] == []


@pytest.mark.parametrize("values", [(0.0, 5e-324), (5e-324, 1e-323), (-5e-324, 0.0)])
def test_extent__of_the_smallest_numbers_can_be_divided_by(values):
    """Two numbers whose halves are one are a level line."""
    low, high = extent(values)
    scale = Scale(0, 1, low, high, 0.0, 0.0, 10.0, 10.0)
    assert 0 <= scale.y(values[0]) <= 10
