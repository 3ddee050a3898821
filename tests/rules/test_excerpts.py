"""Places in texts are shown to people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.rules.excerpts import excerpt, placed, position


@given(st.text(alphabet="ab\n\t", max_size=300), st.data())
def test_carets__stand_below_what_is_meant(text, data):
    """However long the line is, the first caret is below the first character."""
    start = data.draw(st.integers(0, max(len(text) - 1, 0)))
    end = data.draw(st.integers(start, len(text)))

    line, mark = excerpt(text, start, end).split("\n")

    at = mark.index("^")
    meant = text[start : start + 1].replace("\t", " ")
    assert line[at : at + 1] == ("" if meant == "\n" else meant)
    assert len(line) <= 102
    assert position(text, start)[0] == text[:start].count("\n") + 1


@pytest.mark.parametrize(
    ("text", "start", "end", "said"),
    [
        ("a + b", 4, 5, "No. (column 5)\na + b\n    ^"),
        ("a +\nbc", 4, 6, "No. (line 2, column 1)\nbc\n^^"),
        ("a", 0, 0, "No."),
        ("", 0, 3, "No."),
    ],
)
def test_place__is_said_where_it_is_known(text, start, end, said):
    """Line and column, counted from 1."""
    assert placed("No.", text, start, end) == said
