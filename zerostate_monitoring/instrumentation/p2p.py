"""What happens between peers: one function for each thing, each counted where it happens.

Label values are bounded words, such as ``timeout``; peers are the exception, and theirs are
capped and end with ``peer_gone``. Amounts below 0, NaN and infinities raise ``ValueError``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from zerostate_monitoring.instrumentation.families import counts, distributions, levels
from zerostate_monitoring.instrumentation.operations import Operation, checked
from zerostate_monitoring.tracing import Attribute

_connections: Final = counts("zerostate_p2p_connections_total")
_connections_failed: Final = counts("zerostate_p2p_connections_failed_total")
_connections_active: Final = levels("zerostate_p2p_connections_active")
_connections_idle: Final = levels("zerostate_p2p_connections_idle")
_sent_bytes: Final = counts("zerostate_p2p_bandwidth_sent_bytes_total")
_received_bytes: Final = counts("zerostate_p2p_bandwidth_received_bytes_total")
_sent: Final = counts("zerostate_p2p_messages_sent_total")
_received: Final = counts("zerostate_p2p_messages_received_total")
_failed: Final = counts("zerostate_p2p_messages_failed_total")
_message_size: Final = distributions("zerostate_p2p_message_size_bytes")
_operation_seconds: Final = distributions("zerostate_p2p_operation_duration_seconds")
_queue_depth: Final = levels("zerostate_p2p_queue_depth")
_queue_seconds: Final = distributions("zerostate_p2p_queue_latency_seconds")
_packets_dropped: Final = counts("zerostate_p2p_packets_dropped_total")
_peers_connected: Final = levels("zerostate_p2p_peers_connected")
_peers_discovered: Final = counts("zerostate_p2p_peers_discovered_total")
_peers_failed: Final = counts("zerostate_p2p_peers_failed_total")
_heartbeats_sent: Final = counts("zerostate_p2p_heartbeats_sent_total")
_heartbeats_received: Final = counts("zerostate_p2p_heartbeats_received_total")
_failures_detected: Final = counts("zerostate_p2p_failure_detections_total")
_gossip: Final = counts("zerostate_p2p_gossip_messages_total")
_gossip_seconds: Final = distributions("zerostate_p2p_gossip_propagation_seconds")
_streams: Final = levels("zerostate_p2p_streams_active")
_circuits: Final = levels("zerostate_p2p_relay_circuits")
_circuit_bytes: Final = counts("zerostate_p2p_relay_bytes_total")
_lookups: Final = counts("zerostate_dht_lookups_total")
_lookup_seconds: Final = distributions("zerostate_dht_lookup_duration_seconds")
_cards: Final = counts("zerostate_agent_card_publish_total")
_attached: Final = levels("zerostate_peer_connections")
_published: Final = counts("zerostate_gossip_messages_published_total")
_topic_received: Final = counts("zerostate_gossip_messages_received_total")
_topic_peers: Final = levels("zerostate_gossip_peer_count")
_topic_seconds: Final = distributions("zerostate_gossip_message_latency_seconds")
_topic_rejected: Final = counts("zerostate_gossip_validation_failures_total")
_reservations: Final = levels("zerostate_relay_reservations")
_relayed: Final = levels("zerostate_relay_connections")
_relay_bytes: Final = counts("zerostate_relay_bytes_transferred_total")
_relay_accepted: Final = counts("zerostate_relay_connections_accepted_total")
_relay_rejected: Final = counts("zerostate_relay_connections_rejected_total")
_mismatches: Final = counts("zerostate_protocol_version_mismatches_total")
_negotiations: Final = counts("zerostate_protocol_negotiations_total")
_features: Final = levels("zerostate_protocol_features_enabled")
_q_value: Final = levels("zerostate_routing_q_value")
_decisions: Final = counts("zerostate_routing_decisions_total")
_route_seconds: Final = distributions("zerostate_route_latency_seconds")
_search_seconds: Final = distributions("zerostate_search_latency_seconds")
_index_size: Final = levels("zerostate_search_index_size")

# -- links -----------------------------------------------------------------------


def connection_opened(peer_id: str) -> None:
    """A link to a peer was opened."""
    _connections[peer_id](1)


def connection_failed(reason: str) -> None:
    """A peer could not be reached; ``reason`` such as timeout or refused."""
    _connections_failed[reason](1)


def connections_active(count: int, *, state: str = "established") -> None:
    """So many links are open."""
    _connections_active[state](checked("count", count))


def connections_idle(count: int) -> None:
    """So many open links carry nothing."""
    _connections_idle[()](checked("count", count))


def peer_gone(peer_id: str) -> None:
    """A peer left for good: its series end."""
    for family in (_connections, _heartbeats_sent, _heartbeats_received):
        family.end(peer_id)
    for figure in ("latency", "success_rate", "q_score"):
        _q_value.end(peer_id, figure)


def streams_active(count: int, protocol: str) -> None:
    """So many streams are open."""
    _streams[protocol](checked("count", count))


# -- messages --------------------------------------------------------------------


def bytes_sent(count: float, protocol: str) -> None:
    """Payload went out."""
    _sent_bytes[protocol](checked("count", count))


def bytes_received(count: float, protocol: str) -> None:
    """Payload came in."""
    _received_bytes[protocol](checked("count", count))


def message_sent(kind: str, protocol: str, size_bytes: float | None = None) -> None:
    """A message left: gossip, request or response; its size where it is known."""
    if size_bytes is not None:
        _message_size[kind](checked("size_bytes", size_bytes))
    _sent[kind, protocol](1)


def message_received(kind: str, protocol: str, size_bytes: float | None = None) -> None:
    """A message came in."""
    if size_bytes is not None:
        _message_size[kind](checked("size_bytes", size_bytes))
    _received[kind, protocol](1)


def message_failed(kind: str, reason: str) -> None:
    """A message was lost on its way."""
    _failed[kind, reason](1)


def operation_took(operation: str, seconds: float) -> None:
    """Connecting, sending or receiving took so long."""
    _operation_seconds[operation](checked("seconds", seconds))


def queue_depth(count: int, priority: str) -> None:
    """So many messages wait to be sent."""
    _queue_depth[priority](checked("count", count))


def queue_wait(seconds: float, priority: str) -> None:
    """A message waited so long before it was sent."""
    _queue_seconds[priority](checked("seconds", seconds))


def packet_dropped(reason: str) -> None:
    """A packet was given up."""
    _packets_dropped[reason](1)


class PeerOperation(Operation):
    """Connecting to a peer, sending, receiving."""

    span_name: ClassVar[str] = "p2p.message"

    def __init__(self, operation: str) -> None:
        self.operation = operation

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return {"zerostate.p2p.operation": self.operation}

    def record(self) -> None:
        operation_took(self.operation, self.seconds)


def operation(name: str) -> PeerOperation:
    """Time connect, send or receive."""
    return PeerOperation(name)


# -- peers -----------------------------------------------------------------------


def peers_connected(count: int, role: str) -> None:
    """So many peers of this role are linked."""
    _peers_connected[role](checked("count", count))


def peer_discovered(source: str) -> None:
    """A peer became known: by dht, gossip or mdns."""
    _peers_discovered[source](1)


def peer_failed(reason: str) -> None:
    """A peer is not tried any more."""
    _peers_failed[reason](1)


def heartbeat_sent(peer_id: str) -> None:
    """A sign of life went to a peer."""
    _heartbeats_sent[peer_id](1)


def heartbeat_received(peer_id: str) -> None:
    """A sign of life came from a peer."""
    _heartbeats_received[peer_id](1)


def failure_detected(reason: str) -> None:
    """A peer was taken for dead."""
    _failures_detected[reason](1)


def attached_peers(count: int) -> None:
    """So many peers are attached to the host."""
    _attached[()](checked("count", count))


# -- gossip ----------------------------------------------------------------------


def gossip_message(action: str, *, ok: bool = True) -> None:
    """Something was done with a gossip message, such as publish."""
    _gossip[action, "success" if ok else "failed"](1)


def gossip_propagated(seconds: float) -> None:
    """A gossip message was so old when it arrived."""
    _gossip_seconds[()](checked("seconds", seconds))


def gossip_published(topic: str) -> None:
    """A message was put on a topic."""
    _published[topic](1)


def gossip_received(topic: str, age_seconds: float | None = None) -> None:
    """A message came over a topic; its age where the sender's time is known."""
    if age_seconds is not None:
        # The sender's clock may run ahead.
        _topic_seconds[topic](checked("age_seconds", max(age_seconds, 0.0)))
    _topic_received[topic](1)


