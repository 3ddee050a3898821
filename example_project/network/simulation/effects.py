"""What a fault switch does once: when it is set, while it stays set, when it is taken back.

Faults that only make something more likely are asked for where that something happens,
with ``world.is_broken(name)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from example_project.network.simulation import ledger, reputation, traffic, work
from example_project.network.simulation.disputes import leave_unresolved
from example_project.network.simulation.entities import NodeState
from example_project.network.simulation.population import link_nodes
from example_project.network.simulation.world import World

Effect = Callable[[World], None]
SHIFT: Final = 25.0
DOWN_SHARE: Final = 0.4


def apply(world: World, broken: frozenset[str]) -> None:
    """Set the switches to ``broken`` and do what follows from the change."""
    mended, new = world.broken - broken, broken - world.broken
    world.broken = broken
    for name in sorted(mended):
        ON_MEND.get(name, _nothing)(world)
    for name in sorted(new):
        ON_BREAK.get(name, _nothing)(world)
    for name in sorted(broken):
        WHILE_BROKEN.get(name, _nothing)(world)
    if mended or new:
        _reach(world)


def _nothing(world: World) -> None:
    """Many faults need nothing at the moment of the switch."""


def _reach(world: World) -> None:
    """Decide which nodes answer, and link those."""
    down = down_nodes(world)
    for node in world.nodes:
        node.up = node not in down
    link_nodes(world)


def down_nodes(world: World) -> list[NodeState]:
    """Nodes that do not answer: every one under *uplink*, some under *nodes*, *bootnode*."""
    if world.is_broken("uplink"):
        return list(world.nodes)
    down = []
    if world.is_broken("bootnode"):
        down += [node for node in world.nodes if node.role == "bootnode"]
    if world.is_broken("nodes"):
        count = max(1, round(DOWN_SHARE * len(world.nodes)))
        others = [node for node in reversed(world.nodes) if node.role != "bootnode"]
        down += others[:count]
    return down


def _send_agents_away(world: World) -> None:
    for agent in world.agents:
        if agent.row["status"] in {"online", "busy"}:
            world.save("agents", agent.row, status="offline")
            world.away.append(agent)


def _bring_agents_back(world: World) -> None:
    for agent in world.away:
        world.save("agents", agent.row, status="online", last_seen_at=world.at())
    world.away.clear()
    work.dispatch(world)


def _unbalance_once(world: World) -> None:
    if not world.frozen:
        ledger.unbalance(world)


ON_BREAK: Final[Mapping[str, Effect]] = {
    "blacklist": reputation.bar_many,
    "reputation": lambda world: reputation.shift(world, -SHIFT),
}
WHILE_BROKEN: Final[Mapping[str, Effect]] = {
    "drain": ledger.drain,
    "executors": _send_agents_away,
    "ledger": _unbalance_once,
    "queue": work.flood,
    "slow-disputes": leave_unresolved,
}
ON_MEND: Final[Mapping[str, Effect]] = {
    "blacklist": reputation.readmit_all,
    "cardinality": lambda world: traffic.forget_strangers(world.nodes[-1]),
    "executors": _bring_agents_back,
    "ledger": ledger.rebalance,
    "reputation": lambda world: reputation.shift(world, SHIFT),
    "stall": work.dispatch,
}
