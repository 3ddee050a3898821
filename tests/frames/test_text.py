"""Texts of labels, as stores and databases take them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.frames.text import encodable, keepable

ANY = st.text(st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize("text", ["", "edge-1", "é💥", "\x7f\n"])
def test_ordinary_text__stays(text):
    """What can be kept is kept as it is."""
    assert encodable(text) == keepable(text) == text


@given(ANY)
def test_any_text__can_be_encoded_and_kept(text):
    """UTF-8 carries it, nothing else of it is lost, and PostgreSQL finds no NUL in it."""
    kept = keepable(text)
    assert "\0" not in kept
    assert json.loads(json.dumps(kept)) == kept.encode().decode() == kept
    assert keepable(kept) == kept
    assert len(kept) <= len(text)
