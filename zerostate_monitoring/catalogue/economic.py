"""Economic families: channels, payments, reputation, settlements, disputes, deposits."""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.catalogue import buckets
from zerostate_monitoring.catalogue.definition import (
    Combine,
    Definition,
    Feed,
    Kind,
    Layer,
    Measure,
)

_FED: Final = (Feed.NODE, Feed.INSTRUMENT)
_PLATFORM_TOO: Final = (Feed.PLATFORM, *_FED)
_PARTIES: Final = ("party_a", "party_b")
_RESOLUTIONS: Final = ("resolved", "pending", "arbitrated")
_LIVES_LONG: Final = "The original's buckets end at 10 s, for what lasts hours or days."
_CHANNEL_ENDS: Final = "Both parties report a channel; its series ends with it."

_counter = partial(
    Definition, kind=Kind.COUNTER, layer=Layer.ECONOMIC, feeds=_FED, measure=Measure.COUNTER
)
_gauge = partial(Definition, kind=Kind.GAUGE, layer=Layer.ECONOMIC, feeds=_FED)
_histogram = partial(
    Definition, kind=Kind.HISTOGRAM, layer=Layer.ECONOMIC, feeds=_FED, measure=Measure.COUNTER
)
_per_peer = partial(
    _gauge,
    labels=("peer_id",),
    unbounded=("peer_id",),
    combine=Combine.MAX,
)

# The payment package's own channel families are said by these: opened and closed by the
# states and by the count of the life time, amounts by the sum of payment_amount.
_CHANNELS: Final = (
    _counter(
        name="zerostate_economic_channels_total",
        help="Payment channels that entered a state.",
        labels=("state",),
        values={"state": ("opening", "active", "closed", "disputed")},
    ),
    _gauge(
        name="zerostate_economic_channels_active",
        help="Payment channels that are open, by party.",
        labels=("party",),
        values={"party": _PARTIES},
        note="Every channel stands under both parties; do not add them.",
    ),
    _histogram(
        name="zerostate_economic_channel_duration_seconds",
        help="How old payment channels become, by why they were closed.",
        unit="seconds",
        labels=("close_reason",),
        buckets=buckets.CHANNEL_LIFETIME,
        values={"close_reason": ("normal",)},
        note=_LIVES_LONG,
    ),
    _gauge(
        name="zerostate_economic_channel_balance",
        help="What each party holds in a payment channel.",
        unit="units",
        labels=("channel_id", "party"),
        values={"party": _PARTIES},
        unbounded=("channel_id",),
        combine=Combine.MAX,
        aliases=("payment_channel_balance",),
        note=_CHANNEL_ENDS,
    ),
    _counter(
        name="zerostate_economic_channel_operations_total",
        help="Payment channels opened, activated or closed, by result.",
        labels=("operation", "result"),
        values={"operation": ("open", "activate", "close"), "result": ("success", "failed")},
    ),
)

_PAYMENTS: Final = (
    _counter(
        name="zerostate_economic_payments_total",
        help="Payments by how they ended.",
        labels=("status",),
        values={"status": ("success", "failed", "refunded")},
        aliases=("payment_payments_processed_total",),
        note="A failed payment is counted once.",
    ),
    _histogram(
        name="zerostate_economic_payment_amount",
        help="How much successful payments move.",
        unit="units",
        buckets=buckets.COST,
        dropped=("channel_id", "method"),
        note=(
            "Failed payments are left out. The original declares the name twice, with the label"
            " channel_id and with method; both are summed away."
        ),
    ),
    _gauge(
        name="zerostate_economic_payment_sequence",
        help="The last sequence number of a payment channel.",
        labels=("channel_id",),
        unbounded=("channel_id",),
        combine=Combine.MAX,
        note=_CHANNEL_ENDS,
    ),
    _histogram(
        name="zerostate_economic_payment_duration_seconds",
        help="How long one payment takes.",
        unit="seconds",
        buckets=buckets.DURATION,
    ),
    _counter(
        name="zerostate_economic_payment_failures_total",
        help="Payments that failed, by kind of error.",
        labels=("error_type",),
        values={"error_type": ("insufficient_funds", "channel_expired")},
    ),
)

