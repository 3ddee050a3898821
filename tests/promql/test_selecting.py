"""Selectors, their times, and what they do not find."""

from __future__ import annotations

import numpy as np
import pytest

from tests.promql.cases import selecting
from tests.promql.cases.case import check, given, storage
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.promql.selecting import carried


@given(selecting.CASES)
def test_selecting__gives_what_is_documented(case):
    """Matchers, look-back, markers, offset, @, timestamps, absence, subqueries."""
    check(case)


@pytest.mark.parametrize(("text", "value"), [("x @ start()", 2), ("x @ end()", 4)])
def test_selecting__start_and_end_are_those_of_the_range(text, value):
    """At every step, and within subqueries, too."""
    engine = Engine(storage("x 1 2 3 4 5"))
    for query in (text, f"last_over_time(({text})[2m:1m])"):
        (run,) = engine.range(parse(query), 60_000, 180_000, 60_000).value.runs
        assert run.values.tolist() == [value] * 3


def test_selecting__start_and_end_of_an_instant_are_it():
    """Both are the time of the query."""
    engine = Engine(storage("x 1 2 3 4 5"))
    result = engine.instant(parse("x @ start() + x @ end()"), 120_000)
    assert result.value.samples[0].value == 6


def test_carried__is_the_last_row_that_stands():
    """-1 where there is none yet; rows count from the first one given."""
    stands = np.array([[False, True], [True, False], [False, False]])
    assert carried(stands).tolist() == [[-1, -1], [-1, 0], [1, 0], [1, 0]]
    assert carried(stands, 5)[-1].tolist() == [6, 5]
