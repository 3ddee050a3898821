"""Operators between numbers, and between numbers and vectors."""

from __future__ import annotations

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


def test_as_numbers__is_one_for_true():
    """And zero for false."""
    assert as_numbers(np.array([True, False])).tolist() == [1.0, 0.0]
