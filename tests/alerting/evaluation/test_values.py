"""Values as text and in columns."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.alerting.evaluation.values import column_of, text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-0.5, "-0.5"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
        (1e300, "1e+300"),
    ],
)
def test_text__is_short(value: float, text: str) -> None:
    """Whole numbers have no point."""
    assert text_of(value) == text


@given(st.floats())
def test_text__gives_the_value_again(value: float) -> None:
    """Every float comes back; a column has none for NaN."""
    again = float(text_of(value))
    assert again == value or (math.isnan(again) and math.isnan(value))
    column = column_of(value)
    assert (column is None) == math.isnan(value)
