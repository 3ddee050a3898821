"""What nodes do without being asked: links, messages, gossip, look-ups, relaying."""

from __future__ import annotations

from typing import Final

from example_project.network.nodes.family import TOPICS
from example_project.network.simulation.entities import NodeState
from example_project.network.simulation.world import World

MESSAGES_PER_SECOND: Final = 4.0
LOOKUPS_PER_SECOND: Final = 0.4
GOSSIP_PER_SECOND: Final = 1.0
RARE_PER_SECOND: Final = 0.005
CARDINALITY: Final = 4000
"""Invented peers that one node reports while the fault *cardinality* is on."""


def live(world: World, node: NodeState, seconds: float) -> None:
    """Let ``node`` do what it does in ``seconds``."""
    _links(world, node)
    _messages(world, node, seconds)
    _gossip(world, node, seconds)
    _lookups(world, node, seconds)
    _routing(world, node, seconds)
    _queues(world, node, seconds)
    if node.role == "relay":
        _relay(world, node, seconds)
    if node is world.nodes[-1]:
        _cardinality(world, node)


def _links(world: World, node: NodeState) -> None:
    page, count = node.page, len(node.peers)
    executors = sum(peer.role == "edge" for peer in node.peers)
    page.set("zerostate_peer_connections", count)
    page.set("zerostate_p2p_peers_connected", executors, role="executor")
    page.set("zerostate_p2p_peers_connected", count - executors, role="creator")
    page.set("zerostate_p2p_connections_active", count, state="established")
    page.set("zerostate_p2p_connections_idle", count // 3)
    for protocol in ("gossip", "request"):
        page.set("zerostate_p2p_streams_active", count * 2, protocol=protocol)
    for feature in ("dht", "auth", "gossip", "search"):
        page.set("zerostate_protocol_features_enabled", 1, feature=feature)
    page.set("zerostate_protocol_features_enabled", node.role == "relay", feature="relay")
    for topic in TOPICS:
        page.set("zerostate_gossip_peer_count", count, topic=topic)


def _messages(world: World, node: NodeState, seconds: float) -> None:
    if not node.peers:
        return
    page = node.page
    fails = 0.35 if world.is_broken("messages") else 0.004
    for kind, protocol in (("gossip", "gossip"), ("request", "request"), ("response", "request")):
        sent = world.events(MESSAGES_PER_SECOND, seconds)
        failed = world.events(MESSAGES_PER_SECOND * fails, seconds)
        size = world.random.uniform(200, 40_000)
        page.inc("zerostate_p2p_messages_sent_total", sent, type=kind, protocol=protocol)
        page.inc("zerostate_p2p_messages_received_total", sent, type=kind, protocol=protocol)
        reason = "timeout" if world.chance(0.8) else "stream_reset"
        page.inc("zerostate_p2p_messages_failed_total", failed, type=kind, reason=reason)
        page.observe("zerostate_p2p_message_size_bytes", size, 2 * sent, type=kind)
        _bytes(world, node, protocol, sent * size)
    for operation, slowest in (("connect", 0.4), ("send", 0.08), ("receive", 0.05)):
        took, count = world.random.uniform(0.001, slowest), world.events(2, seconds)
        page.observe("zerostate_p2p_operation_duration_seconds", took, count, operation=operation)
    _liveness(world, node, seconds)


def _bytes(world: World, node: NodeState, protocol: str, size: float) -> None:
    share = size // len(node.peers)
    for peer in node.peers:
        labels = {"protocol": protocol, "peer_id": peer.peer_id}
        node.page.inc("zerostate_p2p_bandwidth_bytes_sent", share, **labels)
        node.page.inc("zerostate_p2p_bandwidth_bytes_received", share, **labels)


def _liveness(world: World, node: NodeState, seconds: float) -> None:
    page = node.page
    for peer in node.peers:
        beats = world.events(0.2, seconds)
        made = world.events(RARE_PER_SECOND, seconds)
        page.inc("zerostate_p2p_heartbeats_sent_total", beats, peer_id=peer.peer_id)
        page.inc("zerostate_p2p_heartbeats_received_total", beats, peer_id=peer.peer_id)
        page.inc("zerostate_p2p_connections_total", made, peer_id=peer.peer_id)
        detections = world.events(RARE_PER_SECOND / 50, seconds)
        labels = {"peer_id": peer.peer_id, "reason": "timeout"}
        page.inc("zerostate_p2p_failure_detections_total", detections, **labels)
    for reason in ("timeout", "refused"):
        count = world.events(RARE_PER_SECOND / 5, seconds)
        page.inc("zerostate_p2p_connections_failed", count, reason=reason)
    page.inc("zerostate_p2p_peers_failed_total", world.events(0.001, seconds), reason="timeout")
    for source in ("dht", "gossip", "mdns"):
        count = world.events(RARE_PER_SECOND, seconds)
        page.inc("zerostate_p2p_peers_discovered_total", count, source=source)


def _gossip(world: World, node: NodeState, seconds: float) -> None:
    if not node.peers:
        return
    page = node.page
    published = world.events(GOSSIP_PER_SECOND, seconds)
    page.inc("zerostate_p2p_gossip_messages_total", published, action="publish", status="success")
    page.observe("zerostate_p2p_gossip_propagation_seconds", _gossip_time(world), published)
    for topic in TOPICS:
        count = world.events(GOSSIP_PER_SECOND / 3, seconds)
        page.inc("zerostate_gossip_messages_published_total", count, topic=topic)
        page.inc("zerostate_gossip_messages_received_total", 3 * count, topic=topic)
        took = _gossip_time(world)
        page.observe("zerostate_gossip_message_latency_seconds", took, 3 * count, topic=topic)


def _gossip_time(world: World) -> float:
    return world.random.lognormvariate(-2.5, 0.6)


def _lookups(world: World, node: NodeState, seconds: float) -> None:
    page = node.page
    fails = 0.45 if world.is_broken("dht") else 0.01
    page.inc("zerostate_agent_card_publish_total", world.events(0.02, seconds))
    for operation in ("publish", "resolve"):
        errors = world.events(LOOKUPS_PER_SECOND * fails, seconds)
        found = world.events(LOOKUPS_PER_SECOND * (1 - fails), seconds)
        missed = world.events(LOOKUPS_PER_SECOND * 0.02, seconds)
        outcomes = {"success": found, "error": errors, "not_found": missed}
        for status, count in outcomes.items():
            page.inc("zerostate_dht_lookups_total", count, operation=operation, status=status)
        took = world.random.lognormvariate(-1.8, 0.7)
        total = sum(outcomes.values())
        page.observe("zerostate_dht_lookup_duration_seconds", took, total, operation=operation)


def _routing(world: World, node: NodeState, seconds: float) -> None:
    page = node.page
    for peer in node.peers:
        latency = world.random.uniform(0.01, 0.2)
        values = {"latency": latency, "success_rate": world.random.uniform(0.95, 1), "q_score": 0.8}
        for metric, value in values.items():
            page.set("zerostate_routing_q_value", value, peer_id=peer.peer_id, metric_type=metric)
        count = world.events(0.3, seconds)
        page.observe("zerostate_route_latency_seconds", latency, count, peer_id=peer.peer_id)
        for status in ("selected", "success"):
            labels = {"strategy": "q_learning", "status": status}
            page.inc("zerostate_routing_decisions_total", count, **labels)
    result = world.events(RARE_PER_SECOND, seconds)
    page.inc("zerostate_protocol_negotiations_total", result, result="success")
    page.set("zerostate_search_index_size", len(world.agents))
    for operation in ("index", "search", "search_capabilities"):
        took, count = world.random.uniform(0.001, 0.05), world.events(0.2, seconds)
        page.observe("zerostate_search_latency_seconds", took, count, operation=operation)


def _queues(world: World, node: NodeState, seconds: float) -> None:
    for priority in ("high", "normal", "low"):
        depth = world.random.randint(0, 6)
        took, count = world.random.uniform(0.0005, 0.05), world.events(1, seconds)
        node.page.set("zerostate_p2p_queue_depth", depth, priority=priority)
        node.page.observe("zerostate_p2p_queue_latency_seconds", took, count, priority=priority)
    dropped = world.events(RARE_PER_SECOND / 10, seconds)
    node.page.inc("zerostate_p2p_packets_dropped_total", dropped, reason="queue_full")


def _relay(world: World, node: NodeState, seconds: float) -> None:
    page, circuits = node.page, 2 * len(node.peers)
    page.set("zerostate_relay_reservations_total", circuits + 2)
    page.set("zerostate_relay_connections_total", circuits)
    page.inc("zerostate_relay_connections_accepted_total", world.events(0.1, seconds))
    refused = world.events(RARE_PER_SECOND, seconds)
    page.inc("zerostate_relay_connections_rejected_total", refused, reason="resource_limit")
    for direction in ("inbound", "outbound"):
        size = world.events(20_000, seconds)
        page.inc("zerostate_relay_bytes_transferred_total", size, direction=direction)
        page.inc("zerostate_p2p_relay_bytes_total", size, direction=direction)
        page.set("zerostate_p2p_relay_circuits", circuits / 2, direction=direction)


def _cardinality(world: World, node: NodeState) -> None:
    if not world.is_broken("cardinality"):
        return
    for number in range(CARDINALITY):
        labels = {"peer_id": f"12D3KooWStranger{number:04d}", "metric_type": "latency"}
        node.page.set("zerostate_routing_q_value", 0.1, **labels)


def forget_strangers(node: NodeState) -> None:
    """Drop the invented peers again."""
    node.page.forget_where("zerostate_routing_q_value", "peer_id", "12D3KooWStranger")
