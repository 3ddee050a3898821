"""Columns and blocks come back bit by bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from zerostate_monitoring.exceptions import FrameError
from zerostate_monitoring.storage.packing import (
    ABSENT,
    canonical,
    pack_block,
    pack_row,
    unpack_block,
    unpack_row,
)

BITS = st.one_of(
    st.integers(0, 2**64 - 1),
    st.just(int(ABSENT)),
    st.integers(-(2**53), 2**53).map(lambda n: int(np.float64(n).view(np.uint64))),
    st.sampled_from([-0.0, 1.5, float("inf"), 2.0**63]).map(
        lambda n: int(np.float64(n).view(np.uint64))
    ),
)
SHAPES = st.tuples(st.integers(1, 6), st.integers(0, 20))
BLOCKS = arrays.arrays(np.uint64, SHAPES, elements=BITS)


@given(BLOCKS)
def test_block__comes_back(block):
    """Any bits: integers, fractions, NaN with their payload, absent ones."""
    times, size = block.shape
    assert np.array_equal(unpack_block(pack_block(block.copy()), times, size), block)


@given(BLOCKS, st.integers(0, 20))
def test_row__comes_back(block, known):
    """Against the one before, which may know fewer series, and against none."""
    before = block[0][:known]
    row = block[-1]
    assert np.array_equal(unpack_row(pack_row(row, before), len(row), before), row)
    assert np.array_equal(unpack_row(pack_row(row, None), len(row), None), row)


@given(st.lists(st.floats(width=64)))
def test_canonical__keeps_all_but_the_payload_of_nan(values):
    """So that nothing a producer says looks like an absent sample."""
    found = canonical(np.array(values, dtype=np.float64))
    assert not (found == ABSENT).any()
    np.testing.assert_array_equal(found.view(np.float64), values)


def test_block__of_counters_takes_little():
    """What rises by small steps takes about a byte for each, what rests takes nothing."""
    random = np.random.default_rng(7)
    rising = np.cumsum(random.integers(0, 40, (20, 1000)), axis=0).astype(np.float64)
    resting = np.repeat(random.random((1, 1000)), 20, axis=0)
    assert len(pack_block(rising.view(np.uint64).copy())) < 1.2 * rising.size
    assert len(pack_block(resting.view(np.uint64).copy())) < 0.5 * resting.size


@pytest.mark.parametrize("damaged", [b"", b"????", pack_row(np.zeros(3, np.uint64), None)])
def test_damaged__is_refused(damaged):
    """Neither zlib's error nor a wrong shape."""
    with pytest.raises(FrameError):
        unpack_row(damaged, 2, None)
    with pytest.raises(FrameError):
        unpack_block(damaged, 2, 2)
