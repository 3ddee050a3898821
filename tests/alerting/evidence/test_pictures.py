"""Evidence as pictures: few enough to be looked at."""

from __future__ import annotations

import pytest

from zerostate_monitoring.alerting.evidence.packing import Line, Pack, Part
from zerostate_monitoring.alerting.evidence.pictures import draw


def pack(*counts):
    lines = [tuple(Line({"n": str(n)}, (0, 1), (1.0, 2.0)) for n in range(c)) for c in counts]
    return Pack(0, 1, 1, tuple(Part(f"up > {n}", line) for n, line in enumerate(lines)))


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((1,), [1]),
        ((9,), [4]),
        ((1, 9, 9), [1, 3, 2]),
        ((1, 1, 1, 1, 1, 1, 1, 1), [1, 1, 1, 1, 1, 1, 0, 0]),
    ],
)
def test_draw__is_bounded_for_a_part_and_for_all(counts, shown):
    """Each part has one before another has two; those left out are counted."""
    drawn = draw(pack(*counts))
    assert [len(part.pictures) for part in drawn] == shown
    assert [len(part.pictures) + part.more for part in drawn] == list(counts)


def test_draw__the_whole_expression_comes_first():
    """With its limit in the picture, whatever else is left out."""
    drawn = draw(pack(1, 9), in_all=1)
    assert (drawn[0].expr, len(drawn[0].pictures)) == ("up > 0", 1)
    assert drawn[1].more == 9
