"""Escrows: created, funded, then released, refunded, disputed; or cancelled before."""

from __future__ import annotations

from example_project.network.simulation import disputes, ledger
from example_project.network.simulation.entities import Agent, Escrow, Task
from example_project.network.simulation.world import World

DAY = 24 * 3600
AUTO_RELEASE_SECONDS = 120.0


def create(world: World, task: Task, agent: Agent) -> None:
    """Ask the payer to fund the price of ``task``."""
    row = world.row(
        "escrows", task_id=task.row["task_id"], payer_id=task.user.row["id"],
        payee_id=agent.row["id"], amount=task.price, status="created",
        expires_at=world.at(DAY), conditions="task_completed",
    )  # fmt: skip
    task.escrow = Escrow(row, task.user, agent, task)
    agent.node.page.inc("zerostate_escrows_active")
    world.after(world.random.uniform(0.05, 0.4), _fund, task.escrow)


def _fund(world: World, escrow: Escrow) -> None:
    if world.chance(0.02):
        _close(world, escrow, "cancelled")
        return
    ledger.spend(world, escrow.payer, escrow.row["amount"])
    escrow.funded_at = world.now
    world.save(
        "escrows", escrow.row, status="funded", funded_at=world.at(),
        auto_release_at=world.at(AUTO_RELEASE_SECONDS),
    )  # fmt: skip
    world.funded.append(escrow)
    world.after(AUTO_RELEASE_SECONDS, _release_job, escrow)


def conclude(world: World, escrow: Escrow, *, success: bool) -> None:
    """Decide what becomes of the money after the task has ended."""
    if escrow.row["status"] != "funded":
        return
    # Somebody always quarrels, so that there is an oldest open dispute to show.
    if not world.disputes or world.chance(0.8 if world.is_broken("disputes") else 0.03):
        dispute(world, escrow)
    elif not success or world.chance(0.75 if world.is_broken("refunds") else 0.03):
        refund(world, escrow)
    elif not world.is_broken("funds") and world.chance(0.8):
        release(world, escrow)
    # Otherwise the payer says nothing, and the release job pays at auto_release_at.


def _release_job(world: World, escrow: Escrow) -> None:
    if escrow.row["status"] != "funded":
        return
    if world.is_broken("funds"):
        world.after(5, _release_job, escrow)
    elif escrow.task.ended:
        release(world, escrow)
    else:
        later = world.at(AUTO_RELEASE_SECONDS)
        world.save("escrows", escrow.row, auto_release_at=later)
        world.after(AUTO_RELEASE_SECONDS, _release_job, escrow)


def release(world: World, escrow: Escrow) -> None:
    """Pay the payee, unless the payment fails; then try again."""
    page = escrow.payee.node.page
    if world.chance(0.5 if world.is_broken("payments") else 0.0002):
        page.inc("zerostate_economic_payments_total", status="failed")
        page.inc("zerostate_economic_payment_failures_total", error_type="insufficient_funds")
        world.after(world.random.uniform(5, 15), _retry, escrow)
        return
    page.inc("zerostate_economic_payments_total", status="success")
    page.observe("zerostate_economic_payment_duration_seconds", world.random.uniform(0.004, 0.3))
    account = escrow.payee.account
    world.save("accounts", account, balance=account["balance"] + escrow.row["amount"])
    _close(world, escrow, "released")


def _retry(world: World, escrow: Escrow) -> None:
    if escrow.row["status"] in {"funded", "disputed"}:
        release(world, escrow)


def refund(world: World, escrow: Escrow) -> None:
    """Give the money back to the payer."""
    page, account = escrow.payee.node.page, escrow.payer.account
    page.inc("zerostate_economic_payments_total", status="refunded")
    world.save("accounts", account, balance=account["balance"] + escrow.row["amount"])
    _close(world, escrow, "refunded")


def dispute(world: World, escrow: Escrow) -> None:
    """Let the payer object; the money stays until a reviewer decides."""
    row = disputes.open_dispute(world, escrow, decide)
    world.save("escrows", escrow.row, status="disputed", dispute_id=row["id"])


def decide(world: World, escrow: Escrow, resolution: str) -> None:
    """Carry out a reviewer's decision, ``release`` or ``refund``."""
    if resolution == "release":
        release(world, escrow)
    else:
        refund(world, escrow)


def _close(world: World, escrow: Escrow, status: str) -> None:
    stamps = {"released": "released_at", "refunded": "refunded_at"}
    columns = {stamps[status]: world.at()} if status in stamps else {}
    world.save("escrows", escrow.row, status=status, **columns)
    if escrow in world.funded:
        world.funded.remove(escrow)
    escrow.payee.node.page.inc("zerostate_escrows_active", -1)
