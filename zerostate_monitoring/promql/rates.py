"""Functions over ranges that look at how a series moves.

Source: Prometheus's extrapolation (``extrapolatedRate``), instant rates and regression.
"""

from __future__ import annotations

import numpy as np

from zerostate_monitoring.promql.data import Floats, Mask
from zerostate_monitoring.promql.deadline import check_time
from zerostate_monitoring.promql.grids import Grid
from zerostate_monitoring.promql.label_sets import Index
from zerostate_monitoring.promql.reducing import total
from zerostate_monitoring.promql.windows import Layout, Windows

_CLOSE = 1.1
"""A border is near if it is at most this many average distances between samples away."""
_HUGE = 1e300
"""Values are not moved by more: a difference of two could be infinite."""


def rate(windows: Windows) -> Grid:
    """Growth per second of counters."""
    return _extrapolated(windows, counts=True, per_second=True)


def increase(windows: Windows) -> Grid:
    """Growth of counters."""
    return _extrapolated(windows, counts=True, per_second=False)


def delta(windows: Windows) -> Grid:
    """Difference between the ends, for gauges."""
    return _extrapolated(windows, counts=False, per_second=False)


def _extrapolated(windows: Windows, *, counts: bool, per_second: bool) -> Grid:
    """The difference between last and first sample, extended to the borders of the range."""
    count = windows.count
    found = count >= 2
    start = windows.until - windows.range_ms
    first, last = windows.first, windows.last
    first_value = windows.at(first)
    grown = windows.at(last) - first_value
    if counts:
        grown = _with_resets(windows, grown)
    to_start = windows.seconds(first, start)
    to_end = -windows.seconds(last, windows.until)
    sampled = windows.seconds_between(first, last)
    between = sampled / np.maximum(count - 1, 1)
    to_start = np.where(to_start >= between * _CLOSE, between / 2, to_start)
    to_end = np.where(to_end >= between * _CLOSE, between / 2, to_end)
    if counts:
        to_start = _not_below_zero(to_start, sampled, first_value, grown)
    factor = np.where(sampled == 0, 1.0, (sampled + to_start + to_end) / sampled)
    if per_second:
        factor = factor / (windows.range_ms / 1000)
    return windows.grid(grown * factor, found)


def _not_below_zero(to_start: Floats, sampled: Floats, first: Floats, grown: Floats) -> Floats:
    """A counter began at zero: it is not extended to where it would have been negative."""
    to_zero = np.where((grown > 0) & (first >= 0), sampled * (first / grown), np.inf)
    return np.where(to_zero < to_start, to_zero, to_start)


def _with_resets(windows: Windows, grown: Floats) -> Floats:
    """``grown`` (N, S), to which what counters had reached before each reset is added in place."""
    before, known = _previous(windows)
    values = windows.values
    if len(values) < 2:
        return grown
    reset = values < before
    if known is not None:
        reset &= known
    touched = np.flatnonzero(reset.any(axis=0))
    if len(touched):
        amounts = np.where(reset[:, touched], before[:, touched], 0.0)
        first = windows.first if windows.first.shape[1] == 1 else windows.first[:, touched]
        grown[:, touched] = _with_rows_after(grown[:, touched], amounts, first, windows.high)
    return grown


def _with_rows_after(begun: Floats, amounts: Floats, first: Index, high: Index) -> Floats:
    """``begun`` (N, S) plus the rows first[n] + 1 … high[n] - 1 of (T, S), one after the other.

    In this order, as a sum of them alone may be infinite where Prometheus's is not.
    """
    rows = np.arange(len(amounts))[:, None]
    sums = np.empty(begun.shape)
    for n, stop in enumerate(high.tolist()):
        check_time()
        start = int(first[n].min())
        part = np.where(rows[start:stop] > first[n], amounts[start:stop], 0.0)
        sums[n] = np.add.accumulate(np.concatenate((begun[n, None], part)))[-1]
    return sums


def _previous(windows: Windows) -> tuple[Floats, Mask | None]:
    """The sample before each one (T, S), and where there is one."""
    values = windows.values
    if windows.is_dense:
        return np.concatenate((values[:1], values[:-1])), None
    rows = windows.before[:-1]
    known = (rows >= 0) & (windows.before[1:] == np.arange(len(values))[:, None])
    return np.take_along_axis(values, np.maximum(rows, 0), axis=0), known


