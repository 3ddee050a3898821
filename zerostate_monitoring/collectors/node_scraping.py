"""Scraping nodes: their pages fetched, read and written as a frame each, chunk by chunk.

Who scrapes no node loads none of this: ``nodes`` deals them out and tells of them all.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Definition, Feed
from zerostate_monitoring.collectors.node_chunk import Chunk, ChunkOutcome
from zerostate_monitoring.collectors.policy import Policy, load_policy
from zerostate_monitoring.collectors.record import is_disabled
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.schedule import NODES, scrape_limits
from zerostate_monitoring.sources.nodes.rules import Rules, rules_of
from zerostate_monitoring.sources.nodes.scrape import Order, Scraper
from zerostate_monitoring.sources.nodes.target import enabled_rows
from zerostate_monitoring.storage.lease import Lease
from zerostate_monitoring.storage.store import Store

logger = logging.getLogger(__name__)


def scrape_chunk(
    node_ids: Collection[int],
    *,
    store: Store,
    now: float,
    stops: tuple[type[BaseException], ...] = (),
) -> ChunkOutcome:
    """Scrape nodes, some at a time, and write what they gave as it comes in.

    Nodes that another task is scraping are left to it.

    Ends within the interval: nodes that answered lately go first, the others share what
    is left; see ``Budget``. ``now`` is in unix seconds; ``stops`` as in ``Order``.

    Raises:
        StoreError: the store did not take the frames.
    """
    # A lease for each node and not for the chunk: when nodes come and go they are dealt out
    # anew, and a late chunk of the last round may hold some of those of this one.
    names = {lease_name(pk): pk for pk in node_ids}
    leases = store.lease_each(list(names), scrape_limits(conf.NODES_INTERVAL_SECONDS).lease)
    busy = len(names) - len(leases)
    if not leases:
        return ChunkOutcome(busy=busy)
    try:
        # Looked at under the leases: who disables a node or all of them after this look
        # ends their frames after the leases began, so no write of ours brings them back.
        wanted = [] if is_disabled(NODES) else [names[lease.name] for lease in leases]
        rows = enabled_rows(wanted)
        order = _order(stops)
        chunk = Chunk(store, _scraper(os.getpid()), order, token=leases[0].token, now=now)
        return replace(chunk.run(rows), busy=busy)
    finally:
        _release(leases, store)


def lease_name(pk: int) -> str:
    """The lease under which a node is scraped, by one task at a time."""
    return f"node:{pk}"


def _release(leases: Sequence[Lease], store: Store) -> None:
    try:
        store.release(*leases)
    except StoreError as error:
        # They end by themselves, and what the chunk came to is to be told.
        logger.warning("leases_not_released", extra={"nodes": len(leases), "error": str(error)})


def _order(stops: tuple[type[BaseException], ...]) -> Order:
    return Order(
        rules=current_rules(load_policy()),
        shown=tuple(conf.NODE_LABELS),
        interval=conf.NODES_INTERVAL_SECONDS,
        stops=stops,
    )


def current_rules(policy: Policy) -> Rules:
    """The rules for nodes' pages under ``policy``; the same object while nothing changes."""

    def refusal(definition: Definition) -> str:
        return policy.refusal(definition, Feed.NODE)

    rules = rules_of(CATALOGUE, refusal, conf.NODE_EXTRA_FAMILIES)
    if _latest and _latest[0] == rules:
        return _latest[0]
    _latest[:] = [rules]
    return rules


_latest: Final[list[Rules]] = []


@lru_cache(maxsize=1)
def _scraper(pid: int) -> Scraper:
    """This process's scraper; a forked child must not share its parent's sockets."""
    return Scraper()


def close_connections() -> None:
    """Close this process's idle connections to nodes, and forget their pages."""
    if _scraper.cache_info().currsize:
        _scraper(os.getpid()).client.close()
        _scraper.cache_clear()


def forget_pages(names: Collection[str]) -> None:
    """Forget what this process remembers of the pages of nodes that are gone."""
    scraper = _scraper(os.getpid())
    for name in names:
        scraper.forget(name)
