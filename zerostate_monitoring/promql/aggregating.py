"""Aggregations: of the samples of each group at each step."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np

from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.promql import label_sets, reducing
from zerostate_monitoring.promql.data import Floats, Mask, Series
from zerostate_monitoring.promql.deadline import in_time
from zerostate_monitoring.promql.grids import Grid, counts, empty, folded
from zerostate_monitoring.promql.label_sets import Groups, Index, grouped
from zerostate_monitoring.promql.nodes import Aggregation
from zerostate_monitoring.promql.reducing import ILL_CONDITIONED
from zerostate_monitoring.promql.spelling import spelled
from zerostate_monitoring.promql.steps import Budget

_SMALLEST: Final = -(2.0**63)
_LARGEST: Final = 2.0**63 - 1024
"""Prometheus's bound is the largest float64 below 2⁶³, and it refuses that one, too."""


def aggregate(node: Aggregation, grid: Grid, parameter: Floats) -> Grid:
    """The samples of each group made into one; ``parameter`` is (N) where the operation has one."""
    chooses = node.op in {"topk", "bottomk"}
    if chooses:
        _check_k(parameter)
    groups = grouped(grid.series, tuple(sorted(set(node.grouping))), leaving_out=node.without)
    if not len(grid.series):
        return empty(len(grid.values))
    if chooses:
        return _extremes(grid, groups, parameter, largest=node.op == "topk")
    present = _present(grid, groups)
    if node.op == "quantile":
        return Grid(groups.series, _quantiles(grid, groups, parameter), present)
    return Grid(groups.series, _REDUCTIONS[node.op](grid, groups), present)


def _present(grid: Grid, groups: Groups) -> Mask | None:
    if grid.present is None:
        return None
    found: Mask = folded(np.logical_or, grid.present, groups, np.bool_(False))
    return None if found.all() else found


def _filled(grid: Grid, value: float) -> Floats:
    """Values with something neutral where no sample stands."""
    return grid.values if grid.present is None else np.where(grid.present, grid.values, value)


def _sum(grid: Grid, groups: Groups) -> Floats:
    """Sums, compensated where terms cancel each other."""
    cells = _filled(grid, 0.0)
    sums: Floats = folded(np.add, cells, groups, 0.0)
    if groups.is_single or cells.min() >= 0:
        # Nothing cancels.
        return sums
    size = folded(np.add, np.abs(cells), groups, 0.0)
    doubtful = np.isfinite(size) & (size > ILL_CONDITIONED * np.abs(sums))
    for step, group in in_time(np.argwhere(doubtful).tolist()):
        members = groups.order[groups.starts[group] :][: groups.sizes[group]]
        sums[step, group] = math.fsum(cells[step, members].tolist())
    return sums


def _count(grid: Grid, groups: Groups) -> Floats:
    return counts(grid, groups).astype(np.float64)


def _mean(grid: Grid, groups: Groups) -> Floats:
    """Means, also where the sum would leave the range of floats."""
    count = np.maximum(_count(grid, groups), 1)
    sums = _sum(grid, groups)
    means: Floats = sums / count
    if not np.isinf(sums).any():
        return means
    infinite = folded(np.logical_or, np.isinf(_filled(grid, 0.0)), groups, np.bool_(False))
    scaled = grid.with_values(_filled(grid, 0.0) / count[:, groups.index])
    return np.where(np.isinf(sums) & ~infinite, _sum(scaled, groups), means)


def _variance(grid: Grid, groups: Groups) -> Floats:
    """Population variances; not a number where a sample is not finite."""
    count = np.maximum(_count(grid, groups), 1)
    apart = grid.with_values(grid.values - _mean(grid, groups)[:, groups.index])
    rest = _sum(apart, groups) / count
    squares = _sum(grid.with_values(apart.values * apart.values), groups) / count
    return reducing.without_rest(squares, rest)


def _deviation(grid: Grid, groups: Groups) -> Floats:
    return np.asarray(np.sqrt(_variance(grid, groups)))


def _minimum(grid: Grid, groups: Groups) -> Floats:
    found: Floats = folded(np.fmin, _filled(grid, np.nan), groups, np.nan)
    return found


def _maximum(grid: Grid, groups: Groups) -> Floats:
    found: Floats = folded(np.fmax, _filled(grid, np.nan), groups, np.nan)
    return found


def _one(grid: Grid, groups: Groups) -> Floats:
    return np.ones((len(grid.values), len(groups.series)))