def resets(windows: Windows) -> Grid:
    """How often a counter fell."""
    before, known = _previous(windows)
    return _events(windows, windows.values < before, known)


def changes(windows: Windows) -> Grid:
    """How often a value changed; from one NaN to the next is no change."""
    before, known = _previous(windows)
    values = windows.values
    changed = (values != before) & ~(np.isnan(values) & np.isnan(before))
    return _events(windows, changed, known)


def _events(windows: Windows, events: Mask, known: Mask | None) -> Grid:
    """How many events there are behind the first sample of each window."""
    if known is not None:
        events = events & known
    running = np.zeros((len(events) + 1, events.shape[1]), np.intp)
    np.cumsum(events, axis=0, out=running[1:])
    found = windows.count >= 1
    if not len(events):
        return windows.grid(np.zeros((1, 1)), found)
    after = np.minimum(windows.first + 1, len(events))
    if after.shape[1] == 1:
        counted = running[windows.high] - running[after[:, 0]]
    else:
        counted = running[windows.high] - np.take_along_axis(running, after, axis=0)
    return windows.grid(counted.astype(np.float64), found)


def irate(windows: Windows) -> Grid:
    """Growth per second between the last two samples of counters."""
    first, last, seconds, found = _last_two(windows)
    grown = np.where(last < first, last, last - first)
    return windows.grid(grown / seconds, found)


def idelta(windows: Windows) -> Grid:
    """Difference between the last two samples."""
    first, last, _, found = _last_two(windows)
    return windows.grid(last - first, found)


def _last_two(windows: Windows) -> tuple[Floats, Floats, Floats, Mask]:
    """The samples before last and last, the seconds between them, and where there are two."""
    last = windows.last
    if windows.is_dense:
        earlier = np.maximum(last - 1, 0)
    else:
        earlier = np.maximum(np.take_along_axis(windows.before, last, axis=0), 0)
    between = windows.seconds_between(earlier, last)
    return windows.at(earlier), windows.at(last), between, windows.count >= 2


def deriv(windows: Windows) -> Grid:
    """The slope per second of the line through the samples."""
    slope = np.empty(windows.shape)
    for layout in windows.layouts():
        origin = windows.sample_times[windows.first[layout.steps]]
        if origin.shape[1] > 1:
            origin = origin[:, layout.series]
        slope[layout.steps, layout.series], _ = _line(layout, origin)
    return windows.grid(slope, windows.count >= 2)


def predict_linear(windows: Windows, seconds: Floats) -> Grid:
    """Where the line through the samples will be ``seconds`` (N) after each step."""
    reached = np.empty(windows.shape)
    for layout in windows.layouts():
        slope, intercept = _line(layout, windows.times[layout.steps, None])
        reached[layout.steps, layout.series] = slope * seconds[layout.steps, None] + intercept
    return windows.grid(reached, windows.count >= 2)


def _line(layout: Layout, origin: Index) -> tuple[Floats, Floats]:
    """Slope and intercept at ``origin`` (ms; (n, 1) or (n, s)) of the least squares (n, s).

    The line goes through what the samples are above the first one of each window: of large
    values that differ by little the sums would else hold nothing but rounding.
    """
    mask = np.broadcast_to(layout.mask, layout.values.shape)
    first = np.take_along_axis(layout.values, mask.argmax(axis=1)[:, None, :], axis=1)
    base = np.where(np.abs(first) < _HUGE, first, 0.0)
    y = layout.values - base
    x = np.broadcast_to((layout.times[:, :, None] - origin[:, None, :]) / 1000, y.shape)
    n = np.count_nonzero(mask, axis=1)
    sum_x, sum_y, sum_xy, sum_xx = (total(terms, mask) for terms in (x, y, x * y, x * x))
    slope = (sum_xy - sum_x * sum_y / n) / (sum_xx - sum_x * sum_x / n)
    intercept = sum_y / n - slope * sum_x / n
    constant = ~((layout.values != first) & mask).any(axis=1)
    first = first[:, 0, :]
    level = np.where(np.isinf(first), np.nan, first)
    slope = np.where(constant, np.where(np.isinf(first), np.nan, 0.0), slope)
    return slope, np.where(constant, level, intercept + base[:, 0, :])
