from __future__ import annotations

from collections.abc import Callable

import pytest

from example_project.network.faults import FAULTS, Acts
from tests.example_project.helpers import Story, make

Check = Callable[[Story, Story], bool]


def grew(name: str, **labels: str) -> Callable[[Story, Story], bool]:
    """A check: more of that sample in the broken network."""
    return lambda broken, healthy: broken.reads(name, **labels) > healthy.reads(name, **labels) + 2


def share(story: Story, table: str, *statuses: str) -> float:
    live = story.network.world.now - 200
    rows = [row for row in story.rows(table) if row["created_at"].timestamp() > live]
    return sum(row["status"] in statuses for row in rows) / max(1, len(rows))


def down(story: Story) -> set[str]:
    return {node.role for node in story.network.world.nodes if not node.up}


def reached(story: Story) -> int:
    """How many nodes are in the same component as the first."""
    nodes = story.network.world.nodes
    seen, todo = {nodes[0]}, [nodes[0]]
    while todo:
        new = set(todo.pop().peers) - seen
        seen |= new
        todo += new
    return len(seen)


def unbalanced(story: Story) -> int:
    return sum(
        row["total_deposit"]
        != row["current_balance"]
        + row["escrowed_amount"]
        + row["total_settled"]
        + row["pending_refund"]
        for row in story.rows("payment_channels")
    )


def median_score(story: Story) -> float:
    scores = sorted(float(r["overall_score"]) for r in story.rows("reputation_scores"))
    return scores[len(scores) // 2]


def overdue(story: Story) -> int:
    now = story.network.world.at()
    return sum(row["auto_release_at"] < now for row in story.rows("escrows", status="funded"))


def oldest_open(story: Story) -> float:
    rows = [row for s in ("open", "reviewing") for row in story.rows("disputes", status=s)]
    now = story.network.world.now
    return max((now - row["created_at"].timestamp() for row in rows), default=0.0)


def barred(story: Story) -> float:
    page = story.network.world.nodes[-1].page
    return page.value("zerostate_economic_blacklisted_peers") / page.value(
        "zerostate_economic_active_participants"
    )


def locked(story: Story) -> float:
    return sum(
        float(row["current_balance"] + row["escrowed_amount"])
        for row in story.rows("payment_channels")
    )


CHECKS: dict[str, Check] = {
    "bootnode": lambda b, h: down(b) == {"bootnode"} and not down(h),
    "nodes": lambda b, h: "bootnode" not in down(b) and len(down(b)) > 0,
    "uplink": lambda b, h: all(not node.up for node in b.network.world.nodes),
    "restarts": lambda b, h: (
        max(n.started_at for n in b.network.world.nodes) > h.network.world.now - 100
    ),
    "peers": lambda b, h: sum(not node.peers for node in b.network.world.nodes) == 2,
    "partition": lambda b, h: reached(b) < len(b.network.world.nodes) == reached(h),
    "messages": grew("zerostate_p2p_messages_failed_total"),
    "dht": grew("zerostate_dht_lookups_total", status="error"),
    "tasks": lambda b, h: share(b, "tasks", "failed") > 0.5 > share(h, "tasks", "failed"),
    "slow": lambda b, h: (
        b.network.world.totals.milliseconds / b.network.world.totals.processed
        > h.network.world.totals.milliseconds / h.network.world.totals.processed
    ),
    "queue": lambda b, h: len(b.rows("tasks", status="pending")) > 800,
    "stall": lambda b, h: (
        b.network.world.waiting > 50
        and b.network.world.totals.processed < h.network.world.totals.processed
    ),
    "executors": lambda b, h: (
        not b.rows("agents", status="online")
        and not b.rows("agents", status="busy")
        and b.network.world.waiting > 0
    ),
    "memory": grew("zerostate_wasm_memory_bytes"),
    "receipts": grew("zerostate_receipts_verified_total", result="failed"),
    "guilds": grew("zerostate_guild_operations_total", status="failed"),
    "payments": grew("zerostate_economic_payments_total", status="failed"),
    "settlement": grew("zerostate_economic_settlements_total", result="failed"),
    "funds": lambda b, h: overdue(b) > 3 and overdue(h) == 0,
    "drain": lambda b, h: locked(b) < locked(h) / 2,
    "ledger": lambda b, h: unbalanced(b) == 1 and unbalanced(h) == 0,
    "disputes": lambda b, h: len(b.rows("disputes")) > 3 * len(h.rows("disputes")),
    "slow-disputes": lambda b, h: oldest_open(b) > 48 * 3600 > oldest_open(h),
    "refunds": lambda b, h: (
        len(b.rows("escrows", status="refunded")) > 2 * len(h.rows("escrows", status="refunded"))
    ),
    "auctions": lambda b, h: (
        share(b, "auctions", "expired") > 0.6 > share(h, "auctions", "expired")
    ),
    "blacklist": lambda b, h: barred(b) > 0.1 > barred(h),
    "reputation": lambda b, h: median_score(b) < median_score(h) - 15,
    "cardinality": lambda b, h: (
        b.network.world.nodes[-1].page.render().count("Stranger") >= 4000
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def healthy() -> Story:
    """The same network, with nothing broken."""
    return Story(make(agents=20)).live(200, step=4)


@pytest.mark.parametrize("name", CHECKS)
def test_fault__does_what_it_says(name, healthy):
    """A fault makes in tables or on nodes what its line in the list promises."""
    assert CHECKS[name](Story(make(agents=20)).live(200, name, step=4), healthy)


@pytest.mark.parametrize("name", CHECKS)
def test_fault__mended(name):
    """After mending a network works as before: nodes up and linked, tasks done, books right."""
    story = Story(make(agents=20)).live(60, name, step=4).live(90, step=4)
    before = story.network.world.totals.processed
    story.live(60, step=4)
    assert story.network.world.totals.processed > before
    assert all(node.up for node in story.network.world.nodes)
    assert reached(story) == len(story.network.world.nodes)
    assert unbalanced(story) == 0
    assert story.network.world.waiting < 100


def test_faults__each_is_tested():
    """Each that acts on the network has a check here; *platform* and *rule* have their own."""
    acting = {fault.name for fault in FAULTS if fault.acts is Acts.NETWORK}
    assert acting - {"platform", "rule"} == set(CHECKS)


def test_faults__named_once():
    """No name stands twice, and each has one line that ends like a sentence."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert all(fault.sees.endswith(".") and "\n" not in fault.sees for fault in FAULTS)
