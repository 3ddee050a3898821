"""Aggregations over time: of the samples of each window."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from zerostate_monitoring.promql import reducing
from zerostate_monitoring.promql.data import Floats, Mask
from zerostate_monitoring.promql.grids import Grid
from zerostate_monitoring.promql.windows import Windows

Reduction = Callable[[Floats, Mask], Floats]


def _reduced(windows: Windows, reduction: Reduction) -> Grid:
    values = np.empty(windows.shape)
    for layout in windows.layouts():
        mask = np.broadcast_to(layout.mask, layout.values.shape)
        values[layout.steps, layout.series] = reduction(layout.values, mask)
    return windows.grid(values, windows.count >= 1)


def sum_over_time(windows: Windows) -> Grid:
    """Sums."""
    return _reduced(windows, reducing.total)


def avg_over_time(windows: Windows) -> Grid:
    """Means."""
    return _reduced(windows, reducing.mean)


def min_over_time(windows: Windows) -> Grid:
    """Minima."""
    return _reduced(windows, reducing.lowest)


def max_over_time(windows: Windows) -> Grid:
    """Maxima."""
    return _reduced(windows, reducing.highest)


def stdvar_over_time(windows: Windows) -> Grid:
    """Population variances."""
    return _reduced(windows, reducing.variance)


def stddev_over_time(windows: Windows) -> Grid:
    """Population standard deviations."""
    grid = stdvar_over_time(windows)
    return grid.with_values(np.sqrt(grid.values))


def quantile_over_time(windows: Windows, q: Floats) -> Grid:
    """The ``q``-quantiles; ``q`` is (N)."""
    values = np.empty(windows.shape)
    for layout in windows.layouts():
        found = reducing.quantile(layout.values, layout.mask, q[layout.steps, None])
        values[layout.steps, layout.series] = found
    return windows.grid(values, windows.count >= 1)


def count_over_time(windows: Windows) -> Grid:
    """Numbers of samples."""
    return windows.grid(windows.count.astype(np.float64), windows.count >= 1)


def present_over_time(windows: Windows) -> Grid:
    """1 where there is a sample."""
    return windows.grid(np.ones((1, 1)), windows.count >= 1)


def last_over_time(windows: Windows) -> Grid:
    """The newest samples."""
    return windows.grid(windows.at(windows.last), windows.count >= 1)


def first_over_time(windows: Windows) -> Grid:
    """The oldest samples."""
    return windows.grid(windows.at(windows.first), windows.count >= 1)
