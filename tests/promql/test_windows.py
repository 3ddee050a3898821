"""The samples of ranges."""

from __future__ import annotations

from weakref import ref

import numpy as np
import pytest

from zerostate_monitoring.promql import windows as module
from zerostate_monitoring.promql.data import Block, Part, Series
from zerostate_monitoring.promql.windows import Windows

TIMES = np.array([10, 20, 30, 40, 50])
VALUES = np.arange(10.0).reshape(5, 2)
NAMES = Series([(("a", "1"),), (("a", "2"),)])
GAPS = np.array([[1, 1], [1, 0], [0, 0], [1, 1], [1, 0]], bool)


def windows(present=None, until=(20, 40, 60), range_ms=20):
    """Two series with five samples each."""
    at = np.array(until)
    return Windows(Block(NAMES, TIMES, VALUES, present), at, at, range_ms)


def test_windows__are_open_at_the_left():
    """A sample at the start of the range is not in it, one at its end is."""
    found = windows()
    assert [(low, high) for low, high in zip(found.low, found.high, strict=True)] == [
        (0, 2),
        (2, 4),
        (4, 5),
    ]
    assert found.count.tolist() == [[2], [2], [1]]


def test_windows__look_at_the_rows_that_they_need():
    """Others are not touched."""
    found = windows(until=(40,), range_ms=15)
    assert found.sample_times.tolist() == [30, 40]
    assert found.values.shape == (2, 2)


def test_windows__with_gaps():
    """Each series has its own first and last sample, and count."""
    found = windows(GAPS)
    assert found.count.tolist() == [[2, 1], [1, 1], [1, 0]]
    has = found.count > 0
    assert found.at(found.first)[has].tolist() == [0, 1, 6, 7, 8]
    assert found.at(found.last)[has].tolist() == [2, 1, 6, 7, 8]
    assert not found.is_dense


def test_windows__gaps_elsewhere_do_not_matter():
    """Where each series has all samples of the rows, the windows are dense."""
    assert windows(GAPS, until=(10,)).is_dense


@pytest.mark.parametrize("until", [(5,), (100,), (71, 72)])
def test_windows__without_samples_are_empty(until):
    """Before, behind, and between."""
    found = windows(until=until)
    assert found.are_empty
    assert found.at(found.last).shape == found.shape
    assert found.seconds(found.last, found.until).tolist() == [[0.0]] * len(until)


def test_windows__of_a_part_are_those_of_its_columns():
    """Cut out of the rows that are looked at, of values and masks alike."""
    whole = Block(NAMES, TIMES, VALUES, GAPS)
    at = np.array([20, 40])
    part = Part(Series([NAMES.labels[1]]), whole, np.array([1]))
    found = Windows(part, at, at, 20)
    assert (found.values[:, 0].tolist(), found.count.tolist()) == ([1, 3, 5, 7], [[1], [1]])
    assert Windows(part, at[:1], at[:1], 10).are_empty is False


@pytest.mark.parametrize("cells", [1, 3, 7, 1000])
def test_layouts__hold_every_cell_once(monkeypatch, cells):
    """However small their parts are."""
    monkeypatch.setattr(module, "_CELLS", cells)
    found = windows(GAPS)
    sums = np.full(found.shape, np.nan)
    for layout in found.layouts():
        mask = np.broadcast_to(layout.mask, layout.values.shape)
        assert np.isnan(sums[layout.steps, layout.series]).all()
        sums[layout.steps, layout.series] = np.where(mask, layout.values, 0).sum(axis=1)
        assert layout.times.shape == layout.values.shape[:2]
    assert sums.tolist() == [[2, 1], [6, 7], [8, 0]]


def test_layouts__are_let_go_of_one_after_the_other(monkeypatch):
    """What was laid out does not pile up: of large windows that is more than any memory."""
    monkeypatch.setattr(module, "_CELLS", 1)
    seen = []
    for layout in windows(GAPS).layouts():
        assert sum(one() is not None for one in seen) <= 1
        assert layout.values.size
        seen.append(ref(layout))
    assert len(seen) > 3


def test_grid__has_a_mask_only_where_something_is_missing():
    """None means everywhere."""
    found = windows()
    assert found.grid(np.ones((1, 1)), found.count >= 1).present is None
    assert found.grid(np.ones((1, 1)), found.count >= 2).present.tolist() == [[1, 1]] * 2 + [[0, 0]]
