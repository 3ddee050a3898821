"""One client for every way to run a store: standalone, Sentinel, Cluster; TCP, TLS, socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.retry import Retry
from redis.sentinel import Sentinel

from zerostate_monitoring.conf import Settings
from zerostate_monitoring.exceptions import ConfigurationError

SENTINEL: Final = "redis+sentinel"
CLUSTER: Final = "redis+cluster"
SCHEMES: Final = ("redis", "rediss", "unix", SENTINEL, CLUSTER)

# redis-py reads 64 KiB at a time and lets other threads run between the reads; a busy
# thread then holds each of them up. A frame of 100,000 series is 0.8 MB.
_READ_SIZE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Address:
    """Where the store is, and how to speak to it."""

    url: str
    timeout: float
    max_connections: int
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, conf: Settings) -> Address:
        """The address that the settings name."""
        return cls(
            conf.REDIS_URL,
            conf.REDIS_TIMEOUT_SECONDS,
            conf.REDIS_MAX_CONNECTIONS,
            conf.REDIS_OPTIONS,
        )

    @property
    def scheme(self) -> str:
        """The part of the URL that chooses the kind of client."""
        return self.url.split("://", 1)[0]

    @property
    def client_options(self) -> dict[str, Any]:
        """What every client is made with.

        Connecting and answering share the timeout, so one command keeps it. A connection
        that a restarted server closed is opened once more; a server that does not answer
        is not asked again.
        """
        return {
            "socket_connect_timeout": self.timeout / 2,
            "socket_timeout": self.timeout / 2,
            "socket_read_size": _READ_SIZE,
            "retry": Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
            **self.options,
        }


def validate_url(url: str) -> None:
    """Read an address without going there.

    Raises:
        ConfigurationError: the URL is of no known form.
    """
    scheme = url.split("://", 1)[0]
    if scheme not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise ConfigurationError(f"ZEROSTATE_MONITORING_REDIS_URL must begin with one of {known}")
    try:
        if scheme == SENTINEL:
            _SentinelUrl.parse(url)
        else:
            parse_url(_without_kind(url))  # type: ignore[no-untyped-call]
    except ValueError:
        # The error's own words may hold a part of the password.
        message = (
            "ZEROSTATE_MONITORING_REDIS_URL cannot be read; in a password, write / @ : # and % "
            "as %2F %40 %3A %23 %25"
        )
        raise ConfigurationError(message) from None


def connect(address: Address) -> redis.Redis:
    """Make a client. A cluster is asked for its nodes at once; else nothing is sent yet.

    Raises:
        ConfigurationError: the URL is of no known form.
        redis.RedisError: the cluster does not answer.
    """
    validate_url(address.url)
    if address.scheme == SENTINEL:
        return _sentinel(address)
    if address.scheme == CLUSTER:
        return _cluster(address)
    return _standalone(address)


def _without_kind(url: str) -> str:
    """The URL as redis-py reads it."""
    return "redis" + url.removeprefix(CLUSTER) if url.startswith(CLUSTER) else url


def _standalone(address: Address) -> redis.Redis:
    pool = redis.BlockingConnectionPool.from_url(
        address.url,
        max_connections=address.max_connections,
        timeout=address.timeout / 2,
        **address.client_options,
    )
    return redis.Redis.from_pool(pool)


def _cluster(address: Address) -> redis.Redis:
    # RedisCluster has Redis's commands, but is no subclass of it.
    options = {**address.client_options, "max_connections": address.max_connections}
    client: Any = redis.RedisCluster.from_url(_without_kind(address.url), **options)
    return client  # type: ignore[no-any-return]


def _sentinel(address: Address) -> redis.Redis:
    url = _SentinelUrl.parse(address.url)
    sentinel = Sentinel(
        url.hosts,
        sentinel_kwargs={"socket_timeout": address.timeout / 2},
        **{**address.client_options, **url.credentials, "db": url.database},
    )
    master: redis.Redis = sentinel.master_for(url.service)
    return master


@dataclass(frozen=True, slots=True)
class _SentinelUrl:
    """``redis+sentinel://[user:password@]host:port,host:port/SERVICE/DB``."""

    hosts: list[tuple[str, int]]
    service: str
    database: int
    credentials: Mapping[str, str]

    @classmethod
    def parse(cls, url: str) -> _SentinelUrl:
        parts = urlsplit(url)
        service, _, database = parts.path.strip("/").partition("/")
        if not service:
            message = "after the Sentinels stands the name of the service: …/mymaster/0"
            raise ConfigurationError(f"ZEROSTATE_MONITORING_REDIS_URL: {message}")
        hosts = parts.netloc.rpartition("@")[2]
        given = (("username", parts.username), ("password", parts.password))
        return cls(
            [_host_and_port(item) for item in hosts.split(",")],
            service,
            int(database or 0),
            {key: unquote(value) for key, value in given if value},
        )


def _host_and_port(item: str) -> tuple[str, int]:
    host, _, port = item.rpartition(":")
    return (host, int(port)) if host else (item, 26379)
