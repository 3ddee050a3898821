"""Where the store is and how to speak to it, read from the settings; nobody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.connection import SSLConnection, parse_url
from redis.retry import Retry

from zerostate_monitoring.conf import Settings
from zerostate_monitoring.exceptions import ConfigurationError

SENTINEL: Final = "redis+sentinel"
CLUSTER: Final = "redis+cluster"
SCHEMES: Final = (
    *("redis", "rediss", "unix"),
    *(SENTINEL, "rediss+sentinel"),
    *(CLUSTER, "rediss+cluster"),
)

# redis-py reads 64 KiB at a time and lets other threads run between the reads; a busy
# thread then holds each of them up. A frame of 100,000 series is 0.8 MB.
_READ_SIZE: Final = 1024 * 1024

_OF_SENTINELS: Final = "sentinel_kwargs"
_PORTS: Final = {CLUSTER: 6379, SENTINEL: 26379}


class Place(NamedTuple):
    """One server of several."""

    host: str
    port: int


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
    def kind(self) -> str:
        """The scheme as it is without TLS."""
        return self.scheme.replace("rediss", "redis", 1)

    @property
    def tls(self) -> bool:
        """Whether TLS is spoken: the scheme asks for it, or an option does."""
        asked = _with_tls(self.options, default=self.scheme.startswith("rediss"))
        return asked and self.scheme != "unix"

    @property
    def patience(self) -> float:
        """For how many seconds one call may wait: a little of its time is our own work's."""
        return self.timeout * 0.9

    @property
    def client_options(self) -> dict[str, Any]:
        """What every connection is made with.

        RESP2 sends nothing but answers, so a connection that has something to read before
        it was asked is broken. One that a restarted server closed is opened once more; a
        server that does not answer is not asked again, and where there may be another one,
        half of the time is left to look for it.
        """
        share = self.patience / 2 if self.kind in _PORTS else self.patience
        return {
            "protocol": 2,
            "socket_connect_timeout": share,
            "socket_timeout": share,
            "socket_read_size": _READ_SIZE,
            "retry": Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
            **_for_connection(self.options, tls=self.tls),
        }

    @property
    def sentinel_tls(self) -> bool:
        """Whether TLS is spoken with Sentinels: as with the store, if nothing else is said."""
        return _with_tls(self._of_sentinels, default=self.tls)

    @property
    def sentinel_options(self) -> dict[str, Any]:
        """What connections to Sentinels are made with, but for their timeouts.

        Each is asked once, for there may be others. The files for TLS are the store's; user
        and password are the Sentinels' own.
        """
        files = {name: value for name, value in self.options.items() if name.startswith("ssl_")}
        options = {**files, **self._of_sentinels}
        return {
            "protocol": 2,
            "retry": Retry(NoBackoff(), 0),
            **_for_connection(options, tls=self.sentinel_tls),
        }

    @property
    def _of_sentinels(self) -> Mapping[str, Any]:
        return self.options.get(_OF_SENTINELS) or {}


def _with_tls(options: Mapping[str, Any], *, default: bool) -> bool:
    """Whether options ask for TLS; to name a file for it asks, too."""
    asked = options.get("ssl")
    if asked is not None:
        return bool(asked)
    return default or any(name.startswith("ssl_") for name in options)


def _for_connection(options: Mapping[str, Any], *, tls: bool) -> dict[str, Any]:
    """Those of ``options`` that a connection takes."""
    dropped = {"ssl", _OF_SENTINELS}
    return {
        name: value
        for name, value in options.items()
        if name not in dropped and (tls or not name.startswith("ssl_"))
    }


# -- reading an address ---------------------------------------------------------


def validate_url(url: str) -> None:
    """Read an address without going there.

    Raises:
        ConfigurationError: the URL is of no known form.
    """
    kind = url.split("://", 1)[0]
    if kind not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise ConfigurationError(f"ZEROSTATE_MONITORING_REDIS_URL must begin with one of {known}")
    try:
        if kind.endswith("+sentinel"):
            SentinelUrl.parse(url)
        else:
            parse_url(ClusterUrl.parse(url).first if "+" in kind else url)  # type: ignore[no-untyped-call]
    except ValueError:
        # The error's own words may hold a part of the password.
        message = (
            "ZEROSTATE_MONITORING_REDIS_URL cannot be read; in a password, write / @ : # and % "
            "as %2F %40 %3A %23 %25"
        )
        raise ConfigurationError(message) from None


def validate_options(options: Mapping[str, Any]) -> None:
    """Try options on connections that are never opened.

    Raises:
        ConfigurationError: no connection takes one of them.
    """
    address = Address("rediss+sentinel://", 1.0, 1, options)
    try:
        for arguments in (address.client_options, address.sentinel_options):
            SSLConnection(**arguments)
    except (TypeError, ValueError, redis.RedisError) as error:
        raise ConfigurationError(f"ZEROSTATE_MONITORING_REDIS_OPTIONS: {error}") from error


@dataclass(frozen=True, slots=True)
class SentinelUrl:
    """``redis+sentinel://[user:password@]host:port,host:port/SERVICE[/DB]``."""

    sentinels: tuple[Place, ...]
    service: str
    login: Mapping[str, Any]

    @classmethod
    def parse(cls, url: str) -> SentinelUrl:
        """Read ``url``.

        Raises:
            ValueError: it cannot be read.
            ConfigurationError: it names no service.
        """
        login, places, path = _parts(url, _PORTS[SENTINEL])
        service, _, database = path.partition("?")[0].strip("/").partition("/")
        if not service:
            message = "after the Sentinels stands the name of the service: …/mymaster/0"
            raise ConfigurationError(f"ZEROSTATE_MONITORING_REDIS_URL: {message}")
        user, _, password = login.partition(":")
        given = {"username": unquote(user), "password": unquote(password)}
        number = {"db": int(database)} if database else {}
        known = {name: value for name, value in given.items() if value}
        return cls(places, service, {**known, **number})


@dataclass(frozen=True, slots=True)
class ClusterUrl:
    """``redis+cluster://[user:password@]host:port,host:port``.

    ``first`` is the address of the first place, as redis-py reads it.
    """

    first: str
    others: tuple[Place, ...]

    @classmethod
    def parse(cls, url: str) -> ClusterUrl:
        """Read ``url``.

        Raises:
            ValueError: it cannot be read.
        """
        login, (first, *others), path = _parts(url, _PORTS[CLUSTER])
        host = f"[{first.host}]" if ":" in first.host else first.host
        at = f"{login}@" if login else ""
        return cls(f"redis://{at}{host}:{first.port}{path}", tuple(others))


def _parts(url: str, port: int) -> tuple[str, tuple[Place, ...], str]:
    """Login, places and the rest; ``port`` is that of a place that names none."""
    rest = url.partition("://")[2]
    end = next((at for at, sign in enumerate(rest) if sign in "/?"), len(rest))
    login, _, places = rest[:end].rpartition("@")
    return login, tuple(_place(item.strip(), port) for item in places.split(",")), rest[end:]


def _place(item: str, port: int) -> Place:
    parts = urlsplit(f"//{item}")
    if not parts.hostname:
        raise ValueError("a host has no name")
    return Place(parts.hostname, parts.port or port)
