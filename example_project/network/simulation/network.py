"""The network as a whole: made once, then moved forward step by step."""

from __future__ import annotations

from example_project.network.simulation import (
    delegations,
    effects,
    guilds,
    ledger,
    population,
    process,
    traffic,
    work,
)
from example_project.network.simulation.config import (
    HISTORY_PACE,
    HISTORY_SECONDS,
    HISTORY_STEP_SECONDS,
    Config,
)
from example_project.network.simulation.world import Batch, World

TASK_EVERY_SECONDS = 2.0
DELEGATION_EVERY_SECONDS = 40.0
GUILD_EVERY_SECONDS = 15.0
SETTLEMENT_EVERY_SECONDS = 6.0

FIRST_GUILDS = 3


class Network:
    """A ZeroState network that began a day before ``start`` (unix seconds).

    Equal configurations moved through equal times and switches are equal in every row
    and on every page.
    """

    def __init__(self, config: Config, start: float) -> None:
        self.world = World(config, start - HISTORY_SECONDS)
        population.add_nodes(self.world)
        population.link_nodes(self.world)
        population.add_users(self.world)
        population.add_agents(self.world)
        self.world.every(TASK_EVERY_SECONDS, work.submit)
        self.world.every(DELEGATION_EVERY_SECONDS, delegations.submit)
        self.world.every(GUILD_EVERY_SECONDS, guilds.create)
        self.world.every(SETTLEMENT_EVERY_SECONDS, ledger.settle_one)
        self._live_through_history(start)

    def _live_through_history(self, start: float) -> None:
        self.world.set_pace(HISTORY_PACE)
        while self.world.now < start:
            self.step(min(start, self.world.now + HISTORY_STEP_SECONDS))
        self.world.set_pace(self.world.config.speed)
        while len(self.world.guilds) < FIRST_GUILDS:
            guilds.create(self.world)

    def step(self, now: float, broken: frozenset[str] = frozenset()) -> None:
        """Live until ``now`` with the fault switches ``broken`` set."""
        world = self.world
        seconds = max(0.0, now - world.now)
        effects.apply(world, broken)
        world.run_until(now)
        work.tidy(world)
        for node in world.nodes:
            process.restart_if_looping(world, node)
            traffic.live(world, node, seconds)
            process.run_process(world, node, seconds)
        process.show_network(world)

    def take_batch(self) -> Batch:
        """Rows that changed since the last call."""
        return self.world.take_batch()
