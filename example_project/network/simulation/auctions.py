"""Auctions: open, closed, awarded; or expired, or canceled by the user."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from example_project.network.simulation.entities import Agent, Auction, Row, Task
from example_project.network.simulation.world import World

Enqueue = Callable[[World, Task], None]
TYPES = ("first_price", "second_price", "reserve")


def open_auction(world: World, task: Task, enqueue: Enqueue) -> None:
    """Offer ``task``; whoever wins or not, it is queued when the auction has ended."""
    seconds = world.random.randint(4, 12)
    row = world.row(
        "auctions", task_id=task.row["task_id"], user_id=task.user.row["id"],
        auction_type=world.random.choice(TYPES), status="open", duration_seconds=seconds,
        expires_at=world.at(seconds), reserve_price=task.price / 2, max_price=task.price * 2,
        min_reputation=Decimal(20), capabilities=["wasm"], metadata={},
    )  # fmt: skip
    auction = Auction(row, task)
    if not world.chance(0.85 if world.is_broken("auctions") else 0.05):
        _invite(world, auction, seconds)
    world.after(seconds, _end, auction, enqueue)


def _invite(world: World, auction: Auction, seconds: float) -> None:
    agents = list(world.available_agents())
    for agent in world.random.sample(agents, min(len(agents), world.random.randint(2, 6))):
        world.after(world.random.uniform(0.2, seconds - 0.2), _bid, auction, agent)


def _bid(world: World, auction: Auction, agent: Agent) -> None:
    price = max(auction.row["reserve_price"], auction.task.price * world.money(0.7, 1.5))
    score, seconds = float(agent.score["overall_score"]), world.random.randint(2, 20)
    composite = 0.5 * float(price) * 100 + 0.3 * (100 - score) + 0.2 * seconds / 3
    bid = world.row(
        "bids", auction_id=auction.row["id"], agent_did=agent.row["did"],
        price=price.quantize(Decimal("0.0001")), estimated_time_seconds=seconds,
        reputation_score=agent.score["overall_score"], quality_score=agent.score["quality_score"],
        composite_score=Decimal(composite).quantize(Decimal("0.000001")),
    )  # fmt: skip
    auction.bids.append((bid, agent))


def _end(world: World, auction: Auction, enqueue: Enqueue) -> None:
    if world.chance(0.02):
        world.save("auctions", auction.row, status="canceled")
    elif not auction.bids:
        world.save("auctions", auction.row, status="expired")
    else:
        world.save("auctions", auction.row, status="closed")
        world.after(world.random.uniform(0.2, 1), _award, auction)
    enqueue(world, auction.task)


def _award(world: World, auction: Auction) -> None:
    bid = min((bid for bid, _ in auction.bids), key=_composite)
    world.save(
        "auctions", auction.row, status="awarded", winning_bid_id=bid["id"],
        final_price=bid["price"],
    )  # fmt: skip


def _composite(bid: Row) -> Decimal:
    return Decimal(bid["composite_score"])
