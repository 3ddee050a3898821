"""Alerts and SLO: how much error budget is left, and what wakes us?"""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.firing import firing, states
from zerostate_monitoring.generators.dashboards.slo_rules import CHOSEN, HELD, NOISE
from zerostate_monitoring.generators.dashboards.values import (
    Dashboard,
    Limits,
    Row,
    Rule,
    Unit,
)
from zerostate_monitoring.generators.dashboards.words import (
    DATA_SOURCE,
    FILTERS,
    label,
    lines,
    q,
    tile,
)

_LEFT: Final = Limits(amber=0.5, red=0.1, below=True)


def _failed(kind: str, window: str) -> str:
    failed, ended = f"zerostate:{kind}_failed:increase5m", f"zerostate:{kind}_ended:increase5m"
    return f"sum_over_time({failed}[{window}]) / sum_over_time({ended}[{window}])"


def _failing(family: str, ended: str, window: str) -> str:
    failed = f'sum(increase({family}{{status="failed"}}[{window}]))'
    return f'{failed} / sum(increase({family}{{status=~"{ended}"}}[{window}]))'


_TASKS: Final = ("zerostate_tasks_total", "completed|failed")
_PAYMENTS: Final = ("zerostate_economic_payments_total", "success|failed")

_FIRST: Final = Row(
    title="",
    panels=(
        tile(
            "Task budget left, 30 d",
            f"1 - ({_failed('tasks', '30d')}) / 0.01",
            Unit.RATIO,
            "What is left of the 1 % of tasks that may fail in 30 days.",
            limits=_LEFT,
            rules=("TaskBudgetBurnSlow",),
            to="zerostate-execution",
        ),
        tile(
            "Payment budget left, 30 d",
            f"1 - ({_failed('payments', '30d')}) / 0.001",
            Unit.RATIO,
            "What is left of the 0.1 % of payments that may fail in 30 days.",
            limits=_LEFT,
            rules=("PaymentBudgetBurnSlow",),
            to="zerostate-economic",
        ),
        tile(
            "Availability budget left, 30 d",
            "1 - (1 - avg_over_time(zerostate:infrastructure_up:avg5m[30d])) / 0.001",
            Unit.RATIO,
            "What is left of the 0.1 % of the time in which bootnodes and relays may be down.",
            limits=_LEFT,
            rules=("AvailabilityBudgetBurn",),
            to="zerostate-nodes",
        ),
        tile(
            "Firing by severity",
            'sum by (severity) (zerostate_monitoring_alerts{alertstate="firing"})',
            Unit.COUNT,
            "Alerts that fire. The one of severity none is the watchdog, which always does.",
            legend="{{severity}}",
            limits_of={"critical": Limits(red=1), "warning": Limits(amber=1)},
        ),
        tile(
            "Pages, 7 d",
            "sum(increase(zerostate_monitoring_alert_transitions_total"
            '{to="firing", severity="critical"}[7d]))',
            Unit.COUNT,
            "How often somebody was woken; more than twice a day and nobody looks any more.",
            limits=Limits(amber=14),
        ),
        tile(
            "Time to acknowledge p50, 7 d",
            "histogram_quantile(0.5, sum by (le) "
            "(increase(zerostate_monitoring_alert_acknowledge_seconds_bucket[7d])))",
            Unit.SECONDS,
            "How long an alert fires until somebody says that it is his.",
            limits=Limits(amber=300),
        ),
        tile(
            "Time to resolve p50, 7 d",
            "histogram_quantile(0.5, sum by (le) "
            "(increase(zerostate_monitoring_alert_firing_seconds_bucket[7d])))",
            Unit.SECONDS,
            "How long alerts fire.",
        ),
        tile(
            "Judged as noise, 30 d",
            'sum(increase(zerostate_monitoring_alert_verdicts_total{verdict="noise"}[30d]))'
            " / sum(increase(zerostate_monitoring_alert_verdicts_total[30d]))",
            Unit.RATIO,
            "Share of the verdicts that say noise: rules to be mended or switched off.",
            limits=Limits(amber=0.05),
        ),
    ),
)

_BURN: Final = Row(
    title="Burn rates",
    panels=(
        *(
            lines(
                f"{title} budget",
                Unit.RATIO,
                f"Share of {what} over four windows. Above the red line over 1 h and 5 m the"
                " month's budget is gone within two days; above the amber one over 3 d and 6 h"
                " it will not last the month.",
                q(_failing(*family, "5m"), "5 m"),
                q(_failing(*family, "1h"), "1 h"),
                q(_failed(kind, "6h"), "6 h"),
                q(_failed(kind, "3d"), "3 d"),
                limits=Limits(
                    amber=Rule(f"{title}BudgetBurnSlow", "share"),
                    red=Rule(f"{title}BudgetBurnFast", "share"),
                ),
                rules=(f"{title}BudgetBurnFast", f"{title}BudgetBurnSlow"),
                to=to,
                traces=True,
            )
            for title, what, kind, family, to in (
                ("Task", "tasks that fail", "tasks", _TASKS, "zerostate-execution"),
                ("Payment", "payments that fail", "payments", _PAYMENTS, "zerostate-economic"),
            )
        ),
        lines(
            "Availability budget",
            Unit.RATIO,
            "Share of the scrapes of bootnodes and relays that were missing.",
            q("1 - avg_over_time(zerostate:infrastructure_up:avg5m[1h])", "1 h"),
            q("1 - avg_over_time(zerostate:infrastructure_up:avg5m[6h])", "6 h"),
            q("1 - avg_over_time(zerostate:infrastructure_up:avg5m[3d])", "3 d"),
            limits=Limits(amber=Rule("AvailabilityBudgetBurn", "share")),
            rules=("AvailabilityBudgetBurn",),
            to="zerostate-nodes",
        ),
    ),
)

_ALERTS: Final = Row(
    title="Alerts",
    panels=(
        states(
            "Alert timeline",
            "One line per alert: amber while it is pending, red while it fires, blue once somebody"
            " has acknowledged it, grey while it is silenced or held back otherwise.",
            f'severity!="none", {CHOSEN}',
            width=24,
            height=12,
            fault="payments",
        ),
        firing(
            "Alerts that fire",
            "Each with its value, since when, and who has acknowledged it. Its number opens it in"
            " admin.",
            CHOSEN,
            width=16,
        ),
        lines(
            "Alerts by layer",
            Unit.COUNT,
            "How many fire, by layer and severity.",
            q(
                "sum by (layer, severity) (zerostate_monitoring_alerts"
                f'{{alertstate="firing", {CHOSEN}}})',
                "{{layer}}, {{severity}}",
            ),
            stacked=True,
            width=8,
        ),
    ),
)

DASHBOARD: Final = Dashboard(
    uid="zerostate-slo",
    title="Alerts and SLO",
    question="How much error budget is left, and what wakes us?",
    variables=(
        DATA_SOURCE,
        label("severity", "Severity", "zerostate_monitoring_alerts", "How urgent alerts are."),
        label("layer", "Layer", "zerostate_monitoring_alerts", "What alerts are about."),
        FILTERS,
    ),
    rows=(_FIRST, _BURN, _ALERTS, HELD, NOISE),
    span="now-6h",
)
