"""The series of a name, by their content."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.frames.strategies import LABELS
from zerostate_monitoring.exceptions import FrameError
from zerostate_monitoring.storage.parts import Part, named

SERIES = st.lists(LABELS, max_size=8).map(
    lambda every: tuple(dict.fromkeys(named("x", labels.items()) for labels in every))
)


@given(SERIES)
def test_part__comes_back(series):
    """Any labels, in their order; equal content has an equal digest."""
    part = Part.of("x", series)
    found = Part.decode(part.encoded)
    assert (found.name, found.size, found.labels) == ("x", len(series), series)
    assert found.digest == part.digest


@given(SERIES, SERIES)
def test_part__digests_differ_where_series_do(one, other):
    """A digest stands for the content."""
    assert (Part.of("x", one).digest == Part.of("x", other).digest) is (one == other)


def test_named__leaves_out_empty_labels():
    """For PromQL they are none."""
    assert named("x", [("b", "1"), ("a", "")]) == (("__name__", "x"), ("b", "1"))


@pytest.mark.parametrize("damaged", [b"", b"????", Part.of("x", [named("x", [])]).encoded[:-8]])
def test_damaged__is_refused(damaged):
    """By one kind of error."""
    with pytest.raises(FrameError):
        Part.decode(damaged)
