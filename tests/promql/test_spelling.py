"""Numbers as text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.promql.spelling import general, spelled


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (-1.5, "-1.5"),
        (0.1, "0.1"),
        (1e21, "1000000000000000000000"),
        (1.5e-7, "0.00000015"),
        (1e16, "10000000000000000"),
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
    ],
)
def test_spelled__is_as_in_go(value, text):
    """The shortest digits, and never an exponent."""
    assert spelled(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_spelled__reads_back(value):
    """The same number, with its sign."""
    found = float(spelled(value))
    assert (found, math.copysign(1, found)) == (value, math.copysign(1, value))
    assert "e" not in spelled(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (-1.5, "-1.5"),
        (123456.75, "123456.75"),
        (1e6, "1e+06"),
        (-1234567.5, "-1.2345675e+06"),
        (0.0001, "0.0001"),
        (0.000012, "1.2e-05"),
        (1e100, "1e+100"),
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
    ],
)
def test_general__is_as_in_go(value, text):
    """The shortest digits, with an exponent past six places or four zeros."""
    assert general(value) == text
