"""What is asked of the platform about money, and about work that is auctioned or delegated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zerostate_monitoring.catalogue.shapes import WINDOWS
from zerostate_monitoring.sources.platform.figures import (
    Figure,
    added,
    by_value,
    by_window,
    joined,
    mean_by_window,
    one_of,
    over,
    rows,
    single,
    spelled,
)

CHANNEL_STATES: Final = spelled("open", "escrowed", "settling", "closed", closed=("settled",))
ESCROW_STATUSES: Final = spelled(
    "created",
    "funded",
    "released",
    "refunded",
    "disputed",
    "cancelled",
    released=("completed",),
    cancelled=("canceled",),
)
AUCTION_STATUSES: Final = spelled(
    "open", "closed", "awarded", "canceled", "expired", canceled=("cancelled",)
)
DISPUTE_STATUSES: Final = spelled("open", "reviewing", "resolved", "closed")
DELEGATION_STATUSES: Final = spelled(
    "pending",
    "planning",
    "in_progress",
    "completed",
    "failed",
    "cancelled",
    cancelled=("canceled",),
)
SUBTASK_STATUSES: Final = spelled("pending", "assigned", "in_progress", "completed", "failed")
OPERATIONS: Final = spelled(
    "deposit", "escrow", "release", "refund", "settle", "close", settle=("settlement",)
)
REPUTATION_EVENTS: Final = spelled("success", "failure", "timeout", "quality_feedback")

# Money has 8 decimals, so "more than 0.00000001" is the same as "more than 0.000000015";
# the latter also holds for SQLite's floats.
TOLERANCE: Final = "0.000000015"
LEDGER: Final = (
    "coalesce({total_deposit}, 0) - coalesce({current_balance}, 0)"
    " - coalesce({escrowed_amount}, 0) - coalesce({total_settled}, 0)"
    " - coalesce({pending_refund}, 0)"
)
HELD_IN_CHANNEL: Final = (
    "coalesce({current_balance}, 0) + coalesce({escrowed_amount}, 0)"
    " + coalesce({pending_refund}, 0)"
)
SETTLING_TOO_LONG: Final = "{state} = 'settling' AND {updated_at:older 900}"
HELD_IN_ESCROW: Final = ("funded", "disputed")
# Of a task that failed because nobody answered, its end may not be written down: it ended when
# its time was up. A platform without that column knows of the others.
ENDED: Final = "{k.completed_at:older 3600}"
GIVEN_UP: Final = "{k.timeout_at:older 3600}"
UNRESOLVED: Final = one_of("{status}", ("open", "reviewing"))
RELEASED: Final = one_of("{status}", ESCROW_STATUSES["released"])
CANCELLED: Final = one_of("{status}", ESCROW_STATUSES["cancelled"])
UNRELEASED: Final = "{status} = 'funded' AND {auto_release_at:older 0}"
PAST_RELEASE: Final = "coalesce({auto_release_at:older 0}, false)"
EXPIRED: Final = f"{{status}} = 'funded' AND {{expires_at:older 0}} AND NOT {PAST_RELEASE}"
# libs/reputation bars an executor below 0.3 of 1, once it has done 5 tasks.
BLACKLISTED: Final = "{overall_score} < 30 AND {total_tasks} >= 5"


def _held_since(ended: str) -> Iterator[Figure]:
    """Channels that hold the money of tasks for which ``ended`` is true."""
    yield from rows("funds_overdue", ended, "channel_escrowed")
    yield from added("funds_overdue_units", "{escrowed_amount}", ended, "channel_escrowed")


def _undisputed(outcome: str, at: str, where: str) -> Iterator[Figure]:
    """Count escrows that reached ``outcome`` in a window in which nobody disputed them."""
    for window, seconds in WINDOWS.items():
        disputed = (
            f"SELECT {{d.escrow_id:id}} FROM disputes AS d WHERE {{d.created_at:within {seconds}}}"
            " AND {d.escrow_id} IS NOT NULL"
        )
        reached = f"{where} AND {{{at}:within {seconds}}} AND {{id:id}} NOT IN ({disputed})"
        yield from rows("escrow_outcomes", reached, outcome, window)


def _disputed() -> Iterator[Figure]:
    """Count escrows, not disputes: one escrow may be disputed twice."""
    for window, seconds in WINDOWS.items():
        opened = f"count(DISTINCT {{escrow_id}}) FILTER (WHERE {{created_at:within {seconds}}})"
        yield from single("escrow_outcomes", opened, "disputed", window)


CHANNELS: Final = (
    over(
        "payment_channels",
        by_value("payment_channels", "{state}", CHANNEL_STATES),
        added("payment_channel_units", "{total_deposit}", "true", "deposited"),
        added("payment_channel_units", "{current_balance}", "true", "balance"),
        added("payment_channel_units", "{escrowed_amount}", "true", "escrowed"),
        added("payment_channel_units", "{total_settled}", "true", "settled"),
        added("payment_channel_units", "{pending_refund}", "true", "refunded"),
        rows("payment_channels_settled", "{total_settled} > 0"),
        rows("ledger_unbalanced_channels", f"abs({LEDGER}) > {TOLERANCE}"),
        rows("funds_overdue", SETTLING_TOO_LONG, "channel_settling"),
        added("funds_overdue_units", HELD_IN_CHANNEL, SETTLING_TOO_LONG, "channel_settling"),
    ),
    joined(
        {"t": "payment_channels", "k": "tasks"},
        "payment_channels AS t JOIN tasks AS k ON {k.task_id:id} = {t.task_id:id}"
        " WHERE {t.state} = 'escrowed' AND {t.escrowed_amount} > 0"
        " AND {k.status} IN ('completed', 'failed', 'canceled', 'cancelled')",
        _held_since(f"coalesce({ENDED}, {GIVEN_UP})"),
        _held_since(ENDED),
    ),
    over(
        "channel_transactions",
        by_value("channel_transactions_total", "{transaction_type}", OPERATIONS),
        by_value(
            "channel_transaction_units_total", "{transaction_type}", OPERATIONS, what="{amount}"
        ),
        events=("created_at",),
    ),
)

ESCROWS: Final = (
    over(
        "escrows",
        by_value("escrows", "{status}", ESCROW_STATUSES),
        by_value("escrow_units", "{status}", ESCROW_STATUSES, what="{amount}"),
        added("escrow_amount_locked", "{amount}", one_of("{status}", HELD_IN_ESCROW)),
        rows("funds_overdue", UNRELEASED, "escrow_release"),
        added("funds_overdue_units", "{amount}", UNRELEASED, "escrow_release"),
        rows("funds_overdue", EXPIRED, "escrow_expired"),
        added("funds_overdue_units", "{amount}", EXPIRED, "escrow_expired"),
        mean_by_window(
            "escrow_time_to_release_mean_seconds",
            "escrow_releases",
            "released_at",
            "{released_at:epoch} - {funded_at:epoch}",
        ),
    ),
    joined(
        {"t": "escrows", "d": "disputes"},
        "escrows AS t",
        _undisputed("released", "released_at", RELEASED),
        _undisputed("refunded", "refunded_at", "{status} = 'refunded'"),
        _undisputed("cancelled", "updated_at", CANCELLED),
    ),
)

DISPUTES: Final = (
    over(
        "disputes",
        by_value("disputes", "{status}", DISPUTE_STATUSES),
        single(
            "dispute_oldest_open_timestamp_seconds",
            f"min({{created_at:epoch}}) FILTER (WHERE {UNRESOLVED})",
        ),
        mean_by_window(
            "dispute_resolution_mean_seconds",
            "dispute_resolutions",
            "resolved_at",
            "{resolved_at:epoch} - {created_at:epoch}",
        ),
        _disputed(),
    ),
    joined(
        {"t": "disputes", "e": "escrows"},
        "disputes AS t JOIN escrows AS e ON {e.id:id} = {t.escrow_id:id}"
        " WHERE {t.created_at:within 86400}",
        mean_by_window(
            "escrow_time_to_dispute_mean_seconds",
            "escrow_disputes",
            "created_at",
            "{created_at:epoch} - {e.funded_at:epoch}",
        ),
    ),
    over("dispute_evidence", single("dispute_evidence", "count(*)")),
)

AUCTIONS: Final = (
    over(
        "auctions",
        by_value("auctions", "{status}", AUCTION_STATUSES),
        *(
            by_window("auction_outcomes", "updated_at", one_of("{status}", words), status)
            for status, words in AUCTION_STATUSES.items()
            if status != "open"
        ),
        mean_by_window(
            "auction_price_mean_units",
            "auction_awards",
            "updated_at",
            "{final_price}",
            "{status} = 'awarded'",
        ),
        mean_by_window("auction_budget_mean_units", "auction_budgets", "created_at", "{max_price}"),
    ),
    over("bids", single("auction_bids", "count(*)")),
)

REPUTATION: Final = (
    over(
        "reputation_scores",
        single("reputation_median_score", "{overall_score:median}"),
        added("reputation_points", "{overall_score}"),
        rows("reputation_agents", "{overall_score} >= 80", "high"),
        rows("reputation_agents", "{overall_score} >= 50 AND {overall_score} < 80", "medium"),
        rows("reputation_agents", "{overall_score} < 50", "low"),
        added("reputation_task_results", "{successful_tasks}", "true", "success"),
        added("reputation_task_results", "{failed_tasks}", "true", "failed"),
        rows("economic_blacklisted_peers", BLACKLISTED),
    ),
    over(
        "reputation_events",
        by_value("reputation_events_total", "{event_type}", REPUTATION_EVENTS),
        events=("created_at",),
    ),
)

DELEGATIONS: Final = (
    over(
        "delegations",
        by_value("delegations", "{status}", DELEGATION_STATUSES),
        added("delegation_agents", "{agents_count}"),
        added("delegation_budget_units", "{budget}"),
        by_window(
            "delegation_outcomes", "actual_completion", "{status} = 'completed'", "completed"
        ),
        by_window("delegation_outcomes", "updated_at", "{status} = 'failed'", "failed"),
        by_window("delegation_outcomes", "updated_at", CANCELLED, "cancelled"),
        mean_by_window(
            "delegation_completion_mean_seconds",
            "",
            "actual_completion",
            "{actual_completion:epoch} - {created_at:epoch}",
            "{status} = 'completed'",
        ),
    ),
    over("subtasks", by_value("subtasks", "{status}", SUBTASK_STATUSES)),
)
