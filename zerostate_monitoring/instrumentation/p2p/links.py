"""Links to peers, the messages over them, and the peers themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.instrumentation.families import counts, distributions, levels
from zerostate_monitoring.instrumentation.operations import (
    Id,
    Operation,
    Step,
    checked,
    known,
    said,
    word,
)
from zerostate_monitoring.tracing import Attribute, names

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
_streams: Final = levels("zerostate_p2p_streams_active")
_attached: Final = levels("zerostate_peer_connections")
_q_value: Final = levels("zerostate_routing_q_value")

# -- links -----------------------------------------------------------------------


def connection_opened(peer_id: Id) -> None:
    """A link to a peer was opened."""
    _connections[word("peer_id", peer_id)](1)


def connection_failed(reason: str) -> None:
    """A peer could not be reached; ``reason`` such as timeout or refused."""
    _connections_failed[word("reason", reason)](1)


def connections_active(count: int, *, state: str = "established") -> None:
    """So many links are open."""
    _connections_active[word("state", state)](checked("count", count))


def connections_idle(count: int) -> None:
    """So many open links carry nothing."""
    _connections_idle[()](checked("count", count))


def peer_gone(peer_id: Id) -> None:
    """A peer left for good: its series end."""
    peer = word("peer_id", peer_id)
    for family in (_connections, _heartbeats_sent, _heartbeats_received):
        family.end(peer)
    for figure in ("latency", "success_rate", "q_score"):
        _q_value.end(peer, figure)


def streams_active(count: int, protocol: str) -> None:
    """So many streams are open."""
    _streams[word("protocol", protocol)](checked("count", count))


# -- messages --------------------------------------------------------------------


def bytes_sent(count: float, protocol: str) -> None:
    """Payload went out."""
    _sent_bytes[word("protocol", protocol)](checked("count", count))


def bytes_received(count: float, protocol: str) -> None:
    """Payload came in."""
    _received_bytes[word("protocol", protocol)](checked("count", count))


def message_sent(kind: str, protocol: str, size_bytes: float | None = None) -> None:
    """A message left: gossip, request or response; its size where it is known."""
    key = word("kind", kind), word("protocol", protocol)
    if size_bytes is not None:
        _message_size[key[0]](checked("size_bytes", size_bytes))
    _sent[key](1)


def message_received(kind: str, protocol: str, size_bytes: float | None = None) -> None:
    """A message came in."""
    key = word("kind", kind), word("protocol", protocol)
    if size_bytes is not None:
        _message_size[key[0]](checked("size_bytes", size_bytes))
    _received[key](1)


def message_failed(kind: str, reason: str) -> None:
    """A message was lost on its way."""
    _failed[word("kind", kind), word("reason", reason)](1)


def operation_took(operation: str, seconds: float) -> None:
    """Connecting, sending or receiving took so long."""
    _operation_seconds[word("operation", operation)](checked("seconds", seconds))


def queue_depth(count: int, priority: str) -> None:
    """So many messages wait to be sent."""
    _queue_depth[word("priority", priority)](checked("count", count))


def queue_wait(seconds: float, priority: str) -> None:
    """A message waited so long before it was sent."""
    _queue_seconds[word("priority", priority)](checked("seconds", seconds))


def packet_dropped(reason: str) -> None:
    """A packet was given up."""
    _packets_dropped[word("reason", reason)](1)


class PeerOperation(Operation):
    """Connecting to a peer, sending, receiving."""

    def __init__(self, operation: str, peer_id: Id | None = None) -> None:
        self.operation = word("operation", operation)
        self.span_name = f"{names.P2P_CONNECTION}.{self.operation}"
        self._peer_id = peer_id

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return said({names.OPERATION: self.operation, names.PEER_ID: self._peer_id})

    def record(self) -> None:
        operation_took(self.operation, self.seconds)


def operation(name: str, *, peer_id: Id | None = None) -> PeerOperation:
    """Time connect, send or receive; its span is ``p2p.connection.<name>``."""
    return PeerOperation(word("name", name), peer_id)


class Message(Operation):
    """One message on its way out or in."""

    def __init__(
        self,
        kind: str,
        protocol: str,
        size_bytes: float | None,
        peer_id: Id | None,
        *,
        is_out: bool,
    ) -> None:
        self.kind, self.protocol = word("kind", kind), word("protocol", protocol)
        self.size_bytes = known("size_bytes", size_bytes)
        self.span_name = f"{names.P2P_MESSAGE}.{self.kind}"
        self._peer_id, self._is_out = peer_id, is_out

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return said(
            {
                names.MESSAGE_TYPE: self.kind,
                names.PROTOCOL: self.protocol,
                names.DIRECTION: "sent" if self._is_out else "received",
                names.SIZE_BYTES: self.size_bytes,
                names.PEER_ID: self._peer_id,
            }
        )

    def record(self) -> None:
        if not self.ok:
            message_failed(self.kind, self.reason or "error")
            return
        count = message_sent if self._is_out else message_received
        count(self.kind, self.protocol, self.size_bytes)


def sending(
    kind: str, protocol: str, *, size_bytes: float | None = None, peer_id: Id | None = None
) -> Message:
    """Follow a message that is sent, and count how that ends; span ``p2p.message.<kind>``."""
    return Message(kind, protocol, size_bytes, peer_id, is_out=True)


def receiving(
    kind: str, protocol: str, *, size_bytes: float | None = None, peer_id: Id | None = None
) -> Message:
    """Follow a message that came in while it is worked on, and count how that ends."""
    return Message(kind, protocol, size_bytes, peer_id, is_out=False)


def health_check(peer_id: Id | None = None) -> Step:
    """Follow the check whether a peer still lives; one that fails is taken for dead."""
    return Step(names.P2P_HEALTH_CHECK, {names.PEER_ID: peer_id}, failure_detected)


# -- peers -----------------------------------------------------------------------


def peers_connected(count: int, role: str) -> None:
    """So many peers of this role are linked."""
    _peers_connected[word("role", role)](checked("count", count))


def peer_discovered(source: str) -> None:
    """A peer became known: by dht, gossip or mdns."""
    _peers_discovered[word("source", source)](1)


def peer_failed(reason: str) -> None:
    """A peer is not tried any more."""
    _peers_failed[word("reason", reason)](1)


def heartbeat_sent(peer_id: Id) -> None:
    """A sign of life went to a peer."""
    _heartbeats_sent[word("peer_id", peer_id)](1)


def heartbeat_received(peer_id: Id) -> None:
    """A sign of life came from a peer."""
    _heartbeats_received[word("peer_id", peer_id)](1)


def failure_detected(reason: str) -> None:
    """A peer was taken for dead."""
    _failures_detected[word("reason", reason)](1)


def attached_peers(count: int) -> None:
    """So many peers are attached to the host."""
    _attached[()](checked("count", count))
