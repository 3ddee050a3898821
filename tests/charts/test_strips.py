"""Bars of time below a chart."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.charts.lines import Frame, Line, lines
from zerostate_monitoring.charts.strips import strips
from zerostate_monitoring.charts.timeline import Bar, Row

FRAME = Frame(0, 3_600_000, 15_000)
SVG = "{http://www.w3.org/2000/svg}"


def rects(text):
    return [
        (float(one.get("x").rstrip("%")), float(one.get("width").rstrip("%")))
        for one in ET.fromstring(text).iter(f"{SVG}rect")
    ]


@given(st.integers(0, 3_599_000), st.integers(60_000, 3_600_000))
def test_bar__lies_where_the_chart_has_its_band(start, length):
    """One axis: what the chart shades is the bar below it."""
    bar = Bar(start, min(start + length, 3_600_000), "firing")
    chart = lines([Line("a", [(0, 1.0)])], Frame(0, 3_600_000, 15_000, spans=(bar,)))
    band = rects(chart)[0]
    (found,) = rects(strips([Row("a", (bar,))], FRAME))
    assert abs(found[0] - min(band[0], 99.7)) < 0.02
    assert abs(found[1] - max(band[1], 0.3)) < 0.02


def test_times__stand_where_the_chart_has_them():
    """The same instants, at the same places."""

    def of(text):
        marks = ET.fromstring(text).iter(f"{SVG}text")
        return {(one.get("x"), one.text) for one in marks if one.get("text-anchor") == "middle"}

    chart = of(lines([Line("a", [(0, 1.0)])], FRAME))
    assert of(strips([Row("a", ())], FRAME)) <= chart


def test_rows__beyond_the_most_are_counted():
    """And what lies outside of the window has no bar."""
    rows = [Row(f"n{k}", (Bar(-9, -5, "firing"),)) for k in range(50)]
    text = strips(rows, FRAME)
    assert rects(text) == []
    assert "and 10 more" in text


def test_unknown__is_shaded_and_named():
    """Before history began nobody knows whether it would have fired."""
    text = strips([Row("a", ())], FRAME, 1_800_000)
    assert rects(text) == [(0.0, 50.0)]
    assert "no history yet" in text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_any_name__is_text(name):
    """Labels are what others write."""
    text = strips([Row(name, (Bar(0, 60_000, "pending", name),))], FRAME)
    assert "<script" not in text
    assert ET.fromstring(text) is not None
