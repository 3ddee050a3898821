"""Payment channels, in which no money appears or is lost.

In each channel, at any moment::

    total_deposit = current_balance + escrowed_amount + total_settled + pending_refund
"""

from __future__ import annotations

from decimal import Decimal

from example_project.network.simulation.entities import Agent, Channel, Task, User
from example_project.network.simulation.world import World

ZERO = Decimal(0)
DRAIN_SHARE = 0.85


def channel_for(world: World, payer: User, payee: Agent) -> Channel:
    """The open channel between the two; opened with a deposit where there is none."""
    key = (payer.row["did"], payee.row["did"])
    return world.channels.get(key) or _open(world, payer, payee)


def _open(world: World, payer: User, payee: Agent) -> Channel:
    row = world.row(
        "payment_channels", payer_did=payer.row["did"], payee_did=payee.row["did"],
        total_deposit=ZERO, current_balance=ZERO, escrowed_amount=ZERO, total_settled=ZERO,
        pending_refund=ZERO, state="open", escrow_released=False, sequence_number=0,
    )  # fmt: skip
    channel = Channel(row, payer, payee, world.now)
    world.channels[payer.row["did"], payee.row["did"]] = channel
    deposit(world, channel, world.money(20, 80))
    _count(channel, "open", "opening")
    _count(channel, "activate", "active")
    page = channel.payee.node.page
    page.inc("payment_channels_opened_total")
    page.inc("zerostate_economic_channels_active", party="party_b")
    page.inc("zerostate_payment_channels_active")
    return channel


def deposit(world: World, channel: Channel, amount: Decimal) -> None:
    """Move ``amount`` from the payer's account into the channel."""
    spend(world, channel.payer, amount)
    _move(world, channel, "deposit", amount, total_deposit=amount, current_balance=amount)


def spend(world: World, user: User, amount: Decimal) -> None:
    """Take ``amount`` from the user's account, which is filled up where it is too low."""
    account = user.account
    if account["balance"] < amount:
        _fund_account(world, user, Decimal(1000) + amount)
    world.save("accounts", account, balance=account["balance"] - amount)


def _fund_account(world: World, user: User, amount: Decimal) -> None:
    account = user.account
    world.save(
        "accounts", account, balance=account["balance"] + amount,
        total_deposited=account["total_deposited"] + amount,
    )  # fmt: skip
    page = world.role_nodes("edge")[0].page
    page.inc("zerostate_deposits_total")
    page.inc("zerostate_deposit_amount_total", float(amount))


def hold(world: World, channel: Channel, task: Task) -> None:
    """Set the task's price aside."""
    if channel.row["current_balance"] < task.price:
        deposit(world, channel, task.price + world.money(20, 60))
    _move(
        world, channel, "escrow", task.price, task=task,
        current_balance=-task.price, escrowed_amount=task.price,
    )  # fmt: skip
    world.save("payment_channels", channel.row, state="escrowed", task_id=task.row["task_id"])


def release(world: World, channel: Channel, task: Task) -> None:
    """Pay the price that was set aside to the payee."""
    _move(
        world, channel, "release", task.price, task=task,
        escrowed_amount=-task.price, total_settled=task.price,
    )  # fmt: skip
    _free(world, channel)


def give_back(world: World, channel: Channel, task: Task) -> None:
    """Mark the price that was set aside as the payer's again."""
    _move(
        world, channel, "refund", task.price, task=task,
        escrowed_amount=-task.price, pending_refund=task.price,
    )  # fmt: skip
    _free(world, channel)


def _free(world: World, channel: Channel) -> None:
    if not channel.row["escrowed_amount"]:
        world.save("payment_channels", channel.row, state="open", escrow_released=True)


def settle_one(world: World) -> None:
    """Close the oldest channel that has paid and that nothing is set aside in."""
    ready = [c for c in world.channels.values() if c.payments and _can_close(c)]
    if ready:
        start_settling(world, min(ready, key=lambda channel: channel.opened_at))


def _can_close(channel: Channel) -> bool:
    return channel.row["state"] == "open" and not channel.frozen


def start_settling(world: World, channel: Channel) -> None:
    """Take the channel out of use and settle it in a moment."""
    world.channels.pop((channel.row["payer_did"], channel.row["payee_did"]), None)
    world.save("payment_channels", channel.row, state="settling")
    world.after(world.random.uniform(0.5, 3), _try_settling, channel)


