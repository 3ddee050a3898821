"""Pictures of series on a terminal."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.charts.terminal import ASCII, BRAILLE, Frame, chart
from zerostate_monitoring.charts.text import width

STEP = 15_000


def drawn(values, style=ASCII, columns=40, lines=5):
    points = [(place * STEP, value) for place, value in enumerate(values) if value is not None]
    frame = Frame(0, (len(values) - 1) * STEP, STEP, columns, lines)
    return chart(points, frame, style, lambda at_ms: f"{at_ms // 1000}s")


def test_chart__rises():
    """From the lower left to the upper right, with axes, times and figures."""
    assert drawn([0, 1, 2, 3, 4], columns=12) == [
        "4 +        *",
        "  |      **",
        "  |    **",
        "  |  **",
        "0 +**",
        "  +---------",
        "   0s    60s",
        "   min 0  max 4  last 4  values 5",
    ]


def test_chart__has_a_gap_where_nothing_is_known():
    """Points further apart than a step are not joined."""
    whole = "".join(drawn([1.0] * 40)).count("*")
    assert "".join(drawn([1.0] * 10 + [None] * 20 + [1.0] * 10)).count("*") < whole * 0.7


def test_chart__of_one_level_has_room():
    """A constant is in the middle."""
    lines = drawn([2.0] * 5)
    assert (lines[0][:3], lines[4][:3]) == ("3 +", "1 +")
    assert "*" in lines[2]


def test_chart__of_nothing():
    """It says so."""
    assert drawn([]) == ["no values"]
    assert drawn([math.nan, math.inf]) == ["no number among 2 values"]


@pytest.mark.parametrize("style", [BRAILLE, ASCII])
@given(values=st.lists(st.none() | st.floats(), max_size=60), columns=st.integers(20, 120))
def test_chart__fits(style, values, columns):
    """Whatever the values, no line of the picture is wider than the screen."""
    lines = drawn(values, style, columns)
    assert all(width(line) <= max(columns, 40) for line in lines[:-2])
    assert (
        "*" in "".join(lines)
        or style is BRAILLE
        or not any(value is not None and math.isfinite(value) for value in values)
    )


def test_chart__in_ascii_is_ascii():
    """For terminals that know nothing else."""
    assert all(line.isascii() for line in drawn([1, 5, 2]))
    assert not all(line.isascii() for line in drawn([1, 5, 2], BRAILLE))
