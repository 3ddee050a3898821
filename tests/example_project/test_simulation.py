from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from example_project.network.faults import FAULTS
from example_project.network.schema import TABLES
from example_project.network.simulation.config import Config
from example_project.network.tables import COLUMNS
from tests.example_project.helpers import START, Story, make

STATUSES: dict[str, set[str | None]] = {
    "tasks": {"pending", "assigned", "executing", "completed", "failed"},
    "escrows": {"created", "funded", "released", "refunded", "disputed", "cancelled"},
    "disputes": {"open", "reviewing", "resolved", "closed"},
    "auctions": {"open", "closed", "awarded", "canceled", "expired"},
    "delegations": {"pending", "planning", "in_progress", "completed", "failed", "cancelled"},
    "subtasks": {"pending", "assigned", "in_progress", "completed", "failed"},
    "agents": {"online", "busy", "offline", "maintenance"},
}
KINDS: dict[tuple[str, str], set[str | None]] = {
    ("payment_channels", "state"): {"open", "escrowed", "settling", "closed"},
    ("channel_transactions", "transaction_type"): {
        "deposit", "escrow", "release", "refund", "settle",
    },
    ("auctions", "auction_type"): {"first_price", "second_price", "reserve"},
    ("reputation_events", "event_type"): {"success", "failure", "timeout", "quality_feedback"},
    ("dispute_evidence", "evidence_type"): {"text", "file", "screenshot", "log"},
    ("disputes", "resolution"): {None, "release", "refund"},
}  # fmt: skip


def balance(row):
    parts = ("current_balance", "escrowed_amount", "total_settled", "pending_refund")
    return sum(row[part] for part in parts)


def test_network__same_seed_and_steps():
    """Equal seeds moved through equal steps give equal rows and equal pages."""
    one, other = (Story(make(seed=3)).live(20, "payments") for _ in range(2))
    assert one.tables == other.tables
    pages = [[node.page.render() for node in s.network.world.nodes] for s in (one, other)]
    assert pages[0] == pages[1]


def test_network__other_seed():
    """Another seed gives another network."""
    assert Story(make(seed=3)).tables != Story(make(seed=4)).tables


@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    faults=st.sets(st.sampled_from([f.name for f in FAULTS if f.name != "ledger"]), max_size=4),
    step=st.sampled_from([0.5, 1.0, 7.0]),
)
def test_money__conserved(seed, faults, step):
    """No fault but *ledger* makes or loses money in a channel; no account is overdrawn."""
    story = Story(make(seed=seed)).live(40, *faults, step=step).live(20, step=step)
    for channel in story.rows("payment_channels"):
        assert balance(channel) == channel["total_deposit"]
        assert min(channel["current_balance"], channel["escrowed_amount"]) >= 0
    assert all(account["balance"] >= 0 for account in story.rows("accounts"))


def test_money__transactions_explain_the_channel():
    """The transactions of a channel add up to its columns."""
    story = Story(make()).live(120)
    sums: dict[tuple[str, str], Decimal] = {}
    for row in story.rows("channel_transactions"):
        key = (row["channel_id"], row["transaction_type"])
        sums[key] = sums.get(key, Decimal(0)) + row["amount"]
    for channel in story.rows("payment_channels"):
        of = {kind: sums.get((channel["id"], kind), 0) for kind in ("deposit", "refund", "release")}
        assert of["deposit"] == channel["total_deposit"]
        assert of["refund"] == channel["pending_refund"]
        assert of["release"] == channel["total_settled"]


def test_statuses__known():
    """Every status and kind is one that the platform knows, whatever breaks."""
    faults = [fault.name for fault in FAULTS if fault.name not in {"stall", "executors"}]
    story = Story(make()).live(120).live(60, *faults).live(60)
    wanted = {(table, "status"): known for table, known in STATUSES.items()} | KINDS
    for (table, column), known in wanted.items():
        assert {row.get(column) for row in story.rows(table)} <= known, (table, column)


def test_rows__have_only_columns_of_their_table():
    """A row holds nothing that its table lacks, and every table but none is used."""
    story = Story(make()).live(200, "disputes")
    for table, rows in story.tables.items():
        assert all(set(row) <= set(COLUMNS[table]) for row in rows.values()), table
    assert set(story.tables) == set(TABLES)


def test_history__windows_have_outcomes():
    """A fresh network has a day behind it: at least 20 outcomes of escrows and auctions."""
    story = Story(make(agents=40, users=15, speed=1.0))
    ended = [row for row in story.rows("escrows") if row["status"] in {"released", "refunded"}]
    auctions = [row for row in story.rows("auctions") if row["status"] in {"awarded", "expired"}]
    assert len(ended) >= 20
    assert len(auctions) >= 20
    times = [row["created_at"].timestamp() for row in story.rows("tasks")]
    assert min(times) < START - 20 * 3600
    assert max(times) <= START


def test_history__healthy():
    """A network that nobody broke keeps its objectives."""
    story = Story(make(agents=40, users=15)).live(300)
    ended = [row for row in story.rows("tasks") if row["status"] in {"completed", "failed"}]
    failed = [row for row in ended if row["status"] == "failed"]
    assert len(failed) / len(ended) < 0.03
    assert story.reads("zerostate_economic_payments_total", status="failed") <= 2
    assert story.network.world.waiting == 0


@pytest.mark.parametrize("options", [{"agents": 0}, {"speed": 0}, {"nodes": -1}])
def test_config__refuses_what_cannot_live(options):
    """A network without agents or nodes, or one that stands still, is refused."""
    with pytest.raises(ValueError):
        Config(**options)


@pytest.mark.parametrize("nodes", [1, 2, 3, 4, 6, 50])
def test_network__any_size(nodes):
    """A network of one node lives as one of fifty does."""
    story = Story(make(nodes=nodes)).live(20)
    assert len(story.network.world.nodes) == nodes
    assert story.network.world.totals.processed > 0
