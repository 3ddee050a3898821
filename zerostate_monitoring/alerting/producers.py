"""Who gives a name its samples in this installation, and whether it still does."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from zerostate_monitoring.catalogue.definition import Definition, Feed
from zerostate_monitoring.catalogue.feeding import feeder
from zerostate_monitoring.catalogue.nodes import MADE_HERE
from zerostate_monitoring.collectors.base import COLLECTORS, CollectorDefinition
from zerostate_monitoring.collectors.policy import Policy, load_policy
from zerostate_monitoring.exposition.columns import PRODUCER_UP
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.generators.node_series import RECORDED
from zerostate_monitoring.models import Collector, Metric, Rule
from zerostate_monitoring.models.words import Health, RuleKind
from zerostate_monitoring.promql.data import NAME, AnyBlock, Storage
from zerostate_monitoring.promql.engine import LOOKBACK_MS
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.querying import storage
from zerostate_monitoring.schedule import NODES, ttl
from zerostate_monitoring.storage.store import current_store

_COLLECTOR: Final = "collector:"


@dataclass(frozen=True, slots=True)
class Family:
    """What an operator and time have made of a family: its row."""

    enabled: bool
    withdrawn: bool
    seen: bool


@dataclass(frozen=True, slots=True)
class Run:
    """How a collector's runs go; ``succeeded_at`` in unix seconds, ``absent`` are reasons."""

    enabled: bool
    interval: float
    succeeded_at: float | None
    absent: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recording:
    """A rule that records a name; ``error`` says why it did not at its last slot."""

    expr: str
    error: str = ""


class Producers:
    """All that is known at one instant (ms): a constant number of queries, and no more later.

    Raises:
        StoreError: the store does not answer.
    """

    def __init__(self, at_ms: int, seen: Storage | None = None) -> None:
        self.at_ms = at_ms
        self._storage: Final = seen or storage(long=False)
        self._up = self._ups()
        self.families: Final = dict(_families())
        self.runs = dict(_runs())
        self.recording: Final = _recording()
        self._policy: Final[Policy] = load_policy(current_store(), time.time())

    def _ups(self) -> dict[str, float]:
        return {dict(labels)["producer"]: up for labels, up in self._newest(PRODUCER_UP)}

    def stands(self, name: str) -> bool:
        """Whether there are samples of a name at the instant."""
        return any(True for _ in self._newest(name))

    def _newest(self, name: str) -> Iterator[tuple[Labels, float]]:
        matcher = Matcher(NAME, "=", name)
        for block in self._storage.select([matcher], self.at_ms - LOOKBACK_MS, self.at_ms):
            yield from newest_row(block, self.at_ms - LOOKBACK_MS, self.at_ms)

    def is_fresh(self, collector: str) -> bool:
        """Whether a collector's series stood at the instant, however many there were.

        History says so; where there is none, its last success does.
        """
        up = self._up.get(_COLLECTOR + collector)
        if up is not None:
            return up == 1
        run = self.runs.get(collector)
        if run is None or run.succeeded_at is None:
            return False
        return self.at_ms / 1000 - run.succeeded_at <= ttl(run.interval)

    def collectors_of(self, definition: Definition) -> Sequence[str] | None:
        """The collectors that give a family; None where processes or the page itself do."""
        told = self._policy.feeders.get(definition.name)
        if told is not None:
            is_one = told.producer.startswith(_COLLECTOR)
            return [told.producer.removeprefix(_COLLECTOR) if is_one else NODES]
        feed = self._feed_of(definition)
        if feed is Feed.NODE:
            return [NODES]
        if feed is Feed.PLATFORM:
            return [one.name for one in _readers(feed, definition.name, unsaid=True)]
        return [one.name for one in _readers(Feed.SELF, definition.name, unsaid=False)] or None

    def is_left_to_server(self, definition: Definition) -> bool:
        """Whether nodes give a family, but not to this app: their collector is off.

        A server that scrapes them itself has it, and knows best whether it comes.
        """
        run, row = self.runs.get(NODES), self.families.get(definition.name)
        is_on = (run is None or run.enabled) or (row is not None and not row.enabled)
        of_page = definition in MADE_HERE and definition.name not in RECORDED
        return not is_on and not of_page and self.collectors_of(definition) == [NODES]

    def _feed_of(self, definition: Definition) -> Feed | None:
        policy = self._policy
        gone = {Feed.PLATFORM} if definition.name in policy.unread else set()
        override = policy.overrides.get(definition.name, "")
        return feeder(definition, policy.available - gone, policy.order, override)

    def lacking_own(self) -> str:
        """A collector of the project's own that gives nothing now; empty if all of them do."""
        own = (one.name for one in COLLECTORS.values() if one.feed is None and not one.idle())
        on = (name for name in own if name in self.runs and self.runs[name].enabled)
        return next((name for name in on if not self.is_fresh(name)), "")


def newest_row(block: AnyBlock, after_ms: int, at_ms: int) -> Iterator[tuple[Labels, float]]:
    """What stands in the newest row of a block up to an instant, and after another one."""
    row = int(np.searchsorted(block.times, at_ms, side="right")) - 1
    if row >= 0 and block.times[row] > after_ms:
        here = block.present[row] if block.present is not None else None
        places = range(len(block.series)) if here is None else np.flatnonzero(here).tolist()
        yield from ((block.series.labels[n], float(block.values[row, n])) for n in places)


def _readers(feed: Feed, family: str, *, unsaid: bool) -> Iterator[CollectorDefinition]:
    for one in COLLECTORS.values():
        gives = family in one.families or (unsaid and not one.families)
        if one.feed is feed and gives and not one.idle():
            yield one


def _families() -> Iterator[tuple[str, Family]]:
    rows = Metric.objects.order_by().values_list(
        "name", "enabled", "feeds", "withdrawn_at", "last_seen_at"
    )
    for name, enabled, feeds, withdrawn_at, seen_at in rows:
        is_on = enabled or Metric(name=name, feeds=feeds).always_on
        yield name, Family(is_on, withdrawn_at is not None, seen_at is not None)


def _runs() -> Iterator[tuple[str, Run]]:
    rows = Collector.objects.order_by()
    for name, enabled, interval, at, absent in rows.values_list(
        "name", "enabled", "interval_seconds", "last_success_at", "absent"
    ):
        yield name, Run(enabled, interval, at.timestamp() if at else None, absent)


def _recording() -> dict[str, list[Recording]]:
    """The rules that record a name."""
    rules = Rule.objects.filter(kind=RuleKind.RECORDING, enabled=True, group__enabled=True)
    columns = ("name", "expr", "state__health", "state__reason")
    found: dict[str, list[Recording]] = {}
    for name, expr, health, reason in rules.order_by().values_list(*columns):
        error = reason if health == Health.ERROR else ""
        found.setdefault(name, []).append(Recording(expr, error))
    return found
