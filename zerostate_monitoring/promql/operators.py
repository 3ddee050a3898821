"""What the operators do with numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from zerostate_monitoring.promql.data import Floats, Mask

Numbers = Floats | float

ARITHMETIC: Final[Mapping[str, Callable[[Numbers, Numbers], Floats]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    # np.power takes the root where the exponent is 0.5, which has no root of -Inf.
    "^": np.float_power,
    "atan2": np.arctan2,
}

COMPARISONS: Final[Mapping[str, Callable[[Numbers, Numbers], Mask]]] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}

SETS: Final = frozenset({"and", "or", "unless"})


def compute(op: str, left: Numbers, right: Numbers) -> Floats:
    """Two numbers make one: arithmetic, or 1 and 0 for a comparison. Shapes broadcast."""
    if op in ARITHMETIC:
        return np.asarray(ARITHMETIC[op](left, right))
    return as_numbers(COMPARISONS[op](left, right))


def as_numbers(truth: Mask) -> Floats:
    """1 for true, 0 for false."""
    numbers: npt.NDArray[np.float64] = np.asarray(truth).astype(np.float64)
    return numbers
