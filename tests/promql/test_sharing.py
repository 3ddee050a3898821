"""What many queries at one instant share."""

from __future__ import annotations

from functools import partial

import pytest

from tests.promql.cases.case import table
from tests.promql.expressions import OneGrid
from zerostate_monitoring.promql import over_time, sharing
from zerostate_monitoring.promql.data import Series
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.query import parse

SERIES = [
    ((("__name__", "x"), ("k", str(k))), list(range(0, 60_000, 1000)), [float(k)] * 60)
    for k in range(8)
]


class Counted:
    """A storage that counts how often it is asked."""

    def __init__(self, storage):
        self.storage, self.asked = storage, 0

    def select(self, matchers, start_ms, end_ms):
        self.asked += 1
        return self.storage.select(matchers, start_ms, end_ms)


@pytest.fixture
def looked_at(monkeypatch):
    """How many series ``sum_over_time`` is called with, call by call."""
    calls = []
    original = over_time.sum_over_time

    def counting(windows):
        calls.append(len(windows.block.series))
        return original(windows)

    monkeypatch.setattr(
        "zerostate_monitoring.promql.evaluating.FUNCTIONS",
        {"sum_over_time": _called_with(counting)},
    )
    return calls


def _called_with(function):
    def called(steps, arguments):
        (windows,) = arguments.windows(0)
        return sharing.over_range(steps, function, windows)

    return called


def texts(keys):
    """A selector of one series for each key."""
    return [parse(f'sum_over_time(x{{k="{key}"}}[30s])') for key in keys]


@pytest.mark.parametrize("cells", [0, 10**9])
def test_over_range__the_whole_is_worked_out_once(looked_at, monkeypatch, cells):
    """As soon as that costs no more than the parts did; all parts are right."""
    monkeypatch.setattr(sharing, "_CALLS_CELLS", cells)
    engine = Engine(OneGrid(SERIES))
    found = engine.many(texts("01234567"), 40_000)
    assert [next(iter(table(one).values())) for one in found] == [
        {40_000: 30.0 * k} for k in range(8)
    ]
    assert looked_at == ([8] if cells else [1] * 7 + [8])


def test_over_range__a_range_query_works_on_its_part(looked_at):
    """At many steps the whole would be too much."""
    engine = Engine(OneGrid(SERIES))
    engine.range(texts("3")[0], 10_000, 40_000, 10_000)
    assert looked_at == [1]


def test_many__the_storage_is_asked_once_for_the_same():
    """The same part of several queries reads its samples once."""
    storage = Counted(OneGrid(SERIES))
    engine = Engine(storage)
    engine.many([parse(text) for text in ("sum(x)", "avg(x)", "x + x", "x > 1")], 0)
    assert storage.asked == 1
    engine.many([parse("sum(x)"), parse("sum(x offset 1s)"), parse('sum(x{k="1"})')], 0)
    assert storage.asked == 4


def test_series__keep_what_was_worked_out():
    """Once for each key; what is kept is bounded."""
    series, calls = Series([()]), []

    def work(value):
        calls.append(value)
        return value

    assert [series.kept("a", lambda: work(1)), series.kept("a", lambda: work(2))] == [1, 1]
    for n in range(300):
        series.kept(n, partial(work, n))
    assert len(series._kept) <= 256
    assert series.kept("a", lambda: work(3)) == 3
    assert len(calls) == 302


def test_series__keep_nothing_of_those_that_are_gone():
    """A partner that is new each time leaves nothing behind, and no result of another's."""
    series = Series([(("a", "1"),)])
    kept = Series([(("a", "2"),)])
    for number in range(1_000):
        other = Series([(("a", str(number)),)])
        assert series.kept_with((kept, other), "pairs", partial(list, [number])) == [number]
        assert series.kept_with((kept, other), "pairs", list) == [number]
    assert len(series._kept) == 1
    del other
    assert not series._kept
