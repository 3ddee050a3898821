"""Sums, means and variances one term after the other, as Prometheus makes them.

Whole arrays are reduced quicker in other ways, and as exactly. But where terms cancel each
other, or leave the range of floats on the way, the order and the corrections decide.
"""

from __future__ import annotations

import numpy as np

from zerostate_monitoring.promql.data import Floats, Mask
from zerostate_monitoring.promql.deadline import in_time


def _added(term: Floats, sums: Floats, errors: Floats) -> tuple[Floats, Floats]:
    """Add a term and correct the error. Source: Neumaier's variant of Kahan's sum."""
    new = sums + term
    lost = np.where(np.abs(sums) >= np.abs(term), (sums - new) + term, (term - new) + sums)
    return new, np.where(np.isinf(new), 0.0, errors + lost)


def total(cells: Floats) -> Floats:
    """Sums of (K, L) along L; cells that are not there are zeros."""
    sums, errors = np.zeros(len(cells)), np.zeros(len(cells))
    for term in in_time(cells.T):
        sums, errors = _added(term, sums, errors)
    return np.where(np.isinf(sums), sums, sums + errors)


def mean(cells: Floats, mask: Mask) -> Floats:
    """Means of (K, L) along L, by sums until they leave the range, then by the mean so far."""
    size = len(cells)
    sums, errors, means, count = np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size)
    by_means = np.zeros(size, np.bool_)
    for term, here in in_time(zip(cells.T, mask.T, strict=True)):
        count = count + here
        new, lost = _added(term, sums, errors)
        first = here & (count == 1)
        leaves = here & ~first & ~by_means & np.isinf(new)
        means = np.where(leaves, sums / (count - 1), means)
        errors = np.where(leaves, errors / (count - 1), errors)
        by_means |= leaves
        share = (count - 1) / count
        next_mean, next_error = _added(term / count, share * means, share * errors)
        means = np.where(here & by_means, next_mean, means)
        errors = np.where(here, np.where(by_means, next_error, np.where(first, 0.0, lost)), errors)
        sums = np.where(here & ~by_means, np.where(first, term, new), sums)
    return np.where(by_means, means + errors, sums / count + errors / count)


def variance(cells: Floats, mask: Mask) -> Floats:
    """Population variances of (K, L) along L. Source: Welford, with corrected sums."""
    size = len(cells)
    means, mean_errors, count = np.zeros(size), np.zeros(size), np.zeros(size)
    squares, errors = np.zeros(size), np.zeros(size)
    for term, here in in_time(zip(cells.T, mask.T, strict=True)):
        count = count + here
        apart = term - (means + mean_errors)
        next_mean, next_error = _added(apart / count, means, mean_errors)
        means = np.where(here, next_mean, means)
        mean_errors = np.where(here, next_error, mean_errors)
        product = apart * (term - (means + mean_errors))
        next_squares, next_errors = _added(product, squares, errors)
        squares = np.where(here, next_squares, squares)
        errors = np.where(here, next_errors, errors)
    return (squares + errors) / count
