"""Gossip, the DHT, protocol versions, routes, search and relays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.instrumentation.families import counts, distributions, levels
from zerostate_monitoring.instrumentation.operations import (
    Id,
    Operation,
    Step,
    checked,
    finite,
    said,
    word,
)
from zerostate_monitoring.tracing import Attribute, names

_gossip: Final = counts("zerostate_p2p_gossip_messages_total")
_gossip_seconds: Final = distributions("zerostate_p2p_gossip_propagation_seconds")
_circuits: Final = levels("zerostate_p2p_relay_circuits")
_circuit_bytes: Final = counts("zerostate_p2p_relay_bytes_total")
_lookups: Final = counts("zerostate_dht_lookups_total")
_lookup_seconds: Final = distributions("zerostate_dht_lookup_duration_seconds")
_cards: Final = counts("zerostate_agent_card_publish_total")
_published: Final = counts("zerostate_gossip_messages_published_total")
_topic_received: Final = counts("zerostate_gossip_messages_received_total")
_topic_peers: Final = levels("zerostate_gossip_peers")
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

# -- gossip ----------------------------------------------------------------------


def gossip_message(action: str, *, ok: bool = True) -> None:
    """Something was done with a gossip message, such as publish."""
    _gossip[word("action", action), "success" if ok else "failed"](1)


class Gossip(Operation):
    """Something that is done with a gossip message."""

    def __init__(self, action: str, topic: str | None) -> None:
        self.action = word("action", action)
        self.span_name = f"{names.P2P_GOSSIP}.{self.action}"
        self._topic = topic

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return said({names.GOSSIP_ACTION: self.action, names.TOPIC: self._topic})

    def record(self) -> None:
        gossip_message(self.action, ok=self.ok)


def gossip(action: str, *, topic: str | None = None) -> Gossip:
    """Follow publish, forward or validate, and count how it ends."""
    return Gossip(action, topic)


def gossip_propagated(seconds: float) -> None:
    """A gossip message was so old when it arrived."""
    _gossip_seconds[()](checked("seconds", seconds))


def gossip_published(topic: str) -> None:
    """A message was put on a topic."""
    _published[word("topic", topic)](1)


def gossip_received(topic: str, age_seconds: float | None = None) -> None:
    """A message came over a topic; its age where the sender's time is known."""
    name = word("topic", topic)
    if age_seconds is not None:
        # The sender's clock may run ahead.
        _topic_seconds[name](max(finite("age_seconds", age_seconds), 0.0))
    _topic_received[name](1)


def gossip_rejected(topic: str, reason: str) -> None:
    """A message of a topic was not valid."""
    _topic_rejected[word("topic", topic), word("reason", reason)](1)


def gossip_peers(count: int, topic: str) -> None:
    """So many neighbours share a topic."""
    _topic_peers[word("topic", topic)](checked("count", count))


# -- discovery -------------------------------------------------------------------


def dht_lookup_ended(operation: str, status: str, seconds: float) -> None:
    """Publishing or resolving ended: success, error or not_found."""
    key = word("operation", operation), word("status", status)
    _lookup_seconds[key[0]](checked("seconds", seconds))
    _lookups[key](1)


class DhtLookup(Operation):
    """Publishing to, or resolving from, the DHT."""

    def __init__(self, operation: str) -> None:
        self.operation = word("operation", operation)
        self.span_name = f"{names.P2P_DHT}.{self.operation}"
        self.found = True

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return {names.DHT_OPERATION: self.operation}

    @property
    def status(self) -> str:
        """success, error or not_found."""
        return "error" if not self.ok else "success" if self.found else "not_found"

    @property
    def outcome(self) -> Mapping[str, Attribute]:
        return {names.STATUS: self.status}

    def record(self) -> None:
        dht_lookup_ended(self.operation, self.status, self.seconds)


def dht_lookup(operation: str) -> DhtLookup:
    """Time publish or resolve; set ``found`` to False where nothing was."""
    return DhtLookup(operation)


def agent_card_published() -> None:
    """An agent card was announced."""
    _cards[()](1)


def protocol_mismatch(reason: str) -> None:
    """No common version with a peer: incompatible, unsupported_feature or invalid."""
    _mismatches[word("reason", reason)](1)


def protocol_negotiated(*, ok: bool) -> None:
    """A version was agreed on, or not."""
    _negotiations["success" if ok else "failure"](1)


def protocol_feature(feature: str, *, enabled: bool) -> None:
    """An optional feature is on or off."""
    _features[word("feature", feature)](float(enabled))


def route_quality(peer_id: Id, *, latency: float, success_rate: float, q_score: float) -> None:
    """What is known of the way to a peer."""
    peer = word("peer_id", peer_id)
    for name, value in (
        ("latency", checked("latency", latency)),
        ("success_rate", checked("success_rate", success_rate)),
        # What a route has learnt may speak against it.
        ("q_score", finite("q_score", q_score)),
    ):
        _q_value[peer, name](value)


def route_chosen(strategy: str, status: str) -> None:
    """A next hop was chosen, or how the choice turned out."""
    _decisions[word("strategy", strategy), word("status", status)](1)


def route_took(seconds: float) -> None:
    """A message took so long over its route."""
    _route_seconds[()](checked("seconds", seconds))


class Search(Operation):
    """A use of the semantic index."""

    span_name = names.P2P_SEARCH

    def __init__(self, operation: str) -> None:
        self.operation = word("operation", operation)

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return {names.OPERATION: self.operation}

    def record(self) -> None:
        _search_seconds[self.operation](self.seconds)


def search(operation: str = "search") -> Search:
    """Time index, search or search_capabilities."""
    return Search(operation)


def search_index_size(count: int) -> None:
    """So many agent cards can be found."""
    _index_size[()](checked("count", count))


# -- relays ----------------------------------------------------------------------


def relay(
    direction: str, *, source_peer: Id | None = None, destination_peer: Id | None = None
) -> Step:
    """Follow what goes over a relay; one that refuses is counted with its reason."""
    attributes = {
        names.RELAY_DIRECTION: word("direction", direction),
        names.SOURCE_PEER: source_peer,
        names.DESTINATION_PEER: destination_peer,
    }
    return Step(names.P2P_RELAY, attributes, relay_rejected)


def relay_circuits(count: int, direction: str) -> None:
    """So many paths over a relay are in use: inbound or outbound."""
    _circuits[word("direction", direction)](checked("count", count))


def circuit_bytes(count: float, direction: str) -> None:
    """Bytes went over a path through a relay."""
    _circuit_bytes[word("direction", direction)](checked("count", count))


def relay_reservations(count: int) -> None:
    """So many places at this relay are held."""
    _reservations[()](checked("count", count))


def relay_connections(count: int) -> None:
    """So many clients are connected through this relay."""
    _relayed[()](checked("count", count))


def relay_bytes(count: float, direction: str) -> None:
    """This relay carried bytes for others."""
    _relay_bytes[word("direction", direction)](checked("count", count))


def relay_accepted() -> None:
    """This relay granted a connection."""
    _relay_accepted[()](1)


def relay_rejected(reason: str) -> None:
    """This relay refused one: resource_limit, ip_limit or peer_limit."""
    _relay_rejected[word("reason", reason)](1)
