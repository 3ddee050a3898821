"""What a platform's rows say, against the same figures computed in plain Python."""

from __future__ import annotations

import statistics
import uuid
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.platform.fixtures import FEW, Platform, ago
from zerostate_monitoring.sources.platform import ECONOMIC, EXECUTION

HOUR, DAY = 3600, 86400
AGES = st.sampled_from([60, 1800, 2 * HOUR, 20 * HOUR, 30 * HOUR])
UNITS = st.integers(0, 10**6).map(lambda cents: Decimal(cents) / 100)
STATUSES = ["created", "funded", "released", "refunded", "disputed", "cancelled", "strange"]


def flat(values: dict[Any, Any]) -> dict[Any, Any]:
    return {key: pytest.approx(float(value)) for key, value in values.items()}


@FEW
@given(st.lists(st.sampled_from(["pending", "queued", "executing", "completed", "failed"])))
def test_tasks__are_counted_as_submitted_and_by_their_end(
    platform: Platform, statuses: list[str]
) -> None:
    """Every task was submitted; completed and failed are those that ended so."""
    platform.clear()
    for status in statuses:
        platform.insert("tasks", status=status, task_id=str(uuid.uuid4()))
    found = platform.read(EXECUTION)
    count = Counter(statuses)
    assert found.series("tasks_total") == {
        ("submitted",): len(statuses),
        ("completed",): count["completed"],
        ("failed",): count["failed"],
    }
    waiting = found.series("task_queue_depth")
    assert sum(waiting.values()) == count["pending"] + count["queued"] == waiting["normal",]


@pytest.mark.parametrize(
    ("metadata", "label"),
    [
        ('{"priority": "high"}', "high"),
        ('{"priority": 3}', "critical"),
        ('{"priority": "urgent"}', "other"),
        ("{}", "normal"),
        (None, "normal"),
    ],
)
def test_queue__priority_is_read_from_the_metadata(
    platform: Platform, metadata: str | None, label: str
) -> None:
    """Names and numbers are understood, a task without is normal, others are other."""
    platform.insert("tasks", status="pending", metadata=metadata)
    assert platform.read(EXECUTION).values["task_queue_depth", (label,)] == 1


def test_queue__a_column_goes_before_the_metadata(platform: Platform) -> None:
    """A platform whose tasks have the column is believed over the metadata."""
    platform.execute("ALTER TABLE tasks ADD COLUMN priority integer")
    platform.insert("tasks", status="queued", priority=0, metadata='{"priority": "high"}')
    answer = platform.read(EXECUTION)
    assert answer.values["task_queue_depth", ("low",)] == 1
    assert not answer.missing


@FEW
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["online", "busy", "offline", "maintenance", "lost"]),
            st.integers(0, 9),
            st.integers(0, 9),
        )
    )
)
def test_agents__load_is_of_those_that_work(
    platform: Platform, agents: list[tuple[str, int, int]]
) -> None:
    """Load and capacity are sums over agents online or busy; unknown statuses are other."""
    platform.clear()
    for n, (status, load, capacity) in enumerate(agents):
        platform.insert(
            "agents", did=str(n), status=status, current_load=load, max_capacity=capacity
        )
    found = platform.read(EXECUTION)
    count = Counter(status if status != "lost" else "other" for status, _, _ in agents)
    known = ("online", "busy", "offline", "maintenance", "other")
    assert found.series("agents") == {(status,): count[status] for status in known}
    working = [(load, cap) for status, load, cap in agents if status in {"online", "busy"}]
    assert found.values["agent_load", ()] == sum(load for load, _ in working)
    assert found.values["agent_capacity", ()] == sum(capacity for _, capacity in working)


ESCROW = st.tuples(st.sampled_from(STATUSES), UNITS, AGES, st.none() | AGES)


