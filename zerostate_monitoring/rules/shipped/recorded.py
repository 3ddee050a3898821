"""Built-in recording rules: sums of five minutes that are kept, for windows of days."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.rules.shipped.definition import ShippedRecording

RULES: Final = (
    ShippedRecording(
        name="zerostate:tasks_failed:increase5m",
        expr='sum(increase(zerostate_tasks_total{status="failed"}[5m]))',
    ),
    ShippedRecording(
        name="zerostate:tasks_ended:increase5m",
        expr='sum(increase(zerostate_tasks_total{status=~"completed|failed"}[5m]))',
    ),
    ShippedRecording(
        name="zerostate:payments_failed:increase5m",
        expr='sum(increase(zerostate_economic_payments_total{status="failed"}[5m]))',
    ),
    ShippedRecording(
        name="zerostate:payments_ended:increase5m",
        expr='sum(increase(zerostate_economic_payments_total{status=~"success|failed"}[5m]))',
    ),
    ShippedRecording(
        name="zerostate:infrastructure_up:avg5m",
        expr='avg(avg_over_time(zerostate_node_up{node_role=~"bootnode|relay"}[5m]))',
    ),
    ShippedRecording(
        name="zerostate:reputation_median:avg5m",
        expr="max(avg_over_time(zerostate_reputation_median_score[5m]))",
    ),
    ShippedRecording(
        name="zerostate:value_locked:avg5m",
        expr="sum(avg_over_time(zerostate_economic_total_value_locked[5m]))",
    ),
)
