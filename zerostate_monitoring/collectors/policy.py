"""Which producer may give which family, in this installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from zerostate_monitoring.catalogue.definition import Definition, Feed
from zerostate_monitoring.catalogue.feeding import refusal
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Metric, Node

DISABLED: Final = "disabled by an operator"


@dataclass(frozen=True, slots=True)
class Policy:
    """What operators and settings say about feeding; a value, so deciding is pure.

    ``overrides`` maps a family to the feed that an operator chose for it.
    """

    available: frozenset[Feed] = frozenset(Feed)
    order: Sequence[str] = ()
    disabled: frozenset[str] = frozenset()
    overrides: Mapping[str, str] = field(default_factory=dict)

    def refusal(self, definition: Definition, feed: Feed | None) -> str:
        """Why a producer of kind ``feed`` may not give this family; empty if it may.

        A producer of no kind gives families of its own only.
        """
        if definition.name in self.disabled:
            return DISABLED
        if feed is None:
            return f"{definition.name} is the catalogue's; choose another name"
        override = self.overrides.get(definition.name, "")
        return refusal(definition, feed, self.available, self.order, override) or ""


def load_policy() -> Policy:
    """The policy as rows and settings say now; two queries."""
    rows = Metric.objects.exclude(enabled=True, feed="").values_list("name", "enabled", "feed")
    decided = list(rows)
    return Policy(
        available=available_feeds(has_nodes=Node.objects.filter(enabled=True).exists()),
        order=tuple(conf.FEED_ORDER),
        disabled=frozenset(name for name, enabled, _ in decided if not enabled),
        overrides={name: feed for name, _, feed in decided if feed},
    )


def available_feeds(*, has_nodes: bool) -> frozenset[Feed]:
    """The kinds of producers that this installation has."""
    feeds = {Feed.INSTRUMENT, Feed.SELF}
    if conf.PLATFORM_DATABASE:
        feeds.add(Feed.PLATFORM)
    if has_nodes:
        feeds.add(Feed.NODE)
    return frozenset(feeds)
