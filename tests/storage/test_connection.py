"""Every way to run a store, with real servers."""

from __future__ import annotations

import pytest
from redis.connection import SSLConnection

from tests.deployments import (
    SERVICE,
    SentinelServer,
    behind_sentinels,
    cluster,
    tell,
)
from tests.servers import running, store_server, wait_until
from tests.storage.frames import gauge, shown, write
from zerostate_monitoring.exceptions import ConfigurationError, StoreUnavailableError
from zerostate_monitoring.storage.address import ClusterUrl, SentinelUrl
from zerostate_monitoring.storage.connection import Address, connect, validate_url
from zerostate_monitoring.storage.store import Store


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://localhost", "must begin with one of redis://"),
        ("localhost:6379", "must begin with one of"),
        ("redis://localhost:port/0", "REDIS_URL"),
        ("redis+sentinel://localhost:26379", "name of the service"),
        ("redis+sentinel://localhost:x/mymaster", "REDIS_URL"),
        ("redis+sentinel://localhost/mymaster/x", "REDIS_URL"),
        ("redis+sentinel:///mymaster", "REDIS_URL"),
        ("redis+sentinel://a,,b/mymaster", "REDIS_URL"),
        ("redis+cluster://a:1,b:x", "REDIS_URL"),
        ("redis+cluster://", "REDIS_URL"),
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
        "rediss+sentinel://a/mymaster",
        "redis+sentinel://[::1]:1,b,[::2]/mymaster",
        "redis+cluster://h:1",
        "rediss+cluster://user:pw@a,b:2,[::1]",
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
    with cluster(3) as deployment:
        store = store_at(deployment.url, 2)
        write(store, "a", gauge({"x": 1}))
        store.note("node", {"n": {"up": True}})
        store.count("collector_errors", "a|b")
        assert shown(store) == {"a": {"x": 1}}
        assert store.notes("node") == {"n": {"up": True}}
        assert store.describe().version
        store.remove(["a"])
        assert shown(store) == {}


def test_sentinel(store_at):
    """The master is found through a Sentinel; one that does not know it is absence."""
    with behind_sentinels(1) as deployment:
        store = store_at(deployment.url, 2)
        write(store, "a", gauge({"x": 1}))
        assert shown(store) == {"a": {"x": 1}}
        with pytest.raises(StoreUnavailableError):
            store_at(deployment.url.replace(SERVICE, "none"), 2).lease("a", 1)


def test_sentinel__a_failover_is_followed(store_at):
    """After the master died the store is used on as soon as there is another, by itself."""
    with behind_sentinels(1, replicas=1) as deployment:
        master, replica = deployment.servers
        store = store_at(deployment.url, 1)
        write(store, "a", gauge({"x": 1}))
        wait_until(lambda: tell(replica, "DBSIZE") > 0, what="the replica has a copy")
        master.stop()
        wait_until(lambda: store.snapshot().up, 40, "there is a new master")
        assert shown(store) == {"a": {"x": 1}}
        write(store, "b", gauge({"x": 2}))
        assert set(shown(store)) == {"a", "b"}


def test_sentinel__fruitless_attempts_do_not_use_the_pool_up(store_at):
    """More failures than the pool has connections, and it still serves."""
    with behind_sentinels(1) as deployment:
        store = store_at(deployment.url, 1)
        deployment.servers[0].stop()
        for _ in range(25):
            assert store.snapshot().up is False
        deployment.servers[0].start()
        wait_until(lambda: store.snapshot().up, 40, "the master is back")


def test_sentinel__with_a_password_of_its_own(store_at):
    """User and password of the address are the servers', sentinel_kwargs the Sentinels'."""
    with store_server(password="servers") as master:
        lines = ("requirepass sentinels", f"sentinel auth-pass {SERVICE} servers")
        with running(SentinelServer(master.port, *lines)) as sentinel:
            url = f"redis+sentinel://:servers@127.0.0.1:{sentinel.port}/{SERVICE}/1"
            options = {"sentinel_kwargs": {"password": "sentinels"}}
            store = store_at(url, 2, options=options)
            write(store, "a", gauge({"x": 1}))
            assert shown(store) == {"a": {"x": 1}}
            with pytest.raises(StoreUnavailableError, match="Authentication required"):
                store_at(url, 2).lease("a", 1)


