"""Disputes: open, reviewing, resolved by release or refund, closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from example_project.network.simulation.entities import Dispute, Escrow, Row
from example_project.network.simulation.world import World

Decide = Callable[[World, Escrow, str], None]
EVIDENCE = ("text", "file", "screenshot", "log")
REASONS = ("wrong result", "late result", "no result", "price differs from the bid")
STUCK_HOURS = 50


def open_dispute(world: World, escrow: Escrow, decide: Decide) -> Row:
    """Open a dispute on ``escrow``; ``decide`` carries out what the reviewer says."""
    row = world.row(
        "disputes", escrow_id=escrow.row["id"], initiator_id=escrow.payer.row["id"],
        reason=world.random.choice(REASONS), status="open",
    )  # fmt: skip
    dispute = Dispute(row, escrow, world.now)
    world.disputes.append(dispute)
    for _ in range(world.random.randint(0, 3)):
        _add_evidence(world, dispute)
    _count(dispute, "pending")
    world.after(world.random.uniform(300, 7200), _review, dispute, decide)
    return row


def _add_evidence(world: World, dispute: Dispute) -> None:
    world.row(
        "dispute_evidence", dispute_id=dispute.row["id"],
        submitter_id=dispute.escrow.payer.row["id"],
        evidence_type=world.random.choice(EVIDENCE), content="see attachment",
    )  # fmt: skip


def _review(world: World, dispute: Dispute, decide: Decide) -> None:
    if world.is_broken("slow-disputes"):
        world.after(15, _review, dispute, decide)
        return
    reviewer = world.random.choice(world.users).row["id"]
    world.save("disputes", dispute.row, status="reviewing", reviewer_id=reviewer)
    world.after(world.random.uniform(1800, 28800), _resolve, dispute, decide)


def _resolve(world: World, dispute: Dispute, decide: Decide) -> None:
    if world.is_broken("slow-disputes"):
        world.after(15, _resolve, dispute, decide)
        return
    resolution = "release" if world.chance(0.6) else "refund"
    world.save(
        "disputes", dispute.row, status="resolved", resolution=resolution, resolved_at=world.at()
    )
    world.disputes.remove(dispute)
    _count(dispute, "resolved")
    page, age = dispute.escrow.payee.node.page, world.now - dispute.opened_at
    page.observe("zerostate_economic_dispute_resolution_seconds", age, resolution="resolved")
    decide(world, dispute.escrow, resolution)
    world.after(world.random.uniform(60, 600), _close, dispute)


def _close(world: World, dispute: Dispute) -> None:
    world.save("disputes", dispute.row, status="closed")


def leave_unresolved(world: World) -> None:
    """Let the oldest open dispute be one that everybody forgot two days ago."""
    limit = world.now - 48 * 3600
    if not world.disputes or any(item.opened_at < limit for item in world.disputes):
        return
    dispute = min(world.disputes, key=lambda item: item.opened_at)
    dispute.opened_at = world.now - STUCK_HOURS * 3600
    past = world.at() - timedelta(hours=STUCK_HOURS)
    world.save("disputes", dispute.row, created_at=past)
    world.save("escrows", dispute.escrow.row, created_at=past, funded_at=past)


def _count(dispute: Dispute, resolution: str) -> None:
    page = dispute.escrow.payee.node.page
    page.inc("zerostate_economic_disputes_total", resolution=resolution)
