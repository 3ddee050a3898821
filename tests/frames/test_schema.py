"""Schemas: content-addressed, and the same after a way through bytes."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.frames.strategies import families
from zerostate_monitoring.exceptions import FrameError
from zerostate_monitoring.frames.families import frame_of
from zerostate_monitoring.frames.schema import FamilySchema, SampleKey, Schema, checked_size


@given(families())
def test_schema__round_trip(found):
    """Decoding what was encoded gives an equal schema with the same digest."""
    schema = frame_of(found, 0).schema
    again = Schema.decode(schema.encoded)
    assert again.families == schema.families
    assert again.digest == schema.digest


def test_schema__digest_tells_contents_apart():
    """Two schemas that differ in one label have different digests."""
    one, other = (
        Schema([FamilySchema("a", "gauge", "", "", (SampleKey("", (("x", value),)),))])
        for value in ("1", "2")
    )
    assert one != other
    assert hash(one) != hash(other)


@pytest.mark.parametrize("encoded", [b"", b"\x02abc", b"\x01not zlib"])
def test_schema__refuses_other_bytes(encoded):
    """Unknown formats and damaged bytes are a FrameError."""
    with pytest.raises(FrameError):
        Schema.decode(encoded)
    with pytest.raises(FrameError):
        checked_size(encoded, b"d" * 16)


def test_schema__size_counts_samples():
    """The size is the number of samples over all families."""
    family = FamilySchema("a", "gauge", "", "", (SampleKey("", ()), SampleKey("", (("x", ""),))))
    assert Schema([family]).size == 2


@given(families())
def test_checked_size__is_what_decoding_would_give(found):
    """And a schema under another digest than its own is refused."""
    schema = frame_of(found, 0).schema
    assert checked_size(schema.encoded, schema.digest) == schema.size
    with pytest.raises(FrameError, match="another content"):
        checked_size(schema.encoded, bytes(16))
