"""An instant vector at each step of an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.promql.data import Floats, Mask, Series
from zerostate_monitoring.promql.label_sets import Groups, Index, joined, picked, repeated, unnamed

DUPLICATE = "vector cannot contain metrics with the same labelset"


@dataclass(frozen=True, slots=True)
class Grid:
    """Values of S series at N steps.

    ``values`` is (N, S); ``present`` (N, S) says where a sample stands, ``None`` means
    everywhere. Values where none stands mean nothing. Neither is ever written to.
    """

    series: Series
    values: Floats
    present: Mask | None = None

    @property
    def mask(self) -> Mask:
        """``present`` in full."""
        return np.ones(self.values.shape, np.bool_) if self.present is None else self.present

    def where(self, kept: Mask) -> Grid:
        """The samples for which ``kept`` holds."""
        present = kept if self.present is None else self.present & kept
        return Grid(self.series, self.values, present)

    def with_values(self, values: Floats) -> Grid:
        """The same series with other values."""
        return Grid(self.series, values, self.present)

    def with_series(self, series: Series) -> Grid:
        """The same values under other labels."""
        return Grid(series, self.values, self.present)

    def columns(self, index: Index) -> Grid:
        """Some of the series, in another order."""
        present = None if self.present is None else self.present[:, index]
        return Grid(picked(self.series, index), self.values[:, index], present)

    def part(self, series: Series, columns: slice | Index) -> Grid:
        """Some of the columns, whose series are ``series``."""
        present = None if self.present is None else self.present[:, columns]
        if present is not None and present.all():
            present = None
        return Grid(series, self.values[:, columns], present)

    def repeated(self, steps: int) -> Grid:
        """One step's values at ``steps`` steps."""
        shape = (steps, self.values.shape[1])
        present = self.present
        return Grid(
            self.series,
            np.broadcast_to(self.values, shape),
            None if present is None else np.broadcast_to(present, shape),
        )


def empty(steps: int) -> Grid:
    """A vector without series."""
    return Grid(Series(()), np.empty((steps, 0)))


def drop_names(grid: Grid) -> Grid:
    """The samples without the names of their metrics.

    Raises:
        QueryError: two of them at one step have the same labels then.
    """
    return merged(grid.with_series(unnamed(grid.series)))


def merged(grid: Grid) -> Grid:
    """Series with equal labels as one, which may only be if they take turns.

    Raises:
        QueryError: two of them stand at one step.
    """
    groups = repeated(grid.series)
    if groups is None:
        return grid
    if (counts(grid, groups) > 1).any():
        raise QueryError(DUPLICATE)
    return turns(grid, groups)


def refuse_repeated(grid: Grid) -> Grid:
    """The grid, if no two of its series that have samples have the same labels.

    Prometheus looks at the result of a function over ranges as a whole: there, series
    with equal labels may not even take turns.

    Raises:
        QueryError: two have.
    """
    if repeated(grid.series) is None:
        return grid
    alive = grid.mask.any(axis=0)
    rest = grid.columns(np.flatnonzero(alive))
    if repeated(rest.series) is not None:
        raise QueryError(DUPLICATE)
    return rest


def counts(grid: Grid, groups: Groups) -> Index:
    """How many samples each group has at each step (N, G)."""
    steps = len(grid.values)
    if grid.present is None:
        return np.broadcast_to(groups.sizes, (steps, len(groups.series)))
    return np.asarray(folded(np.add, grid.present, groups, np.intp(0)))


def folded(operation: np.ufunc, cells: npt.NDArray[Any], groups: Groups, of_none: Any) -> Any:
    """The cells (N, S) of each group made into one by ``operation``: (N, G).

    A group without members gets ``of_none``, whose type is that of the result.
    """
    ordered = cells if groups.is_ordered else cells[:, groups.order]
    kind = np.asarray(of_none).dtype
    if groups.has_members:
        return operation.reduceat(ordered, groups.starts, axis=1, dtype=kind)
    result = np.full((len(cells), len(groups.series)), of_none)
    some = np.flatnonzero(groups.sizes)
    if len(some):
        starts = groups.starts[some]
        result[:, some] = operation.reduceat(ordered, starts, axis=1, dtype=kind)
    return result


def turns(grid: Grid, groups: Groups) -> Grid:
    """One series for each group, of which at most one has a sample at a time."""
    mask = grid.mask
    rows, columns = np.nonzero(mask)
    values = np.zeros((len(mask), len(groups.series)))
    present = np.zeros(values.shape, np.bool_)
    places = groups.index[columns]
    values[rows, places] = grid.values[rows, columns]
    present[rows, places] = True
    return Grid(groups.series, values, present)


def beside(parts: Sequence[Grid], steps: int) -> Grid:
    """The series of all parts in one grid."""
    parts = [part for part in parts if len(part.series)]
    if not parts:
        return empty(steps)
    if len(parts) == 1:
        return parts[0]
    values = np.concatenate([part.values for part in parts], axis=1)
    present = None
    if any(part.present is not None for part in parts):
        present = np.concatenate([part.mask for part in parts], axis=1)
    return Grid(joined([part.series for part in parts]), values, present)
