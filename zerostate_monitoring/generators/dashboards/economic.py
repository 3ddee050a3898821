"""Economy: is money where it should be, and does it move?"""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.economic_market import (
    DISPUTES,
    ESCROW,
    MARKET,
    REPUTATION,
)
from zerostate_monitoring.generators.dashboards.selectors import (
    PAID,
    UNPAID,
    a_minute,
    share,
)
from zerostate_monitoring.generators.dashboards.values import (
    Colour,
    Dashboard,
    Kind,
    Limits,
    Panel,
    Row,
    Rule,
    Unit,
)
from zerostate_monitoring.generators.dashboards.words import (
    DATA_SOURCE,
    FILTERS,
    lines,
    now,
    q,
    quantiles,
    tile,
)

_FIRST: Final = Row(
    title="",
    panels=(
        Panel(
            title="Value locked",
            kind=Kind.STAT,
            unit=Unit.UNITS,
            description="Money in channels and escrows, in the network's own units; beside what"
            " it was at the same hour yesterday, where history goes back so far.",
            queries=(
                now("sum(zerostate_economic_total_value_locked)", "now"),
                now(
                    "last_over_time(zerostate:value_locked:avg5m[10m] offset 1d)",
                    "yesterday",
                ),
            ),
            rules=("LockedValueDrop",),
        ),
        tile(
            "Payments",
            'sum(rate(zerostate_economic_payments_total{status="success"}[5m]))',
            Unit.PAYMENTS_PER_SECOND,
            "Payments that succeeded.",
            spark=True,
        ),
        tile(
            "Payment success, 1 h",
            f"1 - sum(increase({UNPAID}[1h])) / sum(increase({PAID}[1h]))",
            Unit.RATIO,
            "Share of the payments of the last hour that succeeded.",
            limits=Limits(
                amber=Rule("PaymentBudgetBurnSlow", "share", of_one=True),
                red=Rule("PaymentBudgetBurnFast", "share", of_one=True),
                below=True,
            ),
            to="zerostate-slo",
            rules=("PaymentsFailing", "PaymentBudgetBurnFast"),
            traces=True,
        ),
        tile(
            "Volume",
            "sum(rate(zerostate_economic_payment_amount_sum[5m]))",
            Unit.UNITS_PER_SECOND,
            "What successful payments move.",
        ),
        tile(
            "Overdue funds",
            "sum(zerostate_funds_overdue_units)",
            Unit.UNITS,
            "Money that stands where it should no longer stand.",
            limits=Limits(red=Rule("FundsOverdue", "limit")),
            rules=("FundsOverdue",),
        ),
        tile(
            "Unbalanced channels",
            "sum(zerostate_ledger_unbalanced_channels)",
            Unit.COUNT,
            "Channels in which money was made or lost.",
            limits=Limits(red=1),
            rules=("LedgerUnbalanced",),
        ),
        tile(
            "Open disputes",
            'sum(zerostate_disputes{status=~"open|reviewing"})',
            Unit.COUNT,
            "Disputes that nobody has decided.",
            rules=("DisputeShareHigh",),
        ),
        tile(
            "Oldest dispute",
            "time() - min(zerostate_dispute_oldest_open_timestamp_seconds)",
            Unit.SECONDS,
            "Since when the oldest dispute is open; none, where none is.",
            limits=Limits(
                amber=Rule("DisputesUnresolved", "age", times=0.5),
                red=Rule("DisputesUnresolved", "age"),
            ),
            empty_when_well=True,
            fault="slow-disputes",
            rules=("DisputesUnresolved",),
        ),
        tile(
            "Blacklisted",
            "max(zerostate_economic_blacklisted_peers)"
            " / max(zerostate_economic_active_participants)",
            Unit.RATIO,
            "Peers with whom nobody deals, of all that take part.",
            limits=Limits(
                amber=Rule("BlacklistShareHigh", "share", times=0.5),
                red=Rule("BlacklistShareHigh", "share"),
            ),
            rules=("BlacklistShareHigh",),
        ),
    ),
)

