"""What a platform lacks, leaves empty or writes in its own way, and what is made of it."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.platform.fixtures import FEW, Platform, ago
from zerostate_monitoring.sources.platform import ECONOMIC, EXECUTION

HOUR = 3600
MONEY = st.none() | st.integers(0, 10**6).map(lambda cents: Decimal(cents) / 100)
NULLABLE = ("current_balance", "escrowed_amount", "total_settled", "pending_refund")


def nullable(platform: Platform, table: str, column: str) -> None:
    """Allow NULL, as platforms do that were made by hand."""
    if platform.connection.vendor == "postgresql":
        platform.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL")
        return
    with platform.connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [table])
        (made,) = cursor.fetchone()
    changed = re.sub(rf"( {column} [a-z]+(\(\d+,\d+\))?) NOT NULL", r"\1", made)
    if changed != made:
        platform.execute(f"DROP TABLE {table}")
        platform.execute(changed)


@FEW
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["open", "settling", "closed", "settled", None]),
            MONEY,
            st.tuples(MONEY, MONEY, MONEY, MONEY),
            st.booleans(),
        ),
        max_size=10,
    )
)
def test_channels__what_nobody_wrote_down_is_nothing(
    platform: Platform, channels: list[tuple[Any, ...]]
) -> None:
    """A NULL among a channel's sums counts as 0 and costs no other, a NULL state is no end."""
    for column in ("state", "total_deposit", *NULLABLE):
        nullable(platform, "payment_channels", column)
    platform.clear()
    locked, overdue, unbalanced = Decimal(0), Decimal(0), 0
    for n, (state, deposit, parts, with_escrow) in enumerate(channels):
        platform.insert(
            "payment_channels",
            state=state,
            total_deposit=deposit,
            task_id=f"t{n}",
            payer_did=f"payer {n}",
            payee_did=f"payee {n}",
            updated_at=ago(HOUR),
            **dict(zip(NULLABLE, parts, strict=True)),
        )
        balance, escrowed, settled, refund = (part or Decimal(0) for part in parts)
        held = balance + escrowed + refund
        holds = state not in {"closed", "settled"}
        locked += held if holds else 0
        overdue += held if state == "settling" else 0
        unbalanced += (deposit or 0) != held + settled
        if with_escrow:
            platform.insert("escrows", status="refunded", task_id=f"t{n}")
            platform.insert("escrows", status="disputed", amount=7, task_id=f"t{n}")
            locked += 0 if holds and escrowed else 7
    found = platform.read(ECONOMIC)
    assert not found.missing
    assert found.values["economic_total_value_locked", ()] == pytest.approx(float(locked))
    assert found.values["ledger_unbalanced_channels", ()] == unbalanced
    late = found.values["funds_overdue_units", ("channel_settling",)]
    assert late == pytest.approx(float(overdue))
    open_ = sum(state not in {"closed", "settled"} for state, *_ in channels)
    parties = found.values["economic_active_participants", ()]
    assert parties == 2 * open_ + (1 if any(with_escrow for *_, with_escrow in channels) else 0)


def test_value_locked__survives_one_null(platform: Platform) -> None:
    """One channel of 100 whose escrow nobody wrote down still holds 100."""
    nullable(platform, "payment_channels", "escrowed_amount")
    platform.insert(
        "payment_channels",
        state="open",
        total_deposit=100,
        current_balance=100,
        escrowed_amount=None,
    )
    assert platform.read(ECONOMIC).values["economic_total_value_locked", ()] == 100


def test_missing_table__costs_only_what_needs_it(platform: Platform) -> None:
    """Without escrows there is no escrow family, no half outcome, and all else stands."""
    platform.execute("DROP TABLE escrows")
    found = platform.read(ECONOMIC)
    assert found.missing["escrows"] == "table escrows is missing"
    assert found.missing["economic_total_value_locked"] == "table escrows is missing"
    assert not found.series("escrow_outcomes")
    assert found.series("payment_channels")
    assert found.series("funds_overdue").keys() == {("channel_settling",), ("channel_escrowed",)}
    assert found.missing["funds_overdue"] == "table escrows is missing"


def test_missing_column__costs_only_what_needs_it(platform: Platform) -> None:
    """Without the column final_price, auctions still have their outcomes."""
    platform.execute("ALTER TABLE auctions DROP COLUMN final_price")
    found = platform.read(ECONOMIC)
    assert "auctions.final_price" in found.missing["auction_price_mean_units"]
    assert found.series("auction_outcomes")


