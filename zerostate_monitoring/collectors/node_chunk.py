"""One chunk of nodes: fetched by threads, read and written batch by batch."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from zerostate_monitoring.collectors.budget import Budget
from zerostate_monitoring.collectors.gathering import Gathering
from zerostate_monitoring.collectors.node_names import NOTE, PEERS_NOTE, producer
from zerostate_monitoring.collectors.node_notes import known_of, note_of, peers_note
from zerostate_monitoring.collectors.record import DROPPED, ERRORS, is_disabled
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import StaleTokenError
from zerostate_monitoring.models import Node
from zerostate_monitoring.schedule import NODES, ttl
from zerostate_monitoring.sources.nodes.boundary import guarded
from zerostate_monitoring.sources.nodes.scrape import Fetched, Order, Scrape, Scraper
from zerostate_monitoring.sources.nodes.target import NodeRow, Target, current_limits, target_of
from zerostate_monitoring.storage.store import Store, Write

logger = logging.getLogger(__name__)

_LAST_UP_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkOutcome:
    """How a chunk ended. ``errors`` counts nodes by kind of error; ``left`` are ephemeral
    nodes that are no longer shown; ``waiting`` counts those for which the interval was
    too short, ``busy`` those that another task was scraping.
    """

    nodes: int = 0
    up: int = 0
    samples: int = 0
    duration: float = 0.0
    errors: Mapping[str, int] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    waiting: int = 0
    busy: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """A node to fetch; ``waiting`` counts the nodes from this one on."""

    row: NodeRow
    note: Mapping[str, Any] | None
    waiting: int

    @property
    def answered(self) -> bool:
        """Whether the node's last scrape gave a page."""
        return bool(self.note and self.note.get("up"))


def jobs_of(rows: Iterable[NodeRow], notes: Mapping[str, Mapping[str, Any]]) -> list[Job]:
    """Nodes that answered last time first; among equals those that waited longest."""

    def turn(row: NodeRow) -> tuple[bool, float]:
        note = notes.get(row.name, {})
        return not note.get("up"), note.get("at", 0.0)

    ordered = sorted(rows, key=turn)
    count = len(ordered)
    return [Job(row, notes.get(row.name), count - n) for n, row in enumerate(ordered)]


