"""Which producer may give which family, in this installation."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from zerostate_monitoring.catalogue.definition import Definition, Feed
from zerostate_monitoring.catalogue.feeding import refusal
from zerostate_monitoring.collectors.base import COLLECTORS, CollectorDefinition
from zerostate_monitoring.collectors.feeders import NODES_TOGETHER, Feeder, feeders
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.models import Collector, Metric, Node
from zerostate_monitoring.storage.store import Store, current_store

logger = logging.getLogger(__name__)

DISABLED: Final = "disabled by an operator"


@dataclass(frozen=True, slots=True)
class Policy:
    """What operators and settings say about feeding; a value, so deciding is pure.

    ``overrides`` maps a family to the feed that an operator chose for it. ``unread`` are
    families that the platform does not give here, for the collectors that read them are
    disabled. ``feeders`` says who gives which family now.
    """

    available: frozenset[Feed] = frozenset(Feed)
    order: Sequence[str] = ()
    disabled: frozenset[str] = frozenset()
    overrides: Mapping[str, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    feeders: Mapping[str, Feeder] = field(default_factory=dict)

    def refusal(
        self, definition: Definition, feed: Feed | None, producer: str = NODES_TOGETHER
    ) -> str:
        """Why ``producer``, of kind ``feed``, may not give this family; empty if it may.

        A producer of no kind gives families of its own only. Of two producers of one kind
        the one that feeds the family already goes on.
        """
        if definition.name in self.disabled:
            return DISABLED
        if feed is None:
            return f"{definition.name} is the catalogue's; choose another name"
        override = self.overrides.get(definition.name, "")
        gone = {Feed.PLATFORM} if definition.name in self.unread else set()
        reason = refusal(definition, feed, self.available - gone, self.order, override)
        return reason or self._taken(definition.name, Feeder(producer, feed))

    def _taken(self, name: str, by: Feeder) -> str:
        """Why another producer of the same kind goes before; empty if none does."""
        now = self.feeders.get(name, by)
        if now.feed is not by.feed or now == by:
            return ""
        return f"{name} is fed by {now.producer} here; {by.producer} would count it a second time"


def load_policy(store: Store | None = None, now: float | None = None) -> Policy:
    """The policy as rows, settings and the store say at ``now`` (unix seconds); three queries.

    Where the store does not answer nobody is known to feed anything: nothing can be given.
    """
    return replace(
        decided_policy(),
        feeders=_feeders(store or current_store(), time.time() if now is None else now),
    )


def decided_policy() -> Policy:
    """The policy as rows and settings say, whoever feeds what now; three queries."""
    rows = Metric.objects.exclude(enabled=True, feed="").values_list("name", "enabled", "feed")
    decided = list(rows)
    off = frozenset(Collector.objects.filter(enabled=False).values_list("name", flat=True))
    return Policy(
        available=available_feeds(off, has_nodes=Node.objects.filter(enabled=True).exists()),
        order=tuple(conf.FEED_ORDER),
        disabled=frozenset(name for name, enabled, _ in decided if not enabled),
        overrides={name: feed for name, _, feed in decided if feed},
        unread=unread_families(off),
    )


def _feeders(store: Store, now: float) -> dict[str, Feeder]:
    try:
        return feeders(store, now)
    except StoreError as error:
        logger.warning("feeders_not_known", extra={"error": str(error)})
        return {}


def available_feeds(off: Collection[str], *, has_nodes: bool) -> frozenset[Feed]:
    """The kinds of producers that this installation has; ``off`` are disabled collectors."""
    feeds = {Feed.INSTRUMENT, Feed.SELF}
    if any(reader.name not in off for reader in _platform_readers()):
        feeds.add(Feed.PLATFORM)
    if has_nodes:
        feeds.add(Feed.NODE)
    return frozenset(feeds)


def unread_families(off: Collection[str]) -> frozenset[str]:
    """Families that the platform would give if their collectors were not among ``off``.

    Where one that is on does not say what it gives, it may give any of them.
    """
    readers = _platform_readers()
    on = [reader.families for reader in readers if reader.name not in off]
    if not all(on):
        return frozenset()
    known = frozenset[str]().union(*(reader.families for reader in readers))
    return known.difference(*on)


def _platform_readers() -> list[CollectorDefinition]:
    return [d for d in COLLECTORS.values() if d.feed is Feed.PLATFORM and not d.idle()]
