"""Economic statistics of the platform: channels, escrows, auctions, reputation, delegations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zerostate_monitoring.catalogue.definition import Feed
from zerostate_monitoring.collectors.base import collector
from zerostate_monitoring.collectors.items import Item
from zerostate_monitoring.collectors.platform import (
    Ratio,
    families_of,
    idle_without_platform,
    items,
    windowed,
)
from zerostate_monitoring.conf import conf
from zerostate_monitoring.schedule import limits
from zerostate_monitoring.sources.platform import ECONOMIC, read_platform

RATIOS: Final = (
    *windowed(
        "escrow_dispute_ratio",
        "escrow_outcomes",
        ("disputed",),
        ("released", "refunded", "disputed", "cancelled"),
    ),
    *windowed(
        "escrow_success_ratio",
        "escrow_outcomes",
        ("released",),
        ("released", "refunded", "cancelled"),
    ),
    *windowed(
        "auction_completion_ratio",
        "auction_outcomes",
        ("awarded",),
        ("closed", "awarded", "canceled", "expired"),
    ),
    *windowed(
        "delegation_completion_ratio",
        "delegation_outcomes",
        ("completed",),
        ("completed", "failed"),
    ),
    *windowed("economic_success_ratio", "economic_transactions", ("paid",), ("paid", "returned")),
    Ratio(
        "reputation_success_ratio",
        part=(("reputation_task_results", "success"),),
        whole=(("reputation_task_results", "success"), ("reputation_task_results", "failed")),
    ),
)


@collector(
    "economic",
    interval=lambda: conf.ECONOMIC_INTERVAL_SECONDS,
    source="platform",
    feed=Feed.PLATFORM,
    idle=idle_without_platform,
    families=families_of(ECONOMIC, RATIOS),
)
def economic() -> Iterator[Item]:
    """Read the platform once; nothing where no platform is configured.

    Raises:
        ConfigurationError: the platform's alias cannot be used.
        SourceError: the platform cannot be read.
    """
    seconds = limits(conf.ECONOMIC_INTERVAL_SECONDS).soft
    answer = read_platform(ECONOMIC, seconds)
    if answer is not None:
        yield from items(answer, RATIOS)
