"""ZeroState nodes that answer over real HTTP, with the example's simulation behind them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from example_project.network.nodes.answers import Answer, answer
from example_project.network.nodes.server import NodeServer
from example_project.network.simulation.config import Config
from example_project.network.simulation.network import Network

Nodes = Mapping[str, tuple[str, str]]
"""Node names to role and base URL."""


@contextmanager
def zerostate_nodes(profile: str) -> Iterator[Nodes]:
    """A small network that stands still."""
    with breakable_nodes(profile) as (_, nodes):
        yield nodes


@contextmanager
def breakable_nodes(profile: str) -> Iterator[tuple[NodeServer, Nodes]]:
    """A small network that stands still, and the server that takes its nodes down."""
    world = Network(Config(agents=6, users=3, nodes=4, profile=profile), time.time()).world
    nodes = {node.name: node for node in world.nodes}

    def respond(name: str, path: str, headers: dict[str, str]) -> Answer:
        return answer(world, nodes[name], path, headers, token="unknown to the app")

    server = NodeServer(respond)
    try:
        for name in nodes:
            server.set_up(name)
        yield server, {name: (node.role, server.url(name)) for name, node in nodes.items()}
    finally:
        server.stop()
