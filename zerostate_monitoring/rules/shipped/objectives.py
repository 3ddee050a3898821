"""Built-in rules about objectives: how fast the budget of errors is used up.

A long window is the sum of failures divided by the sum of attempts, never a mean of ratios.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.rules.shipped.definition import (
    Parameter,
    ShippedRule,
    minutes,
    number,
    ratio,
    window,
)

_rule = partial(ShippedRule, layer="slo")
_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR
_BOTH: Final = "Fires above this share over both windows."


def _fast(share: float, attempts: float, lowest: float) -> tuple[Parameter, ...]:
    return (
        ratio("share", share, 0.0001, 0.9, _BOTH),
        number("attempts", attempts, 1, 1e9, "With at least so many in the longer window."),
        window("long", _HOUR, 1800, _HOUR, "The longer window."),
        window("short", 300, lowest, 1800, "The shorter window: it still goes on."),
    )


def _slow(share: float, attempts: float | None) -> tuple[Parameter, ...]:
    enough = () if attempts is None else (
        number("attempts", attempts, 1, 1e9, "With at least so many in the longer window."),
    )  # fmt: skip
    return (
        ratio("share", share, 0.0001, 0.9, _BOTH),
        *enough,
        window("long", 3 * _DAY, _DAY, 30 * _DAY, "The longer window."),
        window("short", 6 * _HOUR, _HOUR, _DAY, "The shorter window: it still goes on."),
    )


def _fast_expr(family: str, failed: str, ended: str) -> str:
    def share(place: str) -> str:
        return (
            f"sum(increase({family}{{{failed}}}[<{place}>]))"
            f" / sum(increase({family}{{{ended}}}[<{place}>])) > <share>"
        )

    enough = f"sum(increase({family}{{{ended}}}[<long>])) >= <attempts>"
    return f"{share('long')} and {share('short')} and {enough}"


def _slow_expr(what: str) -> str:
    def share(place: str) -> str:
        return (
            f"sum_over_time(zerostate:{what}_failed:increase5m[<{place}>])"
            f" / sum_over_time(zerostate:{what}_ended:increase5m[<{place}>]) > <share>"
        )

    enough = f"sum_over_time(zerostate:{what}_ended:increase5m[<long>]) >= <attempts>"
    return f"{share('long')} and {share('short')} and {enough}"


RULES: Final = (
    _rule(
        name="TaskBudgetBurnFast",
        severity="critical",
        fault="task_budget",
        switch="tasks",
        for_=minutes(2),
        keep_firing_for=minutes(5),
        parameters=_fast(0.144, 100, 120),
        expr=_fast_expr("zerostate_tasks_total", 'status="failed"', 'status=~"completed|failed"'),
        summary="{{ $value | humanizePercentage }} of the tasks of <long> failed (limit <share>;"
        " 99% are to succeed over 30 days).",
        description="At this pace the month's budget of errors is gone within two days. Look at"
        " execution errors by reason.",
    ),
    _rule(
        name="TaskBudgetBurnSlow",
        severity="warning",
        fault="task_budget",
        switch="tasks",
        for_=minutes(60),
        parameters=_slow(0.01, 500),
        expr=_slow_expr("tasks"),
        summary="{{ $value | humanizePercentage }} of the tasks of <long> failed (limit <share>;"
        " 99% are to succeed over 30 days).",
        description="The objective will be missed if this goes on. Look at errors by reason over"
        " the days.",
    ),
    _rule(
        name="PaymentBudgetBurnFast",
        severity="critical",
        fault="payment_budget",
        switch="payments",
        for_=minutes(2),
        keep_firing_for=minutes(5),
        parameters=_fast(0.0144, 500, 240),
        expr=_fast_expr(
            "zerostate_economic_payments_total", 'status="failed"', 'status=~"success|failed"'
        ),
        summary="{{ $value | humanizePercentage }} of the payments of <long> failed (limit"
        " <share>; 99.9% are to succeed over 30 days).",
        description="At this pace the month's budget of errors is gone within two days. Look at"
        " failures by type of error.",
    ),
    _rule(
        name="PaymentBudgetBurnSlow",
        severity="warning",
        fault="payment_budget",
        switch="payments",
        for_=minutes(60),
        parameters=_slow(0.001, 5000),
        expr=_slow_expr("payments"),
        summary="{{ $value | humanizePercentage }} of the payments of <long> failed (limit"
        " <share>; 99.9% are to succeed over 30 days).",
        description="The objective will be missed if this goes on. Look at failures by type of"
        " error over the days.",
    ),
    _rule(
        name="AvailabilityBudgetBurn",
        severity="warning",
        fault="availability_budget",
        switch="bootnode",
        for_=minutes(60),
        parameters=_slow(0.001, None),
        expr="1 - avg_over_time(zerostate:infrastructure_up:avg5m[<long>]) > <share>"
        " and 1 - avg_over_time(zerostate:infrastructure_up:avg5m[<short>]) > <share>",
        summary="Bootnodes and relays were away for {{ $value | humanizePercentage }} of <long>"
        " (limit <share>; 99.9% uptime is the objective).",
        description="The objective will be missed if this goes on. Look at which node was down,"
        " and when.",
    ),
)
