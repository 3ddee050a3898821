"""Reading: only what changed, only what lives, and from memory when the store is away."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import redis

from tests.servers import store_server, wait_until
from tests.storage.frames import gauge, shown, write
from zerostate_monitoring.storage import reader as reader_module
from zerostate_monitoring.storage.keys import Keys
from zerostate_monitoring.storage.publication import GaugeFamily, Gauges, Publication
from zerostate_monitoring.storage.publishing import Publishing

KEYS = Keys("zerostate")


def test_snapshot__is_the_same_object_while_nothing_changed(store):
    """An unchanged store costs one small answer and no decoding."""
    write(store, "a", gauge({"x": 1}))
    first = store.snapshot()
    assert store.snapshot() is first


def test_snapshot__keeps_unchanged_frames(store):
    """Only the producer that wrote is fetched again."""
    write(store, "a", gauge({"x": 1}))
    write(store, "b", gauge({"x": 1}))
    before = store.snapshot()
    write(store, "b", gauge({"x": 2}))
    after = store.snapshot()
    assert after.packed["a"] is before.packed["a"]
    assert after.packed["b"] is not before.packed["b"]
    assert after.revision > before.revision


def test_snapshot__shows_notes_and_counts(store):
    """Notes of collectors and their counts are part of what a scrape sees."""
    store.note("collector", {"a": {"samples": 3}})
    store.count("collector_errors", "a|timeout")
    store.count("series_dropped", "zerostate_x")
    seen = store.snapshot()
    assert seen.notes == {"a": {"samples": 3}}
    assert seen.counts == {"a|timeout": 1}
    assert seen.dropped == {"zerostate_x": 1}


def test_snapshot__leaves_ended_producers_out(store):
    """A producer that stops is gone after its time to live."""
    write(store, "a", gauge({"x": 1}), ttl=0.05)
    wait_until(lambda: not shown(store), what="the frame ended")


def test_snapshot__producers_tell_time_and_size(store):
    """Age and size of each producer are known without decoding its schema."""
    frame = gauge({"x": 1, "y": 2})
    write(store, "a", frame)
    state = store.snapshot().producers["a"]
    assert (state.at, state.size) == (frame.at, 2)
    assert state.expires_at > time.time()


@pytest.mark.parametrize("damage", [b"", b"\x09" + b"x" * 40, b"\x01short"])
def test_snapshot__skips_frames_it_cannot_read(store, valkey_server, damage):
    """A frame of another version or a damaged one costs only itself."""
    write(store, "a", gauge({"x": 1}))
    write(store, "b", gauge({"x": 2}))
    valkey_server.client.set(KEYS.frame("a"), damage)
    assert shown(store) == {"b": {"x": 2}}


def test_snapshot__skips_frames_without_schema(store, store_at, valkey_server):
    """A frame whose schema is lost waits until it is written anew."""
    write(store, "a", gauge({"x": 1}))
    for key in valkey_server.client.keys("*schema*"):
        valkey_server.client.delete(key)
    reader = store_at(valkey_server.url)
    assert shown(reader) == {}
    write(store, "a", gauge({"x": 2}))
    assert shown(reader) == {"a": {"x": 2}}


def test_snapshot__skips_foreign_entries(store, valkey_server):
    """An entry of another format in the version vector, or a note that is no JSON, is skipped."""
    write(store, "a", gauge({"x": 1}))
    valkey_server.client.hset(KEYS.versions, "strange", b"1")
    valkey_server.client.hset(KEYS.notes("collector"), mapping={"n": b"{", "l": b"[]"})
    assert shown(store) == {"a": {"x": 1}}
    assert store.snapshot().notes == {}


def test_emptied_store__is_seen_as_another(store, valkey_server):
    """After FLUSHALL nothing old is shown, and the id is new."""
    write(store, "a", gauge({"x": 1}))
    before = store.snapshot()
    valkey_server.client.flushall()
    assert store.snapshot().packed == {}
    write(store, "a", gauge({"x": 1}))
    assert store.snapshot().store_id not in {"", before.store_id}


def test_absent_store__shows_what_is_known_until_it_ends(store_at, monkeypatch):
    """Without the store, series end at their time by this process's clock."""
    later = 0.0
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + later)
    monkeypatch.setattr(reader_module, "time", clock)
    with store_server() as server:
        store = store_at(server.url)
        write(store, "long", gauge({"x": 1}), ttl=600)
        write(store, "short", gauge({"x": 1}), ttl=60)
        store.count("collector_errors", "a|error")
        assert set(shown(store)) == {"long", "short"}
        server.stop()
        away = store.snapshot()
        assert (away.up, dict(away.counts)) == (False, {})
        assert set(away.frames) == {"long", "short"}
        later = 61.0
        assert set(shown(store)) == {"long"}


