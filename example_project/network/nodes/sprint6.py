"""The P2P, execution and economic sets that a Go node declares, under the Go names."""

from __future__ import annotations

from typing import Final

from example_project.network.nodes.family import (
    BYTES,
    COST,
    COUNT,
    DURATION,
    PRIORITIES,
    TASK_BYTES,
    TASK_DURATION,
    TASK_TYPES,
    Family,
    counter,
    gauge,
    histogram,
)

SPRINT6: Final[dict[str, tuple[Family, ...]]] = {
    "p2p": (
        gauge("zerostate_p2p_connections_active", state=("established",)),
        counter("zerostate_p2p_connections_total", peer_id=()),
        counter("zerostate_p2p_connections_failed", reason=("timeout", "refused")),
        gauge("zerostate_p2p_connections_idle"),
        counter("zerostate_p2p_bandwidth_bytes_sent", protocol=("gossip", "request"), peer_id=()),
        counter(
            "zerostate_p2p_bandwidth_bytes_received", protocol=("gossip", "request"), peer_id=()
        ),
        counter(
            "zerostate_p2p_messages_sent_total",
            type=("gossip", "request", "response"),
            protocol=("gossip", "request"),
        ),
        counter(
            "zerostate_p2p_messages_received_total",
            type=("gossip", "request", "response"),
            protocol=("gossip", "request"),
        ),
        counter(
            "zerostate_p2p_messages_failed_total",
            type=("gossip", "request", "response"),
            reason=("timeout", "stream_reset"),
        ),
        histogram(
            "zerostate_p2p_message_size_bytes", BYTES, type=("gossip", "request", "response")
        ),
        gauge("zerostate_p2p_peers_connected", role=("executor", "creator")),
        counter("zerostate_p2p_peers_discovered_total", source=("dht", "gossip", "mdns")),
        counter("zerostate_p2p_peers_failed_total", reason=("timeout",)),
        histogram(
            "zerostate_p2p_operation_duration_seconds",
            DURATION,
            operation=("connect", "send", "receive"),
        ),
        counter(
            "zerostate_p2p_gossip_messages_total", action=("publish",), status=("success", "failed")
        ),
        histogram("zerostate_p2p_gossip_propagation_seconds", DURATION),
        gauge("zerostate_p2p_streams_active", protocol=("gossip", "request")),
        counter("zerostate_p2p_heartbeats_sent_total", peer_id=()),
        counter("zerostate_p2p_heartbeats_received_total", peer_id=()),
        counter("zerostate_p2p_failure_detections_total", peer_id=(), reason=("timeout",)),
        gauge("zerostate_p2p_relay_circuits", direction=("inbound", "outbound")),
        counter("zerostate_p2p_relay_bytes_total", direction=("inbound", "outbound")),
        gauge("zerostate_p2p_queue_depth", priority=("high", "normal", "low")),
        histogram(
            "zerostate_p2p_queue_latency_seconds", DURATION, priority=("high", "normal", "low")
        ),
        counter("zerostate_p2p_packets_dropped_total", reason=("queue_full",)),
    ),
    "execution": (
        gauge("zerostate_guild_total", state=("active", "dissolved")),
        counter(
            "zerostate_guild_operations_total",
            operation=("create", "join", "dissolve"),
            status=("success", "failed"),
        ),
        gauge("zerostate_guild_members", guild_id=()),
        histogram(
            "zerostate_guild_operation_duration_seconds",
            DURATION,
            operation=("create", "join", "dissolve"),
        ),
        counter("zerostate_tasks_total", status=("submitted", "completed", "failed")),
        gauge("zerostate_tasks_active", type=TASK_TYPES),
        histogram("zerostate_task_duration_seconds", TASK_DURATION, type=TASK_TYPES),
        gauge("zerostate_task_queue_depth", priority=PRIORITIES),
        histogram("zerostate_task_queue_latency_seconds", TASK_DURATION, priority=PRIORITIES),
        counter("zerostate_wasm_executions_total", status=("success", "failed")),
        histogram("zerostate_wasm_execution_duration_seconds", TASK_DURATION),
        histogram("zerostate_wasm_memory_bytes", TASK_BYTES),
        counter("zerostate_wasm_exit_codes_total", code=("0", "1", "137")),
        histogram("zerostate_wasm_validation_duration_seconds", DURATION),
        counter("zerostate_manifests_created_total", type=("task",)),
        counter("zerostate_manifest_validation_total", result=("success", "failed")),
        histogram("zerostate_manifest_size_bytes", BYTES),
        counter("zerostate_receipts_generated_total"),
        counter("zerostate_receipts_signed_total", signer=("executor", "witness")),
        counter("zerostate_receipts_verified_total", result=("success", "failed")),
        histogram("zerostate_receipt_size_bytes", BYTES),
        histogram("zerostate_task_cost_estimated_units", COST, type=TASK_TYPES),
        histogram("zerostate_task_cost_actual_units", COST, type=TASK_TYPES),
        counter("zerostate_task_cost_capped_total", type=TASK_TYPES),
        histogram("zerostate_task_cost_savings_units", COST),
        histogram("zerostate_execution_cpu_seconds", TASK_DURATION, type=("wasm",)),
        histogram("zerostate_execution_memory_allocated_bytes", TASK_BYTES, type=("wasm",)),
        gauge("zerostate_execution_storage_used_bytes", type=("receipts", "modules")),
        counter(
            "zerostate_execution_errors_total", type=("wasm",), reason=("out_of_memory", "trap")
        ),
        counter("zerostate_validation_errors_total", type=("manifest",), reason=("missing_field",)),
        counter("zerostate_timeout_errors_total", type=("execution",)),
    ),
    "economic": (
        counter(
            "zerostate_economic_channels_total", state=("opening", "active", "closed", "disputed")
        ),
        gauge("zerostate_economic_channels_active", party=("party_a", "party_b")),
        histogram(
            "zerostate_economic_channel_duration_seconds",
            DURATION,
            close_reason=("normal", "expired"),
        ),
        gauge("zerostate_economic_channel_balance", channel_id=(), party=("party_a", "party_b")),
        counter(
            "zerostate_economic_channel_operations_total",
            operation=("open", "activate", "close"),
            result=("success", "failed"),
        ),
        counter("zerostate_economic_payments_total", status=("success", "failed", "refunded")),
        histogram("zerostate_economic_payment_amount", COST, channel_id=()),
        gauge("zerostate_economic_payment_sequence", channel_id=()),
        histogram("zerostate_economic_payment_duration_seconds", DURATION),
        counter(
            "zerostate_economic_payment_failures_total",
            error_type=("insufficient_funds", "channel_expired"),
        ),
        gauge("zerostate_economic_reputation_score", peer_id=()),
        counter(
            "zerostate_economic_tasks_executed_total", peer_id=(), result=("success", "failure")
        ),
        gauge("zerostate_economic_success_rate", peer_id=()),
        gauge("zerostate_economic_average_duration_seconds", peer_id=()),
        gauge("zerostate_economic_average_cost", peer_id=()),
        gauge("zerostate_economic_blacklisted_peers"),
        counter(
            "zerostate_economic_blacklist_events_total", event_type=("added", "removed", "expired")
        ),
        counter(
            "zerostate_economic_violations_total",
            peer_id=(),
            violation_type=("timeout", "failed_task"),
        ),
        counter("zerostate_economic_settlements_total", result=("success", "failed")),
        histogram("zerostate_economic_settlement_amount", COST),
        histogram("zerostate_economic_settlement_duration_seconds", DURATION),
        counter(
            "zerostate_economic_disputes_total", resolution=("resolved", "pending", "arbitrated")
        ),
        histogram(
            "zerostate_economic_dispute_resolution_seconds",
            DURATION,
            resolution=("resolved", "pending", "arbitrated"),
        ),
        gauge("zerostate_economic_total_value_locked"),
        gauge("zerostate_economic_active_participants"),
        histogram("zerostate_economic_transaction_throughput", COUNT),
        counter("zerostate_economic_reputation_decay_total", peer_id=()),
    ),
}
