"""Writing: whole, fenced, bounded; leases, notes and counts."""

from __future__ import annotations

import multiprocessing
import os

import pytest

from tests.servers import store_server, wait_until
from tests.storage.frames import gauge, shown, write
from zerostate_monitoring.exceptions import (
    StaleTokenError,
    StoreError,
    StoreFullError,
    StoreUnavailableError,
)
from zerostate_monitoring.storage.connection import Address
from zerostate_monitoring.storage.keys import Keys
from zerostate_monitoring.storage.store import Write, current_store


def test_write__is_read_back(store):
    """What was written is what a scrape sees."""
    write(store, "a", gauge({"x": 1.5, "y": -0.0}))
    assert shown(store) == {"a": {"x": 1.5, "y": -0.0}}


def test_write__replaces_the_whole_frame(store):
    """A series that is missing from the next frame is gone."""
    write(store, "a", gauge({"x": 1, "y": 2}))
    write(store, "a", gauge({"y": 3}))
    assert shown(store) == {"a": {"y": 3}}


def test_write__refuses_a_lower_token(store):
    """A run that was overtaken cannot put its older numbers over newer ones."""
    token = write(store, "a", gauge({"x": 2}))
    with pytest.raises(StaleTokenError):
        store.write([Write("a", gauge({"x": 1}), 60)], token=token - 1)
    assert shown(store) == {"a": {"x": 2}}


def test_write__refuses_a_run_that_slept(store):
    """A token of half a day ago is refused even where nothing newer is left to compare with."""
    token = write(store, "a", gauge({"x": 2})) - 13 * 3600 * 1_000_000
    with pytest.raises(StaleTokenError):
        store.write([Write("b", gauge({"x": 1}), 60)], token=token)


def test_write__is_all_or_nothing(store):
    """One overtaken producer refuses the batch it is in."""
    token = write(store, "a", gauge({"x": 2}))
    with pytest.raises(StaleTokenError):
        store.write(
            [Write("new", gauge({"x": 1}), 60), Write("a", gauge({"x": 1}), 60)], token=token - 1
        )
    assert set(shown(store)) == {"a"}


def test_write__sends_schemas_again_to_an_emptied_store(store, valkey_server):
    """A writer whose schema was lost sends it without being told."""
    write(store, "a", gauge({"x": 1}))
    valkey_server.client.flushall()
    write(store, "a", gauge({"x": 2}))
    assert shown(store) == {"a": {"x": 2}}


def test_write__in_many_batches(store):
    """More frames than one batch takes arrive all."""
    lease = store.lease("many", 30)
    store.write(
        [Write(f"p{i}", gauge({"x": i}), 60) for i in range(450)],
        token=lease.token,
    )
    assert len(shown(store)) == 450


def test_write__schema_outlives_the_longest_frame(store, valkey_server):
    """A short-lived frame does not shorten the life of a schema that others use."""
    write(store, "long", gauge({"x": 1}), ttl=600)
    write(store, "short", gauge({"x": 1}), ttl=1)
    (key,) = valkey_server.client.keys("*schema*")
    assert valkey_server.client.pttl(key) > 600_000


def test_lease__is_exclusive_and_rises(store):
    """Nobody gets a held lease; each later lease has a higher token."""
    first = store.lease("a", 30)
    assert store.lease("a", 30) is None
    store.release(first)
    assert store.lease("a", 30).token > first.token


def test_lease_each__takes_those_that_are_free(store):
    """One token for all; what others hold is left to them, and each is given back by itself."""
    held = store.lease("b", 30)
    taken = store.lease_each(["a", "b", "c"], 30)
    assert [lease.name for lease in taken] == ["a", "c"]
    assert {lease.token for lease in taken} == {taken[0].token}
    assert taken[0].token > held.token
    assert store.lease_each(["a", "b"], 30) == []
    store.release(*taken, held)
    assert len(store.lease_each(["a", "b", "c"], 30)) == 3
    store.release()
    assert store.lease_each([], 30) == []


def test_lease__ends_by_itself(store):
    """A holder that died does not block the next one for longer than its lease."""
    store.lease("a", 0.05)
    wait_until(lambda: store.lease("a", 30), what="the lease ended")


def test_lease__release_leaves_the_next_holder_alone(store):
    """A holder that comes back late does not end another's lease."""
    late = store.lease("a", 0.01)
    wait_until(lambda: store.lease("a", 30), what="the lease ended")
    store.release(late)
    assert store.lease("a", 30) is None


def test_lease__rises_over_an_emptied_store(store, valkey_server):
    """Tokens go on rising when the store forgets the last one."""
    before = store.lease("a", 30)
    valkey_server.client.flushall()
    assert store.lease("a", 30).token > before.token


def test_lease__rises_when_the_clock_is_set_back(store, valkey_server):
    """The last token counts more than the clock."""
    ahead = 9_000_000_000_000_000
    valkey_server.client.set(Keys("zerostate").token, ahead)
    assert store.lease("a", 30).token == ahead + 1


def test_claim__one_slot_for_all_who_ask(store, store_at, valkey_server):
    """Whoever asks a moment later, from whichever process, finds the slot taken."""
    other = store_at(valkey_server.url)
    assert [s.claim("a", 30) for s in (store, other, store)] == [True, False, False]
    assert other.claim("b", 30)


def test_claim__is_free_again_after_its_time(store):
    """Nobody gives a slot back; time does."""
    assert store.claim("a", 0.05)
    wait_until(lambda: store.claim("a", 0.05), what="the slot is free")


def test_remove__ends_series_at_once(store):
    """Removed producers are not on the next page, the others are."""
    write(store, "a", gauge({"x": 1}))
    write(store, "b", gauge({"x": 1}))
    store.remove(["a"])
    assert set(shown(store)) == {"b"}


