"""Nodes: dealt out in chunks for ``node_scraping``, forgotten; and what is known of them all."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from django.db import DatabaseError

from zerostate_monitoring.catalogue.definition import Feed
from zerostate_monitoring.collectors.base import collector
from zerostate_monitoring.collectors.items import Item, Refused, Shortfall
from zerostate_monitoring.collectors.network import graph, info
from zerostate_monitoring.collectors.node_names import NOTE, PEERS_NOTE, WANTED_NOTE, producer
from zerostate_monitoring.collectors.node_rounds import (
    Member,
    Notes,
    deal,
    late,
    present,
    round_of,
)
from zerostate_monitoring.collectors.record import is_disabled
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Node
from zerostate_monitoring.schedule import NODES, ttl
from zerostate_monitoring.storage.store import Store, current_store

logger = logging.getLogger(__name__)

_FRESH_PEERS_INTERVALS: Final = 12
_LISTED: Final = 5


def claim_slot(*, store: Store) -> bool:
    """Whether this interval's scrape is the caller's: of two beats each asks for one.

    Taken for half an interval and never given back, so ticks may come early or late.

    Raises:
        StoreError: the store cannot tell.
    """
    return store.claim("nodes", conf.NODES_INTERVAL_SECONDS / 2)


def plan(*, store: Store, now: float | None = None) -> list[list[int]]:
    """The chunks of this interval; ends the frames of nodes that are gone or disabled.

    There is none where an operator has disabled the collector of nodes. ``now`` is in
    unix seconds; the clock's if left out.
    """
    if is_disabled(NODES):
        return []
    now = time.time() if now is None else now
    members, notes = _members(), store.notes(NOTE)
    found = round_of(
        members,
        notes,
        now=now,
        interval=conf.NODES_INTERVAL_SECONDS,
        delete_after=conf.NODE_EPHEMERAL_DELETE_SECONDS,
    )
    forget(found.forgotten, store=store)
    _delete(found.deleted)
    _want([member.name for member in members if member.name not in notes], store, now)
    return deal(found.asked, conf.NODE_CHUNK_SIZE)


def _members() -> list[Member]:
    rows = Node.objects.filter(enabled=True).order_by("pk")
    return [Member(*values) for values in rows.values_list(*Member._fields)]


def _want(names: Collection[str], store: Store, now: float) -> None:
    """Note since when nodes wait for their first scrape, so that it can be seen to be late."""
    known = store.notes(WANTED_NOTE, names)
    store.note(WANTED_NOTE, {name: {"at": now} for name in names if name not in known})


def _delete(nodes: Collection[Member]) -> None:
    """Delete the rows of ephemeral nodes; signals end what else is known of them."""
    if not nodes:
        return
    details = {"nodes": [node.name for node in nodes]}
    try:
        Node.objects.filter(pk__in=[node.pk for node in nodes], ephemeral=True).delete()
    except DatabaseError:
        # Something of the project's may hang on a row; the others are to be scraped.
        logger.exception("ephemeral_nodes_not_deleted", extra=details)
    else:
        logger.warning("ephemeral_nodes_deleted", extra=details)


def forget(names: Collection[str], *, store: Store | None = None) -> None:
    """End the frames of nodes and what is known of them, at once.

    Raises:
        StoreError: the store did not do it; the frames end at their TTL then.
    """
    if not names:
        return
    found = store or current_store()
    found.remove([producer(name) for name in names])
    for kind in (NOTE, PEERS_NOTE, WANTED_NOTE):
        found.forget(kind, names)
    # Whoever deletes a node may be one that scrapes, too.
    from zerostate_monitoring.collectors.node_scraping import forget_pages  # noqa: PLC0415

    forget_pages(names)


def forget_all() -> None:
    """End the frames of all nodes; none comes back from a chunk that is under way.

    Raises:
        StoreError: as ``forget``.
    """
    store = current_store()
    names = {*store.notes(NOTE), *Node.objects.values_list("name", flat=True)}
    forget(sorted(names), store=store)


@collector(NODES, interval=lambda: conf.NODES_INTERVAL_SECONDS, source="nodes", feed=Feed.NODE)
def p2p() -> Iterator[Item]:
    """Yield what is known of all nodes together: their info, and the graph of their peers.

    And which families of theirs were refused, so that the page counts them; and whether
    they are asked at all.
    """
    store, now = current_store(), time.time()
    interval = conf.NODES_INTERVAL_SECONDS
    notes = store.notes(NOTE)
    oldest = now - ttl(interval)
    up = {n: note for n, note in notes.items() if note.get("up") and note.get("at", 0.0) > oldest}
    for name, note in up.items():
        for family, reason in (note.get("refused") or {}).items():
            yield Refused(family, f"node {name}: {reason}")
    rows = list(Node.objects.filter(enabled=True))
    yield info([row for row in rows if row.name in up], up)
    lists = store.notes(PEERS_NOTE, list(up))
    oldest = now - _FRESH_PEERS_INTERVALS * interval
    members = [Member(row.pk, row.name, row.ephemeral) for row in rows]
    fresh = {n: note for n, note in lists.items() if note["at"] > oldest}
    yield from graph(fresh, len(present(members, notes)))
    yield from _shortfall(members, notes, store, now)


def _shortfall(
    members: Sequence[Member], notes: Notes, store: Store, now: float
) -> Iterator[Shortfall]:
    """Chunks that nobody takes leave no trace but this: nodes whose series have ended."""
    wanted = store.notes(WANTED_NOTE, [m.name for m in members if m.name not in notes])
    seconds = ttl(conf.NODES_INTERVAL_SECONDS)
    names = late(members, notes, wanted, now=now, seconds=seconds)
    if names:
        some = ", ".join(names[:_LISTED]) + (" …" if len(names) > _LISTED else "")
        reason = f"{len(names)} of {len(members)} nodes were not asked for {seconds:g} s: {some}"
        yield Shortfall("late", reason)
