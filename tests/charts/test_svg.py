"""Pictures for pages."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.charts.svg import svg

START = 1_764_130_000_000
NAME = "{http://www.w3.org/2000/svg}"
POINTS = [(START + n * 15_000, float(n % 7)) for n in range(100)]


def parts(picture, kind):
    return ET.fromstring(picture).findall(f"{NAME}{kind}")


def test_svg__has_a_line_and_its_extremes():
    """One line, the smallest and the largest value, times in UTC."""
    picture = svg(POINTS, title="errors")
    assert len(parts(picture, "polyline")) == 1
    texts = [one.text for one in parts(picture, "text")]
    assert {"0", "6", "UTC"} <= set(texts)
    assert ET.fromstring(picture).get("aria-label") == "errors"


def test_svg__a_gap_breaks_the_line():
    """And a missing number does."""
    holes = [(at, value) for n, (at, value) in enumerate(POINTS) if not 20 < n < 40]
    assert len(parts(svg(holes), "polyline")) == 2
    missing = [(at, float("nan") if n == 50 else value) for n, (at, value) in enumerate(POINTS)]
    assert len(parts(svg(missing), "polyline")) == 2


def test_svg__the_threshold_is_dashed_and_named():
    """In the colour of alarms."""
    dashed = [
        one for one in parts(svg(POINTS, threshold=4.5), "line") if one.get("stroke-dasharray")
    ]
    assert len(dashed) == 1
    assert "4.5" in [one.text for one in parts(svg(POINTS, threshold=4.5), "text")]


def test_svg__without_a_number_there_is_no_picture():
    """Nothing, and NaN alone."""
    assert svg([]) == svg([(START, float("nan"))]) == ""


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])), st.floats())
def test_svg__is_xml_whatever_its_title_says(title, value):
    """Titles come from rules and labels."""
    picture = svg([(START, value), (START + 1, 1.0)], title=title)
    ET.fromstring(picture)
    assert "<script" not in picture


def test_svg__one_point_is_a_dot():
    """A series that has just begun."""
    assert len(parts(svg([(START, 5.0)]), "circle")) == 1