_REDUCTIONS: Final[Mapping[str, Callable[[Grid, Groups], Floats]]] = {
    "sum": _sum,
    "avg": _mean,
    "min": _minimum,
    "max": _maximum,
    "count": _count,
    "group": _one,
    "stddev": _deviation,
    "stdvar": _variance,
}


def _quantiles(grid: Grid, groups: Groups, q: Floats) -> Floats:
    result = np.empty((len(grid.values), len(groups.series)))
    for members, places in _size_classes(groups):
        cells = grid.values[:, members]
        mask = grid.mask[:, members] & (members >= 0)
        result[:, places] = reducing.quantile(cells, mask, q[:, None])
    return result


def _size_classes(groups: Groups) -> Iterator[tuple[Index, Index]]:
    """Groups of about the same size: their members (L, K), -1 for none, and places (K)."""
    sizes = np.maximum(groups.sizes, 1)
    classes = np.ceil(np.log2(sizes)).astype(int)
    for kind in np.unique(classes):
        places = np.flatnonzero(classes == kind)
        rank = np.arange(int(sizes[places].max()))[:, None]
        inside = rank < groups.sizes[places]
        at = np.minimum(groups.starts[places] + rank, len(groups.order) - 1)
        yield np.where(inside, groups.order[at], -1), places


def _extremes(grid: Grid, groups: Groups, parameter: Floats, *, largest: bool) -> Grid:
    """The k largest or smallest samples of each group, under their own labels."""
    if not (parameter >= 1).any():
        return empty(len(grid.values))
    order, rank = _ranked(grid, groups, largest=largest)
    chosen = np.empty(rank.shape, np.bool_)
    kept = rank < np.trunc(parameter)[:, None]
    np.put_along_axis(chosen, order, kept, axis=1)
    result = grid.where(chosen)
    if len(grid.values) > 1:
        return result
    shown = order[0][result.mask[0][order[0]]]
    return result.columns(shown)


def _check_k(parameter: Floats) -> None:
    """Refuse what is no number of samples; where none are wanted nothing is refused."""
    if parameter.max() < 1:
        return
    if np.isnan(parameter).any():
        raise QueryError("the number of samples to choose is not a number (NaN)")
    for value in (float(parameter.min()), float(parameter.max())):
        if not _SMALLEST < value < _LARGEST:
            raise QueryError(f"the number of samples to choose, {value:g}, is out of range")


def _ranked(grid: Grid, groups: Groups, *, largest: bool) -> tuple[Index, Index]:
    """Series by group and rank at each step (N, S), and their ranks inside their groups."""
    # What is no number comes last here; behind it comes what is not there.
    values = -grid.values if largest else grid.values
    group = np.broadcast_to(groups.index, values.shape)
    absent = () if grid.present is None else (~grid.present,)
    order = np.lexsort((values, *absent, group), axis=1)
    rank = np.arange(values.shape[1]) - groups.starts[groups.index[groups.order]]
    return order, np.broadcast_to(rank, values.shape)


def count_values(node: Aggregation, grid: Grid, label: str, budget: Budget) -> Grid:
    """How many samples of a group have each value, which stands in ``label``.

    Raises:
        QueryLimitError: there are more values than the budget allows.
    """
    steps, places = np.nonzero(grid.mask)
    if not len(steps):
        return empty(len(grid.values))
    values = grid.values[steps, places]
    bits, code = np.unique(_same_nan(values).view(np.int64), return_inverse=True)
    # Each makes a series of its own, or more, with a place at each step.
    budget.foresee(len(grid.values) * len(bits))
    texts = [spelled(value) for value in bits.view(np.float64).tolist()]
    pairs, cell = np.unique(places * len(texts) + code, return_inverse=True)
    own = [
        label_sets.with_label(
            grid.series.labels[pair // len(texts)], label, texts[pair % len(texts)]
        )
        for pair in in_time(pairs.tolist())
    ]
    names = node.grouping if node.without else (*node.grouping, label)
    groups = grouped(Series(own), tuple(sorted(set(names))), leaving_out=node.without)
    budget.foresee(len(grid.values) * len(groups.series))
    found = np.zeros((len(grid.values), len(groups.series)), np.intp)
    np.add.at(found, (steps, groups.index[cell]), 1)
    return Grid(groups.series, found.astype(np.float64), found > 0)


def _same_nan(values: Floats) -> Floats:
    return np.where(np.isnan(values), np.nan, values)