# Of the reputation package's own families, outcomes and incidents are said by these under
# other labels; its count of barred peers rises with every repetition and is left out.
_REPUTATION: Final = (
    _per_peer(
        name="zerostate_economic_reputation_score",
        help="How far a peer is trusted, from 0 to 1.",
        unit="ratio",
        aliases=("reputation_score",),
        note="The platform's own scores run from 0 to 100: zerostate_reputation_median_score.",
    ),
    _counter(
        name="zerostate_economic_tasks_executed_total",
        help="Tasks that a peer has carried out, by result.",
        labels=("peer_id", "result"),
        values={"result": ("success", "failure")},
        unbounded=("peer_id",),
    ),
    _per_peer(
        name="zerostate_economic_success_rate",
        help="Share of a peer's tasks that succeeded, from 0 to 1.",
        unit="ratio",
    ),
    _per_peer(
        name="zerostate_economic_average_duration_seconds",
        help="How long a peer's tasks take on average.",
        unit="seconds",
    ),
    _per_peer(
        name="zerostate_economic_average_cost",
        help="What a peer's tasks cost on average.",
        unit="units",
    ),
    _gauge(
        name="zerostate_economic_blacklisted_peers",
        help="Peers that nobody deals with at present.",
        feeds=_PLATFORM_TOO,
        combine=Combine.MAX,
    ),
    _counter(
        name="zerostate_economic_blacklist_events_total",
        help="Peers that were put on the blacklist, taken off it, or whose time on it ended.",
        labels=("event_type",),
        values={"event_type": ("added", "removed", "expired")},
    ),
    _counter(
        name="zerostate_economic_violations_total",
        help="Breaches of the rules, by kind.",
        labels=("violation_type",),
        values={"violation_type": ("timeout", "failed_task")},
        dropped=("peer_id",),
        note="The node's label peer_id is summed away: it grows with the network.",
    ),
    _counter(
        name="zerostate_economic_reputation_decay_total",
        help="How often a peer's trust was lowered because time had passed.",
        labels=("peer_id",),
        unbounded=("peer_id",),
    ),
)

# An escrow's payouts are counted by zerostate_settlement_amount, active escrows stand in
# zerostate_escrows, and the original's balance check fails after every settlement:
# zerostate_ledger_unbalanced_channels takes its place.
_SETTLEMENTS: Final = (
    _counter(
        name="zerostate_economic_settlements_total",
        help="Payment channels that were settled, by result.",
        labels=("result",),
        values={"result": ("success", "failed")},
    ),
    _histogram(
        name="zerostate_economic_settlement_amount",
        help="How much is settled when a payment channel ends.",
        unit="units",
        buckets=buckets.COST,
    ),
    _histogram(
        name="zerostate_economic_settlement_duration_seconds",
        help="How long it takes from a payment channel's opening to its settlement.",
        unit="seconds",
        buckets=buckets.CHANNEL_LIFETIME,
        note=_LIVES_LONG,
    ),
    _histogram(
        name="zerostate_settlement_amount",
        help="How much escrows pay out to those who earned it; refunds are not counted.",
        unit="units",
        buckets=buckets.PAYOUT,
    ),
    _gauge(
        name="zerostate_escrow_amount_locked",
        help="What escrows hold that are funded or disputed.",
        unit="units",
        feeds=_PLATFORM_TOO,
    ),
    _counter(
        name="zerostate_economic_disputes_total",
        help="Disputes that entered a stage; one that is resolved was pending before.",
        labels=("resolution",),
        values={"resolution": _RESOLUTIONS},
    ),
    _histogram(
        name="zerostate_economic_dispute_resolution_seconds",
        help="How long disputes last, by how they end.",
        unit="seconds",
        labels=("resolution",),
        buckets=buckets.DISPUTE,
        values={"resolution": _RESOLUTIONS},
        note=_LIVES_LONG,
    ),
)

_ECONOMY: Final = (
    _gauge(
        name="zerostate_economic_total_value_locked",
        help="Value that payment channels and escrows hold.",
        unit="units",
        feeds=_PLATFORM_TOO,
    ),
    _gauge(
        name="zerostate_economic_active_participants",
        help="Parties that take part in the economy, each counted once.",
        feeds=_PLATFORM_TOO,
        combine=Combine.MAX,
    ),
    _histogram(
        name="zerostate_economic_transaction_throughput",
        help="Transactions per second, as observed from time to time.",
        buckets=buckets.COUNT,
        note="A histogram of a rate; rate() of zerostate_economic_payments_total says it better.",
    ),
    _counter(
        name="zerostate_deposits_total",
        help="Deposits to accounts that were booked.",
    ),
    _counter(
        name="zerostate_deposit_amount_total",
        help="Value that was deposited to accounts.",
        unit="units",
    ),
    _counter(
        name="zerostate_withdrawals_total",
        help="Withdrawals from accounts that were booked.",
    ),
    _counter(
        name="zerostate_withdrawal_amount_total",
        help="Value that was withdrawn from accounts.",
        unit="units",
    ),
)

DEFINITIONS: Final[tuple[Definition, ...]] = (
    *_CHANNELS,
    *_PAYMENTS,
    *_REPUTATION,
    *_SETTLEMENTS,
    *_ECONOMY,
)
