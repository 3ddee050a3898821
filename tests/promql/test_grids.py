"""Instant vectors at each step."""

from __future__ import annotations

import numpy as np
import pytest

from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.promql.data import Series
from zerostate_monitoring.promql.grids import (
    Grid,
    beside,
    counts,
    drop_names,
    empty,
    folded,
    merged,
    refuse_repeated,
)
from zerostate_monitoring.promql.label_sets import Groups

A, B = (("a", "1"),), (("a", "2"),)
VALUES = np.array([[1.0, 2.0], [3.0, 4.0]])
TURNS = np.array([[True, False], [False, True]])


def grid(*labels, present=None, values=VALUES):
    """Two series at two steps."""
    return Grid(Series(labels), values, present)


def test_mask__is_everywhere_without_one():
    """And it is the mask where there is one."""
    assert grid(A, B).mask.all()
    assert grid(A, B, present=TURNS).mask is TURNS


def test_where__keeps_what_was_there():
    """Nothing comes back."""
    assert grid(A, B).where(TURNS).mask.tolist() == TURNS.tolist()
    assert not grid(A, B, present=TURNS).where(~TURNS).mask.any()


def test_columns__in_another_order():
    """With their labels and masks."""
    found = grid(A, B, present=TURNS).columns(np.array([1, 0]))
    assert found.series.labels == (B, A)
    assert (found.values[0].tolist(), found.mask[0].tolist()) == ([2, 1], [False, True])


def test_part__has_no_mask_where_all_is_there():
    """The mask of other columns does not matter."""
    mask = np.array([[True, False], [True, True]])
    assert grid(A, B, present=mask).part(Series([A]), slice(0, 1)).present is None
    assert grid(A, B, present=mask).part(Series([B]), slice(1, 2)).mask.tolist() == [[0], [1]]


def test_repeated__one_step_at_all_steps():
    """Values and mask."""
    one = grid(A, B, present=TURNS[:1], values=VALUES[:1]).repeated(3)
    assert one.values.tolist() == [[1, 2]] * 3
    assert one.mask.tolist() == [[True, False]] * 3


def test_merged__series_that_take_turns_are_one():
    """At each step the one that is there."""
    found = merged(grid(A, A, present=TURNS))
    assert (found.series.labels, found.values.tolist()) == ((A,), [[1], [4]])


def test_merged__refuses_two_at_one_step():
    """As Prometheus says it."""
    with pytest.raises(QueryError, match="cannot contain metrics with the same labelset"):
        merged(grid(A, A))
    named = [(("__name__", name), *A) for name in "xy"]
    with pytest.raises(QueryError):
        drop_names(grid(*named))


def test_merged__leaves_others_alone():
    """The same object: nothing is copied."""
    one = grid(A, B)
    assert merged(one) is one


def test_refuse_repeated__not_even_by_turns():
    """What a function over ranges gives is looked at as a whole."""
    with pytest.raises(QueryError):
        refuse_repeated(grid(A, A, present=TURNS))
    alive = refuse_repeated(grid(A, A, present=np.array([[True, False]] * 2)))
    assert (alive.series.labels, alive.values.tolist()) == ((A,), [[1], [3]])


def test_beside__all_series_in_one():
    """Parts without series are left out; a mask comes if any part has one."""
    both = beside([grid(A, B), empty(2), grid(B, A, present=TURNS)], 2)
    assert both.series.labels == (A, B, B, A)
    assert both.mask.tolist() == [[1, 1, 1, 0], [1, 1, 0, 1]]
    assert beside([empty(2)], 2).values.shape == (2, 0)
    one = grid(A, B)
    assert beside([one], 2) is one


def test_folded__groups_in_any_order():
    """Groups without members get what is said of none."""
    groups = Groups(Series([(), A, B]), np.array([2, 0]))
    assert folded(np.add, VALUES, groups, 0.5).tolist() == [[2, 0.5, 1], [4, 0.5, 3]]
    assert counts(grid(A, B, present=TURNS), groups).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert counts(grid(A, B), groups).tolist() == [[1, 0, 1]] * 2
