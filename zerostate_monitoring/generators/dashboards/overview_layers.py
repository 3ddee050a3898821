"""Network overview: three layers, side by side."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.selectors import (
    ENDED,
    FAILED,
    LOST,
    PAID,
    SENT,
    UNPAID,
)
from zerostate_monitoring.generators.dashboards.values import (
    Colour,
    Limits,
    Row,
    Rule,
    Unit,
)
from zerostate_monitoring.generators.dashboards.words import (
    lines,
    q,
    quantiles,
)

_LOST_SHARE: Final = f"sum(rate({LOST}[5m])) / (sum(rate({SENT}[5m])) + sum(rate({LOST}[5m])))"

_FAILED_SHARE: Final = f"sum(rate({FAILED}[5m])) / sum(rate({ENDED}[5m]))"

_UNPAID_SHARE: Final = f"sum(rate({UNPAID}[5m])) / sum(rate({PAID}[5m]))"


LAYERS: Final = Row(
    title="Three layers, side by side",
    panels=(
        lines(
            "Messages",
            Unit.MESSAGES_PER_SECOND,
            "What the nodes send to each other. Falls where nodes are lost, or lose each other.",
            q(f"sum(rate({SENT}[5m]))", "sent", Colour.PLAIN),
            q(f"sum(rate({LOST}[5m]))", "failed", Colour.RED),
            to="zerostate-p2p",
        ),
        lines(
            "Tasks",
            Unit.TASKS_PER_SECOND,
            "What the agents are asked to do, and what they get done.",
            q(
                'sum(rate(zerostate_tasks_total{status="submitted"}[5m]))',
                "submitted",
                Colour.MUTED,
            ),
            q(
                'sum(rate(zerostate_tasks_total{status="completed"}[5m]))',
                "completed",
                Colour.PLAIN,
            ),
            q(f"sum(rate({FAILED}[5m]))", "failed", Colour.RED),
            to="zerostate-execution",
        ),
        lines(
            "Payments",
            Unit.PAYMENTS_PER_SECOND,
            "What is paid for tasks.",
            q(
                'sum(rate(zerostate_economic_payments_total{status="success"}[5m]))',
                "successful",
                Colour.PLAIN,
            ),
            q(f"sum(rate({UNPAID}[5m]))", "failed", Colour.RED),
            to="zerostate-economic",
        ),
        lines(
            "Messages that fail",
            Unit.RATIO,
            "Share of the messages that do not arrive; the line is where MessageFailuresHigh"
            " begins for a single node.",
            q(_LOST_SHARE, "failed", Colour.RED),
            limits=Limits(red=Rule("MessageFailuresHigh", "share")),
            to="zerostate-p2p",
            rules=("MessageFailuresHigh",),
            traces=True,
        ),
        lines(
            "Tasks that fail",
            Unit.RATIO,
            "Share of the ended tasks that failed; the line is where TasksFailing begins.",
            q(_FAILED_SHARE, "failed", Colour.RED),
            limits=Limits(red=Rule("TasksFailing", "share")),
            to="zerostate-execution",
            rules=("TasksFailing",),
            traces=True,
        ),
        lines(
            "Payments that fail",
            Unit.RATIO,
            "Share of the payments that failed; the line is where PaymentsFailing begins.",
            q(_UNPAID_SHARE, "failed", Colour.RED),
            limits=Limits(red=Rule("PaymentsFailing", "share")),
            to="zerostate-economic",
            rules=("PaymentsFailing",),
            traces=True,
        ),
        lines(
            "How long it takes",
            Unit.SECONDS,
            "The slowest twentieth of sending a message, of a task and of a payment.",
            *quantiles(
                "zerostate_p2p_operation_duration_seconds",
                'operation="send"',
                of=(0.95,),
                what="message",
            ),
            *quantiles("zerostate_task_duration_seconds", of=(0.95,), what="task"),
            *quantiles("zerostate_economic_payment_duration_seconds", of=(0.95,), what="payment"),
            to="zerostate-execution",
        ),
        lines(
            "Nodes up by site",
            Unit.COUNT,
            "Which site loses nodes.",
            q('sum by (site) (zerostate_node_up{site=~"$site"})', "{{site}}"),
            to="zerostate-nodes",
        ),
        lines(
            "In the economy",
            Unit.COUNT,
            "How many take part, and how many payment channels are open between them.",
            q("max(zerostate_economic_active_participants)", "participants"),
            q('sum(zerostate_payment_channels{state=~"open|escrowed|settling"})', "channels"),
            to="zerostate-economic",
        ),
    ),
)
