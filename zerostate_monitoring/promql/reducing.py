"""From many cells to one: reductions of (A, L, B) along L where a mask holds.

Windows over time and groups of series are reduced by the same code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from zerostate_monitoring.promql import sequential
from zerostate_monitoring.promql.data import Floats, Mask
from zerostate_monitoring.promql.label_sets import Index

ILL_CONDITIONED: Final = 1e3
"""Past this ratio of Σ|x| to |Σx|, terms cancel and their sum is made with corrections."""
_HUGE: Final = 1e150
"""Past this, squares and sums may leave the range of floats."""


def number(mask: Mask) -> Index:
    """How many cells there are (A, B)."""
    return np.asarray(np.count_nonzero(mask, axis=1))


def total(cells: Floats, mask: Mask) -> Floats:
    """Sums (A, B); one term after the other where terms cancel or are huge."""
    cells = np.where(mask, cells, 0.0)
    sums: Floats = cells.sum(axis=1)
    size = np.abs(cells).sum(axis=1)
    doubtful = (size > ILL_CONDITIONED * np.abs(sums)) | (size > _HUGE)
    if doubtful.any():
        outer, inner = np.nonzero(doubtful)
        sums[outer, inner] = sequential.total(cells[outer, :, inner])
    return sums


def mean(cells: Floats, mask: Mask) -> Floats:
    """Means (A, B); also where the sum would leave the range of floats."""
    return _carefully(total(cells, mask) / number(mask), cells, mask, sequential.mean)


def variance(cells: Floats, mask: Mask) -> Floats:
    """Population variances (A, B); not a number where a cell is not finite."""
    count = number(mask)
    apart = cells - (total(cells, mask) / count)[:, None, :]
    # What is left of the mean's rounding is taken out again.
    rest: Floats = total(apart, mask) / count
    found = without_rest(total(apart * apart, mask) / count, rest)
    return _carefully(found, cells, mask, sequential.variance)


def _carefully(
    found: Floats, cells: Floats, mask: Mask, careful: Callable[[Floats, Mask], Floats]
) -> Floats:
    """What was found, but one term after the other where terms are huge."""
    huge = np.where(mask, np.abs(cells), 0.0).max(axis=1) > _HUGE
    if huge.any():
        outer, inner = np.nonzero(huge)
        found[outer, inner] = careful(cells[outer, :, inner], mask[outer, :, inner])
    return found


def without_rest(squares: Floats, rest: Floats) -> Floats:
    """Mean squares of distances from a mean that is off by ``rest``, as variances."""
    return np.asarray(np.where(np.isinf(squares), squares, np.maximum(squares - rest * rest, 0.0)))


def lowest(cells: Floats, mask: Mask) -> Floats:
    """Minima (A, B); a NaN only where there is nothing else."""
    return np.asarray(np.fmin.reduce(np.where(mask, cells, np.nan), axis=1))


def highest(cells: Floats, mask: Mask) -> Floats:
    """Maxima (A, B); a NaN only where there is nothing else."""
    return np.asarray(np.fmax.reduce(np.where(mask, cells, np.nan), axis=1))


def quantile(cells: Floats, mask: Mask, q: Floats) -> Floats:
    """The ``q``-quantiles (A, B), between two cells by their distance.

    ``q`` is (A, 1) or (A, B). NaN stands before all numbers; -Inf and +Inf answer a
    ``q`` below 0 and above 1.
    """
    mask = np.broadcast_to(mask, cells.shape)
    count = number(mask)
    ordered = np.sort(np.where(mask, cells, np.nan), axis=1)
    unordered = count - number(mask & ~np.isnan(cells))
    inside = np.clip(np.nan_to_num(q), 0.0, 1.0)
    rank = inside * (count - 1)
    floor = np.floor(rank)
    lower = np.maximum(floor, 0).astype(np.intp)
    upper = np.minimum(np.maximum(count - 1, 0), lower + 1)
    weight = rank - floor
    low, high = (_nth(ordered, place, unordered) for place in (lower, upper))
    found: Floats = low * (1 - weight) + high * weight
    found = np.where(q < 0, -np.inf, np.where(q > 1, np.inf, found))
    return np.where(np.isnan(q), np.nan, found)


def _nth(ordered: Floats, place: Index, unordered: Index) -> Floats:
    """The cell at a place of an order in which NaN comes first."""
    index = np.maximum(place - unordered, 0)[:, None, :]
    found = np.take_along_axis(ordered, index, axis=1)[:, 0, :]
    return np.where(place < unordered, np.nan, found)
