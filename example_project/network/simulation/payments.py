"""A payment on its way: it may fail, is tried again, and is counted where it was made."""

from __future__ import annotations

from example_project.network.nodes.exposition import Exposition
from example_project.network.simulation import escrows, ledger
from example_project.network.simulation.entities import Agent, Task
from example_project.network.simulation.world import World


def arrange(world: World, task: Task, agent: Agent) -> None:
    """Secure the price before the work begins: by an escrow, or in a channel."""
    if world.chance(0.55):
        escrows.create(world, task, agent)
    else:
        task.channel = ledger.channel_for(world, task.user, agent)
        ledger.hold(world, task.channel, task)


def settle_task(world: World, task: Task, *, success: bool) -> None:
    """Pay for a task that succeeded, give the money back for one that failed."""
    if task.escrow is not None:
        escrows.conclude(world, task.escrow, success=success)
    elif success:
        pay(world, task)
    elif task.channel is not None:
        ledger.give_back(world, task.channel, task)
        _page(task).inc("zerostate_economic_payments_total", status="refunded")


def pay(world: World, task: Task) -> None:
    """Try to pay for the task out of its channel; once more later where that fails."""
    page = _page(task)
    if world.chance(0.5 if world.is_broken("payments") else 0.0002):
        page.inc("zerostate_economic_payments_total", status="failed")
        kind = "insufficient_funds" if world.chance(0.7) else "channel_expired"
        page.inc("zerostate_economic_payment_failures_total", error_type=kind)
        world.after(world.random.uniform(5, 15), pay, task)
        return
    if task.channel is not None:
        ledger.release(world, task.channel, task)
        task.channel.payments += 1
        _observe(world, task, task.channel.row["id"])


def _observe(world: World, task: Task, channel_id: str) -> None:
    page, price = _page(task), float(task.price)
    page.inc("zerostate_economic_payments_total", status="success")
    page.inc("payment_payments_processed_total", status="success")
    page.inc("payment_amount_total", price)
    page.observe("zerostate_economic_payment_amount", price, channel_id=channel_id)
    page.observe("zerostate_economic_payment_duration_seconds", world.random.uniform(0.004, 0.3))
    page.observe("zerostate_economic_transaction_throughput", world.random.uniform(1, 20))
    if task.channel is not None:
        row = task.channel.row
        sequence = float(row["sequence_number"])
        page.set("zerostate_economic_payment_sequence", sequence, channel_id=channel_id)
        sides = {"party_a": row["current_balance"], "party_b": row["total_settled"]}
        for party, value in sides.items():
            labels = {"channel_id": channel_id, "party": party}
            page.set("zerostate_economic_channel_balance", float(value), **labels)
            page.set("payment_channel_balance", float(value), **labels)


def _page(task: Task) -> Exposition:
    if task.agent is None:
        raise ValueError("a task that nobody did is not paid for")
    return task.agent.node.page
