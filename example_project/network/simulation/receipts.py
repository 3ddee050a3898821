"""Receipts: generated, signed by the executor, attested by a witness, verified."""

from __future__ import annotations

from example_project.network.simulation.entities import Agent
from example_project.network.simulation.world import World


def issue(world: World, agent: Agent) -> None:
    """Issue and check the receipt of a task that has ended."""
    page = agent.node.page
    page.inc("zerostate_receipts_generated_total")
    page.inc("zerostate_receipts_signed_total", signer="executor")
    page.inc("zerostate_receipts_signed_total", signer="witness")
    page.observe("zerostate_receipt_size_bytes", world.random.uniform(700, 4000))
    failed = world.is_broken("receipts") and world.chance(0.3)
    page.inc("zerostate_receipts_verified_total", result="failed" if failed else "success")
    for kind, size in (("receipts", 2048.0), ("modules", 64.0)):
        page.inc("zerostate_execution_storage_used_bytes", size, type=kind)