@pytest.mark.parametrize("timeout", [1, 2])
def test_hanging_store__answers_within_the_timeout(store_at, timeout):
    """A server that takes the connection and says nothing delays a scrape only so long."""
    with store_server() as server:
        store = store_at(server.url, timeout)
        write(store, "a", gauge({"x": 1}))
        store.snapshot()
        server.process.send_signal(signal.SIGSTOP)
        try:
            start = time.monotonic()
            assert store.snapshot().up is False
            assert time.monotonic() - start <= 1.5 * timeout
        finally:
            server.process.send_signal(signal.SIGCONT)
        wait_until(lambda: store.snapshot().up, what="the store is used again")


def test_hanging_store__many_scrapes_wait_as_long_as_one(store_at):
    """Threads that came while one was asking take its answer."""
    with store_server() as server:
        store = store_at(server.url, 1.5)
        write(store, "a", gauge({"x": 1}))
        server.process.send_signal(signal.SIGSTOP)
        try:
            start = time.monotonic()
            with ThreadPoolExecutor(6) as pool:
                seen = [
                    future.result() for future in [pool.submit(store.snapshot) for _ in range(6)]
                ]
            assert time.monotonic() - start <= 2 * 1.5
        finally:
            server.process.send_signal(signal.SIGCONT)
        assert not any(snapshot.up for snapshot in seen)


def test_interrupted_read__is_made_up_for(store, monkeypatch):
    """Values of a process that did not come in time come with the next scrape."""
    family = GaugeFamily("zerostate_test", "gauge", "Test.", "", "sum", (("", ()),))
    publication = Publication("p", 1, gauges=Gauges((family,), (2.5,)))
    publishing = Publishing(store._address, "zerostate")
    publishing.publish(publication, gauges_ttl=60)
    publishing.close()
    with monkeypatch.context() as patched:
        patched.setattr(store._client, "mget", Mock(side_effect=redis.TimeoutError))
        assert store.snapshot().up is False
    (frame,) = store.snapshot().frames.values()
    assert list(frame.samples()) == [("zerostate_test", (), 2.5)]


def test_snapshot__stays_whole_when_the_store_moves_on(store):
    """A snapshot that one thread still uses keeps its schemas."""
    write(store, "a", gauge({"x": 1}))
    kept = store.snapshot()
    write(store, "a", gauge({"other": 1}))
    store.snapshot()
    assert [labels for _, labels, _ in kept.frames["a"].samples()] == [(("key", "x"),)]


def test_snapshot__a_lost_frame_is_not_shown(store, store_at, valkey_server):
    """An entry whose frame is gone shows nothing, in processes that knew it and in others."""
    write(store, "a", gauge({"x": 1}))
    store.snapshot()
    write(store, "a", gauge({"x": 2}))
    valkey_server.client.delete(KEYS.frame("a"))
    assert shown(store) == shown(store_at(valkey_server.url)) == {}


def test_two_readers_agree(store, store_at, valkey_server):
    """Every process sees the same frames."""
    other = store_at(valkey_server.url)
    for value in range(3):
        write(store, "a", gauge({"x": value}))
        assert shown(store) == shown(other) == {"a": {"x": value}}