def test_sentinel__errors_hold_no_password(store_at):
    """What stands in logs and rows says what is wrong, and not how to get in."""
    store = store_at(
        "redis+sentinel://:s3cret@127.0.0.1:1/zs/1",
        options={"sentinel_kwargs": {"password": "s3cret"}},
    )
    with pytest.raises(StoreUnavailableError, match="refused") as caught:
        store.lease("a", 1)
    assert "s3cret" not in str(caught.value)


def client_of(url, **options):
    """A client that has sent nothing."""
    return connect(Address(url, 1.0, 7, options))


@pytest.mark.parametrize("url", ["redis://h/0", "redis+sentinel://h/zs/0"])
def test_pool__is_as_large_as_the_setting_says(url):
    """Standalone or behind Sentinels, one process opens no more connections."""
    assert client_of(url).connection_pool.max_connections == 7


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("rediss://h/0", {}),
        ("redis://h/0", {"ssl": True}),
        ("redis://h/0", {"ssl_ca_certs": "/ca.pem"}),
        ("rediss+sentinel://h/zs/0", {}),
        ("redis+sentinel://h/zs/0", {"ssl": True}),
        ("redis+sentinel://h/zs/0", {"ssl_ca_certs": "/ca.pem"}),
    ],
)
def test_tls__is_spoken_when_the_scheme_or_an_option_asks(url, options):
    """A file for TLS is reason enough; the Sentinels are spoken to in the same way."""
    pool = client_of(url, **options).connection_pool
    made = [pool.make_connection()]
    if "sentinel" in url:
        made += [s.connection_pool.make_connection() for s in pool.sentinel_manager.sentinels]
    for connection in made:
        assert isinstance(connection, SSLConnection)
        assert connection.ca_certs == options.get("ssl_ca_certs")


@pytest.mark.parametrize(
    ("url", "options", "servers", "sentinels"),
    [
        ("rediss+sentinel://h/zs/0", {"sentinel_kwargs": {"ssl": False}}, True, False),
        ("redis+sentinel://h/zs/0", {"sentinel_kwargs": {"ssl": True}}, False, True),
        ("redis+sentinel://h/zs/0", {"ssl": False, "ssl_ca_certs": "/ca.pem"}, False, False),
    ],
)
def test_tls__may_be_spoken_with_servers_or_sentinels_alone(url, options, servers, sentinels):
    """What sentinel_kwargs say of the Sentinels goes first."""
    pool = client_of(url, **options).connection_pool
    (sentinel,) = pool.sentinel_manager.sentinels
    assert isinstance(pool.make_connection(), SSLConnection) is servers
    assert isinstance(sentinel.connection_pool.make_connection(), SSLConnection) is sentinels


def test_sentinel_url__in_parts():
    """Hosts with and without port, IPv6 in brackets, a password that was encoded."""
    url = SentinelUrl.parse("redis+sentinel://u:p%2Fw@[::1]:1,b,c:3/zs/2")
    assert url.sentinels == (("::1", 1), ("b", 26379), ("c", 3))
    assert (url.service, url.login) == ("zs", {"username": "u", "password": "p/w", "db": 2})


def test_cluster_url__in_parts():
    """The first place is a URL as redis-py reads it, with the login; the others are places."""
    url = ClusterUrl.parse("rediss+cluster://u:p@[::1],b:2,c?ssl_cert_reqs=none")
    assert url.first == "redis://u:p@[::1]:6379?ssl_cert_reqs=none"
    assert url.others == (("b", 2), ("c", 6379))


@pytest.mark.parametrize("options", [{"nonsense": 1}, {"sentinel_kwargs": {"nonsense": 1}}])
def test_unknown_option__is_told_before_anything_is_sent(options):
    """The error names the setting and the option."""
    with pytest.raises(ConfigurationError, match=r"REDIS_OPTIONS: .*nonsense"):
        client_of("redis://h/0", **options)


def test_unix_socket(store_at, tmp_path):
    """A socket in the file system is an address like any other."""
    path = tmp_path / "s.sock"
    with store_server("--unixsocket", str(path)):
        store = store_at(f"unix://{path}?db=1")
        write(store, "a", gauge({"x": 1}))
        assert shown(store) == {"a": {"x": 1}}
