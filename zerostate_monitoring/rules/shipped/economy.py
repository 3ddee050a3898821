"""Built-in rules about money: payments, escrows, disputes, auctions, reputation."""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.rules.shipped.definition import (
    Parameter,
    ShippedRule,
    Unit,
    minutes,
    number,
    ratio,
    seconds,
    window,
)

_rule = partial(ShippedRule, layer="economic")
_share = partial(ratio, "share")
_outcomes = partial(number, "outcomes", 20, 1, 1e6)
_HOUR: Final = 3600

_PAYMENTS: Final = (
    _rule(
        name="PaymentsFailing",
        severity="critical",
        fault="payment_failures",
        switch="payments",
        for_=minutes(2),
        keep_firing_for=minutes(2),
        parameters=(
            _share(0.2, 0.01, 0.99, "Fires above this share of payments that failed."),
            number("payments", 10, 1, 1e6, "With at least so many payments in the window."),
            window("window", 300, 240, 1800, "In which payments are counted."),
            number("few", 5, 2, 1e6, "Where traffic is low: so many failed and none succeeded."),
            window("long", 1800, 300, 1800, "In which they are counted where traffic is low."),
        ),
        expr='(sum(increase(zerostate_economic_payments_total{status="failed"}[<window>]))'
        " / sum(increase("
        'zerostate_economic_payments_total{status=~"success|failed"}[<window>])) > <share>'
        " and sum(increase("
        'zerostate_economic_payments_total{status=~"success|failed"}[<window>])) >= <payments>)'
        ' or (sum(increase(zerostate_economic_payments_total{status="failed"}[<long>])) >= <few>'
        ' and sum(increase(zerostate_economic_payments_total{status="success"}[<long>])) == 0)',
        # One branch gives a share, the other a count of at least <few>.
        summary="{{ if le $value 1.0 }}{{ $value | humanizePercentage }} of the payments fail"
        ' (limit <share> over <window>).{{ else }}{{ printf "%.0f" $value }} payments failed'
        " within <long> and none succeeded (limit <few>).{{ end }}",
        description="Agents are not paid. Look at failures by type of error: have channels"
        " expired, are they out of funds?",
    ),
    _rule(
        name="SettlementFailuresHigh",
        severity="warning",
        fault="settlements",
        switch="settlement",
        for_=minutes(10),
        keep_firing_for=minutes(10),
        parameters=(
            _share(0.1, 0.01, 0.9, "Fires above this share of settlements that failed."),
            number("settlements", 5, 1, 1e6, "With at least so many in the window."),
            window("window", 1800, 240, 1800, "In which settlements are counted."),
        ),
        expr='sum(increase(zerostate_economic_settlements_total{result="failed"}[<window>]))'
        " / sum(increase(zerostate_economic_settlements_total[<window>])) > <share>"
        " and sum(increase(zerostate_economic_settlements_total[<window>])) >= <settlements>",
        summary="{{ $value | humanizePercentage }} of the settlements fail (limit <share> over"
        " <window>).",
        description="Earned money stays in channels. Look at signatures and sequence numbers, and"
        " at what stands behind the settlement.",
    ),
    _rule(
        name="FundsOverdue",
        severity="warning",
        fault="funds_overdue",
        switch="funds",
        for_=minutes(15),
        keep_firing_for=minutes(15),
        parameters=(number("limit", 0, 0, 1e6, "Fires above so many overdue of one kind."),),
        expr="zerostate_funds_overdue > <limit>",
        summary="{{ $value }} overdue of kind {{ $labels.kind }} (limit <limit>): money stands"
        " where it should no longer stand.",
        description="zerostate_funds_overdue_units tells how much it is. Does the job run that"
        " releases funds?",
    ),
    _rule(
        name="LockedValueDrop",
        severity="critical",
        fault="locked_value",
        switch="drain",
        for_=minutes(5),
        keep_firing_for=minutes(15),
        parameters=(
            ratio("share", 0.5, 0.05, 0.95, "Fires below this share of what was locked before."),
            number("units", 100, 0, 1e12, "If more than so many units were locked then."),
            window("window", _HOUR, 1800, _HOUR, "How long before is compared with."),
        ),
        expr="sum(zerostate_economic_total_value_locked)"
        " < <share> * sum(zerostate_economic_total_value_locked offset <window>)"
        " and sum(zerostate_economic_total_value_locked offset <window>) > <units>",
        summary="{{ $value | humanize }} units are locked, less than <share> of what was locked"
        " <window> ago.",
        description="Money leaves the network. Look at the largest settlements of the hour: one"
        " payer or many?",
    ),
    _rule(
        name="LedgerUnbalanced",
        severity="critical",
        fault="ledger",
        switch="ledger",
        for_=minutes(2),
        expr="zerostate_ledger_unbalanced_channels > 0",
        summary="{{ $value }} channels hold other money than was paid in (limit 0).",
        description="Money was made or lost. Stop automatic settlement, list the channels and"
        " read the last transactions of each.",
    ),
)