def gossip_rejected(topic: str, reason: str) -> None:
    """A message of a topic was not valid."""
    _topic_rejected[topic, reason](1)


def gossip_peers(count: int, topic: str) -> None:
    """So many neighbours share a topic."""
    _topic_peers[topic](checked("count", count))


# -- discovery -------------------------------------------------------------------


def dht_lookup_ended(operation: str, status: str, seconds: float) -> None:
    """Publishing or resolving ended: success, error or not_found."""
    _lookup_seconds[operation](checked("seconds", seconds))
    _lookups[operation, status](1)


class DhtLookup(Operation):
    """Publishing to, or resolving from, the DHT."""

    span_name: ClassVar[str] = "p2p.dht"

    def __init__(self, operation: str) -> None:
        self.operation = operation
        self.found = True

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return {"zerostate.dht.operation": self.operation}

    def record(self) -> None:
        status = "error" if not self.ok else "success" if self.found else "not_found"
        dht_lookup_ended(self.operation, status, self.seconds)


def dht_lookup(operation: str) -> DhtLookup:
    """Time publish or resolve; set ``found`` to False where nothing was."""
    return DhtLookup(operation)


def agent_card_published() -> None:
    """An agent card was announced."""
    _cards[()](1)


def protocol_mismatch(reason: str) -> None:
    """No common version with a peer: incompatible, unsupported_feature or invalid."""
    _mismatches[reason](1)


