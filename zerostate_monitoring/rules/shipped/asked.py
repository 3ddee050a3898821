"""Built-in recording rules of what dashboards ask often, and what costs the most to ask.

Found by measuring: each is asked by two panels or more, over a series for each node, type and
bound. What panels let people narrow down to nodes is not here: it would be as many series again.
"""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.rules.shipped.definition import ShippedRecording


def _rate(family: str, kept: str = "", window: str = "5m") -> ShippedRecording:
    """The rate of a family, summed to the labels that are ``kept``."""
    grouped = f" by ({kept})" if kept else ""
    return ShippedRecording(
        name=f"zerostate:{family.removeprefix('zerostate_')}:rate{window}",
        expr=f"sum{grouped} (rate({family}[{window}]))",
        kept=False,
    )


RULES: Final = (
    _rate("zerostate_task_duration_seconds_bucket", "le, type"),
    _rate("zerostate_task_queue_latency_seconds_bucket", "le"),
    _rate("zerostate_task_cost_actual_units_bucket", "le, type"),
    _rate("zerostate_wasm_memory_bytes_bucket", "le", "10m"),
    _rate("zerostate_economic_payment_duration_seconds_bucket", "le"),
    _rate("zerostate_p2p_operation_duration_seconds_bucket", "le, operation"),
    _rate("zerostate_p2p_messages_sent_total"),
    _rate("zerostate_p2p_messages_failed_total"),
)
