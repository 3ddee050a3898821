"""Execution statistics of the platform: tasks, and the agents that do them."""

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
)
from zerostate_monitoring.conf import conf
from zerostate_monitoring.schedule import limits
from zerostate_monitoring.sources.platform import EXECUTION, read_platform

RATIOS: Final = (
    Ratio("agent_utilization_ratio", part=(("agent_load",),), whole=(("agent_capacity",),)),
)


@collector(
    "execution",
    interval=lambda: conf.EXECUTION_INTERVAL_SECONDS,
    source="platform",
    feed=Feed.PLATFORM,
    idle=idle_without_platform,
    families=families_of(EXECUTION, RATIOS),
)
def execution() -> Iterator[Item]:
    """Read the platform once; nothing where no platform is configured.

    Raises:
        ConfigurationError: the platform's alias cannot be used.
        SourceError: the platform cannot be read.
    """
    seconds = limits(conf.EXECUTION_INTERVAL_SECONDS).soft
    answer = read_platform(EXECUTION, seconds)
    if answer is not None:
        yield from items(answer, RATIOS)
