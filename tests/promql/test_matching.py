"""Operators between two vectors."""

from __future__ import annotations

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from tests.promql.cases import matching
from tests.promql.cases.case import STEP_MS, assert_same, check, given, storage, table
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.matching import written
from zerostate_monitoring.promql.query import parse

rows = st.lists(
    st.lists(st.integers(-9, 9) | st.just("stale"), min_size=3, max_size=3), min_size=4, max_size=4
)


@given(matching.CASES)
def test_matching__gives_what_is_documented(case):
    """Cards, clauses, included labels, names, errors, and series that take turns."""
    check(case)


def asked(found, query):
    """The answers at three steps over two metrics with two series each."""
    names = ['x{k="1"}', 'x{k="2"}', 'y{k="1"}', 'y{k="2"}']
    lines = [f"{name} {' '.join(map(str, row))}" for name, row in zip(names, found, strict=True)]
    engine = Engine(storage("\n".join(lines)))
    return table(engine.range(parse(query), 0, 2 * STEP_MS, STEP_MS))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x + y", "y + x"),
        ("x > bool y", "y < bool x"),
        ("x - y", "-(y - x)"),
        ("x and y", "x unless (x unless y)"),
        ("x == y", "x and on(k) (x == on(k) y)"),
        ("x * on(k) group_left y", "x * on(k) group_right y"),
        ("x * ignoring() y", "x * on(k) y"),
        ("(x and y) or (x unless y)", "x"),
        ("abs(x or y)", "abs(y) + 0 * y unless on(k) x or abs(x)"),
    ],
)
def test_matching__two_ways_to_say_it(one, other):
    """Laws that hold at every step, whatever stands there."""

    @drawn(rows)
    @settings(max_examples=20)
    def holds(found):
        assert_same(asked(found, one), asked(found, other))

    holds()


def test_matching__errors_name_the_group_and_its_series():
    """And what can be done."""
    engine = Engine(storage('x{a="1"} 1\ny{a="1", b="2"} 1\ny{a="1", b="3"} 1'))
    (error,) = engine.many([parse("x * on(a) y")], 0)
    assert '{a="1"}' in str(error)
    assert 'y{a="1", b="2"} and y{a="1", b="3"}' in str(error)
    assert "aggregate that side first" in str(error)


def test_written__is_as_in_a_query():
    """The name stands before the braces."""
    assert written((("__name__", "x"), ("a", "1"), ("b", "2"))) == 'x{a="1", b="2"}'
    assert written(()) == "{}"
