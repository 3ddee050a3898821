"""The fault switches: their names, and what an operator sees of each.

The names are those of the built-in alert rules' fault switches.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Acts(StrEnum):
    """Who makes the fault real."""

    NETWORK = "network"
    """The running ``network run``: tables, nodes, and a rule of its own."""
    PROJECT = "project"
    """The example project's own view, collector or mailbox, which read the switches."""
    DEMO = "demo"
    """A process of the running demo is stopped; needs ``make demo``."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One switch. ``sees`` is one line: what an operator would see."""

    name: str
    sees: str
    acts: Acts = Acts.NETWORK


FAULTS: Final[tuple[Fault, ...]] = (
    Fault("bootnode", "The bootnode refuses connections: zerostate_node_up is 0 for it."),
    Fault("nodes", "Two nodes in five refuse connections, the bootnode not among them."),
    Fault("uplink", "Not one node can be reached, as if the collector had lost its network."),
    Fault("restarts", "A relay crashes and starts anew every 45 s: its start time changes."),
    Fault("peers", "A relay and an edge node answer, but have no peer."),
    Fault("partition", "The nodes fall into two groups: two components of the peer graph."),
    Fault("messages", "A third of each node's messages fail."),
    Fault("dht", "Almost half of the DHT look-ups end in an error."),
    Fault("tasks", "Three tasks in four fail."),
    Fault("slow", "Tasks take 26 to 30 seconds, close to their limit of 30."),
    Fault("queue", "Over 900 tasks wait in the orchestrator's queue of 1,000 places."),
    Fault("stall", "Tasks come in and wait; none is started, none ends."),
    Fault("executors", "Every agent is offline while tasks wait."),
    Fault("memory", "WASM runs need 110 to 127 of the sandbox's 128 MiB."),
    Fault("receipts", "Three receipts in ten fail their verification."),
    Fault("guilds", "Six guild operations in ten fail."),
    Fault("payments", "Half of the payments fail and are tried again."),
    Fault("settlement", "Six settlements in ten fail; channels stay in settling."),
    Fault("funds", "Escrows are not released when they are due: overdue funds grow."),
    Fault("drain", "Most channels are closed at once: the value locked collapses."),
    Fault("ledger", "One channel holds 7.5 units that no deposit explains."),
    Fault("disputes", "Four escrows in five end in a dispute."),
    Fault("slow-disputes", "Nobody reviews disputes; the oldest has been open for 50 hours."),
    Fault("refunds", "Three escrows in four are refunded."),
    Fault("auctions", "Most auctions get no bid and expire."),
    Fault("blacklist", "A quarter of the agents is blacklisted at once."),
    Fault("reputation", "Every score falls by 25 points, and goes on falling."),
    Fault("platform", "The platform's database cannot be read; its figures grow old."),
    Fault("cardinality", "One node reports 4,000 invented peers in one family."),
    Fault("api", "The example's /api/agents answers 500 to everybody.", Acts.PROJECT),
    Fault("api-slow", "The example's /api/agents takes a second for each answer.", Acts.PROJECT),
    Fault("collector", "The example's own collector fails in every run.", Acts.PROJECT),
    Fault("beat", "Celery beat stands still: no collector is started any more.", Acts.DEMO),
    Fault("celery", "The Celery worker stands still: tasks wait in its queues.", Acts.DEMO),
    Fault("store", "The store does not answer: zerostate_monitoring_store_up is 0.", Acts.DEMO),
    Fault("rule", "The rule ExampleFailing ends in an error at each of its evaluations."),
    Fault("delivery", "The worker of deliveries stands still: messages wait.", Acts.DEMO),
    Fault("receiver", "The mailbox refuses every mail for good: dead letters.", Acts.PROJECT),
)
BY_NAME: Final = {fault.name: fault for fault in FAULTS}
