"""Quantiles and fractions of classic histograms.

Source: Prometheus's ``BucketQuantile`` and ``BucketFraction``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql import label_sets
from zerostate_monitoring.promql.data import Floats, Mask, Series
from zerostate_monitoring.promql.deadline import check_time
from zerostate_monitoring.promql.grids import Grid, beside, merged
from zerostate_monitoring.promql.label_sets import Index

BUCKET: Final = "le"
_SAME: Final = 1e-12
"""Counts that differ by less than this share of their sum differ by rounding alone."""
_SMALLEST: Final = 2.2250738585072014e-308
_NUMBER: Final = re.compile(r"[-+]?0[xX][0-9a-fA-F_.]+[pP][-+]?[0-9]+|[-+0-9.eE_infatyINFATY]+")


@dataclass(frozen=True)
class _Layout:
    """Histograms with the same bounds: ``columns`` (L, K) are their buckets, in order."""

    bounds: Floats
    columns: Index
    series: Series


@dataclass(frozen=True)
class Buckets:
    """The histograms among some series, and the series that are no buckets."""

    layouts: tuple[_Layout, ...]
    others: Index


Reading = Callable[[Floats, Floats, slice], tuple[Floats, Mask]]
"""Bounds (L) and counts (n, L, K) at some of the steps to values (n, K), and where counts had
to be mended (n, K)."""


def buckets_of(series: Series) -> Buckets:
    """Find the histograms; done once for the same series."""
    return series.kept("buckets", lambda: _found(series))


def _found(series: Series) -> Buckets:
    histograms: dict[Labels, list[tuple[float, int]]] = {}
    others = []
    for place, own in enumerate(series.labels):
        bound = _bound(label_sets.value_of(own, BUCKET))
        if bound is None:
            others.append(place)
        else:
            rest = label_sets.without(own, {BUCKET})
            histograms.setdefault(rest, []).append((bound, place))
    layouts: dict[tuple[float, ...], list[tuple[Labels, list[int]]]] = {}
    for rest, buckets in histograms.items():
        buckets.sort(key=lambda bucket: bucket[0])
        bounds = tuple([bound for bound, _ in buckets])
        layouts.setdefault(bounds, []).append((rest, [place for _, place in buckets]))
    return Buckets(
        tuple([_layout(bounds, members) for bounds, members in layouts.items()]),
        np.array(others, np.intp),
    )


def _layout(bounds: tuple[float, ...], members: list[tuple[Labels, list[int]]]) -> _Layout:
    return _Layout(
        np.array(bounds),
        np.array([places for _, places in members], np.intp).T,
        Series([rest for rest, _ in members]),
    )


def _bound(text: str) -> float | None:
    """The number that ``text`` is to Go, which takes no blanks, and hexadecimal with a power."""
    if not _NUMBER.fullmatch(text):
        return None
    try:
        found = float.fromhex(text) if "x" in text.lower() else float(text)
    except (ValueError, OverflowError):
        return None
    is_too_large = np.isinf(found) and "inf" not in text.lower()
    return None if is_too_large else found


def read(grid: Grid, reading: Reading) -> tuple[Grid, Mask]:
    """One value for each histogram, and at which steps (N) buckets had to be mended."""
    parts = []
    forced = np.zeros(len(grid.values), np.bool_)
    for layout in buckets_of(grid.series).layouts:
        part, mended = _read_layout(grid, layout, reading)
        parts.append(part)
        forced |= mended
    whole = beside(parts, len(grid.values))
    return merged(whole.with_series(label_sets.unnamed(whole.series))), forced


def _read_layout(grid: Grid, layout: _Layout, reading: Reading) -> tuple[Grid, Mask]:
    counts = grid.values[:, layout.columns]
    values, mended = _coalesced(layout.bounds, counts, slice(None), reading)
    if grid.present is None:
        return Grid(layout.series, values), np.asarray(mended.any(axis=1))
    mask = grid.present[:, layout.columns]
    present: Mask = np.asarray(mask.any(axis=1))
    partial = present & ~mask.all(axis=1)
    # Rare: some buckets of a histogram stand and some do not.
    for step, place in np.argwhere(partial).tolist():
        check_time()
        stands = mask[step, :, place]
        one = counts[step, stands, place][None, :, None]
        value, needed = _coalesced(layout.bounds[stands], one, slice(step, step + 1), reading)
        values[step, place], mended[step, place] = value[0, 0], needed[0, 0]
    mended &= present
    return (
        Grid(layout.series, values, None if present.all() else present),
        np.asarray(mended.any(axis=1)),
    )


def _coalesced(
    bounds: Floats, counts: Floats, steps: slice, reading: Reading
) -> tuple[Floats, Mask]:
    """Buckets with the same bound, spelled differently, are one."""
    if len(bounds) > 1 and (bounds[1:] == bounds[:-1]).any():
        starts = np.flatnonzero(np.concatenate(([True], bounds[1:] != bounds[:-1])))
        bounds = bounds[starts]
        counts = np.add.reduceat(counts, starts, axis=1)
    return reading(bounds, counts, steps)


def quantile_reading(q: Floats) -> Reading:
    """Read the ``q``-quantile (N) from histograms."""
    is_plain = bool(((q >= 0) & (q <= 1)).all())

    def reading(bounds: Floats, counts: Floats, steps: slice) -> tuple[Floats, Mask]:
        wanted = q[steps, None]
        counts, mended = _monotonic(counts)
        values = _quantiles(bounds, counts, wanted)
        if is_plain and bounds[-1] == np.inf:
            return values, mended
        mended &= (wanted >= 0) & (wanted <= 1) & (bounds[-1] == np.inf)
        values = np.where(wanted < 0, -np.inf, np.where(wanted > 1, np.inf, values))
        return np.where(np.isnan(wanted), np.nan, values), mended

    return reading


def _quantiles(bounds: Floats, counts: Floats, q: Floats) -> Floats:
    observations = counts[:, -1, :]
    if len(bounds) < 2 or bounds[-1] != np.inf:
        return np.full(observations.shape, np.nan)
    rank = q * observations
    reached = counts[:, :-1, :] >= rank[:, None, :]
    bucket = np.where(reached.any(axis=1), reached.argmax(axis=1), len(bounds) - 1)
    steps, histograms = np.arange(len(rank))[:, None], np.arange(rank.shape[1])
    is_first = bucket == 0
    # Of the first bucket this reads the last one, and takes zero instead.
    count_below = np.where(is_first, 0.0, counts[steps, bucket - 1, histograms])
    start = np.where(is_first, 0.0, bounds[bucket - 1])
    inside = counts[steps, bucket, histograms] - count_below
    found = start + (bounds[bucket] - start) * ((rank - count_below) / inside)
    if bounds[0] <= 0:
        found = np.where(is_first, bounds[0], found)
    found = np.where(bucket == len(bounds) - 1, bounds[-2], found)
    return np.where(observations == 0, np.nan, found)


def _monotonic(counts: Floats) -> tuple[Floats, Mask]:
    """Counts that never fall from bucket to bucket, and where they had to be raised (N, K)."""
    rises = counts[:, 1:] > counts[:, :-1]
    clear = rises & ~_nearly(counts[:, :-1], counts[:, 1:])
    if (clear | (counts[:, 1:] == counts[:, :-1])).all():
        return counts, np.zeros((counts.shape[0], counts.shape[2]), np.bool_)
    return _raised(counts.copy())


def _raised(counts: Floats) -> tuple[Floats, Mask]:
    mended = np.zeros((counts.shape[0], counts.shape[2]), np.bool_)
    before = counts[:, 0, :]
    for bucket in range(1, counts.shape[1]):
        here = counts[:, bucket, :]
        same = _nearly(before, here)
        falls = (here < before) & ~same
        mended |= falls
        counts[:, bucket, :] = before = np.where(same | falls, before, here)
    return counts, mended


def _nearly(left: Floats, right: Floats) -> Mask:
    size = np.abs(left) + np.abs(right)
    difference = np.abs(left - right)
    tiny = (left == 0) | (right == 0) | (size < _SMALLEST)
    near = np.where(tiny, difference < _SAME * _SMALLEST, difference < _SAME * size)
    return np.asarray((left == right) | (np.isnan(left) & np.isnan(right)) | near)


def fraction_reading(lower: Floats, upper: Floats) -> Reading:
    """Read which share of the observations lies between two values (each N)."""

    def reading(bounds: Floats, counts: Floats, steps: slice) -> tuple[Floats, Mask]:
        low, high = lower[steps, None], upper[steps, None]
        observations = counts[:, -1, :]
        below = _rank(bounds, counts, low), _rank(bounds, counts, high)
        share = (np.minimum(below[1], observations) - np.minimum(below[0], observations)) / (
            observations
        )
        share = np.where(low >= high, 0.0, share)
        unknown = (observations == 0) | np.isnan(low) | np.isnan(high) | (bounds[-1] != np.inf)
        return np.where(unknown, np.nan, share), np.zeros(share.shape, np.bool_)

    return reading


def _rank(bounds: Floats, counts: Floats, value: Floats) -> Floats:
    """How many observations lie below ``value`` (N, 1), by a straight line in its bucket."""
    result = counts[:, -1, :].copy()
    known = np.zeros(result.shape, np.bool_)
    start = 0.0 if bounds[0] > 0 else -np.inf
    rank = np.zeros(result.shape)
    for place, end in enumerate(bounds.tolist()):
        here = counts[:, place, :]
        at_start = (start >= value) & ~known
        result = np.where(at_start, rank, result)
        known |= at_start
        inside = (start < value) & (end > value) & ~known
        share = 0.0 if np.isinf(end) else 1.0 / (end - start) if np.isfinite(start) else 0.0
        line = here if start == -np.inf else rank + (here - rank) * (value - start) * share
        result = np.where(inside, line, result)
        known |= inside
        start, rank = end, here
    return result
