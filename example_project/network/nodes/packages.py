"""What the guild, payment and reputation packages of the Go node register themselves."""

from __future__ import annotations

from typing import Final

from example_project.network.nodes.family import (
    GUILD_JOIN,
    GUILD_LIFETIME,
    SETTLEMENT,
    Family,
    counter,
    gauge,
    histogram,
)

PACKAGES: Final[dict[str, tuple[Family, ...]]] = {
    "guild": (
        counter("guild_creations_total"),
        gauge("guild_members", guild_id=()),
        histogram(
            "guild_lifetime_seconds", GUILD_LIFETIME, reason=("dissolved", "expired", "empty")
        ),
        histogram("guild_join_latency_seconds", GUILD_JOIN),
        counter("guild_messages_total", guild_id=(), type=("chat", "task")),
    ),
    "paychan": (
        gauge("zerostate_payment_channels_active"),
        counter("zerostate_payment_channels_closed_total"),
        counter("zerostate_deposits_total"),
        counter("zerostate_deposit_amount_total"),
        counter("zerostate_withdrawals_total"),
        counter("zerostate_withdrawal_amount_total"),
        gauge("zerostate_escrows_active"),
        gauge("zerostate_escrow_amount_locked"),
        counter("zerostate_settlements_total"),
        histogram("zerostate_settlement_amount", SETTLEMENT),
        counter("zerostate_balance_check_failures_total"),
    ),
    "p2ppay": (
        counter("payment_channels_opened_total"),
        counter(
            "payment_channels_closed_total",
            reason=("normal_closure", "task_complete", "all_tasks_complete"),
        ),
        gauge("payment_channel_balance", channel_id=(), party=("party_a", "party_b")),
        counter("payment_payments_processed_total", status=("success",)),
        counter("payment_amount_total"),
    ),
    "reputation": (
        gauge("reputation_score", peer_id=()),
        counter("reputation_tasks_executed_total", peer_id=(), success=("success", "failure")),
        counter("reputation_trust_events_total", event_type=("failure", "blacklist")),
        gauge("reputation_blacklisted_peers"),
    ),
}
