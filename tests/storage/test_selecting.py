"""Matching: within a time, each value once, and what is remembered of it."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from tests.storage.timelines import fill, series
from zerostate_monitoring.exceptions import QueryTimeoutError
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.storage import selecting
from zerostate_monitoring.storage.history import History
from zerostate_monitoring.storage.recording import Recorder

ONE = series("up", node="1")
TWO = series("up", node="2")


@pytest.fixture
def recorder(store):
    return Recorder(store.timeline())


@pytest.fixture
def history(store):
    return History(store.timeline())


def test_select_within__ends_with_the_time_of_who_asks(recorder, history):
    """The check is called while label sets are matched, and nobody's answer is half of one."""
    last = fill(recorder, [{series("x", n=str(n)): n for n in range(1000)}])
    history.refresh()
    matchers, calls = [Matcher("n", "=~", "[0-9]")], []

    def check():
        calls.append(1)
        if len(calls) == 4:
            raise QueryTimeoutError("over")

    with pytest.raises(QueryTimeoutError):
        history.select_within(matchers, last - 1, last, check)
    [block] = history.select(matchers, last - 1, last)
    assert len(block.series) == 10
    [block] = history.select_within([Matcher("n", "=~", "..")], last - 1, last, calls.clear)
    assert len(block.series) == 90


def test_select__looks_at_a_value_once(recorder, history, monkeypatch):
    """However many series have it."""
    seen = []

    def every(value):
        seen.append(value)
        return True

    monkeypatch.setattr(selecting, "compile_matcher", lambda one: every)
    last = fill(recorder, [{series("x", n=str(n), role="a"): n for n in range(100)}])
    history.refresh()
    history.select([Matcher(NAME, "=", "x"), Matcher("role", "=~", "a.?")], last - 1, last)
    assert seen.count("a") == 1


def test_select__keeps_some_conditions_and_no_long_ones(recorder, history):
    """Memory does not grow by what strangers write."""
    last = fill(recorder, [{ONE: 1}])
    history.refresh()
    for n in range(5200):
        history.select([Matcher("node", "!=", str(n))], last - 1, last)
    assert len(history._conditions._known) <= 5000
    [block] = history.select([Matcher("node", "!=", "x" * 2000)], last - 1, last)
    assert block.series.labels == (ONE,)
    assert all(len(one.value) < 2000 for key in history._conditions._known for one in key)


@pytest.mark.parametrize("name", [NAME, "node"])
def test_select__there_is_time_for_each_test(recorder, history, monkeypatch, name):
    """Of many expressions that each look long at a text, none begins after the time is over."""
    done = []

    def slow(value):
        done.append(value)
        return True

    def check():
        if len(done) >= 3:
            raise QueryTimeoutError("over")

    monkeypatch.setattr(selecting, "compile_matcher", lambda one: slow)
    last = fill(recorder, [{series(f"x{n}", node=str(n)): n for n in range(3)}])
    history.refresh()
    matchers = [Matcher(name, "=~", f"a{n}.?") for n in range(20)]
    for find in (history.select_within, history.label_sets_within):
        done.clear()
        with pytest.raises(QueryTimeoutError):
            find(matchers, last - 1, last, check)
        assert len(done) == 3


def test_select__a_thousand_rules_choose_once(recorder, history, monkeypatch):
    """Tick after tick the same selectors: their series are looked for in the first."""
    last = fill(recorder, [{ONE: 1, TWO: 2}])
    history.refresh()
    matchers = [[Matcher(NAME, "=", "up"), Matcher("node", "!=", str(n))] for n in range(900)]
    matchers += [[Matcher(NAME, "=~", ".+"), Matcher("x", "!=", str(n))] for n in range(900)]
    for one in matchers:
        history.select(one, last - 1, last)
    last = fill(recorder, [{ONE: 1, TWO: 2}], last)
    history.refresh()
    chosen = Mock(return_value=[])
    monkeypatch.setattr(selecting.Condition, "chosen", chosen)
    for one in matchers:
        history.select(one, last - 1, last)
    assert chosen.call_count == 0