@FEW
@given(st.lists(ESCROW, max_size=15))
def test_escrows__each_reaches_one_outcome_in_a_window(
    platform: Platform, escrows: list[tuple[str, Decimal, int, int | None]]
) -> None:
    """Outcomes are by event time; an escrow disputed in the window counts as that only."""
    platform.clear()
    want: Counter[tuple[str, ...]] = Counter()
    units: Counter[str] = Counter()
    for status, amount, age, disputed in escrows:
        key = str(uuid.uuid4())
        at = ago(age)
        ends = {"released": "released_at", "refunded": "refunded_at"}
        times = {ends[status]: at} if status in ends else {}
        platform.insert("escrows", id=key, status=status, amount=amount, updated_at=at, **times)
        if disputed is not None:
            platform.insert("disputes", escrow_id=key, status="open", created_at=ago(disputed))
            platform.insert("disputes", escrow_id=key, status="open", created_at=ago(disputed))
        units[status if status != "strange" else "other"] += amount  # type: ignore[assignment]
        for window, seconds in (("1h", HOUR), ("24h", DAY)):
            if disputed is not None and disputed < seconds:
                want["disputed", window] += 1
            elif status in {"released", "refunded", "cancelled"} and age < seconds:
                want[status, window] += 1
    found = platform.read(ECONOMIC)
    assert not found.missing
    outcomes = found.series("escrow_outcomes")
    assert len(outcomes) == 8
    assert outcomes == {key: want[key] for key in outcomes}
    assert found.series("escrow_units") == flat({(s,): units[s] for s in (*STATUSES[:-1], "other")})
    locked = units["funded"] + units["disputed"]
    assert found.values["escrow_amount_locked", ()] == pytest.approx(float(locked))


CHANNEL = st.tuples(
    st.sampled_from(["open", "escrowed", "settling", "closed", None]),
    UNITS,
    UNITS,
    UNITS,
    UNITS,
    st.sampled_from(["0", "0.00000001", "-0.00000002", "5"]),
    st.booleans(),
)


@FEW
@given(st.lists(CHANNEL, max_size=12))
def test_channels__money_is_conserved_and_locked_once(
    platform: Platform, channels: list[tuple[Any, ...]]
) -> None:
    """More than 10⁻⁸ astray is unbalanced; an escrow that a channel holds is locked once."""
    platform.clear()
    locked = Decimal(0)
    unbalanced = 0
    for n, (state, balance, escrowed, settled, refunded, astray, with_escrow) in enumerate(
        channels
    ):
        deposit = balance + escrowed + settled + refunded + Decimal(astray)
        platform.insert(
            "payment_channels",
            state=state or "strange",
            total_deposit=deposit,
            current_balance=balance,
            escrowed_amount=escrowed,
            total_settled=settled,
            pending_refund=refunded,
            task_id=f"t{n}",
        )
        unbalanced += abs(Decimal(astray)) > Decimal("0.00000001")
        holds = state != "closed"
        locked += (balance + escrowed + refunded) if holds else 0
        if with_escrow:
            platform.insert("escrows", status="funded", amount=7, task_id=f"t{n}")
            locked += 0 if holds and escrowed else 7
    found = platform.read(ECONOMIC)
    assert found.values["ledger_unbalanced_channels", ()] == unbalanced
    assert found.values["economic_total_value_locked", ()] == pytest.approx(float(locked))
    states = Counter(channel[0] or "other" for channel in channels)
    assert found.series("payment_channels") == {
        (s,): states[s] for s in ("open", "escrowed", "settling", "closed", "other")
    }


@FEW
@given(st.lists(st.tuples(st.integers(0, 10000), st.integers(0, 9)), max_size=12))
def test_reputation__bands_median_and_blacklist(
    platform: Platform, agents: list[tuple[int, int]]
) -> None:
    """The median of nothing is no sample; who has a low score by few tasks is not barred."""
    platform.clear()
    scores = [hundredths / 100 for hundredths, _ in agents]
    for n, (score, (_, tasks)) in enumerate(zip(scores, agents, strict=True)):
        platform.insert(
            "reputation_scores", agent_did=str(n), overall_score=score, total_tasks=tasks
        )
    found = platform.read(ECONOMIC)
    median = {(): pytest.approx(statistics.median(scores))} if scores else {}
    assert found.series("reputation_median_score") == median
    high = sum(score >= 80 for score in scores)
    low = sum(score < 50 for score in scores)
    want = {("high",): high, ("medium",): len(scores) - high - low, ("low",): low}
    assert found.series("reputation_agents") == want
    barred = sum(s < 30 and t >= 5 for s, (_, t) in zip(scores, agents, strict=True))
    assert found.values["economic_blacklisted_peers", ()] == barred


