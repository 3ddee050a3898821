"""A master that is found through Sentinels, also after a failover."""

from __future__ import annotations

from typing import Any

import redis
from redis.connection import SSLConnection
from redis.sentinel import (
    MasterNotFoundError,
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)

from zerostate_monitoring.storage.address import Address, Place, SentinelUrl
from zerostate_monitoring.storage.waiting import patient


class _Whole:
    """Mixed into a connection to a master, which redis-py would use on after a timeout.

    Then the answer that came too late would be taken for that of the next command.
    """

    def read_response(self, *arguments: Any, **options: Any) -> Any:
        """Read an answer; a connection that failed to give one is closed."""
        options.setdefault("disconnect_on_error", True)
        return super().read_response(*arguments, **options)  # type: ignore[misc]


class _Connection(_Whole, SentinelManagedConnection):
    pass


class _TlsConnection(_Whole, SentinelManagedSSLConnection):
    pass


class _Pool(SentinelConnectionPool):
    """Keeps every connection that it made, so that it never takes itself for full.

    redis-py gives one up that is connected to no master or to another than the present
    one. Here it is closed, and finds the present master when it is used next.
    """

    def release(self, connection: Any) -> None:
        """Take a connection back."""
        if self.master_address != (connection.host, connection.port):
            connection.disconnect()
        super().release(connection)

    def owns_connection(self, connection: Any) -> bool:
        """Whether it was made by this process."""
        return bool(connection.pid == self.pid)


class _Sentinels(Sentinel):
    """Says why none of them named a master; redis-py's words may hold their password."""

    def discover_master(self, service_name: str) -> tuple[str, int]:
        """Ask each in turn where the master is; who knew it is asked first the next time.

        Raises:
            MasterNotFoundError: nobody knows it.
        """
        reasons = []
        for sentinel in list(self.sentinels):
            try:
                masters: Any = sentinel.sentinel_masters()
            except redis.RedisError as error:
                reasons.append(str(error))
                continue
            state = masters.get(service_name)
            if state and self.check_master_state(state, service_name):
                others = [other for other in self.sentinels if other is not sentinel]
                self.sentinels = [sentinel, *others]
                return state["ip"], state["port"]
            reasons.append("it is not known, or down")
        raise MasterNotFoundError(f"no Sentinel tells the master {service_name!r}: {reasons}")


def master_of(address: Address) -> redis.Redis:
    """Make a client of the present master; nothing is sent yet."""
    url = SentinelUrl.parse(address.url)
    manager = _Sentinels([], **{**address.client_options, **url.login})
    # Each may take its part of the time, and one part is left for the master.
    share = address.patience / (len(url.sentinels) + 1)
    manager.sentinels = [_sentinel(address, place, share) for place in url.sentinels]
    kind = _TlsConnection if address.tls else _Connection
    master: redis.Redis = manager.master_for(
        url.service,
        connection_pool_class=_Pool,
        connection_class=patient(kind, address.patience),
        max_connections=address.max_connections,
    )
    return master


def _sentinel(address: Address, place: Place, share: float) -> redis.Redis:
    """A client of one Sentinel, which may take ``share`` seconds."""
    kind = SSLConnection if address.sentinel_tls else redis.Connection
    options = {
        "socket_connect_timeout": share,
        "socket_timeout": share,
        **address.sentinel_options,
    }
    pool = redis.ConnectionPool(
        connection_class=patient(kind, address.patience),
        host=place.host,
        port=place.port,
        **options,
    )
    return redis.Redis.from_pool(pool)
