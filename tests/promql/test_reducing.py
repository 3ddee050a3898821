"""Many cells made into one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerostate_monitoring.promql import reducing, sequential

NAN, INF = math.nan, math.inf


def reduced(reduction, cells, *others):
    """One row of cells, all of them there."""
    found = np.array(cells, float)[None, :, None]
    with np.errstate(all="ignore"):
        return float(reduction(found, np.ones(found.shape, bool), *others)[0, 0])


@given(st.lists(st.floats(-1e15, 1e15), min_size=1, max_size=20))
@settings(max_examples=50)
def test_total__is_exact_where_terms_cancel(cells):
    """As if it were summed with all digits, but for the last."""
    mirrored = [*cells, *(-cell for cell in cells[:-1])]
    assert reduced(reducing.total, mirrored) == pytest.approx(cells[-1], rel=1e-9, abs=1e-9)


def test_total__one_after_the_other_adds_the_errors_at_the_end():
    """A small term survives large ones that cancel; infinity stays."""
    rows = np.array([[1e100, 1.0, -1e100], [1e308, 1e308, 0.0]])
    with np.errstate(all="ignore"):
        assert sequential.total(rows).tolist() == [1.0, INF]


def test_total__takes_what_the_mask_holds():
    """Anything may stand in the other cells."""
    cells = np.array([[[1.0], [NAN], [3.0]], [[NAN], [INF], [5.0]]])
    mask = np.array([[[True], [False], [True]], [[False], [False], [True]]])
    for reduction in (reducing.total, reducing.lowest, reducing.highest, reducing.mean):
        found = reduction(cells, mask)[:, 0].tolist()
        assert found[1] == 5.0
        assert 1 <= found[0] <= 4
    assert reducing.number(mask)[:, 0].tolist() == [2, 1]


@pytest.mark.parametrize(
    ("reduction", "cells", "expected"),
    [
        (reducing.mean, [1.7e308, 1.7e308], 1.7e308),
        (reducing.mean, [INF, 1.0], INF),
        (reducing.mean, [INF, -INF], NAN),
        (reducing.variance, [5.0], 0.0),
        (reducing.variance, [INF, 1.0], NAN),
        (reducing.variance, [1e9, 1e9 + 2], 1.0),
        (reducing.lowest, [NAN, 2.0, 1.0], 1.0),
        (reducing.lowest, [NAN], NAN),
        (reducing.highest, [NAN, 2.0, 1.0], 2.0),
        (reducing.highest, [NAN, -INF], -INF),
    ],
)
def test_reducing__of_what_is_out_of_range(reduction, cells, expected):
    """Means that do not overflow; NaN only where there is nothing else, or it is asked for."""
    assert reduced(reduction, cells) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("q", "cells", "expected"),
    [
        (0.5, [3, 1, 2], 2),
        (0.25, [0, 10], 2.5),
        (0, [3, 1, 2], 1),
        (1, [3, 1, 2], 3),
        (-0.1, [3, 1, 2], -INF),
        (1.1, [3, 1, 2], INF),
        (NAN, [3, 1, 2], NAN),
        (0, [NAN, 1], NAN),
        (1, [NAN, 1], 1),
        (0.5, [NAN, 1, 3], 1),
        (0.5, [-INF, 0, INF], NAN),
    ],
)
def test_quantile__lies_between_two_cells(q, cells, expected):
    """NaN comes before all numbers; what is no quantile is infinite."""
    found = reduced(reducing.quantile, cells, np.array([[q]], float))
    assert found == pytest.approx(expected, nan_ok=True)


def test_quantile__of_cells_that_are_not_there():
    """Each place has as many cells as its mask holds."""
    cells = np.array([[[9.0, 1.0], [2.0, 8.0], [4.0, 3.0]]])
    mask = np.array([[[False, True], [True, False], [True, True]]])
    assert reducing.quantile(cells, mask, np.array([[0.5]])).tolist() == [[3.0, 2.0]]
    none = reducing.quantile(cells, np.zeros(cells.shape, bool), np.array([[0.5]]))
    assert np.isnan(none).all()