def test_funds_overdue__each_kind_and_no_unit_twice(platform: Platform) -> None:
    """An escrow past both its times is one; a channel waits an hour after its task ended."""
    late = {"auto_release_at": ago(60), "expires_at": ago(30)}
    platform.insert("escrows", status="funded", amount=3, **late)
    platform.insert("escrows", status="funded", amount=4, expires_at=ago(30))
    platform.insert("escrows", status="funded", amount=5, expires_at=ago(-600))
    platform.insert("escrows", status="released", amount=6, **late)
    money = {"total_deposit": 9, "current_balance": 2, "escrowed_amount": 7}
    platform.insert("payment_channels", state="settling", updated_at=ago(1000), **money)
    platform.insert("payment_channels", state="settling", updated_at=ago(600), **money)
    for n, age in enumerate((2 * HOUR, 60)):
        platform.insert("tasks", task_id=str(n), status="completed", completed_at=ago(age))
        platform.insert("payment_channels", state="escrowed", task_id=str(n), **money)
    found = platform.read(ECONOMIC)
    kinds = ("escrow_release", "escrow_expired", "channel_settling", "channel_escrowed")
    assert found.series("funds_overdue") == {(kind,): 1 for kind in kinds}
    units = dict(zip(kinds, (3, 4, 9, 7), strict=True))
    assert found.series("funds_overdue_units") == {(k,): units[k] for k in kinds}


TERMINAL = ["completed", "failed", "canceled", "cancelled"]


@pytest.mark.parametrize("status", TERMINAL)
@pytest.mark.parametrize(
    ("completed", "timed_out", "overdue"),
    [(None, 2 * HOUR, 1), (None, 60, 0), (60, 2 * HOUR, 0), (2 * HOUR, 60, 1), (None, None, 0)],
)
def test_channel_escrowed__a_task_without_an_end_ended_when_its_time_was_up(
    platform: Platform, status: str, completed: int | None, timed_out: int | None, overdue: int
) -> None:
    """Where completed_at is NULL timeout_at counts; a task that knows its end is held to it."""
    ends = {"completed_at": completed, "timeout_at": timed_out}
    times = {name: ago(age) for name, age in ends.items() if age is not None}
    platform.insert("tasks", task_id="a", status=status, **times)
    platform.insert("payment_channels", state="escrowed", task_id="a", escrowed_amount=7)
    found = platform.read(ECONOMIC)
    assert found.values["funds_overdue", ("channel_escrowed",)] == overdue
    assert found.values["funds_overdue_units", ("channel_escrowed",)] == 7 * overdue


def test_channel_escrowed__works_on_a_platform_without_timeouts(platform: Platform) -> None:
    """A tasks table that lacks timeout_at is asked for completed_at alone."""
    platform.execute("ALTER TABLE tasks DROP COLUMN timeout_at")
    platform.insert("tasks", task_id="a", status="failed", completed_at=ago(2 * HOUR))
    platform.insert("payment_channels", state="escrowed", task_id="a", escrowed_amount=7)
    found = platform.read(ECONOMIC)
    assert found.values["funds_overdue", ("channel_escrowed",)] == 1
    assert not found.missing


def test_participants__one_person_counts_once(platform: Platform) -> None:
    """Channels know a DID, escrows an id: the same person, the same agent."""
    user, agent = str(uuid.uuid4()), str(uuid.uuid4())
    platform.insert("users", id=user, did="did:u")
    platform.insert("agents", id=agent, did="did:a", last_seen_at=ago(60))
    platform.insert("payment_channels", state="open", payer_did="did:u", payee_did="did:a")
    platform.insert("payment_channels", state="closed", payer_did="did:x", payee_did="did:y")
    platform.insert("escrows", status="funded", payer_id=user, payee_id=agent)
    platform.insert("escrows", status="released", payer_id="gone", payee_id="gone")
    platform.insert("delegations", user_id="did:u", status="pending")
    found = platform.read(ECONOMIC).values
    assert found["economic_active_participants", ()] == 2
    assert found["economic_active_users", ("24h",)] == 2  # "gone" paid today, too
    assert found["economic_active_agents", ("1h",)] == 1


def test_payments__through_a_channel_for_an_escrow_count_once(platform: Platform) -> None:
    """A release on a channel is a payment unless the task's escrow already says so."""
    platform.insert("escrows", status="released", amount=5, task_id="a", released_at=ago(60))
    for task, kind, amount in (("a", "release", 5), ("b", "release", 7), ("c", "refund", 2)):
        platform.insert(
            "channel_transactions",
            transaction_type=kind,
            amount=amount,
            task_id=task,
            created_at=ago(2 * HOUR),
        )
    found = platform.read(ECONOMIC)
    assert found.series("economic_transactions") == {
        ("paid", "1h"): 1,
        ("paid", "24h"): 2,
        ("returned", "1h"): 0,
        ("returned", "24h"): 1,
    }
    assert found.values["economic_transaction_units", ("paid", "24h")] == 12
    assert found.values["channel_transactions_total", ("release",)] == 2
    assert found.values["channel_transaction_units_total", ("release",)] == 12


