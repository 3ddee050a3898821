"""Spelling of numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.utils import floatToGoString

from zerostate_monitoring.exposition.numbers import spell


def bits(value: float) -> bytes:
    """A float64 bit for bit; every NaN is the same to a page."""
    return np.float64("nan" if value != value else value).tobytes()


@given(st.lists(st.floats(width=64)))
def test_spell__reads_back_as_the_same_float(values):
    """Each text reads back as the float64 it was, sign of zero included."""
    texts = spell(np.array(values, dtype=np.float64))
    assert [bits(float(text)) for text in texts] == [bits(value) for value in values]


def test_spell__uses_prometheus_words():
    """NaN and infinities are spelled as Prometheus spells them."""
    odd = [np.nan, np.inf, -np.inf]
    assert [text.decode() for text in spell(np.array(odd))] == [floatToGoString(v) for v in odd]


def test_spell__takes_slices():
    """An array with gaps between its values is spelled like any other."""
    assert spell(np.arange(6, dtype=np.float64)[::2]) == [b"0.0", b"2.0", b"4.0"]
