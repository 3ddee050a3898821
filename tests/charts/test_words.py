"""Pictures say what their page gives them to say."""

from __future__ import annotations

import pytest

from zerostate_monitoring.charts.axes import levels
from zerostate_monitoring.charts.lines import Frame, Line, lines
from zerostate_monitoring.charts.packing import packed
from zerostate_monitoring.charts.timeline import Bar, Row, Span, timeline
from zerostate_monitoring.charts.units import scales_of, told
from zerostate_monitoring.charts.words import ENGLISH, Words

GERMAN = Words(
    kinds={"firing": "brennt"},
    units={"s": "Sek", "min": "Min"},
    unknown="noch nichts",
    series=lambda count: f"{count} Reihen",
    more=lambda count: f"und {count} mehr",
    alerts=lambda count, firing: f"{count} Alarme, {firing} mal",
    decimal=",",
)


@pytest.mark.parametrize(
    ("value", "unit", "english", "german"),
    [
        (1.5, "seconds", "1.5 s", "1,5 Sek"),
        (90.0, "seconds", "1.5 min", "1,5 Min"),
        (1536.0, "bytes/s", "1.5 KiB/s", "1,5 KiB/Sek"),
        (1250.0, "", "1.25k", "1,25k"),
        (3.0, "peers", "3 peers", "3 peers"),
        (-0.5, "", "−0.5", "−0,5"),
    ],
)
def test_told__in_two_languages(value, unit, english, german):
    """The sign before the fraction, and the unit; what has no word stands as it is."""
    assert told(value, unit) == english
    assert told(value, unit, GERMAN) == german


def test_levels__have_the_same_words():
    """Those of the axis and those for the script."""
    found = [tick.text for tick in levels(0, 2, scales_of("seconds"), GERMAN)]
    assert found[1] == "0,5 Sek"
    frame = Frame(0, 1000, 100, unit="seconds", words=GERMAN)
    read = packed([Line("a", [(0, 1.0)])], frame)
    assert read["decimal"] == ","
    assert (1.0, " Sek") in read["scales"]


def test_lines__say_kinds_and_count_in_the_language():
    """Bands of time, and what is heard of it."""
    frame = Frame(0, 1000, 100, spans=(Bar(0, 500, "firing"),), words=GERMAN)
    drawn = lines([Line("a", [(0, 1.5), (100, 2.0)])], frame)
    assert "<title>brennt</title>" in drawn
    assert 'aria-label="1 Reihen, 1,5 – 2"' in drawn


def test_timeline__likewise_and_from_the_left():
    """Words in bars, titles, what is not known and what is left out; time goes to the right."""
    rows = [Row(str(place), (Bar(0, 900_000, "firing"),)) for place in range(3)]
    drawn = timeline(rows, Span(0, 1_000_000, 100_000, words=True, said=GERMAN), most=2)
    for said in (">brennt</text>", "noch nichts", "und 1 mehr", "3 Alarme, 3 mal", "brennt 1970"):
        assert said in drawn
    assert 'direction="ltr"' in drawn
    assert "firing" not in drawn


def test_english__where_nobody_says_anything():
    """As before."""
    assert ENGLISH.kind("held back") == "held back"
    assert "no history yet" in timeline([], Span(0, 1000, 500))
