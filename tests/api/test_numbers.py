"""Numbers are spelled as Prometheus spells them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.api.numbers import plain, sample, samples, seconds

SAMPLES = {
    0.0: "0",
    1.0: "1",
    -2.5: "-2.5",
    1e15: "1000000000000000",
    1e16: "10000000000000000",
    1.5e20: "150000000000000000000",
    1e21: "1e+21",
    -1.25e300: "-1.25e+300",
    1e-5: "0.00001",
    1e-6: "0.000001",
    9e-7: "9e-07",
    5e-324: "5e-324",
    math.inf: "+Inf",
    -math.inf: "-Inf",
}


@pytest.mark.parametrize(("value", "text"), SAMPLES.items())
def test_sample__has_an_exponent_where_prometheus_has_one(value, text):
    """Below 1e-6 and from 1e21, with two digits at least."""
    assert sample(value) == text


def test_sample__nan_and_negative_zero():
    """They have words of their own."""
    assert (sample(math.nan), plain(math.nan), sample(-0.0)) == ("NaN", "NaN", "-0")


@given(st.floats(allow_nan=False))
def test_sample__is_read_back(value):
    """No digit is lost, by either spelling."""
    assert float(sample(value)) == float(plain(value)) == value


@given(st.lists(st.floats()))
def test_samples__are_spelled_as_each_of_them(values):
    """However many there are."""
    assert samples(np.array(values, dtype=np.float64)) == [sample(value) for value in values]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_plain__has_no_exponent(value):
    """Scalars are written out."""
    assert "e" not in plain(value)


@pytest.mark.parametrize(
    ("ms", "written"),
    [(0, "0"), (1500, "1.5"), (1435781451781, "1435781451.781"), (-1, "-0.001"), (-2000, "-2")],
)
def test_seconds__whole_ones_have_no_point(ms, written):
    """Milliseconds to the point."""
    assert repr(seconds(ms)) == written
