"""Who answers queries in this installation: its own engine, or a server that is named."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from weakref import WeakKeyDictionary

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.conf import conf
from zerostate_monitoring.frames.schema import FamilySchema
from zerostate_monitoring.promql.data import NAME, Storage
from zerostate_monitoring.promql.embedded import EmbeddedQuerier
from zerostate_monitoring.promql.engine import LOOKBACK_MS
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.promql.querier import Described, Metadata, Querier
from zerostate_monitoring.promql.query import Query
from zerostate_monitoring.promql.steps import Limits
from zerostate_monitoring.querying.readiness import NEVER, Asked, Kept, Readiness, outlook
from zerostate_monitoring.querying.remembered import NotKept, Remembered, readable
from zerostate_monitoring.storage.head import Head
from zerostate_monitoring.storage.history import History
from zerostate_monitoring.storage.kept import LongTier, first_kept_ms, firsts
from zerostate_monitoring.storage.reaching import NoLongTier, Reaching
from zerostate_monitoring.storage.recorded import recorded
from zerostate_monitoring.storage.snapshot import Snapshot
from zerostate_monitoring.storage.store import Store, current_store

_KEPT: Final = LongTier()
_AHEAD_MS: Final = 3_600_000
"""No clock of a network is further ahead."""
_AWAY: Final = "the store does not answer: families that only the page knows are missing"


def querier(*, long: bool = True) -> Querier:
    """Whoever answers, as the settings are now.

    Without the long tier no query goes to the database.

    Raises:
        ConfigurationError: a setting cannot be used.
    """
    if conf.PROMETHEUS_URL:
        # Only who asks another server loads what speaks with one.
        from zerostate_monitoring.sources.prometheus.querier import remote_querier  # noqa: PLC0415

        return remote_querier()
    return embedded_querier() if long else embedded_querier(long=False)


def embedded_querier(*, long: bool = True) -> EmbeddedQuerier:
    """This app's own engine over its own history."""
    found = storage() if long else storage(long=False)
    return EmbeddedQuerier(found, limits=limits(), described=described)


def storage(*, long: bool = True) -> Storage:
    """What this installation remembers, for one question; nothing where it keeps no history.

    Without the long tier no query goes to the database.
    """
    if conf.HISTORY <= 0:
        return NotKept()
    latest_ms = time.time_ns() // 1_000_000 + _AHEAD_MS
    store = current_store()
    behind = _KEPT if long else NoLongTier()
    kept = _kept(store) if long else replace(_kept(store), first=_never_kept)
    return Remembered(Reaching(_history(store), behind, recorded(store)), latest_ms, kept)


def history_head(*, refresh: bool = True) -> Head:
    """Where history begins and ends; without ``refresh`` as this process knew it last.

    Raises:
        StoreError: the store does not answer.
    """
    history = _history(current_store())
    return history.refresh() if refresh else history.head


def readiness(query: Query, at_ms: int) -> Readiness:
    """Whether history is old enough for ``query`` at an instant; its text says what is lacking.

    Raises:
        StoreError: the store, or the database behind it, does not answer.
    """
    if conf.HISTORY <= 0:
        return NEVER
    store = current_store()
    head = _history(store).refresh()
    recorded(store).refresh(head.recorded)
    with readable():
        return outlook(Asked(query, at_ms, at_ms, LOOKBACK_MS), head, _kept(store))


def forecast() -> Callable[[Query, int], Readiness]:
    """``readiness`` for many questions, of what is there now: a constant number of queries.

    Raises:
        StoreError: the store, or the database behind it, does not answer.
    """
    if conf.HISTORY <= 0:
        return _never
    store = current_store()
    head = _history(store).refresh()
    recorded(store).refresh(head.recorded)
    with readable():
        kept = replace(_kept(store), first=_by_name(firsts()))
    return lambda query, at_ms: outlook(Asked(query, at_ms, at_ms, LOOKBACK_MS), head, kept)


def _never_kept(matchers: Sequence[Matcher]) -> int | None:
    return None


def _never(query: Query, at_ms: int) -> Readiness:
    return NEVER


def _by_name(first: Mapping[str, int]) -> Callable[[Sequence[Matcher]], int | None]:
    """When what matchers choose was first kept; a regular expression may choose all names."""

    def of(matchers: Sequence[Matcher]) -> int | None:
        exact = [one.value for one in matchers if one.name == NAME and one.op == "="]
        return first.get(exact[0]) if exact else min(first.values(), default=None)

    return of


def _kept(store: Store) -> Kept:
    return Kept(int(conf.HISTORY * 1000), first_kept_ms, recorded(store).begins)


def limits() -> Limits:
    """What one query may take."""
    return Limits(
        samples=conf.QUERY_MAX_SAMPLES,
        series=conf.QUERY_MAX_SERIES,
        steps=conf.QUERY_MAX_STEPS,
        seconds=conf.QUERY_TIMEOUT_SECONDS,
    )


def described() -> Described:
    """What the catalogue and the page know of families."""
    snapshot = current_store().snapshot()
    families = dict(_on_page(snapshot))
    families.update(_catalogued())
    return Described(families, () if snapshot.up else (_AWAY,))


# A forked child has a store of its own, and so a place of its own in the timeline.
_histories: Final[WeakKeyDictionary[Store, History]] = WeakKeyDictionary()


def _history(store: Store) -> History:
    found = _histories.get(store)
    return found or _histories.setdefault(store, History(store.timeline()))


def _catalogued() -> Iterator[tuple[str, tuple[Metadata, ...]]]:
    for one in CATALOGUE:
        if not one.planned:
            yield one.name, (Metadata(one.kind.value, one.help, one.om_unit),)


def _on_page(snapshot: Snapshot) -> Iterator[tuple[str, tuple[Metadata, ...]]]:
    for frame in snapshot.frames.values():
        for family in frame.schema.families:
            yield _named(family)


def _named(family: FamilySchema) -> tuple[str, tuple[Metadata, ...]]:
    """A family as the text format names it, in which info and stateset are gauges."""
    suffix = {"counter": "_total", "info": "_info"}.get(family.type, "")
    kind = "gauge" if family.type in {"info", "stateset"} else family.type
    return family.name + suffix, (Metadata(kind, family.help, family.unit),)
