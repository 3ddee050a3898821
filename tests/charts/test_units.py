"""Values with their unit."""

from __future__ import annotations

import math

import pytest

from zerostate_monitoring.charts.units import axis_scales, named, told


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.25, "seconds", "250 ms"),
        (90, "seconds", "1.5 min"),
        (0, "seconds", "0 s"),
        (-7200, "seconds", "−2 h"),
        (1536, "bytes", "1.5 KiB"),
        (1 << 30, "bytes/s", "1 GiB/s"),
        (0.125, "ratio", "12.5 %"),
        (0.5, "seconds/s", "50 %"),
        (1250, "", "1.25k"),
        (1250, "/s", "1.25k/s"),
        (3, "units", "3 units"),
        (math.inf, "bytes", "+Inf"),
        (math.nan, "bytes", "NaN"),
    ],
)
def test_told__in_the_size_that_fits(value, unit, text):
    """Few characters, and what they are of."""
    assert told(value, unit) == text


def test_axis__leaves_a_long_unit_to_the_caption():
    """A name beside each line of a grid would run out of the picture."""
    assert named("units/s") == "units/s"
    assert axis_scales("units/s")[-1][1] == ""
    assert named("bytes/s") == ""
    assert axis_scales("bytes/s")[-1][1] == " B/s"
