"""Stretches of time on some days, as a picture."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.charts.calendar import Days, Lane, Stretch, calendar, midnights

DAY = 86_400_000
START = round(datetime(2026, 3, 20, 12, tzinfo=UTC).timestamp() * 1000)
DAYS = Days(START, START + 21 * DAY, START + 7 * DAY)
SVG = "{http://www.w3.org/2000/svg}"


def parsed(*lanes, days=DAYS, **options):
    return ET.fromstring(calendar(lanes, days, "told", **options))


def bars(drawn):
    return [
        (float(one.get("x").rstrip("%")), float(one.get("width").rstrip("%")))
        for one in drawn.iter(f"{SVG}rect")
    ]


def test_stretch__lies_where_its_time_is():
    """A third of the days in is a third of the width in."""
    lane = Lane("disks", (Stretch(START + 7 * DAY, START + 14 * DAY, "now"),))
    assert bars(parsed(lane)) == [(33.33, 33.33)]


def test_stretch__outside_is_not_drawn_and_one_over_the_edge_ends_there():
    """Nothing lies outside of the picture."""
    before = Stretch(START - 9 * DAY, START - DAY, "over")
    over = Stretch(START - DAY, START + 99 * DAY, "now")
    assert bars(parsed(Lane("a", (before, over)))) == [(0.0, 100.0)]


def test_stretch__that_is_short_is_seen():
    """An hour in three weeks is eight dots wide; at the very end it ends with the picture."""
    hour = Stretch(START + DAY, START + DAY + 3_600_000, "to come")
    (bar,) = parsed(Lane("a", (hour,))).iter(f"{SVG}rect")
    assert (bar.get("x"), bar.get("width")) == ("4.76%", "8")
    ends = START + 21 * DAY
    (last,) = parsed(Lane("a", (Stretch(ends - 60_000, ends, "now"),))).iter(f"{SVG}rect")
    assert (last.get("x"), last.get("width")) == ("100.00%", "8")
    assert last.get("transform") == "translate(-8)"


def test_stretch__that_is_short_on_a_telephone_is_known_to_the_style_sheet():
    """A day in three weeks has room for itself; five hours have on a desk only."""
    lane = Lane("a", tuple(Stretch(START, START + n * 3_600_000, "now") for n in (24, 10, 5, 1)))
    rects = list(parsed(lane).iter(f"{SVG}rect"))
    assert [one.get("class") for one in rects] == [None, "zsm-shorter", "zsm-short", None]


def test_lines__of_days_do_not_cross_names():
    """Each is broken where the name of a lane stands, and whole beside its bars."""
    drawn = parsed(Lane("a", ()), Lane("b", ()))
    down = [one for one in drawn.iter(f"{SVG}line") if one.get("stroke-dasharray")]
    assert len(down) == len(midnights(DAYS))
    for one in down:
        _none, gap, dash, _end = map(int, one.get("stroke-dasharray").split())
        assert gap + dash == 40
        names = [int(text.get("y")) for text in drawn.iter(f"{SVG}text") if not text.get("dx")]
        assert all((y - int(one.get("y1"))) % 40 < gap for y in names)


def test_names__of_days_say_their_month_where_it_begins():
    """Also where every second name is left away."""
    days = Days(
        START,
        START + 21 * DAY,
        START,
        named=lambda at: f"{at:%d}",
        with_month=lambda at: f"{at:%d.%m}",
    )
    texts = [one for one in parsed(days=days).iter(f"{SVG}text") if one.get("dx")]
    for shown in (texts, [one for one in texts if one.get("class") != "zsm-odd"]):
        first, *others = [one.text for one in shown]
        assert first == "21.03"
        assert sum(text.endswith(".04") for text in others) >= 1
        assert next(text for text in others if int(text[:2]) < 20).endswith(".04")


def test_one_day__is_named_by_its_hours():
    """And the next day where it begins."""
    days = Days(START, START + DAY, START)
    named = [one.text for one in parsed(days=days).iter(f"{SVG}text") if one.get("dx")]
    assert {"15:00", "03-21"} <= set(named)


def test_kinds__look_unlike_each_other():
    """Filled, hollow, grey and dashed: not by colour alone."""
    looks = set()
    for kind in ("now", "to come", "over", "broken"):
        drawn = calendar([Lane("a", (Stretch(START, START + DAY, kind),))], DAYS, "")
        found = re.search(r"<g (fill[^>]*)><rect ", drawn).group(1)
        looks.add(found)
    assert len(looks) == 4


def test_now__is_a_line_only_where_it_is_shown():
    """A picture of other days has none."""
    assert 'stroke-width="1.5"' in calendar([], DAYS, "")
    past = Days(START, START + DAY, START + 9 * DAY)
    assert 'stroke-width="1.5"' not in calendar([], past, "")


def test_names__of_days_are_few_and_inside():
    """As many as a telephone has room for, none of them cut off at the end."""
    for count in (1, 3, 21, 90, 180):
        days = Days(START, START + count * DAY, START)
        named = [one for one in parsed(days=days).iter(f"{SVG}text") if one.get("dx")]
        assert 0 < len(named) <= (7 if count > 2 else 9)
        assert all(float(one.get("x").rstrip("%")) < 89 for one in named)


def test_midnights__are_those_of_the_zone_over_a_change_of_its_clock():
    """29 March has 23 hours in Berlin: each day begins once, at nought."""
    berlin = ZoneInfo("Europe/Berlin")
    found = midnights(Days(START, START + 21 * DAY, START, zone=berlin))
    assert [(at.hour, at.minute) for at in found] == [(0, 0)] * 21
    assert {at.utcoffset().total_seconds() for at in found} == {3600, 7200}


def test_names__are_cut_and_their_titles_too():
    """Ten kilobytes of a label do not become a page."""
    drawn = calendar([Lane("x" * 10_000, ())], DAYS, "")
    assert len(drawn) < 6_000
    assert "…" in drawn


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80))
def test_any_text__is_text(text):
    """What people write is no markup, in names, titles and for readers."""
    lane = Lane(text, (Stretch(START, START + DAY, "now", text),))
    drawn = ET.fromstring(calendar([lane], DAYS, text))
    assert drawn.get("aria-label") == text
    assert {one.tag for one in drawn.iter()} <= {
        f"{SVG}{name}" for name in ("svg", "g", "rect", "line", "text", "title")
    }


def test_picture__has_attributes_that_a_strict_policy_allows():
    """Neither style nor script nor a handler."""
    drawn = calendar([Lane("a", (Stretch(START, START + DAY, "now", "b"),))], DAYS, "c")
    assert not re.search(r"style=|<script|\son\w+=", drawn)


def test_many_stretches__have_no_titles_and_too_many_are_left_out():
    """A page bears every day of half a year, and not those of fifty windows."""
    year = tuple(
        Stretch(START + n * 3_600_000, START + n * 3_600_000 + 60_000, "over", "told")
        for n in range(300)
    )
    assert calendar([Lane("a", year)], DAYS, "").count("told</title>") == 300
    assert calendar([Lane("a", year)] * 2, DAYS, "").count("told</title>") == 0
    assert len(bars(parsed(*[Lane("a", year)] * 50))) == 1_500


def test_lanes__beyond_the_most_are_left_out():
    """The table beside it has them."""
    lanes = [Lane(str(n), (Stretch(START, START + DAY, "now"),)) for n in range(9)]
    assert len(bars(parsed(*lanes, most=4))) == 4
