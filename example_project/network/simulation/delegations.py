"""Delegations: large orders, split into subtasks for several agents."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from example_project.network.simulation.entities import Row
from example_project.network.simulation.world import World

PLAN_SECONDS: Final = {"high": 60, "normal": 120, "low": 240}
QUERIES: Final = ("Summarise the reports", "Index the archive", "Label the pictures")


@dataclass(slots=True, eq=False)
class Delegation:
    row: Row
    left: int
    failed: bool = False


def submit(world: World) -> None:
    """Let a user delegate an order."""
    priority = world.random.choice(tuple(PLAN_SECONDS))
    parts = world.random.randint(2, 5)
    row = world.row(
        "delegations", task_id=world.new_id(), user_id=world.random.choice(world.users).row["id"],
        query=world.random.choice(QUERIES), capabilities=["wasm"], budget=world.money(10, 90),
        priority=priority, status="pending", agents_count=0,
        estimated_completion=world.at(PLAN_SECONDS[priority] * parts),
    )  # fmt: skip
    world.after(world.random.uniform(1, 4), _plan, Delegation(row, parts))


def _plan(world: World, delegation: Delegation) -> None:
    world.save("delegations", delegation.row, status="planning")
    world.after(world.random.uniform(2, 8), _start, delegation)


def _start(world: World, delegation: Delegation) -> None:
    if world.chance(0.02):
        world.save("delegations", delegation.row, status="cancelled")
        return
    count = delegation.left
    world.save("delegations", delegation.row, status="in_progress", agents_count=count)
    share = (delegation.row["budget"] / count).quantize(Decimal("0.0001"))
    for number in range(count):
        part = world.row(
            "subtasks", delegation_id=delegation.row["id"], task_id=world.new_id(),
            description=f"part {number + 1}", status="pending", budget_share=share,
        )  # fmt: skip
        world.after(world.random.uniform(0.5, 5), _assign, delegation, part)


def _assign(world: World, delegation: Delegation, part: Row) -> None:
    agent = world.random.choice(world.agents)
    world.save("subtasks", part, status="assigned", agent_id=agent.row["id"])
    world.after(world.random.uniform(0.5, 3), _begin, delegation, part)


def _begin(world: World, delegation: Delegation, part: Row) -> None:
    world.save("subtasks", part, status="in_progress", started_at=world.at())
    world.after(world.random.uniform(10, 90), _end, delegation, part)


def _end(world: World, delegation: Delegation, part: Row) -> None:
    failed = world.chance(0.02)
    status = "failed" if failed else "completed"
    world.save("subtasks", part, status=status, completed_at=world.at())
    delegation.failed |= failed
    delegation.left -= 1
    if not delegation.left:
        status = "failed" if delegation.failed else "completed"
        world.save("delegations", delegation.row, status=status, actual_completion=world.at())
