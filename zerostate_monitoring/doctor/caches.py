"""Which caches live in the store's database; their ``clear()`` would empty the store.

Addresses are compared as they are written, with what Django's RedisCache and
django-redis make of them: nothing is resolved and nobody is asked. What cannot be
compared (a host name against an address, a Sentinel against a server) is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.storage.address import CLUSTER, SENTINEL, ClusterUrl, SentinelUrl

Database = tuple[str, ...]
"""What tells one database of Redis from another."""

_OTHER_BACKENDS: Final = frozenset({"db", "dummy", "filebased", "locmem", "memcached"})
"""Modules of Django's backends, and of those made of them, that do not speak to Redis."""

_SERVERS: Final = frozenset({"redis", "rediss", "valkey", "valkeys"})
_LOOPBACK: Final = frozenset({"", "127.0.0.1", "::1", "localhost"})
_PORT: Final = 6379


def caches_on(
    url: str, options: Mapping[str, Any], caches: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Aliases of the caches that live in the same database as the store.

    Args:
        url: the store's address, in any of the forms of ``ZEROSTATE_MONITORING_REDIS_URL``.
        options: keyword arguments of the store's connection.
        caches: as in ``CACHES``.
    """
    ours = set(_databases(url, options))
    return [
        alias for alias, cache in caches.items() if not ours.isdisjoint(_databases_of_cache(cache))
    ]


def _databases_of_cache(cache: Mapping[str, Any]) -> Iterator[Database]:
    """The databases of a cache that speaks to Redis; none for another."""
    if not _OTHER_BACKENDS.isdisjoint(str(cache.get("BACKEND", "")).split(".")):
        return
    options = cache.get("OPTIONS") or {}
    # django-redis hands on what stands one level deeper.
    options = {**options, **(options.get("CONNECTION_POOL_KWARGS") or {})}
    for url in _locations(cache.get("LOCATION")):
        if options.get("SENTINELS"):
            yield from _behind_sentinels(url, options)
        else:
            yield from _databases(url, options)


def _locations(location: Any) -> list[str]:
    parts = [location] if isinstance(location, str) else list(location or ())
    return [url for part in parts for url in re.split(r"[;,]", str(part))]


def _databases(url: str, options: Mapping[str, Any]) -> Iterator[Database]:
    """The database that ``url`` means; one for each place; none if it cannot be read."""
    scheme, _, rest = str(url).strip().partition("://")
    kind = scheme.replace("rediss+", "redis+")
    try:
        if kind == SENTINEL:
            found = SentinelUrl.parse(url)
            number = str(found.login.get("db") or options.get("db") or 0)
            yield from _sentinels(found.sentinels, found.service, number)
        elif kind == CLUSTER:
            yield from _cluster(ClusterUrl.parse(url))
        elif scheme == "unix":
            parts = urlsplit(url)
            yield "socket", unquote(parts.path), _number(parts, options)
        elif scheme in _SERVERS:
            parts = urlsplit(f"redis://{rest}")
            yield "server", _host(parts.hostname), str(parts.port or _PORT), _number(parts, options)
    except (ValueError, ConfigurationError):
        return


def _cluster(url: ClusterUrl) -> Iterator[Database]:
    """A cluster has one database, which each of its servers leads to."""
    first = urlsplit(url.first)
    for host, port in ((first.hostname, first.port), *url.others):
        yield "server", _host(host), str(port), "0"


def _number(parts: SplitResult, options: Mapping[str, Any]) -> str:
    """The number of the database as redis-py finds it: query, then path, then options."""
    asked = parse_qs(parts.query).get("db", [""])[0]
    path = "" if parts.scheme == "unix" else unquote(parts.path).replace("/", "")
    written = next((text for text in (asked, path) if text.isdecimal()), None)
    return str(int(written or options.get("db") or 0))


def _behind_sentinels(url: str, options: Mapping[str, Any]) -> Iterator[Database]:
    """A cache of django-redis: its address names the service instead of a host."""
    try:
        parts = urlsplit(str(url).strip())
        number = _number(parts, options)
        places = [(str(host), int(port)) for host, port in options["SENTINELS"]]
    except (TypeError, ValueError):
        return
    yield from _sentinels(places, parts.netloc.rpartition("@")[2], number)


def _sentinels(places: Iterable[tuple[str, int]], service: str, number: str) -> Iterator[Database]:
    for host, port in places:
        yield "sentinel", _host(host), str(port), service.lower(), number


def _host(name: str | None) -> str:
    """The host as it is compared; all of this host's own names are one."""
    host = (name or "").lower().strip("[]")
    return "localhost" if host in _LOOPBACK else host