class Chunk:
    """One run over a chunk's nodes, under leases with ``token``; ``now`` is in unix seconds."""

    def __init__(
        self, store: Store, scraper: Scraper, order: Order, *, token: int, now: float
    ) -> None:
        self._store = store
        self._scraper = scraper
        self._order = order
        self._token = token
        self._now = now
        self._began = time.monotonic()
        self._limits = current_limits()
        self._budget = Budget.of(
            self._began,
            interval=order.interval,
            timeout=self._limits.timeout,
            threads=max(1, conf.NODE_CONCURRENCY),
        )
        self._rows: dict[str, NodeRow] = {}
        self._notes: Mapping[str, Mapping[str, Any]] = {}
        self._scrapes: list[Scrape] = []
        self._left: list[str] = []
        self._waiting: list[str] = []

    def run(self, rows: Sequence[NodeRow]) -> ChunkOutcome:
        """Scrape the nodes of ``rows``.

        Raises:
            StoreError: the store did not take the frames.
        """
        self._rows.update((row.name, row) for row in rows)
        threads = max(1, min(self._budget.threads, len(rows)))
        self._notes = self._store.notes(NOTE, list(self._rows))
        gathering = Gathering(self._fetch, lambda fetched: fetched.size, threads=threads)
        gathering.run(jobs_of(rows, self._notes), self._take)
        if self._waiting:
            details = {"nodes": len(self._waiting), "seconds": self._budget.total}
            logger.warning("nodes_left_to_the_next_round", extra=details)
        self._mark_up([self._rows[scrape.name] for scrape in self._scrapes if scrape.up])
        return self._outcome()

    def _fetch(self, job: Job) -> Fetched | None:
        begun = time.monotonic()
        seconds = self._budget.seconds(begun, answered=job.answered, waiting=job.waiting)
        if seconds is None:
            self._waiting.append(job.row.name)
            return None
        at, known = self._now + begun - self._began, known_of(job.note)
        row = job.row
        target = guarded(row.name, lambda: target_of(row, self._limits))
        if not isinstance(target, Target):
            labels = row.labels if isinstance(row.labels, dict) else {}
            nowhere = Target(name=row.name, role=row.role, base_url="", labels=labels)
            return Fetched(target=nowhere, at=at, duration=0.0, known=known, answer=target)
        interval = self._order.interval
        return self._scraper.fetch(target, known, at=at, interval=interval, seconds=seconds)

    def _take(self, batch: Sequence[Fetched]) -> None:
        """Read a batch and write what it gave."""
        scrapes = [self._scraper.read(fetched, self._order) for fetched in batch]
        stale = self._write([scrape for scrape in scrapes if self._is_shown(scrape)])
        scrapes = [scrape for scrape in scrapes if scrape.name not in stale]
        left = {s.name: self._left_at(s) for s in scrapes if self._has_left(s)}
        self._store.remove([producer(name) for name in left])
        self._store.note(NOTE, {s.name: note_of(s, left_at=left.get(s.name)) for s in scrapes})
        peers = {scrape.name: peers_note(scrape) for scrape in scrapes}
        self._store.note(PEERS_NOTE, {name: note for name, note in peers.items() if note})
        _tell(scrapes, self._store)
        self._scrapes += scrapes
        self._left += sorted(left)

    def _write(self, scrapes: Sequence[Scrape]) -> set[str]:
        """Write frames; names of the nodes of which a newer run has written already."""
        seconds = ttl(self._order.interval)
        writes = {s.name: Write(producer(s.name), s.frame, seconds) for s in scrapes}
        try:
            self._store.write(list(writes.values()), token=self._token)
        except StaleTokenError:
            if is_disabled(NODES):
                return set(writes)  # all of them are gone on purpose: nothing is to be told
            return {name for name, write in writes.items() if not self._written(name, write)}
        return set()

    def _written(self, name: str, write: Write) -> bool:
        """Write one frame: one node that another run has overtaken must not cost the others."""
        try:
            self._store.write([write], token=self._token)
        except StaleTokenError as error:
            logger.warning("node_scrape_overtaken", extra={"node": name, "error": str(error)})
            self._store.count(ERRORS, f"{NODES}|store")
            return False
        return True

    def _is_shown(self, scrape: Scrape) -> bool:
        return scrape.up or not self._rows[scrape.name].ephemeral

    def _has_left(self, scrape: Scrape) -> bool:
        row = self._rows[scrape.name]
        seen = (row.last_up_at or row.created_at).timestamp()
        gone = row.ephemeral and not (scrape.up or scrape.stands)
        return gone and self._now - seen >= conf.NODE_EPHEMERAL_SECONDS

    def _left_at(self, scrape: Scrape) -> float:
        before = self._notes.get(scrape.name, {})
        return float(before.get("left_at", scrape.at)) if before.get("left") else scrape.at

    def _mark_up(self, rows: Sequence[NodeRow]) -> None:
        """Write down when nodes last answered: one statement, and not at every scrape."""
        now = datetime.fromtimestamp(self._now, UTC)
        old = now - timedelta(seconds=_LAST_UP_SECONDS)
        # What lies in the future was written down before the clock was set back.
        due = [r.pk for r in rows if r.last_up_at is None or not old < r.last_up_at <= now]
        if due:
            Node.objects.filter(pk__in=due).update(last_up_at=now)

    def _outcome(self) -> ChunkOutcome:
        scrapes = self._scrapes
        return ChunkOutcome(
            nodes=len(scrapes),
            up=sum(scrape.up for scrape in scrapes),
            samples=sum(scrape.samples for scrape in scrapes),
            duration=time.monotonic() - self._began,
            errors=dict(Counter(scrape.error_kind for scrape in scrapes if not scrape.up)),
            left=tuple(self._left),
            waiting=len(self._waiting),
        )


def _tell(scrapes: Sequence[Scrape], store: Store) -> None:
    """Count what went wrong, one command for each kind, and log each node that failed."""
    failed = [scrape for scrape in scrapes if not scrape.up]
    dropped: Counter[str] = Counter()
    for scrape in scrapes:
        dropped.update(scrape.overflow)
    for family, series in dropped.items():
        store.count(DROPPED, family, series)
    kinds = Counter(scrape.error_kind for scrape in failed)
    kinds["error"] += sum(scrape.broken for scrape in scrapes if scrape.error_kind != "error")
    for kind, nodes in kinds.items():
        if nodes:
            store.count(ERRORS, f"{NODES}|{kind}", nodes)
    for scrape in failed:
        details = {"node": scrape.name, "kind": scrape.error_kind, "error": scrape.error}
        logger.warning("node_scrape_failed", extra=details)
