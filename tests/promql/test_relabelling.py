"""Labels set anew, and the order of vectors."""

from __future__ import annotations

import time

import pytest

from tests.promql.cases import relabelling
from tests.promql.cases.case import check, given, storage
from zerostate_monitoring.exceptions import QueryLimitError
from zerostate_monitoring.promql import relabelling as relabelling_module
from zerostate_monitoring.promql import steps
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.promql.query import parse


@given(relabelling.CASES)
def test_relabelling__gives_what_is_documented(case):
    """Templates as in Go; no two label sets may become equal."""
    check(case)


def test_relabelling__label_sets_may_be_equal_at_different_steps():
    """Series that take turns are one series then."""
    engine = Engine(storage('x{a="1"} 1 stale\nx{a="2"} _ 2'))
    query = parse('label_replace(x, "a", "", "", "")')
    (run,) = engine.range(query, 0, 60_000, 60_000).value.runs
    assert (run.labels, run.values.tolist()) == ((("__name__", "x"),), [1, 2])


def test_relabelling__sorting_a_range_warns():
    """A matrix is ordered by its labels; a single step is not."""
    engine = Engine(storage('x{a="2"} 1 1\nx{a="1"} 2 2'))
    query = parse("sort(x)")
    result = engine.range(query, 0, 60_000, 60_000)
    assert [dict(run.labels)["a"] for run in result.value.runs] == ["1", "2"]
    (warning,) = result.warnings
    assert "sorting has no effect (1:1)" in warning
    assert engine.instant(query, 0).warnings == ()


@pytest.mark.parametrize(
    "wrapped",
    [
        'label_replace({}, "a", "$1$1$1$1", "a", "(.*)")',
        'label_replace({}, "a", "${{all}}${{all}}", "a", "(?P<all>.*)")',
        'label_join({}, "a", "-", "a", "a", "a")',
    ],
)
def test_relabelling__a_text_that_grows_without_end_is_refused(wrapped):
    """Each level makes it some times as long: long before it fills the memory."""
    query = 'x{a="text"}'
    for _ in range(60):
        query = wrapped.format(query)
    before = time.monotonic()
    with pytest.raises(QueryLimitError):
        Engine(storage('x{a="text"} 1')).instant(parse(query), 0)
    assert time.monotonic() - before < 10


def test_relabelling__all_texts_of_a_query_count_together(monkeypatch):
    """Many that are short enough are no way around, whether or not they were made before."""
    monkeypatch.setattr(steps, "MOST_TEXT", 100)
    engine, query = Engine(storage('x{a="0123456789"} 1')), 'x{a="0123456789"}'
    for n in range(3):
        query = f'label_join({query}, "b{n}", "-", "a", "a")'
    for _ in range(2):
        engine.instant(parse(query), 0)
    for n in range(3):
        query = f'label_join({query}, "c{n}", "-", "a", "a")'
    with pytest.raises(QueryLimitError, match="100 characters"):
        engine.instant(parse(query), 0)


def test_relabelling__long_texts_are_not_kept(monkeypatch):
    """Series live as long as the process; what was once asked does not."""
    monkeypatch.setattr(relabelling_module, "_KEPT_TEXT", 50)
    data = storage('x{a="0123456789"} 1')
    [block] = data.select([Matcher("a", "!=", "")], -1, 0)
    for times, kept in ((2, 1), (9, 1)):
        sources = ", ".join(['"a"'] * times)
        Engine(data).instant(parse(f'label_join(x, "b", "", {sources})'), 0)
        assert sum("label_join" in str(key) for key in block.series._kept) == kept