_OUTCOMES: Final = (
    _rule(
        name="DisputeShareHigh",
        severity="warning",
        fault="disputes",
        switch="disputes",
        for_=minutes(30),
        keep_firing_for=minutes(30),
        parameters=(
            _share(0.15, 0.01, 0.9, "Fires above this share of escrows that were disputed."),
            _outcomes("With at least so many outcomes within 24 hours."),
        ),
        expr='sum(zerostate_escrow_outcomes{outcome="disputed", window="24h"})'
        ' / sum(zerostate_escrow_outcomes{window="24h"}) > <share>'
        ' and sum(zerostate_escrow_outcomes{window="24h"}) >= <outcomes>',
        summary="{{ $value | humanizePercentage }} of the escrows of 24 hours were disputed"
        " (limit <share>).",
        description="Users and agents do not agree on results. Look at disputes by who began them"
        " and by agent.",
    ),
    _rule(
        name="DisputesUnresolved",
        severity="warning",
        fault="disputes_age",
        switch="slow-disputes",
        for_=minutes(60),
        parameters=(seconds("age", 48 * _HOUR, _HOUR, 30 * 24 * _HOUR, "Fires above this age."),),
        expr="time() - zerostate_dispute_oldest_open_timestamp_seconds > <age>",
        summary="The oldest dispute has been open for {{ $value | humanizeDuration }} (limit"
        " <age>).",
        description="Somebody waits for their money. Look at the reviewers' queue, and at the"
        " dispute.",
    ),
    _rule(
        name="EscrowFailuresHigh",
        severity="warning",
        fault="escrow_failures",
        switch="refunds",
        for_=minutes(30),
        keep_firing_for=minutes(30),
        parameters=(
            _share(0.25, 0.01, 0.9, "Fires above this share of escrows that came to nothing."),
            _outcomes("With at least so many outcomes within 24 hours."),
        ),
        expr='sum(zerostate_escrow_outcomes{outcome=~"refunded|cancelled", window="24h"})'
        ' / sum(zerostate_escrow_outcomes{window="24h"}) > <share>'
        ' and sum(zerostate_escrow_outcomes{window="24h"}) >= <outcomes>',
        summary="{{ $value | humanizePercentage }} of the escrows of 24 hours were refunded or"
        " cancelled (limit <share>).",
        description="Work is ordered and not done. Do tasks fail? Look at refunds by reason.",
    ),
    _rule(
        name="AuctionsUnawarded",
        severity="warning",
        fault="auctions",
        switch="auctions",
        for_=minutes(30),
        keep_firing_for=minutes(30),
        parameters=(
            _share(0.6, 0.05, 0.99, "Fires below this share of auctions that were awarded."),
            _outcomes("With at least so many ended within 24 hours."),
        ),
        expr='sum(zerostate_auction_outcomes{outcome="awarded", window="24h"})'
        ' / sum(zerostate_auction_outcomes{window="24h"}) < <share>'
        ' and sum(zerostate_auction_outcomes{window="24h"}) >= <outcomes>',
        summary="{{ $value | humanizePercentage }} of the auctions of 24 hours were awarded"
        " (at least <share> are expected).",
        description="Work finds no agent. Look at bids per auction, reserve prices, agents"
        " online, gossip.",
    ),
)

_TRUST: Final = (
    _rule(
        name="BlacklistShareHigh",
        severity="warning",
        fault="blacklist",
        switch="blacklist",
        for_=minutes(5),
        keep_firing_for=minutes(15),
        parameters=(
            _share(0.1, 0.01, 0.9, "Fires above this share of participants on the blacklist."),
            number("participants", 10, 1, 1e6, "With at least so many participants."),
        ),
        expr="max(zerostate_economic_blacklisted_peers)"
        " / max(zerostate_economic_active_participants) > <share>"
        " and max(zerostate_economic_active_participants) >= <participants>",
        summary="{{ $value | humanizePercentage }} of the active participants are blacklisted"
        " (limit <share>).",
        description="An attack, or a fault in the scoring. Look at what put them on the list.",
    ),
    _rule(
        name="ReputationShift",
        severity="warning",
        fault="reputation",
        switch="reputation",
        for_=minutes(15),
        keep_firing_for=minutes(30),
        parameters=(
            number("deviations", 3, 1, 10, "Fires above so many standard deviations."),
            Parameter("points", 5, Unit.POINTS, 1, 100, "And above so many points of 100."),
            window("window", 24 * _HOUR, 6 * _HOUR, 7 * 24 * _HOUR, "What it is compared with."),
            number("samples", 72, 12, 2016, "With so many samples of 5 minutes in the window."),
        ),
        expr="abs(max(zerostate_reputation_median_score)"
        " - avg_over_time(zerostate:reputation_median:avg5m[<window>]))"
        " > <deviations> * stddev_over_time(zerostate:reputation_median:avg5m[<window>])"
        " and abs(max(zerostate_reputation_median_score)"
        " - avg_over_time(zerostate:reputation_median:avg5m[<window>])) > <points>"
        " and count_over_time(zerostate:reputation_median:avg5m[<window>]) >= <samples>",
        summary='The median reputation is {{ printf "%.1f" $value }} points away from its mean of'
        " <window> (limit <points> points and <deviations> standard deviations).",
        description="Trust is moving as it usually does not. Look at events by type: one agent"
        " many times, or many agents once?",
    ),
)

RULES: Final = (*_PAYMENTS, *_OUTCOMES, *_TRUST)
