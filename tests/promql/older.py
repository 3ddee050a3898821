"""How rates were extended to the start of a range before Prometheus 3, in place of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import numpy as np

from zerostate_monitoring.promql import rates
from zerostate_monitoring.promql.grids import Grid
from zerostate_monitoring.promql.windows import Windows


@contextmanager
def zero_first() -> Iterator[None]:
    """While it lasts, a counter's zero is looked for before a far border is given up."""
    with patch.object(rates, "_extrapolated", _extrapolated):
        yield


def _extrapolated(windows: Windows, *, counts: bool, per_second: bool) -> Grid:
    start = windows.until - windows.range_ms
    first, last = windows.first, windows.last
    first_value = windows.at(first)
    grown = windows.at(last) - first_value
    if counts:
        grown = rates._with_resets(windows, grown)
    to_start = windows.seconds(first, start)
    to_end = -windows.seconds(last, windows.until)
    sampled = windows.seconds_between(first, last)
    between = sampled / np.maximum(windows.count - 1, 1)
    if counts:
        to_zero = np.where(
            (grown > 0) & (first_value >= 0), sampled * (first_value / grown), np.inf
        )
        to_start = np.where(to_zero < to_start, to_zero, to_start)
    to_start, to_end = (
        np.where(border < between * 1.1, border, between / 2) for border in (to_start, to_end)
    )
    factor = (sampled + to_start + to_end) / sampled
    if per_second:
        factor = factor / (windows.range_ms / 1000)
    return windows.grid(grown * factor, windows.count >= 2)
