"""What nodes of today expose, by group, under the Go names."""

from __future__ import annotations

from typing import Final

from example_project.network.nodes.family import (
    DEFAULT,
    FAST,
    GOSSIP,
    TOPICS,
    Family,
    counter,
    gauge,
    histogram,
)

HEAD: Final[dict[str, tuple[Family, ...]]] = {
    "p2p_legacy": (
        counter(
            "zerostate_dht_lookups_total",
            operation=("publish", "resolve"),
            status=("success", "error", "not_found"),
        ),
        histogram(
            "zerostate_dht_lookup_duration_seconds", DEFAULT, operation=("publish", "resolve")
        ),
        counter("zerostate_agent_card_publish_total"),
        gauge("zerostate_peer_connections"),
    ),
    "p2p_gossip": (
        counter("zerostate_gossip_messages_published_total", topic=TOPICS),
        counter("zerostate_gossip_messages_received_total", topic=TOPICS),
        gauge("zerostate_gossip_peer_count", topic=TOPICS),
        histogram("zerostate_gossip_message_latency_seconds", GOSSIP, topic=TOPICS),
        counter(
            "zerostate_gossip_validation_failures_total", topic=TOPICS, reason=("unmarshal_error",)
        ),
    ),
    "p2p_relay": (
        gauge("zerostate_relay_reservations_total"),
        gauge("zerostate_relay_connections_total"),
        counter("zerostate_relay_bytes_transferred_total", direction=("inbound", "outbound")),
        counter("zerostate_relay_connections_accepted_total"),
        counter(
            "zerostate_relay_connections_rejected_total",
            reason=("resource_limit", "ip_limit", "peer_limit"),
        ),
    ),
    "p2p_proto": (
        counter(
            "zerostate_protocol_version_mismatches_total",
            reason=("incompatible", "unsupported_feature", "invalid"),
        ),
        counter("zerostate_protocol_negotiations_total", result=("success",)),
        gauge(
            "zerostate_protocol_features_enabled",
            feature=("dht", "relay", "auth", "search", "gossip", "mdns", "qrouting"),
        ),
    ),
    "routing": (
        gauge(
            "zerostate_routing_q_value",
            peer_id=(),
            metric_type=("latency", "success_rate", "q_score"),
        ),
        counter(
            "zerostate_routing_decisions_total",
            strategy=("q_learning", "best_peer"),
            status=("selected", "success", "failure"),
        ),
        histogram("zerostate_route_latency_seconds", FAST, peer_id=()),
    ),
    "search": (
        histogram(
            "zerostate_search_latency_seconds",
            FAST,
            operation=("index", "search", "search_capabilities"),
        ),
        gauge("zerostate_search_index_size"),
    ),
}
