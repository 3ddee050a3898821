"""What was kept comes back, within bounds."""

from __future__ import annotations

import math
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.alerting.evidence.asking import merged
from zerostate_monitoring.alerting.evidence.packing import (
    EvidenceError,
    Line,
    Pack,
    Part,
    pack,
    unpack,
)

STEP = 15_000
values = st.floats() | st.sampled_from([0.0, -0.0, math.nan, math.inf, -math.inf])


@st.composite
def lines(draw):
    places = sorted(draw(st.sets(st.integers(0, 180), max_size=20)))
    found = [draw(values) for _ in places]
    labels = draw(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2))
    return Line(labels, [1_000 + STEP * place for place in places], found)


packs = st.builds(
    Pack,
    st.just(1_000),
    st.just(1_000 + 180 * STEP),
    st.just(STEP),
    st.lists(
        st.builds(
            Part,
            st.text(max_size=20),
            st.lists(lines(), max_size=3).map(tuple),
            st.integers(0, 5),
            st.text(max_size=9),
        ),
        max_size=4,
    ).map(tuple),
)


@given(packs)
def test_pack__comes_back(found):
    """Every bit but the sign and payload of NaN."""
    assert repr(unpack(pack(found))) == repr(found)


@given(packs, st.integers(0, 40))
def test_pack__is_bounded(found, most):
    """What is left out is counted, and what is kept is whole."""
    back = unpack(pack(found, most))
    assert sum(len(line.values) for part in back.parts for line in part.lines) <= most
    for part, before in zip(back.parts, found.parts, strict=True):
        assert part.more + len(part.lines) == before.more + len(before.lines)
        assert repr(part.lines) == repr(before.lines[: len(part.lines)])


def test_pack__a_full_one_is_small():
    """A row of 20,000 different values takes less than 200 KB."""
    part = Part(
        "x",
        tuple(
            Line(
                {"n": str(n)},
                [STEP * at for at in range(181)],
                [math.sin(n + at) for at in range(181)],
            )
            for n in range(110)
        ),
    )
    assert len(pack(Pack(0, 180 * STEP, STEP, (part,)))) < 200_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        zlib.compress(b"{}"),
        zlib.compress(b"[]"),
        zlib.compress(b'{"v":2}'),
        zlib.compress(
            b'{"v":1,"s":0,"t":0,"d":1,"parts":[{"e":"","m":0,"p":"","l":[{"l":{},"r":[0,2],"x":[1]}]}]}'
        ),
        zlib.compress(b"0" * 9_000_000),
    ],
)
def test_unpack__refuses_what_is_none(data):
    """Also what would grow without end."""
    with pytest.raises(EvidenceError):
        unpack(data)


def line(*pairs, **labels):
    return Line(labels, [at for at, _ in pairs], [value for _, value in pairs])


def test_merged__keeps_what_history_has_lost():
    """The first part stays where the second question finds less."""
    before = Pack(0, 2, 1, (Part("x", (line((0, 1.0), (1, 2.0), n="a"), line((0, 5.0), n="b"))),))
    after = Pack(0, 4, 1, (Part("x", (line((1, 2.0), (2, 3.0), n="a"),)),))
    found = merged(before, after)
    assert found.parts == (
        Part("x", (line((0, 1.0), (1, 2.0), (2, 3.0), n="a"), line((0, 5.0), n="b"))),
    )
    assert merged(before, Pack(0, 4, 1, (Part("x"),))) == before
