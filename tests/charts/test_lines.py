"""Several series as one picture."""

from __future__ import annotations

import math
import re
from itertools import accumulate, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.charts.lines import MOST, Frame, Line, lines
from zerostate_monitoring.charts.timeline import Bar

STEP = 15_000
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script>\"'&" + "x" * 10_000


def frame(n=100, **options):
    return Frame(0, (n - 1) * STEP, STEP, **{"title": "what", **options})


def line(values, name="a"):
    return Line(name, [(k * STEP, value) for k, value in enumerate(values) if value is not None])


def drawn(series, of):
    return ET.fromstring(lines(series, of))


def paths(svg):
    found = svg.iter("{http://www.w3.org/2000/svg}path")
    return [one.get("d") for one in found if one.get("stroke") != "none"]


def test_lines__a_gap_is_not_joined():
    """Where values are missing the line ends, and begins again after them."""
    whole, broken = [1.0] * 100, [1.0] * 40 + [None] * 10 + [2.0] * 50
    assert paths(drawn([line(whole)], frame()))[0].count("M") == 1
    assert paths(drawn([line(broken)], frame()))[0].count("M") == 2


def test_lines__a_lone_value_is_a_dot():
    """A value between two gaps is seen."""
    values = [1.0] * 10 + [None] * 10 + [5.0] + [None] * 10 + [1.0] * 10
    assert any("h0" in path for path in paths(drawn([line(values)], frame())))


def test_lines__ten_thousand_points_keep_their_peaks():
    """At most two points in each column of dots, and the one peak and the one hole are there."""
    values = [1.0 + k % 7 / 100 for k in range(10_000)]
    values[5_003], values[7_001] = 9.0, -3.0
    path = paths(drawn([line(values)], frame(10_000)))[0]
    steps = [float(one) for one in re.findall(r"-?[.\d]+", path)]
    ys = list(accumulate(steps[1::2]))
    assert len(ys) <= 2 * 960
    top = [y for y in ys if y < 40]
    bottom = [y for y in ys if y > 160]
    assert (len(top), len(bottom)) == (1, 1)


def test_lines__thresholds_and_spans_are_named():
    """A limit has its value with its unit beside it; a band of time says its kind."""
    of = frame(unit="seconds", thresholds=(0.5,), spans=(Bar(0, 20 * STEP, "firing"),))
    text = lines([line([0.1] * 100)], of)
    assert ">500 ms</text>" in text
    assert "<title>firing</title>" in text


def test_lines__the_value_of_a_limit_stands_in_the_margin():
    """Beside the axis, where no line runs; what would touch it there gives way."""
    svg = drawn([line([100.0, 20.0] * 50)], frame(thresholds=(51.0, 50.0, 10.0)))
    texts = [one for one in svg.iter(f"{SVG}text") if one.get("text-anchor") == "end"]
    assert {one.get("x") for one in texts} == {"-8"}
    assert {"51", "10"} <= {one.text for one in texts}
    assert "50" not in {one.text for one in texts}
    places = sorted(float(one.get("y")) for one in texts)
    assert min(b - a for a, b in pairwise(places)) >= 13
    assert len(svg.findall(".//*[@data-limit]")) == 3


def test_lines__a_limit_far_away_is_in_the_picture():
    """It is no use to be told of a limit that is outside."""
    svg = drawn([line([1.0] * 100)], frame(thresholds=(50.0,)))
    limit = svg.find(".//*[@data-limit]")
    assert 0 <= float(limit.get("data-y")) <= 200


def test_lines__hostile_names_are_text():
    """No name becomes an element, and none of 10 kB is written whole."""
    text = lines([line([1.0] * 10, HOSTILE)], frame(title=HOSTILE))
    assert "<script" not in text
    assert ET.fromstring(text) is not None


def test_lines__only_the_first_are_drawn():
    """There are no more colours than can be told apart."""
    svg = drawn([line([float(k)] * 10, str(k)) for k in range(20)], frame(10))
    assert len(svg.findall(".//*[@data-line]")) == MOST


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf, -math.inf]])
def test_lines__nothing_where_there_is_no_number(values):
    """The page then says why."""
    assert lines([line(values)], frame()) == ""


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=50),
    st.integers(1, 10**12),
    st.sampled_from(["", "seconds", "bytes", "ratio", "bytes/s", "seconds/s", "zs"]),
    st.lists(st.floats(), max_size=2),
)
def test_lines__any_numbers_make_a_picture(values, step, unit, limits):
    """Neither huge nor tiny nor missing numbers break it; all lies inside."""
    points = [(k * step, value) for k, value in enumerate(values)]
    of = Frame(0, max((len(values) - 1) * step, 1), step, unit=unit, thresholds=tuple(limits))
    text = lines([Line("a", points)], of)
    assert "nan" not in text
    assert (text == "") == (not any(map(math.isfinite, values)))


def test_lines__a_level_is_drawn_by_its_ends():
    """A value that stays takes no more of a page than one that was seen twice."""
    (steps,) = paths(drawn([line([1.0] * 50 + [2.0] * 50)], frame()))
    assert len(re.findall(r"-?[0-9.]+", steps)) == 2 * 4
