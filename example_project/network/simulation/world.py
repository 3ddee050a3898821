"""The network's state, its clock, and what is to happen next."""

from __future__ import annotations

import heapq
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any, Final

from example_project.network.simulation.config import Config
from example_project.network.simulation.entities import (
    Agent,
    Channel,
    Dispute,
    Escrow,
    Guild,
    NodeState,
    Row,
    Task,
    Totals,
    User,
)

Handler = Callable[..., None]
Batch = dict[str, list[Row]]
"""Rows to write, by table; each row whole, each id once."""

# Tables without updated_at.
UNDATED: Final = frozenset(
    {"tasks", "bids", "channel_transactions", "reputation_events", "dispute_evidence"}
)
CENT: Final = Decimal("0.0001")
PRIORITIES: Final = ("critical", "high", "normal", "low")
BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(slots=True)
class Arrival:
    """Something that happens again and again, ``mean`` seconds apart at pace 1."""

    mean: float
    handler: Handler
    next_at: float


class World:
    """Everything that is, changed only by handlers that run in the order of their times.

    Times are unix seconds and come from outside, randomness from one seeded source: the
    same calls give the same rows and the same pages.
    """

    def __init__(self, config: Config, start: float) -> None:
        self.config: Final = config
        self.random: Final = Random(config.seed)
        self.now = start
        self.pace = config.speed
        self.broken: frozenset[str] = frozenset()
        self.totals = Totals()
        self.nodes: list[NodeState] = []
        self.users: list[User] = []
        self.agents: list[Agent] = []
        self.guilds: list[Guild] = []
        self.channels: dict[tuple[str, str], Channel] = {}
        self.away: list[Agent] = []
        self.frozen: list[Channel] = []
        self.funded: list[Escrow] = []
        self.disputes: list[Dispute] = []
        self.queues: dict[str, deque[Task]] = {priority: deque() for priority in PRIORITIES}
        self.flood: deque[Task] = deque()
        self.running = 0
        self._arrivals: list[Arrival] = []
        self._events: list[tuple[float, int, Handler, tuple[Any, ...]]] = []
        self._order = count()
        self._changed: dict[str, dict[str, Row]] = {}

    # -- time ----------------------------------------------------------------

    def after(self, seconds: float, handler: Handler, *args: Any) -> None:
        """Run ``handler(world, *args)`` in ``seconds``."""
        heapq.heappush(self._events, (self.now + seconds, next(self._order), handler, args))

    def every(self, mean: float, handler: Handler) -> None:
        """Run ``handler(world)`` at random times, ``mean`` seconds apart at pace 1."""
        self._arrivals.append(Arrival(mean, handler, self._next(mean)))

    def set_pace(self, pace: float) -> None:
        """Let things happen ``pace`` times as often from now on."""
        self.pace = pace
        for arrival in self._arrivals:
            arrival.next_at = self._next(arrival.mean)

    def run_until(self, until: float) -> None:
        """Run all that is due, each at its own time, then stand at ``until``."""
        while self._run_next(until):
            pass
        self.now = max(self.now, until)

    def _next(self, mean: float) -> float:
        return self.now + self.random.expovariate(self.pace / mean)

    def _run_next(self, until: float) -> bool:
        arrival = min(self._arrivals, key=lambda item: item.next_at)
        due = self._events[0][0] if self._events else float("inf")
        if min(due, arrival.next_at) > until:
            return False
        if due <= arrival.next_at:
            self.now, _, handler, args = heapq.heappop(self._events)
            handler(self, *args)
        else:
            self.now = arrival.next_at
            arrival.next_at = self._next(arrival.mean)
            arrival.handler(self)
        return True

    # -- chance --------------------------------------------------------------

    def is_broken(self, fault: str) -> bool:
        """Whether that fault switch is on."""
        return fault in self.broken

    def chance(self, share: float) -> bool:
        """True in ``share`` of all cases."""
        return self.random.random() < share

    def events(self, rate: float, seconds: float) -> int:
        """How many of ``rate`` events a second fall into ``seconds`` at this pace."""
        expected = rate * seconds * self.pace
        return int(expected) + self.chance(expected % 1)

    def money(self, low: float, high: float) -> Decimal:
        """An amount with four decimals."""
        return Decimal(self.random.uniform(low, high)).quantize(CENT)

    def score(self, value: float) -> Decimal:
        """A score of 0–100 with two decimals."""
        return Decimal(max(0.0, min(100.0, value))).quantize(Decimal("0.01"))

    def score_delta(self, value: float) -> Decimal:
        """A change of a score with two decimals."""
        return Decimal(value).quantize(Decimal("0.01"))

    def new_id(self) -> str:
        """A UUID, as text."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def new_peer_id(self) -> str:
        """A libp2p peer id of an Ed25519 key, by its looks."""
        return "12D3KooW" + "".join(self.random.choices(BASE58, k=44))

    # -- rows ----------------------------------------------------------------

    def at(self, seconds_from_now: float = 0.0) -> datetime:
        """That time as it stands in a row."""
        return datetime.fromtimestamp(self.now + seconds_from_now, tz=UTC)

    def row(self, table: str, **columns: Any) -> Row:
        """Make a row of ``table`` with a new id, to be written with the next batch."""
        row: Row = {"id": self.new_id(), "created_at": self.at(), **columns}
        self.save(table, row)
        return row

    def save(self, table: str, row: Row, **columns: Any) -> None:
        """Change columns of a row and have it written with the next batch."""
        row.update(columns)
        if table not in UNDATED:
            row["updated_at"] = self.at()
        self._changed.setdefault(table, {})[row["id"]] = row

    def take_batch(self) -> Batch:
        """Rows that changed since the last call, as copies."""
        batch = {t: [dict(row) for row in rows.values()] for t, rows in self._changed.items()}
        self._changed = {}
        return batch

    # -- nodes ---------------------------------------------------------------

    def role_nodes(self, *roles: str) -> list[NodeState]:
        """Nodes of these roles; all nodes where there is none."""
        return [node for node in self.nodes if node.role in roles] or self.nodes

    @property
    def api(self) -> NodeState:
        """The node whose orchestrator queues the tasks."""
        return self.role_nodes("api")[0]

    @property
    def waiting(self) -> int:
        """Tasks in the orchestrator's queue."""
        return sum(map(len, self.queues.values())) + len(self.flood)

    def available_agents(self) -> list[Agent]:
        """Agents that would take a task now."""
        return [agent for agent in self.agents if agent.free]
