"""This app's engine over what the page was."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from django.db import InterfaceError, OperationalError

from tests.storage.frames import gauge, write
from tests.storage.timelines import fill, now_slot, series
from zerostate_monitoring.exceptions import (
    QueryLimitError,
    QueryTimeoutError,
    StoreError,
    StoreUnavailableError,
)
from zerostate_monitoring.exposition.recording import record
from zerostate_monitoring.promql.embedded import EmbeddedQuerier
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.promql.querier import Window
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.querying import engines, querier, readiness, storage
from zerostate_monitoring.storage.kept import SLOT_MS, LongTier, keep
from zerostate_monitoring.storage.recording import Recorder
from zerostate_monitoring.storage.store import close_stores

pytestmark = pytest.mark.django_db

NOW_MS = int(time.time() * 1000)
ONE = series("c_total", n="1")
NAMED = (Matcher("__name__", "=", "zerostate_test"),)


def test_history__is_asked(store):
    """A column that was recorded is found by the next question, and the next one, too."""
    now = time.time()
    write(store, "collector:test", gauge({"x": 1.0}))
    first = record(now - 15)
    assert first
    asked = querier()
    assert asked.instant("zerostate_test", first).value.samples[0].value == 1
    write(store, "collector:test", gauge({"x": 2.0, "y": 3.0}))
    second = record(now)
    assert second
    run, other = querier().range("zerostate_test", first, second, 15_000).value.runs
    assert run.values.tolist() == [1, 2]
    assert other.values.tolist() == [3]
    assert len(querier().series([NAMED]).items) == 2
    assert len(querier().series([NAMED], Window(first, first)).items) == 1
    assert querier().label_values("key").items == ("x", "y")
    assert "zerostate_monitoring_store_up" in querier().label_values("__name__").items


def test_history__that_is_not_kept_is_empty(store, settings):
    """Nothing is asked, and nothing found."""
    settings.ZEROSTATE_MONITORING_HISTORY = 0
    assert querier().instant("zerostate_test", 0).value.samples == ()
    assert querier().label_names().items == ()


def test_history__that_is_not_kept_is_said(store, settings):
    """Every answer for which it was looked at, and no other."""
    settings.ZEROSTATE_MONITORING_HISTORY = 0
    told = ("no history is kept (ZEROSTATE_MONITORING_HISTORY is 0)",)
    assert querier().instant("up", NOW_MS).warnings == told
    assert querier().range("up", NOW_MS, NOW_MS + 1, 1).warnings == told
    assert querier().label_names().warnings == told
    assert querier().instant("1", NOW_MS).warnings == ()
    assert str(readiness(parse("up"), NOW_MS)) == told[0]


def test_history__younger_than_a_question_reaches_is_said(store):
    """A number of fifteen minutes is not passed off as a day's."""
    last = fill(Recorder(store.timeline()), [{ONE: n} for n in range(60)], now_slot() - 900_000)
    asked = querier().instant("increase(c_total[1d])", last)
    assert len(asked.value.samples) == 1
    assert [text.partition(", which")[0] for text in asked.warnings] == [
        f"needs history from {datetime.fromtimestamp(last / 1000 - 86_400, UTC):%F %T} UTC on"
    ]
    assert "no more than 2h is kept" in asked.warnings[0]
    assert "ready on" in querier().instant("increase(c_total[1h])", last).warnings[0]
    assert querier().instant("increase(c_total[14m])", last).warnings == ()
    ranged = querier().range("c_total", last - 3_600_000, last, 60_000)
    assert "are incomplete: history begins at" in ranged.warnings[0]
    assert not readiness(parse("increase(c_total[1h])"), last).ready
    assert readiness(parse("c_total"), last).ready


def test_history__of_one_question_is_read_at_once(store, valkey_server):
    """What is new, and all that its selectors reach for, in one script."""
    last = fill(Recorder(store.timeline()), [{ONE: n} for n in range(100)], now_slot() - 1_500_000)
    question = (
        "rate(c_total[1m]) + rate(c_total[10m]) + (c_total offset 20m) + avg_over_time(up[2m])"
    )
    storage_of_one = storage()
    engine = EmbeddedQuerier(storage_of_one)
    with valkey_server.client as client:
        before = scripts(client)
        engine.instant(question, last)
        assert scripts(client) - before == 1
        # The next one has it, and reads what is new.
        querier().instant(question, last)
        assert scripts(client) - before == 2


def scripts(client):
    found = client.info("commandstats")
    return sum(found.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("evalsha", "eval"))


def test_search__has_the_limits_of_queries(store, settings):
    """Series and samples past them are refused, as is what takes too long."""
    pages = [{ONE: 1, series("c_total", n="2"): 2} for _ in range(10)]
    fill(Recorder(store.timeline()), pages, now_slot() - 900_000)
    settings.ZEROSTATE_MONITORING_QUERY_MAX_SERIES = 1
    with pytest.raises(QueryLimitError):
        querier().label_names()
    settings.ZEROSTATE_MONITORING_QUERY_MAX_SERIES = 2
    assert querier().label_values("n").items == ("1", "2")
    settings.ZEROSTATE_MONITORING_QUERY_MAX_SAMPLES = 1
    with pytest.raises(QueryLimitError):
        querier().series([(Matcher("__name__", "=", "c_total"),)])
    settings.ZEROSTATE_MONITORING_QUERY_TIMEOUT_SECONDS = 1e-9
    with pytest.raises(QueryTimeoutError):
        querier().label_names()


def test_history__without_a_store():
    """The question has no answer now; it is told within the timeout."""
    close_stores()
    before = time.monotonic()
    with pytest.raises(StoreUnavailableError):
        storage().select(NAMED, 0, NOW_MS)
    assert querier().instant("1 + 1", 0).value.value == 2
    assert time.monotonic() - before < 3


def test_history__before_and_after_all_clocks(store):
    """Nothing is there, and nobody is asked."""
    for at in (-(2**62), -1, 2**62, NOW_MS + 10**9):
        assert querier().instant("{__name__=~'.+'}", at).value.samples == ()
    assert querier().series([NAMED]).items == ()


def test_long_tier__is_asked_behind_the_timeline(store):
    """What was kept days ago is found, by queries and by searches without a window."""
    slot = (NOW_MS - 10 * 86_400_000) // SLOT_MS * SLOT_MS
    labels = (("__name__", "zerostate_test"), ("key", "old"))
    keep(slot, [(labels, 5.0)])
    assert querier().instant("zerostate_test", slot).value.samples[0].value == 5
    assert querier().series([NAMED]).items == (labels,)


def test_long_tier__that_cannot_be_read(store, monkeypatch):
    """The database is an error of the store's kind."""

    def fail(*args):
        raise OperationalError("gone")

    monkeypatch.setattr(LongTier, "select_within", fail)
    with pytest.raises(StoreError, match="long tier"):
        querier().instant("zerostate_test", NOW_MS)


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_long_tier__whose_connection_is_gone(store, monkeypatch, kind):
    """Every error of a database is one, the connection's own too."""

    def fail(*args):
        raise kind("gone")

    monkeypatch.setattr(LongTier, "select_within", fail)
    with pytest.raises(StoreError, match=kind.__name__):
        querier().instant("zerostate_test", NOW_MS)
    monkeypatch.setattr(engines, "first_kept_ms", fail)
    with pytest.raises(StoreError, match=kind.__name__):
        readiness(parse("zerostate_test"), NOW_MS)
