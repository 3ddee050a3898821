"""Functions of one sample at a time."""

from __future__ import annotations

from tests.promql.cases import elementwise
from tests.promql.cases.case import check, given
from zerostate_monitoring.promql.elementwise import PLAIN


@given(elementwise.CASES)
def test_elementwise__gives_what_is_documented(case):
    """For each function, for numbers and for what is none."""
    check(case)


def test_elementwise__each_function_has_points():
    """None is left untested."""
    assert elementwise.POINTS.keys() - {"round"} == PLAIN.keys()