def protocol_negotiated(*, ok: bool) -> None:
    """A version was agreed on, or not."""
    _negotiations["success" if ok else "failure"](1)


def protocol_feature(feature: str, *, enabled: bool) -> None:
    """An optional feature is on or off."""
    _features[feature](float(enabled))


def route_quality(peer_id: str, *, latency: float, success_rate: float, q_score: float) -> None:
    """What is known of the way to a peer."""
    for name, value in (
        ("latency", latency),
        ("success_rate", success_rate),
        ("q_score", q_score),
    ):
        _q_value[peer_id, name](value)


def route_chosen(strategy: str, status: str) -> None:
    """A next hop was chosen, or how the choice turned out."""
    _decisions[strategy, status](1)


def route_took(seconds: float) -> None:
    """A message took so long over its route."""
    _route_seconds[()](checked("seconds", seconds))


class Search(Operation):
    """A use of the semantic index."""

    span_name: ClassVar[str] = "p2p.search"

    def __init__(self, operation: str) -> None:
        self.operation = operation

    def record(self) -> None:
        _search_seconds[self.operation](self.seconds)


def search(operation: str = "search") -> Search:
    """Time index, search or search_capabilities."""
    return Search(operation)


def search_index_size(count: int) -> None:
    """So many agent cards can be found."""
    _index_size[()](checked("count", count))


# -- relays ----------------------------------------------------------------------


def relay_circuits(count: int, direction: str) -> None:
    """So many paths over a relay are in use: inbound or outbound."""
    _circuits[direction](checked("count", count))


def circuit_bytes(count: float, direction: str) -> None:
    """Bytes went over a path through a relay."""
    _circuit_bytes[direction](checked("count", count))


def relay_reservations(count: int) -> None:
    """So many places at this relay are held."""
    _reservations[()](checked("count", count))


def relay_connections(count: int) -> None:
    """So many clients are connected through this relay."""
    _relayed[()](checked("count", count))


def relay_bytes(count: float, direction: str) -> None:
    """This relay carried bytes for others."""
    _relay_bytes[direction](checked("count", count))


def relay_accepted() -> None:
    """This relay granted a connection."""
    _relay_accepted[()](1)


def relay_rejected(reason: str) -> None:
    """This relay refused one: resource_limit, ip_limit or peer_limit."""
    _relay_rejected[reason](1)