_PAYMENTS: Final = Row(
    title="Payments",
    panels=(
        lines(
            "Payments that fail",
            Unit.RATIO,
            "Share of those that ended; the line is where PaymentsFailing begins.",
            q(share(f"rate({UNPAID}[5m])", f"rate({PAID}[5m])"), "failed", Colour.RED),
            limits=Limits(red=Rule("PaymentsFailing", "share")),
            rules=("PaymentsFailing",),
            traces=True,
        ),
        lines(
            "Payments by result",
            Unit.PAYMENTS_PER_SECOND,
            "A failed payment is counted once.",
            q("sum by (status) (rate(zerostate_economic_payments_total[5m]))", "{{status}}"),
        ),
        lines(
            "Failures by kind",
            Unit.PER_MINUTE,
            "Why payments fail.",
            q(a_minute("economic_payment_failures_total", "error_type"), "{{error_type}}"),
            traces=True,
        ),
        lines(
            "Amounts",
            Unit.UNITS,
            "What successful payments move.",
            *quantiles("zerostate_economic_payment_amount", of=(0.5, 0.9, 0.99)),
        ),
        lines(
            "Time of a payment",
            Unit.SECONDS,
            "The slowest twentieth and the slowest hundredth.",
            *quantiles("zerostate_economic_payment_duration_seconds"),
        ),
        lines(
            "Transactions a second",
            Unit.PER_SECOND,
            "What nodes say of their own pace: half the time it is below p50.",
            *quantiles("zerostate_economic_transaction_throughput", of=(0.5, 0.95)),
        ),
        lines(
            "Value locked over time",
            Unit.UNITS,
            "As it is, and as the means of five minutes that are kept for weeks.",
            q("sum(zerostate_economic_total_value_locked)", "now", Colour.PLAIN),
            q("zerostate:value_locked:avg5m", "recorded", Colour.MUTED),
            rules=("LockedValueDrop",),
        ),
        lines(
            "In and out",
            Unit.UNITS_PER_SECOND,
            "Money that came from outside, and that left.",
            q("sum(rate(zerostate_deposit_amount_total[5m]))", "deposited"),
            q("sum(rate(zerostate_withdrawal_amount_total[5m]))", "withdrawn"),
        ),
        lines(
            "Who takes part",
            Unit.COUNT,
            "Parties of the economy, and users and agents that did something within a day.",
            q("max(zerostate_economic_active_participants)", "participants"),
            q('sum(zerostate_economic_active_users{window="24h"})', "users"),
            q('sum(zerostate_economic_active_agents{window="24h"})', "agents"),
        ),
    ),
)

_CHANNELS: Final = Row(
    title="Channels",
    panels=(
        lines(
            "Channels by state",
            Unit.COUNT,
            "As they are now. Many in settling are a settlement that fails.",
            q("sum by (state) (zerostate_payment_channels)", "{{state}}"),
        ),
        lines(
            "Entering a state",
            Unit.PER_MINUTE,
            "Channels opened, active, closed, disputed.",
            q(a_minute("economic_channels_total", "state"), "{{state}}"),
        ),
        lines(
            "Life of channels",
            Unit.SECONDS,
            "How old they become, by why they are closed.",
            *quantiles(
                "zerostate_economic_channel_duration_seconds",
                by="close_reason",
                window="1h",
                of=(0.5,),
            ),
        ),
        lines(
            "Operations by result",
            Unit.PER_MINUTE,
            "Opening, activating and closing.",
            q(
                a_minute("economic_channel_operations_total", "operation, result"),
                "{{operation}}: {{result}}",
            ),
        ),
        lines(
            "Money in channels",
            Unit.UNITS,
            "By the part that it plays; the parts of a channel make up its deposits.",
            q("sum by (part) (zerostate_payment_channel_units)", "{{part}}"),
            rules=("LedgerUnbalanced",),
        ),
        lines(
            "Bookings",
            Unit.PER_MINUTE,
            "Steps of the same money: they are not added.",
            q(a_minute("channel_transactions_total", "operation"), "{{operation}}"),
        ),
    ),
)


DASHBOARD: Final = Dashboard(
    uid="zerostate-economic",
    title="Economy",
    question="Is money where it should be, and does it move?",
    variables=(DATA_SOURCE, FILTERS),
    rows=(_FIRST, _PAYMENTS, _CHANNELS, ESCROW, MARKET, DISPUTES, REPUTATION),
    layers=("economic",),
    span="now-3h",
)
