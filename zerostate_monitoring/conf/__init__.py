"""The settings of this app: typed properties, read from Django at every access.

Nothing is cached and nothing is written back, so ``override_settings`` works and
importing this module has no effect. ``checks`` validates what an operator sets;
``docs/settings.md`` says what each setting is for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from zerostate_monitoring.conf.alerts import REFUSED_NETWORKS, AlertSettings
from zerostate_monitoring.conf.base import PREFIX
from zerostate_monitoring.conf.health import HealthSettings
from zerostate_monitoring.conf.queries import QuerySettings
from zerostate_monitoring.conf.tracing import TracingSettings

__all__ = ["PREFIX", "Settings", "conf"]


class Settings(AlertSettings, HealthSettings, QuerySettings, TracingSettings):
    """Shadow Django's settings with this app's defaults."""

    # -- the whole -----------------------------------------------------------

    @property
    def ENABLED(self) -> bool:
        """``False`` makes collecting, writing, importing and the page a no-op."""
        return bool(self._get("ENABLED", True))

    @property
    def EXTERNAL_LABELS(self) -> Mapping[str, str]:
        """Labels that name this installation, such as ``{"cluster": "eu-1"}``."""
        return dict(self._get("EXTERNAL_LABELS", {}))

    # -- the store -----------------------------------------------------------

    @property
    def REDIS_URL(self) -> str:
        """``redis://``, ``unix://``, ``redis+sentinel://``, ``redis+cluster://``; or rediss."""
        return str(self._get("REDIS_URL", "redis://localhost:6379/1"))

    @property
    def REDIS_OPTIONS(self) -> Mapping[str, Any]:
        """Further keyword arguments of redis-py's connection; ``sentinel_kwargs`` for Sentinels."""
        return dict(self._get("REDIS_OPTIONS", {}))

    @property
    def REDIS_TIMEOUT_SECONDS(self) -> float:
        """Longest that one call waits for the store: for connections and answers together."""
        return float(self._get("REDIS_TIMEOUT_SECONDS", 1.0))

    @property
    def REDIS_MAX_CONNECTIONS(self) -> int:
        """Size of the connection pool of one process."""
        return int(self._get("REDIS_MAX_CONNECTIONS", 20))

    @property
    def KEY_PREFIX(self) -> str:
        """First part of every key; two installations may share a server by it."""
        return str(self._get("KEY_PREFIX", "zerostate"))

    # -- the page ------------------------------------------------------------

    @property
    def METRICS_TOKEN(self) -> str:
        """Bearer token that a scraper must send; empty for none."""
        return str(self._get("METRICS_TOKEN", ""))

    @property
    def METRICS_ALLOWED_NETWORKS(self) -> Sequence[str]:
        """Networks in CIDR notation from which /metrics may be read."""
        return tuple(self._get("METRICS_ALLOWED_NETWORKS", ()))

    @property
    def TRUSTED_PROXIES(self) -> Sequence[str]:
        """Networks of the proxies whose ``X-Forwarded-For`` is believed."""
        return tuple(self._get("TRUSTED_PROXIES", ()))

    @property
    def REPLACE_DJANGO_PROMETHEUS_VIEW(self) -> bool:
        """Whether ``django_prometheus.urls`` serves this app's page."""
        return bool(self._get("REPLACE_DJANGO_PROMETHEUS_VIEW", True))

    # -- collecting ----------------------------------------------------------

    @property
    def QUEUE(self) -> str:
        """Celery queue of the collectors."""
        return str(self._get("QUEUE", "zerostate_monitoring"))

    @property
    def NODES_INTERVAL_SECONDS(self) -> float:
        """How often nodes are scraped."""
        return float(self._get("NODES_INTERVAL_SECONDS", 15))

    @property
    def EXECUTION_INTERVAL_SECONDS(self) -> float:
        """How often execution statistics are read."""
        return float(self._get("EXECUTION_INTERVAL_SECONDS", 30))

    @property
    def ECONOMIC_INTERVAL_SECONDS(self) -> float:
        """How often economic statistics are read."""
        return float(self._get("ECONOMIC_INTERVAL_SECONDS", 60))

    @property
    def FEED_ORDER(self) -> Sequence[str]:
        """Which kind of producer feeds a family that several could feed, first wins."""
        return tuple(self._get("FEED_ORDER", ("platform", "node", "instrument")))

    # -- what processes count ------------------------------------------------

    @property
    def PUBLISH_INTERVAL_SECONDS(self) -> float:
        """How often a process tells the store what it has counted."""
        return float(self._get("PUBLISH_INTERVAL_SECONDS", 5))

    @property
    def PROCESS_MAX_SERIES(self) -> int:
        """Series of one family over all processes, where nothing else bounds it."""
        return int(self._get("PROCESS_MAX_SERIES", 10_000))

    @property
    def PROCESS_RETENTION_SECONDS(self) -> float:
        """For how long the totals of a family stand that no code declares any more."""
        return float(self._get("PROCESS_RETENTION_SECONDS", 7 * 24 * 3600))

    @property
    def PROCESS_FAMILIES(self) -> bool:
        """Whether ``process_*`` and ``python_*`` of each process are published."""
        return bool(self._get("PROCESS_FAMILIES", False))

    @property
    def HTTP_EXCLUDED_ROUTES(self) -> Sequence[str]:
        """Shell-style patterns of routes whose requests are not counted."""
        return tuple(self._get("HTTP_EXCLUDED_ROUTES", ()))

    @property
    def PAGE_MAX_SERIES(self) -> int:
        """Most series that a scrape of the page may bring; a Prometheus refuses a larger one."""
        return int(self._get("PAGE_MAX_SERIES", 200_000))

    # -- history -------------------------------------------------------------

    @property
    def HISTORY(self) -> float:
        """For how many seconds the page's past is kept in the store; 0 for none."""
        value = self._get("HISTORY", 7200)
        return value.total_seconds() if isinstance(value, timedelta) else float(value)

    @property
    def HISTORY_INTERVAL_SECONDS(self) -> float:
        """How often the page becomes a column of history."""
        return float(self._get("HISTORY_INTERVAL_SECONDS", 15))

    @property
    def HISTORY_MAX_BYTES(self) -> int:
        """Most that history may take of the store's memory."""
        return int(self._get("HISTORY_MAX_BYTES", 256 * 1024 * 1024))

    # -- the platform --------------------------------------------------------

    @property
    def PLATFORM_DATABASE(self) -> str:
        """Django database alias of the platform's tables; empty for none."""
        return str(self._get("PLATFORM_DATABASE", ""))

    @property
    def PLATFORM_TIMEOUT_SECONDS(self) -> float:
        """Longest time of one statement on the platform database."""
        return float(self._get("PLATFORM_TIMEOUT_SECONDS", 10))

    # -- the nodes -----------------------------------------------------------

    @property
    def NODE_LABELS(self) -> Sequence[str]:
        """Which labels of a node row stand on its series, beside node and node_role."""
        return tuple(self._get("NODE_LABELS", ("site",)))

    @property
    def NODE_TIMEOUT_SECONDS(self) -> float:
        """Longest time of one node's scrape, from connecting to the last byte."""
        return float(self._get("NODE_TIMEOUT_SECONDS", 5))

    @property
    def NODE_CONCURRENCY(self) -> int:
        """How many nodes one task scrapes at a time."""
        return int(self._get("NODE_CONCURRENCY", 32))

    @property
    def NODE_CHUNK_SIZE(self) -> int:
        """How many nodes one task takes."""
        return int(self._get("NODE_CHUNK_SIZE", 200))

    @property
    def NODE_MAX_BYTES(self) -> int:
        """Largest answer of a node, after decompression."""
        return int(self._get("NODE_MAX_BYTES", 16 * 1024 * 1024))

    @property
    def NODE_MAX_SERIES(self) -> int:
        """Largest number of series of one node; a node with more gives none."""
        return int(self._get("NODE_MAX_SERIES", 50_000))

    @property
    def NODE_CACHE_SERIES(self) -> int:
        """How many series of nodes' pages a worker process remembers the layout of."""
        return int(self._get("NODE_CACHE_SERIES", 2_000_000))

    @property
    def NODE_EXTRA_FAMILIES(self) -> Sequence[str]:
        """Shell-style patterns of uncatalogued families that are kept as they come."""
        return tuple(self._get("NODE_EXTRA_FAMILIES", ()))

    @property
    def NODE_REFUSED_NETWORKS(self) -> Sequence[str]:
        """Networks that no node address may resolve to (link-local, metadata)."""
        return tuple(self._get("NODE_REFUSED_NETWORKS", REFUSED_NETWORKS))

    @property
    def NODE_SECRETS_ENV_PREFIX(self) -> str:
        """What the variables begin with that a node's ``env:`` may name; empty for none."""
        return str(self._get("NODE_SECRETS_ENV_PREFIX", "ZEROSTATE_NODE_"))

    @property
    def NODE_SECRETS_DIRECTORY(self) -> str:
        """Where the files lie that a node's ``file:`` may name; empty for none."""
        return str(self._get("NODE_SECRETS_DIRECTORY", ""))

    @property
    def NODE_EPHEMERAL_SECONDS(self) -> float:
        """An ephemeral node that has not answered for this long is no longer shown."""
        return float(self._get("NODE_EPHEMERAL_SECONDS", 300))

    @property
    def NODE_EPHEMERAL_DELETE_SECONDS(self) -> float:
        """The row of an ephemeral node that left this long ago is deleted."""
        return float(self._get("NODE_EPHEMERAL_DELETE_SECONDS", 24 * 3600))


conf: Final = Settings()