def test_development_schema__is_read_by_its_own_names(platform: Platform) -> None:
    """The SQLite schema of the developers has state as status and score as overall_score."""
    platform.execute("ALTER TABLE payment_channels RENAME COLUMN state TO status")
    platform.execute("ALTER TABLE reputation_scores RENAME COLUMN overall_score TO score")
    found = platform.read(ECONOMIC)
    assert not found.missing
    assert found.series("payment_channels")


@pytest.mark.parametrize("vendor", ["sqlite"])
def test_unreadable_times__are_absent_with_the_reason(platform: Platform) -> None:
    """Times as Go prints them are nothing to SQLite: what needs them is not 0 but absent."""
    for at in (ago(60), "2026-01-31 12:00:00.123 +0000 UTC"):
        platform.insert("escrows", status="released", amount=5, released_at=at)
    platform.insert("tasks", task_id="1", status="completed", completed_at="yesterday evening")
    found = platform.read(ECONOMIC)
    reason = "column escrows.released_at holds a time that cannot be read"
    for family in ("escrow_outcomes", "escrow_releases", "economic_transactions"):
        assert found.missing[family] == reason
        assert not found.series(family)
    assert found.values["escrows", ("released",)] == 2
    work = platform.read(EXECUTION)
    assert work.values["tasks_total", ("completed",)] == 1
    assert work.newest["tasks_total"] > 0


def test_awkward_text__is_never_lost(platform: Platform) -> None:
    """A status with quotes and braces is other, and breaks no statement."""
    platform.insert("escrows", status="'; {} -- %s")
    assert platform.read(ECONOMIC).values["escrows", ("other",)] == 1


@pytest.mark.real
@pytest.mark.parametrize("vendor", ["postgresql"])
@pytest.mark.parametrize("table", ["payment_channels", "tasks", "escrows", "channel_transactions"])
def test_task_ids__compare_across_types(platform: Platform, table: str) -> None:
    """A platform that keeps task ids as uuid here and as text there loses no family."""
    task = str(uuid.uuid4())
    money = {"state": "escrowed", "total_deposit": 7, "escrowed_amount": 7}
    platform.insert("tasks", task_id=task, status="failed", completed_at=ago(2 * HOUR))
    platform.insert("payment_channels", task_id=task, **money)
    platform.insert("escrows", task_id=task, status="funded", amount=7)
    platform.insert("channel_transactions", task_id=task, transaction_type="release", amount=7)
    platform.execute(f"ALTER TABLE {table} ALTER COLUMN task_id TYPE uuid USING task_id::uuid")
    platform.execute("ALTER TABLE disputes ALTER COLUMN escrow_id TYPE varchar(64)")
    found = platform.read(ECONOMIC)
    assert not found.missing
    assert found.values["economic_total_value_locked", ()] == 7
    assert found.values["funds_overdue", ("channel_escrowed",)] == 1
    assert found.values["economic_transactions", ("paid", "1h")] == 0


def test_newest__is_the_last_event_that_is_past(platform: Platform) -> None:
    """Counted families come with the newest time of their table; a time to come is none."""
    at = ago(30)
    platform.insert("tasks", task_id="1", status="completed", created_at=ago(90), completed_at=at)
    platform.insert("tasks", task_id="2", status="pending", created_at=ago(-600))
    newest = platform.read(EXECUTION).newest
    assert newest == {"tasks_total": pytest.approx(at.timestamp(), abs=0.002)}
    assert platform.read(ECONOMIC).newest == {}


def test_newest__does_without_a_column(platform: Platform) -> None:
    """A table without one of the times still has the other; without both it has none."""
    platform.insert("tasks", task_id="1", created_at=ago(90), completed_at=ago(30))
    platform.execute("ALTER TABLE tasks DROP COLUMN completed_at")
    assert platform.read(EXECUTION).newest["tasks_total"] < ago(60).timestamp()
    platform.execute("DROP INDEX tasks_created_at")
    platform.execute("ALTER TABLE tasks DROP COLUMN created_at")
    found = platform.read(EXECUTION)
    assert found.newest == {}
    assert found.values["tasks_total", ("submitted",)] == 1
