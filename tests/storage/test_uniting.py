"""Blocks of several origins: no series twice, no sample lost."""

from __future__ import annotations

import numpy as np

from tests.storage.timelines import series
from zerostate_monitoring.promql.data import Block, Series
from zerostate_monitoring.storage.uniting import thinned, united, without

A, B, C = (series("a", n=str(n)) for n in range(3))


def block(labels, times, values, stale=()):
    """One block; None is no sample."""
    rows = np.array([[np.nan if v is None else v for v in row] for row in values], dtype=float)
    ends = np.zeros(rows.shape, dtype=bool)
    for place in stale:
        ends[place] = True
    return Block(
        Series(labels),
        np.array(times),
        np.nan_to_num(rows),
        ~np.isnan(rows),
        ends if stale else None,
    )


def seen(blocks):
    """Samples and ends by series and time."""
    found = {}
    for one in blocks:
        for place, labels in enumerate(one.series.labels):
            for row, at in enumerate(one.times.tolist()):
                if one.present[row, place]:
                    found[labels, at] = one.values[row, place]
                elif one.stale is not None and one.stale[row, place]:
                    found[labels, at] = "stale"
    return found


def test_united__a_rule_that_moved_to_another_group():
    """Its past stands in the one, its present in the other; a sample goes before an end."""
    old = block([A, B], [1, 2, 3], [[1, 5], [2, 5], [None, 5]], stale=[(2, 0)])
    new = block([A, C], [3, 4], [[3, 9], [4, None]], stale=[(1, 1)])
    found = united([old, new])
    assert sorted(labels for one in found for labels in one.series.labels) == [A, B, C]
    assert seen(found) == {
        **{(A, n): n for n in (1, 2, 3, 4)},
        **{(B, n): 5 for n in (1, 2, 3)},
        (C, 3): 9,
        (C, 4): "stale",
    }


def test_united__other_series_are_left_as_they_are():
    """The same objects, so that nothing is worked out again."""
    one, two = block([A], [1], [[1]]), block([B], [1], [[1]])
    assert united([one, two]) == [one, two]


def test_without__series_that_stand_elsewhere():
    """Whole blocks go with them."""
    one, two = block([A, B], [1], [[1, 2]]), block([C], [1], [[1]])
    assert seen(without([one, two], {A, C})) == {(B, 1): 2}


def test_thinned__every_so_often_and_where_series_end():
    """An end lies wherever it lies."""
    found = thinned(block([A], [10, 15, 20, 25], [[1], [2], [3], [None]], stale=[(3, 0)]), 10)
    assert seen([found]) == {(A, 10): 1, (A, 20): 3, (A, 25): "stale"}
