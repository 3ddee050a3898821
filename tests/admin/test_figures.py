"""Figures of pages."""

from __future__ import annotations

import json
import re

from zerostate_monitoring.admin.figures import figure
from zerostate_monitoring.charts.lines import Frame, Line
from zerostate_monitoring.charts.timeline import Bar

HOSTILE = "</script><script>alert(1)</script>\u202e" + "x" * 10_000
FRAME = Frame(
    0, 150_000, 15_000, unit="seconds", thresholds=(0.5,), spans=(Bar(0, 30_000, "firing"),),
    title="what",
)  # fmt: skip


def line(name="a", n=11):
    return Line(name, [(k * 15_000, k / 10) for k in range(n)])


def test_figure__has_picture_names_and_values():
    """All that a script shows can be read without it: names, last values, limits, bands."""
    html = figure([line("one"), line("two", 3)], FRAME, name="c")
    assert '<figure class="zsm-chart" id="c">' in html
    assert "<figcaption" in html
    key = html.split("<ul")[1].split("</ul>")[0]
    assert "one" in key
    assert '<bdi dir="ltr" class="zsm-last">1 s</bdi>' in key
    # What has ended before says no value of now.
    assert '<bdi dir="ltr" class="zsm-last"></bdi>' in key
    assert 'threshold <bdi dir="ltr">500 ms</bdi>' in key
    assert "firing" in key
    [values] = re.findall(r'<script id="c-values" type="application/json">(.*?)</script>', html)
    assert [one["name"] for one in json.loads(values)["series"]] == ["one", "two"]


def test_figure__needs_no_policy_to_be_loosened():
    """Neither a style nor a handler nor a script that runs stands in it."""
    html = figure([line()], FRAME, name="c", zoom=True)
    assert not re.search(r"\s(style|on\w+)=", html)
    assert re.findall(r"<script[^>]*>", html) == ['<script id="c-values" type="application/json">']


def test_figure__hostile_names_are_text_and_cut():
    """A name from outside ends no element, and 10 kB of it are not on the page thrice."""
    html = figure([line(HOSTILE)], FRAME, name="c")
    assert "<script>alert" not in html
    assert len(html) < 12_000
    assert "<bdi" in html


def test_figure__is_nothing_without_a_number():
    """The page says why."""
    assert figure([], FRAME, name="c") == ""


def test_figure__zooms_only_where_the_page_understands():
    """A span is asked for by the address; other pages leave the pointer alone."""
    assert "data-zoom" in figure([line()], FRAME, name="c", zoom=True)
    assert "data-zoom" not in figure([line()], FRAME, name="c")
