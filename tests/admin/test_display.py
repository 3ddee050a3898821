"""How values look."""

from __future__ import annotations

import math

import pytest

from zerostate_monitoring.admin import display


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (7, "7"),
        (0.7065217, "0.7065"),
        (132.9234, "132.9"),
        (1438.22, "1\u202f438"),
        (0.0000123456, "1.235e-05"),
        (17626.1, "17\u202f626"),
        (math.inf, "+Inf"),
        (math.nan, "NaN"),
    ],
)
def test_number__has_four_digits_where_it_is_no_whole_one(value, shown):
    """Whole numbers are exact, others as exact as anybody reads them."""
    assert display.number(value) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.0432, "seconds", "43 ms"),
        (17626.1, "seconds", "17\u202f626 s"),
        (120_792_519, "bytes", "115.2\xa0MB"),
        (0.25, "ratio", "0.25"),
        (0, "bytes", "0"),
    ],
)
def test_quantity__has_its_unit(value, unit, shown):
    """Seconds and bytes are said in words that people use."""
    assert display.quantity(value, unit) == shown
