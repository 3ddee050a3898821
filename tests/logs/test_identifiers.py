"""Ids that strangers send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.logs.identifiers import new_id, sane


@pytest.mark.parametrize("given_id", ["a", "abc-123", "4bf92f35.7:x/y=", "A" * 128])
def test_sane__takes_plain_ids(given_id):
    """Short ones of plain characters."""
    assert sane(given_id) == given_id


def test_sane__takes_those_that_are_made_here():
    """What one process makes, the next one takes."""
    made = new_id()
    assert sane(made) == made


@pytest.mark.parametrize(
    "given_id",
    ["", "A" * 129, "a b", "a\nb", "a\r\nX-Evil: 1", "a\x1b[31m", "ä", "-a", "a;b", "<b>", None, 1],
)
def test_sane__refuses_all_else(given_id):
    """No newline, no escape, no megabyte."""
    assert sane(given_id) == ""


@given(st.text())
def test_sane__is_never_more_than_one_line(text):
    """What is taken can stand in a header and in a line."""
    assert sane(text) in {"", text}
    assert sane(text).isascii()
    assert sane(text).isprintable()
