"""Functions of one sample at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from zerostate_monitoring.promql.data import Floats, Mask, Series
from zerostate_monitoring.promql.grids import Grid

Values = Callable[[Floats], Floats]


def _sign(values: Floats) -> Floats:
    return np.asarray(np.where(values < 0, -1.0, np.where(values > 0, 1.0, values)))


PLAIN: Final[Mapping[str, Values]] = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "ceil": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "deg": lambda values: values * 180 / np.pi,
    "exp": np.exp,
    "floor": np.floor,
    "ln": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "rad": lambda values: values * np.pi / 180,
    "sgn": _sign,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
}


def round_to(values: Floats, nearest: Floats) -> Floats:
    """Multiples of ``nearest``, which broadcasts; halves go up."""
    inverse = 1.0 / nearest
    return np.asarray(np.floor(values * inverse + 0.5) / inverse)


def _larger(left: Floats, right: Floats) -> Floats:
    """The larger number; infinity even of a NaN, as in Go."""
    return np.asarray(
        np.where((left == np.inf) | (right == np.inf), np.inf, np.maximum(left, right))
    )


def _smaller(left: Floats, right: Floats) -> Floats:
    return -_larger(-left, -right)


def clamp(grid: Grid, low: Floats, high: Floats) -> Grid:
    """Values held between two bounds, each (N, 1); nothing where they are crossed."""
    held = grid.with_values(_larger(low, _smaller(high, grid.values)))
    crossed: Mask = high < low
    return held.where(np.broadcast_to(~crossed, grid.values.shape)) if crossed.any() else held


def scalar_of(grid: Grid) -> Floats:
    """The value of the only sample at each step (N); NaN where there is another number."""
    if not len(grid.series):
        return np.full(len(grid.values), np.nan)
    mask = grid.mask
    first = np.take_along_axis(grid.values, mask.argmax(axis=1)[:, None], axis=1)[:, 0]
    return np.where(np.count_nonzero(mask, axis=1) == 1, first, np.nan)


_NAMELESS: Final = Series([()])


def vector_of(values: Floats) -> Grid:
    """Numbers (N) as a vector of one series without labels."""
    return Grid(_NAMELESS, values[:, None])
