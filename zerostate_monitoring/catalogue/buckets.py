"""Histogram boundaries: upper bounds in ascending order, ``+Inf`` implied.

The first four sets are the network's own. A quantile never reads higher than the last
finite bound, so a family with a limit needs bounds on both sides of it: the sandbox's
30 s and 128 MiB and the platform's longest timeout of 300 s are why the extended sets
exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Buckets = tuple[float, ...]

_KIB: Final = 1024.0
_MIB: Final = 1024 * _KIB
_MINUTE: Final = 60.0
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


def _extended(buckets: Buckets, *further: float) -> Buckets:
    return tuple(sorted({*buckets, *further}))


def _doubling(start: float, count: int) -> Buckets:
    return tuple(round(start * 2**power, 9) for power in range(count))


DURATION: Final[Buckets] = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)
"""Seconds, 100 µs to 10 s."""

BYTES: Final[Buckets] = tuple(_KIB * step for step in (1, 10, 100)) + tuple(
    _MIB * step for step in (1, 10, 100, 1024)
)
"""Bytes, 1 KiB to 1 GiB."""

COST: Final[Buckets] = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
"""Units of the network's currency."""

COUNT: Final[Buckets] = (1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)
"""Things."""

TASK_DURATION: Final = _extended(DURATION, 15, 25, 30, 60, 120, 300)
"""Seconds of tasks, with bounds around the limits of 30 s and 300 s."""

MEMORY: Final = _extended(BYTES, *(_MIB * step for step in (16, 32, 64, 96, 128, 256, 512)))
"""Bytes of sandbox memory, with bounds around its limit of 128 MiB."""

LOOKUP: Final[Buckets] = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds of DHT lookups: the defaults of Prometheus' client libraries."""

ROUTE: Final = _doubling(0.001, 10)
"""Seconds of one hop or one search in memory, 1 ms to 512 ms."""

GOSSIP: Final[Buckets] = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0)
"""Seconds that a gossip message is old when it arrives."""

GUILD_LIFETIME: Final = _doubling(60, 10)
"""Seconds of a guild's life, 1 minute to 8.5 hours; a guild is founded for an hour."""

CHANNEL_LIFETIME: Final[Buckets] = (
    *(_MINUTE * step for step in (1, 5, 15, 30)),
    *(_HOUR * step for step in (1, 2, 4, 8, 12)),
    *(_DAY * step for step in (1, 2, 7)),
)
"""Seconds of a payment channel's life, 1 minute to 7 days; it expires after 24 hours."""

DISPUTE: Final[Buckets] = (
    *(_HOUR * step for step in (1, 2, 4, 8, 12)),
    *(_DAY * step for step in (1, 2, 3, 7, 14)),
)
"""Seconds until a dispute ends, 1 hour to 14 days; 48 hours is called slow."""

PAYOUT: Final = _doubling(0.1, 10)
"""Units of the network's currency that leave an escrow, 0.1 to 51.2."""

RESPONSE: Final[Buckets] = (
    10.0,
    30.0,
    *(_MINUTE * step for step in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * step for step in (1, 4, 12)),
    _DAY,
)
"""Seconds until people have answered an alert, 10 s to 1 day."""

DELIVERY: Final[Buckets] = (
    *(1.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0),
    *(_MINUTE * step for step in (1, 1.5, 2, 3, 5, 10, 30)),
    _HOUR,
)
"""Seconds from a slot to the receiver, 1 s to 1 hour; a group waits 30 s for its others."""

SETS: Final[Mapping[str, Buckets]] = MappingProxyType(
    {
        "DURATION": DURATION,
        "TASK_DURATION": TASK_DURATION,
        "BYTES": BYTES,
        "MEMORY": MEMORY,
        "COST": COST,
        "COUNT": COUNT,
        "LOOKUP": LOOKUP,
        "ROUTE": ROUTE,
        "GOSSIP": GOSSIP,
        "GUILD_LIFETIME": GUILD_LIFETIME,
        "CHANNEL_LIFETIME": CHANNEL_LIFETIME,
        "DISPUTE": DISPUTE,
        "PAYOUT": PAYOUT,
        "RESPONSE": RESPONSE,
        "DELIVERY": DELIVERY,
    }
)
"""Every set under its name, as documentation and admin call it."""


def name_of(buckets: Buckets) -> str:
    """The name of a set of boundaries; empty if it has none."""
    return next((name for name, values in SETS.items() if values == buckets), "")