def test_remove__refuses_a_run_that_is_under_way(store):
    """A run that began before cannot bring a removed producer back; a new one can."""
    token = write(store, "a", gauge({"x": 1}))
    store.remove(["a"])
    with pytest.raises(StaleTokenError):
        store.write([Write("a", gauge({"x": 2}), 60)], token=token)
    assert shown(store) == {}
    write(store, "a", gauge({"x": 3}))
    assert shown(store) == {"a": {"x": 3}}


def test_notes__round_trip(store):
    """Notes are replaced whole, read by key or all, and forgotten."""
    store.note("node", {"n1": {"up": True, "error": 'quote " and \u2028'}, "n2": {}})
    store.note("node", {"n1": {"up": False}})
    assert store.notes("node") == {"n1": {"up": False}, "n2": {}}
    assert store.notes("node", ["n1", "n3"]) == {"n1": {"up": False}}
    store.forget("node", ["n1"])
    assert store.notes("node", []) == {}
    assert store.notes("node") == {"n2": {}}


def test_sweep__forgets_what_ended_long_ago(store, valkey_server):
    """Only producers that ended are forgotten."""
    write(store, "ended", gauge({"x": 1}), ttl=0.001)
    write(store, "live", gauge({"x": 1}))
    wait_until(lambda: store.sweep(0) == 1, what="the frame ended")
    assert valkey_server.client.hkeys(Keys("zerostate").versions) == [b"live"]


def test_counts__rise(store):
    """Counts add up."""
    store.count("e", "a|timeout")
    store.count("e", "a|timeout", 2)
    assert store.counts("e") == {"a|timeout": 3}


def test_sweep__keeps_recent_producers(store):
    """Sweeping forgets nothing whose fence may still be needed."""
    write(store, "a", gauge({"x": 1}), ttl=0.001)
    assert store.sweep() == 0


def test_describe__tells_policy_and_clock(store):
    """The doctor learns product, version, memory policy and time."""
    info = store.describe()
    assert (info.product, info.eviction_policy) == ("Valkey", "noeviction")
    assert info.clock > 1_700_000_000


def test_full_store__is_told_apart(store_at):
    """Out of memory is an error of its own, and what stood there still stands."""
    with store_server("--maxmemory", "8mb") as server:
        small = store_at(server.url)
        write(small, "a", gauge({"x": 1}))
        big = gauge({str(i): i for i in range(1000)})
        lease = small.lease("fill", 30)
        writes = [Write(f"p{number}", big, 600) for number in range(10_000)]
        with pytest.raises(StoreFullError):
            small.write(writes, token=lease.token)
        assert shown(small)["a"] == {"x": 1}


def test_absent_store__is_an_error_within_the_timeout(store_at):
    """Nothing listens: every verb says so; reading does not raise."""
    absent = store_at("redis://127.0.0.1:1/0")
    with pytest.raises(StoreUnavailableError):
        absent.lease("a", 1)
    with pytest.raises(StoreUnavailableError):
        absent.notes("a")
    assert absent.snapshot().up is False


def test_restarted_store__is_used_again(store_at):
    """A server that came back empty is written to as if nothing had been."""
    with store_server() as server:
        store = store_at(server.url)
        write(store, "a", gauge({"x": 1}))
        first = store.snapshot().store_id
        server.stop()
        assert store.snapshot().up is False
        server.start()
        write(store, "a", gauge({"x": 2}))
        assert shown(store) == {"a": {"x": 2}}
        assert store.snapshot().store_id not in {"", first}


def test_refusal__keeps_the_servers_words(store, valkey_server):
    """An error that is neither absence nor memory is a StoreError."""
    valkey_server.client.set(Keys("zerostate").notes("node"), "a string")
    with pytest.raises(StoreError, match="WRONGTYPE"):
        store.notes("node")


def test_tls_options_reach_the_client():
    """REDIS_OPTIONS are keyword arguments of the connection."""
    address = Address("rediss://h:1/0", 1, 2, {"ssl_ca_certs": "/ca.pem"})
    assert address.client_options["ssl_ca_certs"] == "/ca.pem"


def _child(queue):
    store = current_store()
    store.note("node", {"child": {"pid": os.getpid()}})
    queue.put(id(store))


def test_current_store__is_remade_in_a_fork(store):
    """A forked child writes over connections of its own."""
    assert current_store() is store
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_child, args=(queue,))
    child.start()
    queue.get(timeout=10)
    child.join(10)
    assert store.notes("node")["child"]["pid"] == child.pid


def test_prefixes_are_apart(store, store_at, valkey_server):
    """Two installations on one server do not see each other."""
    other = store_at(valkey_server.url, prefix="other")
    write(store, "a", gauge({"x": 1}))
    assert shown(other) == {}
    assert all(key.startswith(b"{zerostate}:") for key in valkey_server.client.scan_iter())


def test_forbidden_info__is_told(store_at, valkey_server):
    """A server that forbids INFO says so; nothing is guessed."""
    client = valkey_server.client
    client.execute_command("ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "-info")
    url = valkey_server.url.replace("//", "//app:pw@")
    try:
        with pytest.raises(StoreError):
            store_at(url).describe()
    finally:
        client.execute_command("ACL", "DELUSER", "app")
        client.close()


def test_wrong_password__is_absence(store_at, valkey_server):
    """Refused credentials are told as an absent store, with the server's words."""
    url = valkey_server.url.replace("//", "//nobody:pw@")
    with pytest.raises(StoreUnavailableError, match=r"invalid username-password"):
        store_at(url).lease("a", 1)
