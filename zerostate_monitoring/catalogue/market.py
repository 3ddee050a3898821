"""Families about who deals with whom: auctions, reputation, delegations, the whole."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.catalogue.definition import Definition, Layer
from zerostate_monitoring.catalogue.shapes import (
    COUNTED_ROWS,
    OTHER,
    counter,
    economic,
    mean,
    outcomes,
    ratio,
    state,
    units,
    window,
)

_AUCTIONS: Final = (
    state(
        "zerostate_auctions",
        "Auctions by status.",
        "status",
        *("open", "closed", "awarded", "canceled", "expired"),
    ),
    outcomes(
        "zerostate_auction_outcomes",
        "Auctions that came to this end within the window.",
        *("closed", "awarded", "canceled", "expired"),
        note="By the time of the last change, which is the end of one that ended; closed is"
        " ended and not awarded yet.",
    ),
    ratio(
        name="zerostate_auction_completion_ratio",
        help="Awarded auctions over all that ended within the window.",
    ),
    economic(
        name="zerostate_auction_bids",
        help="Bids on auctions.",
        note="Mean per auction: over the sum of zerostate_auctions.",
    ),
    mean(
        "zerostate_auction_price_mean_units",
        "Mean winning price, of the auctions awarded within the window.",
        count="zerostate_auction_awards",
        unit="units",
    ),
    window(
        "zerostate_auction_awards",
        "Auctions awarded within the window of which the price is known.",
    ),
    mean(
        "zerostate_auction_budget_mean_units",
        "Mean of the most that a user would pay, of the auctions opened within the window.",
        count="zerostate_auction_budgets",
        unit="units",
    ),
    window(
        "zerostate_auction_budgets",
        "Auctions opened within the window of which the highest price is known.",
    ),
)

_REPUTATION: Final = (
    economic(
        name="zerostate_reputation_median_score",
        help="Median of the agents' overall reputation, 0 to 100.",
        note="No sample while no agent has a score.",
    ),
    economic(
        name="zerostate_reputation_points",
        help="Overall reputation added over all agents, each 0 to 100.",
        note="Mean: over the sum of zerostate_reputation_agents.",
    ),
    economic(
        name="zerostate_reputation_agents",
        help="Agents with a reputation: high from 80, medium from 50, low below.",
        labels=("band",),
        values={"band": ("high", "medium", "low")},
    ),
    economic(
        name="zerostate_reputation_task_results",
        help="Tasks that the agents' reputations stand on, by result.",
        labels=("result",),
        values={"result": ("success", "failed")},
    ),
    economic(
        name="zerostate_reputation_success_ratio",
        help="Successful tasks over all tasks that the agents' reputations stand on.",
        unit="ratio",
        note="By task, so an agent with many tasks weighs more. No sample without tasks.",
    ),
    counter(
        name="zerostate_reputation_events_total",
        help="Changes of reputations, by what caused them.",
        layer=Layer.ECONOMIC,
        labels=("event",),
        values={"event": ("success", "failure", "timeout", "quality_feedback", OTHER)},
        note=COUNTED_ROWS,
    ),
)

_DELEGATIONS: Final = (
    state(
        "zerostate_delegations",
        "Delegations by status.",
        "status",
        *("pending", "planning", "in_progress", "completed", "failed", "cancelled"),
    ),
    state(
        "zerostate_subtasks",
        "Subtasks of delegations by status.",
        "status",
        *("pending", "assigned", "in_progress", "completed", "failed"),
    ),
    economic(
        name="zerostate_delegation_agents",
        help="Agents set to work, added over all delegations.",
        note="Mean: over the sum of zerostate_delegations.",
    ),
    units(
        name="zerostate_delegation_budget_units",
        help="Budgets, added over all delegations.",
        note="Mean: over the sum of zerostate_delegations.",
    ),
    outcomes(
        "zerostate_delegation_outcomes",
        "Delegations that came to this end within the window.",
        *("completed", "failed", "cancelled"),
    ),
    ratio(
        name="zerostate_delegation_completion_ratio",
        help="Completed delegations over those completed or failed within the window.",
    ),
    mean(
        "zerostate_delegation_completion_mean_seconds",
        "Mean time from creation to completion, of the delegations completed within the window.",
        count="zerostate_delegation_outcomes, outcome completed",
        unit="seconds",
    ),
)

_HEALTH: Final = (
    outcomes(
        "zerostate_economic_transactions",
        "Payments that reached the payee or went back to the payer within the window.",
        "paid",
        "returned",
        note="Escrows released and refunded, and channels' releases and refunds; a channel's"
        " payment for a task that has an escrow is that escrow's.",
    ),
    outcomes(
        "zerostate_economic_transaction_units",
        "Units that reached the payee or went back to the payer within the window.",
        "paid",
        "returned",
        unit="units",
        note="Mean: over zerostate_economic_transactions.",
    ),
    ratio(
        name="zerostate_economic_success_ratio",
        help="Payments that reached the payee over all that ended within the window.",
    ),
    window(
        "zerostate_economic_active_users",
        "Users who put money into an escrow or delegated a task within the window, each once.",
    ),
    window(
        "zerostate_economic_active_agents",
        "Agents that were seen within the window.",
        note="Share of all: over the sum of zerostate_agents.",
    ),
)

DEFINITIONS: Final[tuple[Definition, ...]] = (
    *_AUCTIONS,
    *_REPUTATION,
    *_DELEGATIONS,
    *_HEALTH,
)
