"""Series in memory: blocks, masks, and the same objects again."""

from __future__ import annotations

import numpy as np
import pytest

from zerostate_monitoring.promql.data import STALE_BITS
from zerostate_monitoring.promql.memory import KEPT, MemoryStorage
from zerostate_monitoring.promql.nodes import Matcher

STALE = float(np.array([STALE_BITS], dtype=np.int64).view(np.float64)[0])
NAN = float("nan")


def series(name, times, values, **labels):
    pairs = {"__name__": name, **labels}
    return tuple(sorted(pairs.items())), times, values


def selected(storage, *matchers, start=-1, end=1000):
    """Each series with its samples and stale markers, whatever blocks they stand in."""
    found = {}
    for block in storage.select([Matcher(*m) for m in matchers], start, end):
        for column, labels in enumerate(block.series.labels):
            present = np.ones(len(block.times), bool)
            if block.present is not None:
                present = block.present[:, column]
            stale = np.zeros(len(block.times), bool)
            if block.stale is not None:
                stale = block.stale[:, column]
            assert not (present & stale).any()
            assert labels not in found
            found[labels] = (
                list(zip(block.times[present], block.values[present, column], strict=True)),
                list(block.times[stale]),
            )
    return found


def test_select__gives_what_was_given():
    """Whatever the timestamps have in common."""
    given = [
        series("a", [0, 10, 20], [1, 2, 3], k="full"),
        series("a", [0, 20], [4, 5], k="gap"),
        series("a", [3, 13, 23, 33, 43, 53], [6, 7, 8, 9, 10, 11], k="elsewhere"),
        series("b", [0, 10, 20], [1, STALE, NAN], k="stale"),
    ]
    found = selected(MemoryStorage(given), ("k", "!=", ""))
    assert len(found) == 4
    for labels, times, values in given[:3]:
        assert found[labels] == (list(zip(times, values, strict=True)), [])
    samples, stale = found[given[3][0]]
    assert (samples[0], samples[1][0], stale) == ((0, 1), 20, [10])
    assert np.isnan(samples[1][1])


@pytest.mark.parametrize(
    ("matchers", "names"),
    [
        ([("__name__", "=", "a")], "x y"),
        ([("__name__", "=", "a"), ("k", "!=", "x")], "y"),
        ([("__name__", "=~", "a|b"), ("k", "=~", "x|z")], "x z"),
        ([("__name__", "=", "none")], ""),
        ([("missing", "=", "")], "x y z"),
        ([("k", "!~", "x|y")], "z"),
    ],
)
def test_select__meets_all_matchers(matchers, names):
    """A missing label is an empty one."""
    storage = MemoryStorage([series(n, [0], [1], k=k) for n, k in ("ax", "ay", "bz")])
    assert sorted(dict(labels)["k"] for labels in selected(storage, *matchers)) == names.split()


def test_select__the_span_is_open_at_its_start():
    """Samples of start < t ≤ end."""
    storage = MemoryStorage([series("a", [0, 10, 20, 30], [1, 2, 3, 4])])
    ((samples, _),) = selected(storage, ("__name__", "=", "a"), start=0, end=20).values()
    assert samples == [(10, 2), (20, 3)]
    assert selected(storage, ("__name__", "=", "a"), start=30, end=40)


def test_select__gives_the_same_object_again():
    """For the same matchers, for others of the same meaning, for another span."""
    storage = MemoryStorage([series(n, [0], [1], k=n) for n in "abc"])

    def got(*matcher, end=100):
        (block,) = storage.select([Matcher(*matcher)], -1, end)
        return block.series

    assert got("k", "=~", "a|b") is got("k", "=~", "a|b", end=50) is got("k", "!=", "c")
    assert got("k", "=", "a") is not got("k", "=", "b")


def test_select__keeps_so_much_and_no_more():
    """Whatever is asked, of however many kinds."""
    storage = MemoryStorage([series("a", [0], [1], k=k) for k in "xy"])
    for n in range(2 * KEPT + 7):
        assert selected(storage, ("k", "=~", f"x|{n}"))
    assert 1 <= len(storage._selected) <= KEPT
    assert len(storage._parts) == 1


def test_select_within__gives_up():
    """And keeps nothing of what it had found."""
    storage = MemoryStorage([series("a", [0], [1], k=str(k)) for k in range(9)])

    def check():
        raise TimeoutError

    matchers = [Matcher("k", "=~", "[1-3]")]
    with pytest.raises(TimeoutError):
        storage.select_within(matchers, -1, 9, check)
    (block,) = storage.select_within(matchers, -1, 9, None)
    assert len(block.series) == 3


def test_blocks__series_of_one_grid_share_a_block():
    """Masks only where something is missing; others stand by themselves."""
    grid = list(range(0, 100, 10))
    whole = MemoryStorage([series("a", grid, grid, k=k) for k in "xyz"])
    (block,) = whole.select([], -1, 100)
    assert (block.values.shape, block.present, block.stale) == ((10, 3), None, None)
    gaps = MemoryStorage([series("a", grid, grid), series("b", grid[3:7], [1, STALE, 2, 3])])
    (block,) = gaps.select([], -1, 100)
    assert (int(block.present.sum()), int(block.stale.sum())) == (13, 1)
    others = [time + 3 for time in (*grid, 100, 110)]
    apart = MemoryStorage([series("a", grid, grid), series("b", others, others)])
    assert len(apart.select([], -1, 200)) == 2


@pytest.mark.parametrize(
    "given",
    [
        [series("a", [0, 0], [1, 2])],
        [series("a", [10, 0], [1, 2])],
        [series("a", [0], [1, 2])],
        [series("a", [0], [1]), series("a", [1], [1])],
    ],
)
def test_series__that_are_none_are_refused(given):
    """Times that do not ascend, lengths that differ, a series twice."""
    with pytest.raises(ValueError):
        MemoryStorage(given)