def test_times__are_means_where_both_ends_are_known(platform: Platform) -> None:
    """Release, dispute, resolution and delegation times are means beside their counts."""
    escrow = str(uuid.uuid4())
    for age in (700, 300):
        funded = {"funded_at": ago(age), "released_at": ago(100)}
        platform.insert("escrows", id=escrow, status="released", **funded)
        escrow = str(uuid.uuid4())
    platform.insert("escrows", id=escrow, status="disputed", funded_at=ago(700))
    platform.insert("escrows", status="released", released_at=ago(100))
    platform.insert(
        "disputes", escrow_id=escrow, status="resolved", created_at=ago(400), resolved_at=ago(50)
    )
    platform.insert(
        "delegations", status="completed", created_at=ago(90), actual_completion=ago(30)
    )
    found = platform.read(ECONOMIC).values
    near = {
        "escrow_time_to_release_mean_seconds": 400,
        "escrow_releases": 2,
        "escrow_time_to_dispute_mean_seconds": 300,
        "escrow_disputes": 1,
        "dispute_resolution_mean_seconds": 350,
        "dispute_resolutions": 1,
        "delegation_completion_mean_seconds": 60,
    }
    assert {name: found[name, ("1h",)] for name in near} == {
        name: pytest.approx(value, abs=0.5) for name, value in near.items()
    }
    assert ("dispute_oldest_open_timestamp_seconds", ()) not in found


def test_auctions__outcomes_and_prices(platform: Platform) -> None:
    """Both spellings of canceled are one; an open auction has no outcome."""
    statuses = ("open", "awarded", "awarded", "cancelled", "canceled", "expired")
    for status, price in zip(statuses, (None, 3, 5, None, None, 9), strict=True):
        platform.insert("auctions", status=status, final_price=price, updated_at=ago(60))
    found = platform.read(ECONOMIC)
    assert found.values["auctions", ("canceled",)] == 2
    assert found.values["auction_outcomes", ("canceled", "1h")] == 2
    assert found.values["auction_price_mean_units", ("1h",)] == 4
    assert found.values["auction_awards", ("24h",)] == 2
    assert sum(v for (_, w), v in found.series("auction_outcomes").items() if w == "1h") == 5


def test_auctions__budgets_are_means_of_those_that_have_one(platform: Platform) -> None:
    """By the time of opening, whatever became of the auction; of none there is no mean."""
    assert ("auction_budget_mean_units", ("24h",)) not in platform.read(ECONOMIC).values
    for status, budget, age in (
        ("open", 4, 60),
        ("expired", 10, 1800),
        ("awarded", 40, 2 * HOUR),
        ("awarded", None, 60),
        ("awarded", 1000, 30 * HOUR),
    ):
        platform.insert("auctions", status=status, max_price=budget, created_at=ago(age))
    found = platform.read(ECONOMIC).values
    assert found["auction_budget_mean_units", ("1h",)] == 7
    assert found["auction_budget_mean_units", ("24h",)] == 18
    assert [found["auction_budgets", (window,)] for window in ("1h", "24h")] == [2, 3]


def test_empty_tables__are_zeros_and_no_reasons(platform: Platform) -> None:
    """A table without rows is known to be empty: every state is there, as 0."""
    for statements in (EXECUTION, ECONOMIC):
        found = platform.read(statements)
        assert found.missing == {}
        assert set(found.values.values()) == {0.0}


def test_two_runs__agree(platform: Platform) -> None:
    """Reading changes nothing."""
    platform.insert("escrows", status="funded", amount=3)
    first, second = platform.read(ECONOMIC), platform.read(ECONOMIC)
    assert first.values == second.values
    assert second.at >= first.at


def test_statements__do_not_grow_with_rows_or_states(platform: Platform) -> None:
    """The number of statements is a property of what is asked."""
    empty = platform.read(ECONOMIC).statements
    for n in range(30):
        platform.insert("escrows", status=f"state {n}")
        platform.insert("payment_channels", state=f"state {n}")
    looks = 2 if platform.connection.vendor == "sqlite" else 1
    assert platform.read(ECONOMIC).statements == empty == len(ECONOMIC) + looks
