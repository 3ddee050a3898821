"""What the collector says of the store: as the server tells it, nothing where it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.collectors.test_alerting import values
from tests.storage.frames import gauge, write
from zerostate_monitoring.collectors.store_figures import store_figures
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.storage import store as doors
from zerostate_monitoring.storage.server import ServerInfo

TOLD = ServerInfo("Valkey", "9", 0.0, 1000, 4000, "noeviction")


@pytest.fixture
def telling(monkeypatch):
    """Let the server tell something else of itself."""

    def tell(**fields):
        monkeypatch.setattr(doors, "describe", lambda client: replace(TOLD, **fields))

    return tell


def figures(store):
    return values(store_figures(store, store.snapshot()))


def test_memory__is_what_the_server_tells(store, telling):
    """Used, and what may be used."""
    telling()
    found = figures(store)
    assert found[("store_memory_bytes",)] == 1000
    assert found[("store_memory_limit_bytes",)] == 4000


@pytest.mark.parametrize("limit", [0, None])
def test_limit__is_absent_where_there_is_none(store, telling, limit):
    """0 means no limit, and a managed server may not say."""
    telling(used_memory=None, max_memory=limit)
    found = figures(store)
    assert not [key for (key,) in found if "memory" in key]


def test_memory__of_a_real_server_is_there(store):
    """Whatever it is, it is not 0; and an answer takes some time."""
    found = figures(store)
    assert found[("store_memory_bytes",)] > 0
    assert found[("store_round_trip_seconds",)] > 0


def test_round_trip__is_the_shortest_of_its_tries(store, monkeypatch):
    """One that had to wait for this machine says nothing of the server."""
    times = iter([0.0, 5.0, 5.0, 5.25, 6.0, 9.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(times))
    assert store.round_trip() == 0.25


def test_round_trip__of_a_store_that_is_away_is_an_error(store_at):
    """And never a number."""
    with pytest.raises(StoreError):
        store_at("redis://127.0.0.1:1").round_trip()


def test_frames__are_those_of_collectors_and_nodes(store):
    """How many, and eight bytes for each of their samples."""
    assert figures(store)[("store_frames",)] == 0
    write(store, "collector:test", gauge({"x": 1.5, "y": 2.5}))
    write(store, "node:a", gauge({"x": 1.5}))
    found = figures(store)
    assert (found[("store_frames",)], found[("store_frames_bytes",)]) == (2, 24)
