"""Monitoring itself: how rules are evaluated."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.values import Colour, Limits, Row, Rule, Unit
from zerostate_monitoring.generators.dashboards.words import lines, q


def _of_slots(family: str) -> str:
    slots = "sum(rate(zerostate_monitoring_evaluation_slots_total[5m]))"
    return f"sum(rate({family}[5m])) / {slots}"


EVALUATION: Final = Row(
    title="Evaluation",
    panels=(
        lines(
            "Time of a group against its interval",
            Unit.RATIO,
            "Time of an evaluation over the time between two. At 1 a group misses slots.",
            q(
                "max by (rule_group) (zerostate_monitoring_evaluation_duration_seconds"
                " / zerostate_monitoring_evaluation_interval_seconds)",
                "{{rule_group}}",
            ),
            limits=Limits(amber=0.5, red=1),
            rules=("EvaluationsMissed",),
        ),
        lines(
            "Delay",
            Unit.SECONDS,
            "How long after its slot the results of a group stood: waiting for beat, for a worker"
            " and for other groups, and the evaluation.",
            q(
                "max by (rule_group) (zerostate_monitoring_evaluation_delay_seconds)",
                "{{rule_group}}",
            ),
            limits=Limits(amber=30),
            rules=("EvaluationsMissed",),
        ),
        lines(
            "Queries of a slot",
            Unit.COUNT,
            "Expressions that a group asks for at one slot, at the mean; and those without an"
            " answer.",
            q(_of_slots("zerostate_monitoring_evaluation_queries_total"), "asked", Colour.PLAIN),
            q(
                _of_slots('zerostate_monitoring_evaluation_queries_total{outcome="failed"}'),
                "failed",
                Colour.RED,
            ),
            rules=("RulesFailing",),
        ),
        lines(
            "Since the last evaluation",
            Unit.SECONDS,
            "The line is where EvaluationStopped begins.",
            q(
                "time() - max by (rule_group)"
                " (zerostate_monitoring_evaluation_last_success_timestamp_seconds)",
                "{{rule_group}}",
            ),
            limits=Limits(red=Rule("EvaluationStopped", "age")),
            rules=("EvaluationStopped",),
        ),
        lines(
            "Slots",
            Unit.PER_MINUTE,
            "Moments at which groups were evaluated, and at which they should have been.",
            q(
                "60 * sum(rate(zerostate_monitoring_evaluation_slots_total[5m]))",
                "evaluated",
                Colour.PLAIN,
            ),
            q(
                "60 * sum(rate(zerostate_monitoring_evaluation_slots_missed_total[5m]))",
                "missed",
                Colour.RED,
            ),
            rules=("EvaluationsMissed",),
        ),
        lines(
            "Rules by health",
            Unit.COUNT,
            "dormant: nothing of what a rule reads is fed here; observing: it sends nothing yet.",
            q("sum by (health) (zerostate_monitoring_rules)", "{{health}}"),
            stacked=True,
            rules=("RulesFailing",),
        ),
        lines(
            "Alerts",
            Unit.COUNT,
            "Alerts that are pending and firing.",
            q("sum by (alertstate) (zerostate_monitoring_alerts)", "{{alertstate}}"),
            to="zerostate-slo",
        ),
    ),
)