def _try_settling(world: World, channel: Channel) -> None:
    page = channel.payee.node.page
    failed = world.chance(0.6 if world.is_broken("settlement") else 0.002)
    page.inc("zerostate_economic_settlements_total", result="failed" if failed else "success")
    if failed:
        world.after(world.random.uniform(10, 20), _try_settling, channel)
    else:
        _settle(world, channel)


def _settle(world: World, channel: Channel) -> None:
    row, paid = channel.row, channel.row["total_settled"]
    rest = row["current_balance"]
    if rest:
        _move(world, channel, "refund", rest, current_balance=-rest, pending_refund=rest)
    _move(world, channel, "settle", paid)
    world.save("payment_channels", row, state="closed", closed_at=world.at())
    payer, payee = channel.payer.account, channel.payee.account
    world.save("accounts", payer, balance=payer["balance"] + row["pending_refund"])
    world.save("accounts", payee, balance=payee["balance"] + paid)
    _withdraw(world, channel.payee)
    _observe_settlement(world, channel, float(paid))


def _withdraw(world: World, agent: Agent) -> None:
    account = agent.account
    if account["balance"] < 100:
        return
    page, amount = agent.node.page, account["balance"]
    world.save(
        "accounts", account, balance=ZERO, total_withdrawn=account["total_withdrawn"] + amount
    )
    page.inc("zerostate_withdrawals_total")
    page.inc("zerostate_withdrawal_amount_total", float(amount))


def _observe_settlement(world: World, channel: Channel, paid: float) -> None:
    page, age = channel.payee.node.page, world.now - channel.opened_at
    _count(channel, "close", "closed")
    page.observe("zerostate_economic_settlement_amount", paid)
    page.observe("zerostate_settlement_amount", paid)
    page.observe("zerostate_economic_settlement_duration_seconds", world.random.uniform(0.5, 3))
    page.observe("zerostate_economic_channel_duration_seconds", age, close_reason="normal")
    page.inc("zerostate_economic_channels_active", -1, party="party_b")
    page.inc("zerostate_payment_channels_active", -1)
    page.inc("zerostate_payment_channels_closed_total")
    page.inc("zerostate_settlements_total")
    page.inc("payment_channels_closed_total", reason="normal_closure")
    page.forget("channel_id", channel.row["id"])


def drain(world: World) -> None:
    """Let most payers close their channels and take their money out."""
    for channel in list(world.channels.values()):
        if _can_close(channel) and world.chance(DRAIN_SHARE):
            start_settling(world, channel)


def unbalance(world: World) -> None:
    """Write a balance that no transaction explains, and leave the channel alone."""
    channel = next((c for c in world.channels.values() if _can_close(c)), None)
    if channel is None:
        channel = channel_for(world, world.users[0], world.agents[0])
    channel.frozen = True
    world.channels.pop((channel.row["payer_did"], channel.row["payee_did"]), None)
    world.frozen.append(channel)
    balance = channel.row["current_balance"] + Decimal("7.5")
    world.save("payment_channels", channel.row, current_balance=balance)


def rebalance(world: World) -> None:
    """Undo what ``unbalance`` did."""
    for channel in world.frozen:
        balance = channel.row["current_balance"] - Decimal("7.5")
        world.save("payment_channels", channel.row, current_balance=balance)
        channel.frozen = False
        world.channels.setdefault((channel.row["payer_did"], channel.row["payee_did"]), channel)
    world.frozen.clear()


def _move(
    world: World, channel: Channel, kind: str, amount: Decimal, task: Task | None = None,
    **changes: Decimal,
) -> None:  # fmt: skip
    row = channel.row
    task_id = task.row["task_id"] if task else None
    world.row(
        "channel_transactions", channel_id=row["id"], transaction_type=kind, amount=amount,
        task_id=task_id, reason=kind, metadata={},
    )  # fmt: skip
    columns = {name: row[name] + change for name, change in changes.items()}
    world.save("payment_channels", row, sequence_number=row["sequence_number"] + 1, **columns)


def _count(channel: Channel, operation: str, state: str) -> None:
    page = channel.payee.node.page
    page.inc("zerostate_economic_channel_operations_total", operation=operation, result="success")
    page.inc("zerostate_economic_channels_total", state=state)
