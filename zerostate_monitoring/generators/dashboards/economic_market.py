"""Economy: escrow, auctions, disputes and reputation."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.selectors import (
    a_minute,
    share,
)
from zerostate_monitoring.generators.dashboards.values import (
    Colour,
    Limits,
    Row,
    Rule,
    Unit,
)
from zerostate_monitoring.generators.dashboards.words import (
    bars,
    lines,
    now,
    q,
    quantiles,
    top,
)

ESCROW: Final = Row(
    title="Escrow and settlement",
    panels=(
        lines(
            "Escrows by status",
            Unit.COUNT,
            "As they are now.",
            q("sum by (status) (zerostate_escrows)", "{{status}}"),
        ),
        bars(
            "Outcomes, 24 h",
            Unit.COUNT,
            "How many escrows came to which end within a day.",
            now(
                'sum by (outcome) (zerostate_escrow_outcomes{window="24h"})',
                "{{outcome}}",
            ),
            rules=("EscrowFailuresHigh", "DisputeShareHigh"),
        ),
        lines(
            "Locked in escrows",
            Unit.UNITS,
            "Money that waits for its task.",
            q("sum(zerostate_escrow_amount_locked)", "locked", Colour.PLAIN),
        ),
        lines(
            "Overdue by kind",
            Unit.UNITS,
            "Money that should have moved; the rows are found by their kind in the runbook.",
            q("sum by (kind) (zerostate_funds_overdue_units)", "{{kind}}"),
            limits=Limits(red=Rule("FundsOverdue", "limit")),
            rules=("FundsOverdue",),
        ),
        lines(
            "Settlements that fail",
            Unit.RATIO,
            "Share of half an hour; the line is where SettlementFailuresHigh begins.",
            q(
                share(
                    'increase(zerostate_economic_settlements_total{result="failed"}[30m])',
                    "increase(zerostate_economic_settlements_total[30m])",
                ),
                "failed",
                Colour.RED,
            ),
            limits=Limits(red=Rule("SettlementFailuresHigh", "share")),
            rules=("SettlementFailuresHigh",),
            traces=True,
        ),
        lines(
            "Settlements by result",
            Unit.PER_MINUTE,
            "Payment channels that were settled.",
            q(a_minute("economic_settlements_total", "result"), "{{result}}"),
        ),
        lines(
            "Amount of a settlement",
            Unit.UNITS,
            "What a channel pays out at its end.",
            *quantiles("zerostate_economic_settlement_amount", window="1h", of=(0.5, 0.95)),
        ),
        lines(
            "Time to settlement",
            Unit.SECONDS,
            "From a channel's opening to its settlement.",
            *quantiles(
                "zerostate_economic_settlement_duration_seconds", window="1h", of=(0.5, 0.95)
            ),
        ),
        lines(
            "Time to release",
            Unit.SECONDS,
            "From an escrow's funding to its release, at the mean of a day.",
            q('max(zerostate_escrow_time_to_release_mean_seconds{window="24h"})', "mean"),
        ),
    ),
)

MARKET: Final = Row(
    title="Auctions and delegations",
    panels=(
        bars(
            "Auctions that ended, 24 h",
            Unit.COUNT,
            "How they ended.",
            now(
                'sum by (outcome) (zerostate_auction_outcomes{window="24h"})',
                "{{outcome}}",
            ),
        ),
        lines(
            "Awarded, 24 h",
            Unit.RATIO,
            "Share of the auctions of a day that were awarded; the line is where"
            " AuctionsUnawarded begins.",
            q('max(zerostate_auction_completion_ratio{window="24h"})', "awarded", Colour.PLAIN),
            limits=Limits(red=Rule("AuctionsUnawarded", "share"), below=True),
            rules=("AuctionsUnawarded",),
        ),
        lines(
            "Bids per auction",
            Unit.COUNT,
            "At the mean of all auctions.",
            q("sum(zerostate_auction_bids) / sum(zerostate_auctions)", "bids", Colour.PLAIN),
        ),
        lines(
            "Winning price and budget, 24 h",
            Unit.UNITS,
            "Means: how far bids stay below what users would pay.",
            q('max(zerostate_auction_price_mean_units{window="24h"})', "price"),
            q('max(zerostate_auction_budget_mean_units{window="24h"})', "budget"),
        ),
        lines(
            "Subtasks by status",
            Unit.COUNT,
            "Of all delegations.",
            q("sum by (status) (zerostate_subtasks)", "{{status}}"),
        ),
        lines(
            "Delegations by status",
            Unit.COUNT,
            "As they are now.",
            q("sum by (status) (zerostate_delegations)", "{{status}}"),
        ),
    ),
)

DISPUTES: Final = Row(
    title="Disputes",
    panels=(
        lines(
            "Disputes by status",
            Unit.COUNT,
            "As they are now.",
            q("sum by (status) (zerostate_disputes)", "{{status}}"),
        ),
        lines(
            "Disputed share, 24 h",
            Unit.RATIO,
            "Of the escrows with an outcome; the line is where DisputeShareHigh begins.",
            q('max(zerostate_escrow_dispute_ratio{window="24h"})', "disputed", Colour.RED),
            limits=Limits(red=Rule("DisputeShareHigh", "share")),
            rules=("DisputeShareHigh",),
        ),
        lines(
            "Opened and resolved",
            Unit.PER_MINUTE,
            "Disputes that entered a stage.",
            q(a_minute("economic_disputes_total", "resolution"), "{{resolution}}"),
        ),
        lines(
            "Time to a decision",
            Unit.SECONDS,
            "Of the disputes that were resolved within a day, at the mean.",
            q('max(zerostate_dispute_resolution_mean_seconds{window="24h"})', "mean"),
            empty_when_well=True,
            fault="disputes",
        ),
        lines(
            "Evidence per dispute",
            Unit.COUNT,
            "At the mean of all disputes.",
            q("sum(zerostate_dispute_evidence) / sum(zerostate_disputes)", "pieces"),
        ),
    ),
)

REPUTATION: Final = Row(
    title="Reputation",
    panels=(
        lines(
            "Median of the scores",
            Unit.POINTS,
            "Of all agents, 0 to 100, and as it is kept for weeks.",
            q("max(zerostate_reputation_median_score)", "median", Colour.PLAIN),
            q("zerostate:reputation_median:avg5m", "recorded", Colour.MUTED),
            rules=("ReputationShift",),
        ),
        lines(
            "Agents by band",
            Unit.AGENTS,
            "High from 80, medium from 50.",
            q("sum by (band) (zerostate_reputation_agents)", "{{band}}"),
            stacked=True,
        ),
        lines(
            "Events by type",
            Unit.PER_MINUTE,
            "What changes scores.",
            q(a_minute("reputation_events_total", "event"), "{{event}}"),
        ),
        lines(
            "Blacklist",
            Unit.PER_MINUTE,
            "Peers that were put on it, taken off it, or whose time on it ended.",
            q(a_minute("economic_blacklist_events_total", "event_type"), "{{event_type}}"),
            rules=("BlacklistShareHigh",),
        ),
        lines(
            "Violations by type",
            Unit.PER_MINUTE,
            "Rules that peers have broken.",
            q(
                a_minute("economic_violations_total", "violation_type"),
                "{{violation_type}}",
            ),
        ),
        top(
            "Most trusted peers",
            "topk(10, max by (peer_id) (zerostate_economic_reputation_score))",
            "{{peer_id}}",
            Unit.RATIO,
            "As nodes see them, 0 to 1.",
        ),
        top(
            "Least successful peers",
            "bottomk(10, max by (peer_id) (zerostate_economic_success_rate))",
            "{{peer_id}}",
            Unit.RATIO,
            "Share of a peer's tasks that succeeded.",
        ),
        top(
            "Dearest peers",
            "topk(10, max by (peer_id) (zerostate_economic_average_cost))",
            "{{peer_id}}",
            Unit.UNITS,
            "What a peer's tasks cost at the mean.",
        ),
    ),
)
