"""Is the store there, safe, and in time?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.caches import caches_on
from zerostate_monitoring.doctor.finding import Finding, error, ok, unknown, warning
from zerostate_monitoring.exceptions import ConfigurationError, StoreError
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.storage.server import ServerInfo
from zerostate_monitoring.storage.store import current_store

SKEW_SECONDS: Final = 2.0
FULL_RATIO: Final = 0.9
_MIB: Final = 1024 * 1024


def examine_store() -> Iterator[Finding]:
    """Ask the store for itself, and judge the answer."""
    began = time.perf_counter()
    try:
        info = current_store().describe()
    except (StoreError, ConfigurationError) as problem:
        yield error(
            "store",
            in_words(str(problem)),
            _(
                "Start Redis or Valkey, or correct ZEROSTATE_MONITORING_REDIS_URL. Collectors and "
                "/metrics go on by themselves once it answers."
            ),
        )
        return
    took = time.perf_counter() - began
    yield judge_speed(info, took, conf.REDIS_TIMEOUT_SECONDS)
    yield judge_eviction(info)
    yield judge_memory(info)
    yield judge_clock(info.clock, time.time() - took / 2)


def judge_speed(info: ServerInfo, seconds: float, timeout: float) -> Finding:
    """Whether the store answers well within the timeout."""
    said = _("%(product)s %(version)s answered in %(time).0f ms")
    values = {"product": info.product, "version": info.version, "time": seconds * 1000}
    message = said % values
    if seconds <= timeout / 2:
        return ok("store", message)
    return warning(
        "store",
        _("%(answer)s; the timeout is %(timeout)g s") % {"answer": message, "timeout": timeout},
        _("Bring the store nearer, or raise ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS."),
    )


def judge_eviction(info: ServerInfo) -> Finding:
    """Whether a full store refuses writes (wanted) or throws keys away."""
    name = "eviction policy"
    if info.eviction_policy is None:
        advice = _("Ask whoever runs the server whether maxmemory-policy is noeviction.")
        return unknown(name, _("the server does not tell its maxmemory-policy"), advice)
    if info.eviction_policy == "noeviction":
        return ok(name, "noeviction")
    said = _("%(policy)s: a full server would throw metrics away without a word")
    return warning(
        name,
        said % {"policy": info.eviction_policy},
        _("Set it with: redis-cli CONFIG SET maxmemory-policy noeviction (and in redis.conf)."),
    )


def judge_memory(info: ServerInfo) -> Finding:
    """Whether the store nears its limit of memory."""
    name = "store memory"
    if info.used_memory is None:
        return unknown(name, _("the server does not tell its memory"))
    used = info.used_memory / _MIB
    if not info.max_memory:
        return ok(name, _("%(used).0f MiB used, no limit set") % {"used": used})
    said = _("%(used).0f MiB used of %(most).0f MiB")
    message = said % {"used": used, "most": info.max_memory / _MIB}
    if info.used_memory < FULL_RATIO * info.max_memory:
        return ok(name, message)
    return warning(name, message, _("Raise maxmemory; docs/performance.md says what is needed."))


def judge_clock(theirs: float, ours: float) -> Finding:
    """Whether the store's clock and this host's agree (unix seconds)."""
    skew = theirs - ours
    if abs(skew) <= SKEW_SECONDS:
        return ok("clock", _("the store's clock agrees with this host's"))
    if skew > 0:
        said = _("the store's clock is %(skew).1f s ahead of this host's")
    else:
        said = _("the store's clock is %(skew).1f s behind this host's")
    advice = _("Run NTP on both hosts; ages and intervals are wrong until then.")
    return warning("clock", said % {"skew": abs(skew)}, advice)


def examine_caches() -> Iterator[Finding]:
    """Whether a cache shares the store's database."""
    shared = caches_on(conf.REDIS_URL, conf.REDIS_OPTIONS, settings.CACHES)
    if not shared:
        yield ok("database", _("no cache of CACHES shares the store's database"))
        return
    said = _("%(cache)s uses the store's database; its clear() would wipe the metrics")
    yield error(
        "database",
        said % {"cache": f"CACHES[{shared[0]!r}]"},
        _("Give ZEROSTATE_MONITORING_REDIS_URL a database of its own, such as …/1."),
    )
