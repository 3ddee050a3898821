"""One client for every way to run a store: standalone, Sentinel, Cluster; TCP, TLS, socket."""

from __future__ import annotations

from typing import Any

import redis
from redis.cluster import ClusterNode
from redis.connection import SSLConnection, UnixDomainSocketConnection

from zerostate_monitoring.storage.address import (
    CLUSTER,
    SENTINEL,
    Address,
    ClusterUrl,
    validate_options,
    validate_url,
)
from zerostate_monitoring.storage.sentinel import master_of
from zerostate_monitoring.storage.waiting import PatientQueue, patient

__all__ = ["Address", "connect", "validate_options", "validate_url"]


def connect(address: Address) -> redis.Redis:
    """Make a client. A cluster is asked for its nodes at once; else nothing is sent yet.

    Raises:
        ConfigurationError: the URL is of no known form, or an option is unknown.
        redis.RedisError: the cluster does not answer.
    """
    validate_url(address.url)
    validate_options(address.options)
    if address.kind == SENTINEL:
        return master_of(address)
    if address.kind == CLUSTER:
        return _cluster(address)
    return _standalone(address)


def _standalone(address: Address) -> redis.Redis:
    tls = SSLConnection if address.tls else redis.Connection
    kind = UnixDomainSocketConnection if address.scheme == "unix" else tls
    pool = redis.BlockingConnectionPool.from_url(
        address.url,
        connection_class=patient(kind, address.patience),
        queue_class=PatientQueue,
        max_connections=address.max_connections,
        timeout=address.patience,
        **address.client_options,
    )
    return redis.Redis.from_pool(pool)


def _cluster(address: Address) -> redis.Redis:
    # RedisCluster has Redis's commands, but is no subclass of it.
    kind = SSLConnection if address.tls else redis.Connection
    url = ClusterUrl.parse(address.url)
    client: Any = redis.RedisCluster.from_url(
        url.first,
        startup_nodes=[ClusterNode(*place) for place in url.others],  # type: ignore[no-untyped-call]
        connection_class=patient(kind, address.patience),
        max_connections=address.max_connections,
        **address.client_options,
    )
    return client  # type: ignore[no-any-return]
