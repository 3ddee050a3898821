"""Every way to run a store, with real servers."""

from __future__ import annotations

import pytest

from tests.servers import StoreServer, free_port, running, store_server, wait_until
from tests.storage.frames import gauge, shown, write
from zerostate_monitoring.exceptions import ConfigurationError, StoreUnavailableError
from zerostate_monitoring.storage.connection import Address, validate_url
from zerostate_monitoring.storage.store import Store


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://localhost", "must begin with one of redis://"),
        ("localhost:6379", "must begin with one of"),
        ("redis://localhost:port/0", "REDIS_URL"),
        ("redis+sentinel://localhost:26379", "name of the service"),
        ("redis+sentinel://localhost:x/mymaster", "REDIS_URL"),
    ],
)
def test_validate_url__refuses_addresses(url, reason):
    """An address of no known form is refused with the setting's name, before any use."""
    with pytest.raises(ConfigurationError, match=reason):
        validate_url(url)
    with pytest.raises(ConfigurationError, match=reason):
        Store(Address(url, 1, 2), "zerostate")


@pytest.mark.parametrize(
    "url",
    [
        "redis://h:1/0",
        "rediss://user:p%40ss@h:1/0",
        "unix:///run/s.sock?db=1",
        "redis+sentinel://:pw@a:1,b:2/mymaster/3",
        "redis+cluster://h:1",
    ],
)
def test_validate_url__takes_all_forms_without_going_there(url):
    """Reading an address sends nothing: no server is at any of these."""
    validate_url(url)


@pytest.mark.parametrize("scheme", ["redis", "redis+cluster", "redis+sentinel"])
def test_absent_store__of_any_kind_is_absence(store_at, scheme):
    """Whatever the kind of store: absent, it is told so, and reading does not raise."""
    absent = store_at(
        f"{scheme}://127.0.0.1:1/zs/0" if "sentinel" in scheme else f"{scheme}://127.0.0.1:1"
    )
    assert absent.snapshot().up is False
    with pytest.raises(StoreUnavailableError):
        absent.lease("a", 1)
    with pytest.raises(StoreUnavailableError):
        absent.describe()


def test_cluster(store_at):
    """All keys of an installation live in one slot, so every step works in a cluster."""
    server = StoreServer("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    server.database = 0
    with running(server):
        client = server.client
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        wait_until(lambda: b"cluster_state:ok" in client.execute_command("CLUSTER", "INFO"))
        store = store_at(f"redis+cluster://127.0.0.1:{server.port}", 2)
        write(store, "a", gauge({"x": 1}))
        store.note("node", {"n": {"up": True}})
        store.count("collector_errors", "a|b")
        assert shown(store) == {"a": {"x": 1}}
        assert store.notes("node") == {"n": {"up": True}}
        assert store.describe().version
        store.remove(["a"])
        assert shown(store) == {}
        client.close()


def test_sentinel(store_at, tmp_path):
    """The master is found through a Sentinel; one that does not know it is absence."""
    sentinel = StoreServer()
    sentinel.database = 0
    config = tmp_path / "sentinel.conf"
    with store_server() as master:
        watched = f"sentinel monitor zs 127.0.0.1 {master.port} 1"
        config.write_text(f"port {sentinel.port}\nbind 127.0.0.1\n{watched}\n")
        try:
            sentinel.run([sentinel.binary, str(config), "--sentinel"])
            url = f"redis+sentinel://127.0.0.1:{sentinel.port}"
            store = store_at(f"{url}/zs/1", 2)
            write(store, "a", gauge({"x": 1}))
            assert shown(store) == {"a": {"x": 1}}
            with pytest.raises(StoreUnavailableError):
                store_at(f"{url}/none/1").lease("a", 1)
        finally:
            sentinel.stop()
            sentinel.directory.cleanup()


def test_unix_socket(store_at, tmp_path):
    """A socket in the file system is an address like any other."""
    path = tmp_path / "s.sock"
    with store_server("--unixsocket", str(path)):
        store = store_at(f"unix://{path}?db=1")
        write(store, "a", gauge({"x": 1}))
        assert shown(store) == {"a": {"x": 1}}
