"""Network overview: is the network well?"""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.firing import firing
from zerostate_monitoring.generators.dashboards.overview_layers import LAYERS
from zerostate_monitoring.generators.dashboards.selectors import (
    ENDED,
    FAILED,
    PAID,
    UNPAID,
    so_many_of,
)
from zerostate_monitoring.generators.dashboards.values import (
    Colour,
    Dashboard,
    Limits,
    Row,
    Rule,
    Unit,
)
from zerostate_monitoring.generators.dashboards.words import (
    DATA_SOURCE,
    FILTERS,
    SITE,
    bars,
    lines,
    now,
    q,
    tile,
)


def _burnt(failed: str, ended: str, budget: str) -> str:
    spent = f"sum_over_time({failed}[30d]) / sum_over_time({ended}[30d])"
    return f"1 - ({spent}) / {budget}"


_FIRST: Final = Row(
    title="",
    panels=(
        tile(
            "Critical alerts",
            'sum(zerostate_monitoring_alerts{alertstate="firing", severity="critical"})',
            Unit.COUNT,
            "Alerts for which a person must act now: users lose work or money.",
            limits=Limits(red=1),
            to="zerostate-slo",
        ),
        tile(
            "Warnings",
            'sum(zerostate_monitoring_alerts{alertstate="firing", severity="warning"})',
            Unit.COUNT,
            "Alerts for which a person must act today.",
            limits=Limits(amber=1),
            to="zerostate-slo",
        ),
        tile(
            "Nodes up",
            so_many_of(),
            Unit.RATIO,
            "How many nodes answered their last scrape, of those that are to be up.",
            legend="{{up}} of {{of}}",
            limits=Limits(amber=1, red=Rule("NodesDownMany", "share", of_one=True), below=True),
            to="zerostate-nodes",
            rules=("NodesDownMany", "NodeDown", "BootnodeDown"),
        ),
        tile(
            "Network in one piece",
            "min(zerostate_p2p_largest_component_ratio)",
            Unit.RATIO,
            "Share of the nodes that belong to the largest part in which all can reach each other.",
            limits=Limits(amber=1, red=Rule("NetworkPartitioned", "share"), below=True),
            to="zerostate-p2p",
            rules=("NetworkPartitioned",),
        ),
        tile(
            "Tasks ended",
            'sum(rate(zerostate_tasks_total{status=~"completed|failed"}[5m]))',
            Unit.TASKS_PER_SECOND,
            "Tasks that were completed or failed, each second of the last five minutes.",
            spark=True,
            to="zerostate-execution",
        ),
        tile(
            "Task success, 1 h",
            f"1 - sum(increase({FAILED}[1h])) / sum(increase({ENDED}[1h]))",
            Unit.RATIO,
            "Share of the tasks of the last hour that were completed. Amber under the objective,"
            " red where the month's budget of errors is gone within two days.",
            limits=Limits(
                amber=Rule("TaskBudgetBurnSlow", "share", of_one=True),
                red=Rule("TaskBudgetBurnFast", "share", of_one=True),
                below=True,
            ),
            to="zerostate-execution",
            rules=("TasksFailing", "TaskBudgetBurnFast"),
        ),
        tile(
            "Payment success, 1 h",
            f"1 - sum(increase({UNPAID}[1h])) / sum(increase({PAID}[1h]))",
            Unit.RATIO,
            "Share of the payments of the last hour that succeeded. Amber under the objective,"
            " red where the month's budget of errors is gone within two days.",
            limits=Limits(
                amber=Rule("PaymentBudgetBurnSlow", "share", of_one=True),
                red=Rule("PaymentBudgetBurnFast", "share", of_one=True),
                below=True,
            ),
            to="zerostate-economic",
            rules=("PaymentsFailing", "PaymentBudgetBurnFast"),
        ),
        tile(
            "Value locked",
            "sum(zerostate_economic_total_value_locked)",
            Unit.UNITS,
            "Money in channels and escrows, in the network's own units.",
            spark=True,
            to="zerostate-economic",
            rules=("LockedValueDrop",),
        ),
        tile(
            "Oldest data",
            "max((time() - zerostate_monitoring_collector_last_success_timestamp_seconds)"
            " / zerostate_monitoring_collector_interval_seconds)",
            Unit.INTERVALS,
            "How many of its own intervals the collector is behind that is behind the most. All"
            " other tiles are as old as this one says.",
            limits=Limits(
                amber=Rule("CollectorStale", "intervals", times=0.5),
                red=Rule("CollectorStale", "intervals"),
            ),
            to="zerostate-monitoring",
            rules=("CollectorStale",),
        ),
    ),
)

_FIRING: Final = Row(
    title="Firing now",
    panels=(
        firing(
            "Alerts that fire",
            "Each alert that fires, with its value, since when, and who has acknowledged it. Its"
            " number opens it in admin, its name leads to its runbook.",
        ),
        bars(
            "Firing by layer",
            Unit.COUNT,
            "Where the alerts are: a fault shows in its own layer and in those above.",
            now(
                'sum by (layer) (zerostate_monitoring_alerts{alertstate="firing"})',
                "{{layer}}",
            ),
            width=24,
            height=6,
            limits=Limits(amber=1),
            to="zerostate-slo",
        ),
    ),
)


_BUDGETS: Final = Row(
    title="Error budgets left, 30 days",
    panels=tuple(
        bars(
            f"{name} budget left",
            Unit.RATIO,
            f"What is left of the errors that the objective of {objective} allows in 30 days.",
            now(expr, name.lower()),
            limits=Limits(amber=0.5, red=0.1, below=True),
            to="zerostate-slo",
            rules=(rule,),
            height=5,
        )
        for name, objective, rule, expr in (
            (
                "Task",
                "99 % success",
                "TaskBudgetBurnSlow",
                _burnt(
                    "zerostate:tasks_failed:increase5m", "zerostate:tasks_ended:increase5m", "0.01"
                ),
            ),
            (
                "Payment",
                "99.9 % success",
                "PaymentBudgetBurnSlow",
                _burnt(
                    "zerostate:payments_failed:increase5m",
                    "zerostate:payments_ended:increase5m",
                    "0.001",
                ),
            ),
            (
                "Availability",
                "99.9 % uptime of bootnodes and relays",
                "AvailabilityBudgetBurn",
                "1 - (1 - avg_over_time(zerostate:infrastructure_up:avg5m[30d])) / 0.001",
            ),
        )
    ),
)

_CHANGES: Final = Row(
    title="What changed, 24 hours",
    panels=(
        lines(
            "Tasks against changes",
            Unit.TASKS_PER_SECOND,
            "The curve of the tasks, with alerts, starts of nodes and marks of deployments as"
            " lines: what came first?",
            q(f"sum(rate({ENDED}[5m]))", "ended", Colour.PLAIN),
            span="24h",
            width=12,
        ),
        lines(
            "Payments against changes",
            Unit.PAYMENTS_PER_SECOND,
            "The curve of the payments, with the same lines.",
            q(f"sum(rate({PAID}[5m]))", "ended", Colour.PLAIN),
            span="24h",
            width=12,
        ),
    ),
)

DASHBOARD: Final = Dashboard(
    uid="zerostate-overview",
    title="Network overview",
    question="Is the network well?",
    variables=(DATA_SOURCE, SITE, FILTERS),
    rows=(_FIRST, _FIRING, LAYERS, _BUDGETS, _CHANGES),
)
