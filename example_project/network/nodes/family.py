"""What a family of a Go node's page is: its name as exposed, its type and its labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DURATION: Final = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)
TASK_DURATION: Final = (*DURATION, 15.0, 25.0, 30.0, 60.0, 120.0, 300.0)
MIB: Final = 1024.0 * 1024.0
BYTES: Final = (1024.0, 10240.0, 102400.0, MIB, 10 * MIB, 100 * MIB, 1024 * MIB)
TASK_BYTES: Final = tuple(
    sorted({*BYTES, *(size * MIB for size in (16, 32, 64, 96, 128, 256, 512))})
)
COST: Final = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)
COUNT: Final = (1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)
DEFAULT: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
GOSSIP: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0)
FAST: Final = tuple(0.001 * 2**step for step in range(10))
SETTLEMENT: Final = tuple(0.1 * 2**step for step in range(10))
GUILD_LIFETIME: Final = tuple(60.0 * 2**step for step in range(10))
GUILD_JOIN: Final = tuple(0.01 * 2**step for step in range(10))

TASK_TYPES: Final = ("compute", "inference", "transform", "render")
PRIORITIES: Final = ("critical", "high", "normal", "low")
TOPICS: Final = ("/zerostate/cards/1.0.0", "/zerostate/peers/1.0.0", "/zerostate/content/1.0.0")


@dataclass(frozen=True, slots=True)
class Family:
    """A family under the Go node's name, which need not follow OpenMetrics.

    ``labels`` gives the values that are known from the start; a label without values
    (a peer, a channel, a guild) has series only while its object lives.
    """

    name: str
    type: str
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    buckets: tuple[float, ...] = ()


def counter(name: str, /, **labels: tuple[str, ...]) -> Family:
    """Declare a counter; its name is exposed as it is, with or without ``_total``."""
    return Family(name, "counter", tuple(labels.items()))


def gauge(name: str, /, **labels: tuple[str, ...]) -> Family:
    """Declare a gauge."""
    return Family(name, "gauge", tuple(labels.items()))


def histogram(name: str, buckets: tuple[float, ...], /, **labels: tuple[str, ...]) -> Family:
    """Declare a histogram with upper bounds ``buckets``; ``+Inf`` is implied."""
    return Family(name, "histogram", tuple(labels.items()), buckets)
