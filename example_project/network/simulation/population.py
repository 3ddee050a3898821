"""Who takes part: nodes, users, agents, with their accounts and first scores."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from example_project.network.nodes.exposition import Exposition
from example_project.network.nodes.profiles import Profile, families
from example_project.network.simulation.entities import Agent, NodeState, Row, User
from example_project.network.simulation.world import World

SITES: Final = ("fra1", "ams1", "sin1")
CAPABILITIES: Final = ("wasm", "gpu", "vision", "speech", "storage")


def roles(count: int) -> list[str]:
    """Roles of ``count`` nodes: a bootnode, an api, up to two relays, the rest edge nodes."""
    if count <= 3:
        return ["bootnode", "api", "edge"][:count]
    relays = 1 if count < 6 else 2
    return ["bootnode", *["relay"] * relays, "api", *["edge"] * (count - relays - 2)]


def add_nodes(world: World) -> None:
    """Start the node processes and link them as neighbours."""
    numbers: dict[str, int] = {}
    for index, role in enumerate(roles(world.config.nodes)):
        numbers[role] = numbers.get(role, 0) + 1
        node = NodeState(
            name=f"{role}-{numbers[role]}",
            role=role,
            site=SITES[index % len(SITES)],
            peer_id=world.new_peer_id(),
            page=Exposition(families(Profile(world.config.profile), role)),
            started_at=world.now,
        )
        world.nodes.append(node)


def link_nodes(world: World) -> None:
    """Give each node its peers: neighbours on a ring at several distances.

    The faults that cut links act here: *peers* leaves two nodes alone, *partition* splits
    the ring in two halves.
    """
    nodes = world.nodes
    for node in nodes:
        node.peers = []
    for index, node in enumerate(nodes):
        for distance in (1, 2, 4):
            other = nodes[(index + distance) % len(nodes)]
            if other is not node and other not in node.peers and _linked(world, node, other):
                node.peers.append(other)
                other.peers.append(node)


def lonely(world: World) -> list[NodeState]:
    """The nodes that the fault *peers* cuts off: a relay or api node, and an edge node."""
    core = [node for node in world.nodes if node.role in {"relay", "api"}][:1]
    edge = [node for node in world.nodes if node.role == "edge"][:1]
    return [*core, *edge]


def _linked(world: World, one: NodeState, other: NodeState) -> bool:
    if not (one.up and other.up):
        return False
    if world.is_broken("peers") and (one in lonely(world) or other in lonely(world)):
        return False
    half = len(world.nodes) // 2
    sides = {world.nodes.index(node) < half for node in (one, other)}
    return len(sides) == 1 or not world.is_broken("partition")


def add_users(world: World) -> None:
    """Register the users who ask for work and pay for it."""
    for number in range(1, world.config.users + 1):
        did = f"did:zerostate:user:{world.random.getrandbits(64):016x}"
        row = world.row(
            "users", did=did, email=f"user{number}@example.org", is_active=True,
            last_login_at=world.at(), metadata={},
        )  # fmt: skip
        world.users.append(User(row, _account(world, did, Decimal(5000))))


def add_agents(world: World) -> None:
    """Register the agents that work, spread over the edge nodes."""
    homes = world.role_nodes("edge")
    for number in range(1, world.config.agents + 1):
        node = homes[number % len(homes)]
        row = _agent_row(world, number, node)
        score = world.row(
            "reputation_scores", agent_did=row["did"], overall_score=Decimal(50),
            reliability_score=Decimal(50), quality_score=Decimal(50), speed_score=Decimal(50),
            total_tasks=0, successful_tasks=0, failed_tasks=0,
        )  # fmt: skip
        account = _account(world, row["did"], Decimal(0))
        skill = world.random.uniform(0.99, 0.999)
        world.agents.append(Agent(row, account, score, node, world.new_peer_id(), skill))


def _agent_row(world: World, number: int, node: NodeState) -> Row:
    resting = {0: "maintenance", 1: "offline"}.get(number % 20, "online")
    return world.row(
        "agents",
        did=f"did:zerostate:agent:{world.random.getrandbits(64):016x}",
        name=f"agent-{number}",
        description="Runs WASM tasks",
        capabilities=sorted(world.random.sample(CAPABILITIES, 2)),
        pricing_model="per_task",
        status=resting if world.config.agents >= 10 else "online",
        max_capacity=10,
        current_load=0,
        region=node.site,
        last_seen_at=world.at(),
        metadata={},
    )


def _account(world: World, did: str, balance: Decimal) -> Row:
    return world.row(
        "accounts", did=did, balance=balance, total_deposited=balance,
        total_withdrawn=Decimal(0), metadata={},
    )  # fmt: skip
