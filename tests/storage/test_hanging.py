"""A store that hangs, however it is run: the timeout is kept, and answers are never mixed up."""

from __future__ import annotations

import signal
import threading
import time
from functools import partial
from types import SimpleNamespace

import pytest

from tests.deployments import (
    DEPLOYMENTS,
    behind_sentinels,
    cluster,
    hanging,
    slow,
    standalone,
    tell,
)
from tests.servers import store_server, wait_until
from tests.storage.frames import gauge, shown, write
from zerostate_monitoring.exceptions import StoreUnavailableError
from zerostate_monitoring.storage import reader as reader_module
from zerostate_monitoring.storage.store import Write

TIMEOUT = 1.5
LONGEST = 2 * TIMEOUT
"""What is allowed on a machine that has other work to do."""


@pytest.fixture(params=DEPLOYMENTS)
def deployment(request):
    """A store run in each way."""
    with DEPLOYMENTS[request.param]() as made:
        yield made


def took(act):
    """How many seconds ``act`` took, and what it gave."""
    start = time.monotonic()
    result = act()
    return time.monotonic() - start, result


def lease_fails(store):
    with pytest.raises(StoreUnavailableError):
        store.lease("a", 30)


def test_timeout__leaves_no_answer_for_the_next_verb(deployment, store_at):
    """After a call that was given up, the next ones get their own answers."""
    store = store_at(deployment.url, TIMEOUT)
    store.count("errors", "k", 41)
    server_goes_on = threading.Timer(0.2, lambda: [resume(s) for s in deployment.servers])
    with hanging(deployment.servers):
        lease_fails(store)
        server_goes_on.start()
        # The late answer comes while the next one is waited for.
        for _ in range(3):
            assert store.counts("errors") == {"k": 41}
    server_goes_on.join()
    assert store.notes("node") == {}
    assert store.lease("b", 30).name == "b"
    assert store.lease("b", 30) is None


def resume(server):
    server.process.send_signal(signal.SIGCONT)


def test_hanging_servers__are_given_up_within_the_timeout(deployment, store_at):
    """A process that knows the store and one that does not wait no longer than it says."""
    known, fresh = store_at(deployment.url, TIMEOUT), store_at(deployment.url, TIMEOUT)
    write(known, "a", gauge({"x": 1}))
    assert shown(known) == {"a": {"x": 1}}
    with hanging(deployment.servers):
        for store in (known, known, fresh):
            seconds, snapshot = took(store.snapshot)
            assert (snapshot.up, seconds < LONGEST) == (False, True), seconds
            seconds, _ = took(partial(lease_fails, store))
            assert seconds < LONGEST
    for store in (known, fresh):
        wait_until(partial(shown, store), what="the store is used again")
        assert shown(store) == {"a": {"x": 1}}


@pytest.mark.parametrize("fate", ["hang", "gone"])
def test_sentinels_away__are_given_up_within_the_timeout(store_at, fate):
    """All of them hanging, or refusing, a new process waits no longer than it says."""
    with behind_sentinels(3) as deployment:
        if fate == "gone":
            for sentinel in deployment.sentinels:
                sentinel.stop()
        with hanging(deployment.sentinels if fate == "hang" else []):
            for _ in range(2):
                store = store_at(deployment.url, TIMEOUT)
                seconds, snapshot = took(store.snapshot)
                assert (snapshot.up, seconds < LONGEST) == (False, True), seconds


def test_hanging_sentinel__costs_only_its_part_of_the_time(store_at):
    """Of three Sentinels two hang: the third still shows the way, within the timeout."""
    with behind_sentinels(3) as deployment, hanging(deployment.sentinels[:2]):
        store = store_at(deployment.url, TIMEOUT)
        seconds, snapshot = took(store.snapshot)
        assert (snapshot.up, seconds < LONGEST) == (True, True), seconds


def test_hanging_place_of_a_cluster__is_passed_over(store_at):
    """A new process finds the cluster through the other places of its address."""
    with cluster(3) as deployment:
        writer = store_at(deployment.url, TIMEOUT)
        write(writer, "a", gauge({"x": 1}))
        idle = [server for server in deployment.servers if tell(server, "DBSIZE") == 0]
        with hanging(idle[:1]):
            places = ",".join(f"127.0.0.1:{server.port}" for server in idle)
            url = f"redis+cluster://{places}"
            wait_until(lambda: shown(store_at(url, TIMEOUT)), what="the store is found")


def test_slow_store__is_given_up_as_a_whole_and_read_in_parts(store_at):
    """Many quick answers do not add up beyond the timeout, and no part is fetched twice."""
    with store_server() as server, slow(server.port, 0.2) as port:
        writer = store_at(server.url, 5)
        lease = writer.lease("many", 30)
        frames = [Write(f"p{n}", gauge({f"k{n}": n}), 600) for n in range(2000)]
        writer.write(frames, token=lease.token)
        reader = store_at(f"redis://127.0.0.1:{port}/1", TIMEOUT)
        seconds, snapshot = took(reader.snapshot)
        assert (snapshot.up, seconds < LONGEST) == (False, True), seconds
        wait_until(lambda: reader.snapshot().up, 60, "all of it was read")
        assert len(shown(reader)) == 2000


def test_waiting_threads__show_no_series_that_have_ended(store_at, monkeypatch):
    """Who waits in vain for another thread's answer says that the store is away."""
    later = 0.0
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + later)
    monkeypatch.setattr(reader_module, "time", clock)
    with standalone() as deployment:
        store = store_at(deployment.url, 1)
        write(store, "short", gauge({"x": 1}), ttl=60)
        write(store, "long", gauge({"x": 1}), ttl=600)
        before = store.snapshot()
        later = 61.0
        with store._reader._lock:  # as a thread holds it while it waits for the store
            away, again = store.snapshot(), store.snapshot()
        assert (before.up, set(before.packed)) == (True, {"short", "long"})
        assert (away.up, set(away.packed)) == (False, {"long"})
        assert again is away
        later = 0.0
        after = store.snapshot()
        assert (after.up, set(after.packed)) == (True, {"short", "long"})
        assert after.revision > away.revision > before.revision
