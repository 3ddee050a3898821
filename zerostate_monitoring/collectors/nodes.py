"""Nodes: dealt out in chunks, scraped, written as a frame each; and their peer graph."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Final

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Definition, Feed
from zerostate_monitoring.collectors.base import collector
from zerostate_monitoring.collectors.items import Item, Refused
from zerostate_monitoring.collectors.network import graph, info
from zerostate_monitoring.collectors.node_chunk import Chunk, ChunkOutcome, producer
from zerostate_monitoring.collectors.node_notes import NOTE, PEERS_NOTE
from zerostate_monitoring.collectors.policy import Policy, load_policy
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Node
from zerostate_monitoring.schedule import scrape_limits, ttl
from zerostate_monitoring.sources.nodes.rules import Rules, rules_of
from zerostate_monitoring.sources.nodes.scrape import Order, Scraper
from zerostate_monitoring.sources.nodes.target import enabled_rows
from zerostate_monitoring.storage.store import Store, current_store

__all__ = ["NOTE", "ChunkOutcome", "current_rules", "deal", "forget", "p2p", "plan", "scrape_chunk"]

_FRESH_PEERS_INTERVALS: Final = 12


def deal(node_ids: Sequence[int], size: int) -> list[list[int]]:
    """Deal nodes out into chunks of at most ``size``, as even as can be.

    Neighbours go to different chunks: rows of one site, which fail together, are often
    added together.
    """
    count = -(-len(node_ids) // max(1, size))
    return [list(node_ids[start::count]) for start in range(count)]


def claim_slot(*, store: Store) -> bool:
    """Whether this interval's scrape is the caller's: of two beats each asks for one.

    Taken for half an interval and never given back, so ticks may come early or late.

    Raises:
        StoreError: the store cannot tell.
    """
    return store.claim("nodes", conf.NODES_INTERVAL_SECONDS / 2)


def plan(*, store: Store) -> list[list[int]]:
    """The chunks of this interval; ends the frames of nodes that are gone or disabled."""
    enabled = dict(Node.objects.filter(enabled=True).order_by("pk").values_list("pk", "name"))
    gone = set(store.notes(NOTE)) - set(enabled.values())
    if gone:
        forget(gone, store=store)
    return deal(list(enabled), conf.NODE_CHUNK_SIZE)


def forget(names: Collection[str], *, store: Store | None = None) -> None:
    """End the frames of nodes and what is known of them, at once.

    Raises:
        StoreError: the store did not do it; the frames end at their TTL then.
    """
    found = store or current_store()
    found.remove([producer(name) for name in names])
    found.forget(NOTE, names)
    found.forget(PEERS_NOTE, names)
    scraper = _scraper(os.getpid())
    for name in names:
        scraper.forget(name)


def scrape_chunk(node_ids: Collection[int], *, store: Store, now: float) -> ChunkOutcome:
    """Scrape nodes, some at a time, and write what they gave as it comes in.

    Ends within the interval: nodes that answered lately go first, the others share what
    is left; see ``Budget``. ``now`` is in unix seconds.

    Raises:
        StoreError: the store did not take the frames.
    """
    seconds = scrape_limits(conf.NODES_INTERVAL_SECONDS).lease
    lease = store.lease(f"nodes:{_digest(node_ids)}", seconds)
    if lease is None:
        return ChunkOutcome(nodes=len(node_ids), skipped=True)
    try:
        chunk = Chunk(store, _scraper(os.getpid()), _order(), token=lease.token, now=now)
        return chunk.run(enabled_rows(node_ids))
    finally:
        store.release(lease)


def _digest(node_ids: Collection[int]) -> str:
    text = ",".join(map(str, sorted(node_ids)))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _order() -> Order:
    return Order(
        rules=current_rules(load_policy()),
        shown=tuple(conf.NODE_LABELS),
        interval=conf.NODES_INTERVAL_SECONDS,
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


@collector("p2p", interval=lambda: conf.NODES_INTERVAL_SECONDS, source="nodes", feed=Feed.NODE)
def p2p() -> Iterator[Item]:
    """Yield what is known of all nodes together: their info, and the graph of their peers.

    And which families of theirs were refused, so that the page counts them.
    """
    store, now = current_store(), time.time()
    interval = conf.NODES_INTERVAL_SECONDS
    notes = store.notes(NOTE)
    oldest = now - ttl(interval)
    up = {n: note for n, note in notes.items() if note.get("up") and note.get("at", 0.0) > oldest}
    for name, note in up.items():
        for family, reason in (note.get("refused") or {}).items():
            yield Refused(family, f"node {name}: {reason}")
    yield info(Node.objects.filter(enabled=True, name__in=up), up)
    lists = store.notes(PEERS_NOTE, list(up))
    oldest = now - _FRESH_PEERS_INTERVALS * interval
    yield from graph({n: note for n, note in lists.items() if note["at"] > oldest}, len(up))
