"""Operators between numbers, and between numbers and vectors."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.promql.cases import operators
from tests.promql.cases.case import check, given
from zerostate_monitoring.promql.operators import ARITHMETIC, COMPARISONS, as_numbers, compute


@given(operators.CASES)
def test_operators__gives_what_is_documented(case):
    """Each operator: numbers, vectors on either side, and precedence."""
    check(case)


@pytest.mark.parametrize("op", [*ARITHMETIC, *COMPARISONS])
def test_compute__broadcasts(op):
    """A number for each step meets a row for each step."""
    left, right = np.ones((3, 2)), np.full((3, 1), 2.0)
    found = compute(op, left, right)
    assert found.shape == (3, 2)
    assert found.dtype == np.float64


SPECIAL = (-math.inf, -2.5, -1.0, -0.0, 0.0, 1e-200, 0.3, 1.0, 2.0, 1e200, math.inf, math.nan)


@pytest.mark.parametrize("exponent", [-math.inf, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 0.3])
@pytest.mark.parametrize("shape", [(), (1, 1), (1, 12)], ids=["number", "one", "each"])
def test_power__is_that_of_c_for_all_numbers(exponent, shape):
    """Also at both ends and at both zeros, however many exponents there are."""
    with np.errstate(all="ignore"):
        found = compute("^", np.array([SPECIAL]), np.full(shape, exponent))
    assert [repr(one) for one in found[0].tolist()] == [repr(power(x, exponent)) for x in SPECIAL]


def power(base, exponent):
    """As C has it, which has no exceptions."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan if base else math.copysign(math.inf, base) if exponent == -1 else math.inf


def test_as_numbers__is_one_for_true():
    """And zero for false."""
    assert as_numbers(np.array([True, False])).tolist() == [1.0, 0.0]
