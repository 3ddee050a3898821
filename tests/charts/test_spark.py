"""Small lines beside numbers."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.charts.spark import spark

STEP = 60_000
HOSTILE = "<script>alert(1)</script>\"'"


def points(values, start=0):
    return [(start + k * STEP, value) for k, value in enumerate(values)]


def test_spark__keeps_gaps_and_marks_the_end():
    """A hole is a hole; the last value is a dot."""
    text = spark(points([1, 2, math.nan, math.nan, 3, 4]), name="x", step_ms=STEP)
    assert re.findall(r'd="([^"]*)"', text)[0].count("M") == 2
    assert text.count("<circle") == 1


def test_spark__yesterday_lies_beneath():
    """Faint and broken, on the same scale."""
    text = spark(points([1, 2, 3]), before=points([9, 9, 9]), name="x", step_ms=STEP)
    assert text.index("stroke-dasharray") < text.index("#2f7ed8")


def test_spark__says_its_name_safely():
    """To whoever does not see it."""
    text = spark(points([1, 2]), name=HOSTILE, step_ms=STEP)
    assert "<script" not in text
    assert ET.fromstring(text).get("aria-label") == HOSTILE


@pytest.mark.parametrize("values", [[], [math.nan, math.inf]])
def test_spark__nothing_without_a_number(values):
    """An empty picture tells nothing."""
    assert spark(points(values), name="x", step_ms=STEP) == ""


@given(st.lists(st.floats(), min_size=1, max_size=400))
def test_spark__is_small_whatever_it_shows(values):
    """It stands in pages by the dozen."""
    assert len(spark(points(values), name="x", step_ms=STEP)) < 6_000
