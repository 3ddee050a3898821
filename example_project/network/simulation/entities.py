"""What lives in the network. ``row`` is what stands in the platform's table."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from example_project.network.nodes.exposition import Exposition

Row = dict[str, Any]


@dataclass(slots=True, eq=False)
class NodeState:
    """One node process: what it exposes, and whether it can be reached."""

    name: str
    role: str
    site: str
    peer_id: str
    page: Exposition
    started_at: float
    up: bool = True
    cpu_seconds: float = 0.0
    peers: list[NodeState] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class User:
    row: Row
    account: Row


@dataclass(slots=True, eq=False)
class Agent:
    row: Row
    account: Row
    score: Row
    node: NodeState
    peer_id: str
    skill: float
    blacklisted: bool = False

    @property
    def free(self) -> bool:
        """Whether it takes one more task."""
        online = self.row["status"] in {"online", "busy"}
        return online and not self.blacklisted and self.row["current_load"] < self.capacity

    @property
    def capacity(self) -> int:
        """How many tasks it runs at a time."""
        return int(self.row["max_capacity"])


@dataclass(slots=True, eq=False)
class Channel:
    row: Row
    payer: User
    payee: Agent
    opened_at: float
    payments: int = 0
    frozen: bool = False


@dataclass(slots=True, eq=False)
class Escrow:
    row: Row
    payer: User
    payee: Agent
    task: Task
    funded_at: float = 0.0


@dataclass(slots=True, eq=False)
class Dispute:
    row: Row
    escrow: Escrow
    opened_at: float


@dataclass(slots=True, eq=False)
class Task:
    row: Row
    user: User
    priority: str
    price: Decimal
    submitted_at: float
    agent: Agent | None = None
    escrow: Escrow | None = None
    channel: Channel | None = None
    began_at: float = 0.0

    @property
    def kind(self) -> str:
        """Type of task, such as ``compute``."""
        return str(self.row["task_type"])

    @property
    def ended(self) -> bool:
        """Whether it has reached a terminal status."""
        return self.row["status"] in {"completed", "failed"}


@dataclass(slots=True, eq=False)
class Auction:
    row: Row
    task: Task
    bids: list[tuple[Row, Agent]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Guild:
    guild_id: str
    node: NodeState
    created_at: float
    members: int = 1


@dataclass(slots=True)
class Totals:
    """What the orchestrator counts over its life."""

    processed: int = 0
    succeeded: int = 0
    failed: int = 0
    timed_out: int = 0
    milliseconds: float = 0.0
