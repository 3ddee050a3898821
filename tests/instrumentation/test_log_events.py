"""Lines in numbers, and levels that the store says."""

from __future__ import annotations

import logging
import time
from uuid import uuid4

import pytest

from tests.instrumentation.test_records import samples, value
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.instrumentation import log_events, publisher
from zerostate_monitoring.instrumentation.log_events import count, follow
from zerostate_monitoring.instrumentation.registry import REGISTRY
from zerostate_monitoring.logs.levels import Levels, Override, written
from zerostate_monitoring.logs.tally import TALLY
from zerostate_monitoring.storage.connection import Address
from zerostate_monitoring.storage.publishing import (
    LEVELS_KEY,
    LEVELS_NOTE,
    LOGGERS_NOTE,
    Publishing,
)


@pytest.fixture(autouse=True)
def _of_this_test(monkeypatch):
    monkeypatch.setattr(log_events, "LEVELS", Levels())
    monkeypatch.setattr(log_events, "_known", log_events._Known())
    monkeypatch.setattr(TALLY, "reasons", ("sampling",))
    TALLY.fetch()
    yield
    log_events.LEVELS.apply([], time.time(), time.monotonic())
    TALLY.fetch()


@pytest.fixture
def name():
    made = f"tests.log_events.{uuid4().hex}"
    logging.getLogger(made).setLevel(logging.WARNING)
    return made


@pytest.fixture
def door(valkey_url):
    made = Publishing(Address(valkey_url, 5.0, 5, {}), "zerostate")
    yield made
    made.close()


def say(store, *overrides):
    store.note(LEVELS_NOTE, {LEVELS_KEY: written(overrides)})


def test_count__puts_what_was_seen_into_the_families():
    """Seen and lost; what was lost stands at 0 from the first event on."""
    TALLY.seen("app", "error")
    TALLY.seen("app", "info")
    TALLY.seen("app", "info")
    TALLY.dropped("app", "info")
    count()
    count()
    events, dropped = "zerostate_log_events_total", "zerostate_log_events_dropped_total"
    assert value(events, logger="app", level="info") == 2
    assert value(dropped, logger="app", level="info", reason="sampling") == 1
    assert value(dropped, logger="app", level="error", reason="sampling") == 0
    never = {"logger": "app", "level": "error", "reason": "export"}
    assert REGISTRY.get_sample_value(dropped, never) is None


def test_count__tells_of_exports_where_lines_are_exported():
    """At 0 before the first fails."""
    TALLY.exports()
    TALLY.seen("exported", "info")
    count()
    name = "zerostate_log_events_dropped_total"
    assert value(name, logger="exported", level="info", reason="export") == 0
    TALLY.dropped("exported", "info", "export")
    count()
    assert value(name, logger="exported", level="info", reason="export") == 1


def test_publisher__is_woken_in_a_process_that_lasts(monkeypatch):
    """A command that only passes by has no thread for the sake of a line."""
    woken = []
    monkeypatch.setattr(publisher, "wake", lambda: woken.append(1))
    monkeypatch.setattr(log_events, "_began", time.monotonic())
    assert not log_events.wake()
    monkeypatch.setattr(log_events, "_began", time.monotonic() - 11)
    assert log_events.wake()
    assert woken == [1]


def test_loggers__are_bounded_as_a_label():
    """Whoever makes a logger for each thing fills no page."""
    for number in range(3000):
        TALLY.seen(f"made.up.{number}", "info")
    count()
    found = [key for key in samples() if key[0] == "zerostate_log_events_total"]
    assert len(found) <= 1100


def test_levels__of_the_store_are_followed(door, store, name):
    """Set, ended, and set again by a later document."""
    until = time.time() + 600
    say(store, Override(name, "DEBUG", until))
    follow(door)
    assert logging.getLogger(name).level == logging.DEBUG
    say(store)
    follow(door)
    assert logging.getLogger(name).level == logging.WARNING


def test_levels__of_an_emptied_store_stay(door, store, name):
    """No document is no news; the end comes all the same."""
    say(store, Override(name, "DEBUG", time.time() + 600))
    follow(door)
    store.forget(LEVELS_NOTE, [LEVELS_KEY])
    follow(door)
    assert logging.getLogger(name).level == logging.DEBUG


def test_levels__end_though_the_store_is_away(name):
    """What is over goes back before anybody is asked."""
    log_events.LEVELS.apply([Override(name, "DEBUG", time.time() + 600)], time.time(), -1e9)
    away = Publishing(Address("redis://127.0.0.1:1/0", 0.5, 5, {}), "zerostate")
    with pytest.raises(StoreError):
        follow(away)
    assert logging.getLogger(name).level == logging.WARNING


def test_levels__of_a_broken_note_change_nothing(door, store, name):
    """A note that is no JSON is an error; one that is no levels is none."""
    say(store, Override(name, "DEBUG", time.time() + 600))
    follow(door)
    store._client.hset(store._keys.notes(LEVELS_NOTE), LEVELS_KEY, b"{")
    with pytest.raises(StoreError):
        follow(door)
    assert logging.getLogger(name).level == logging.DEBUG


def test_loggers__are_told_once(door, store, name):
    """All at first, then what is new."""
    follow(door)
    assert name in store.notes(LOGGERS_NOTE)
    store.forget(LOGGERS_NOTE, [name])
    logging.getLogger(f"{name}.new")
    follow(door)
    told = store.notes(LOGGERS_NOTE)
    assert f"{name}.new" in told
    assert name not in told


def test_publisher__follows_and_counts_in_each_round(valkey_url, store, name, monkeypatch):
    """What rides on its thread is done, and one that fails costs the others nothing."""
    done = []
    monkeypatch.setattr(publisher, "LOOKS", [lambda door: 1 / 0, follow, done.append])
    monkeypatch.setattr(publisher, "prepare", count)
    TALLY.seen("app", "error")
    say(store, Override(name, "DEBUG", time.time() + 600))
    publisher.begin_anew()
    publisher.flush()
    publisher.look()
    publisher.stop()
    publisher.begin_anew()
    assert logging.getLogger(name).level == logging.DEBUG
    assert len(done) == 1
    assert value("zerostate_log_events_total", logger="app", level="error") == 1
