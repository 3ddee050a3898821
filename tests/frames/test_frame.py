"""Frames through bytes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.frames.strategies import TEXTS, families
from zerostate_monitoring.exceptions import FrameError
from zerostate_monitoring.frames.exemplar import Exemplar
from zerostate_monitoring.frames.families import frame_of
from zerostate_monitoring.frames.frame import Frame, decode
from zerostate_monitoring.frames.schema import FamilySchema, SampleKey, Schema


@given(families(), st.floats(0, 1e11), st.dictionaries(st.sampled_from(["node", "site"]), TEXTS))
def test_frame__round_trip(found, at, labels):
    """Values keep every bit; time, labels and schema digest come back."""
    plain = frame_of(found, at)
    frame = Frame(plain.schema, plain.values, at, tuple(sorted(labels.items())))
    again = decode(frame.encode())
    assert again.values.tobytes() == frame.values.tobytes()
    assert (again.at, again.labels, again.digest) == (at, frame.labels, frame.schema.digest)


def one_sample(exemplars=()):
    """A frame of one counter."""
    schema = Schema([FamilySchema("a", "counter", "", "", (SampleKey("_total", ()),))])
    return Frame(schema, np.array([2.0]), 1.0, exemplars=dict(exemplars))


def test_frame__exemplars_round_trip():
    """Exemplars with and without a time come back at their sample."""
    for timestamp in (None, 12.5):
        exemplar = Exemplar((("trace_id", "abc"),), 1.5, timestamp)
        frame = one_sample({0: exemplar})
        assert decode(frame.encode()).with_schema(frame.schema).exemplars == {0: exemplar}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300])
def test_frame__exemplars_may_hold_any_number(value):
    """A number that JSON has no word for is no harm to the frame."""
    frame = one_sample({0: Exemplar((), value, value)})
    (again,) = decode(frame.encode()).exemplars.values()
    assert [repr(again.value), repr(again.timestamp)] == [repr(value)] * 2


@pytest.mark.parametrize("cut", [0, 10, 33])
def test_decode__refuses_damaged_bytes(cut):
    """Half a frame is a FrameError, never half the values."""
    with pytest.raises(FrameError):
        decode(one_sample().encode()[:cut])


def test_decode__refuses_another_format():
    """A frame of a newer version is recognised as such."""
    with pytest.raises(FrameError, match="unknown format 9"):
        decode(b"\x09" + one_sample().encode()[1:])


def test_frame__refuses_wrong_number_of_values():
    """Values and samples must be as many."""
    with pytest.raises(FrameError, match="2 values for 1 samples"):
        Frame(one_sample().schema, np.array([1.0, 2.0]), 0)


def test_frame__samples_carry_constant_labels():
    """Constant labels stand on each sample beside its own."""
    schema = Schema([FamilySchema("a", "gauge", "", "", (SampleKey("", (("z", "1"),)),))])
    frame = Frame(schema, np.array([math.pi]), 0, (("node", "n1"),))
    assert list(frame.samples()) == [("a", (("node", "n1"), ("z", "1")), math.pi)]
