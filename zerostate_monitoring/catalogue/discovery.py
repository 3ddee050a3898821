"""What running nodes expose today: DHT, gossip topics, relays, protocol, routing, search."""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.catalogue import buckets
from zerostate_monitoring.catalogue.definition import (
    Combine,
    Definition,
    Feed,
    Kind,
    Layer,
    Measure,
)

_FED: Final = (Feed.NODE, Feed.INSTRUMENT)
_OPERATIONS: Final = ("publish", "resolve")
_TOPICS: Final = (
    "/zerostate/cards/1.0.0",
    "/zerostate/peers/1.0.0",
    "/zerostate/content/1.0.0",
)
_FEATURES: Final = ("dht", "relay", "auth", "search", "gossip", "mdns", "qrouting")

_counter = partial(
    Definition, kind=Kind.COUNTER, layer=Layer.P2P, feeds=_FED, measure=Measure.COUNTER
)
_gauge = partial(Definition, kind=Kind.GAUGE, layer=Layer.P2P, feeds=_FED)
_histogram = partial(
    Definition, kind=Kind.HISTOGRAM, layer=Layer.P2P, feeds=_FED, measure=Measure.COUNTER
)

_DHT: Final = (
    _counter(
        name="zerostate_dht_lookups_total",
        help="Agent cards published to or resolved from the DHT, by result.",
        labels=("operation", "status"),
        values={"operation": _OPERATIONS, "status": ("success", "error", "not_found")},
    ),
    _histogram(
        name="zerostate_dht_lookup_duration_seconds",
        help="How long publishing or resolving an agent card in the DHT takes.",
        unit="seconds",
        labels=("operation",),
        buckets=buckets.LOOKUP,
        values={"operation": _OPERATIONS},
    ),
    _counter(
        name="zerostate_agent_card_publish_total",
        help="Agent cards that the node has announced to the DHT.",
    ),
    _gauge(
        name="zerostate_peer_connections",
        help="Peers attached to the node's libp2p host.",
        note="Refreshed every 10 s; stands in where zerostate_p2p_peers_connected is absent.",
    ),
)

_GOSSIP: Final = (
    _counter(
        name="zerostate_gossip_messages_published_total",
        help="Messages that the node has put on a gossip topic.",
        labels=("topic",),
        values={"topic": _TOPICS},
        unbounded=("topic",),
        max_series=100,
    ),
    _counter(
        name="zerostate_gossip_messages_received_total",
        help="Messages that came to the node over a gossip topic.",
        labels=("topic",),
        values={"topic": _TOPICS},
        unbounded=("topic",),
        max_series=100,
    ),
    _gauge(
        name="zerostate_gossip_peers",
        help="Neighbours that share a gossip topic with the node.",
        aliases=("zerostate_gossip_peer_count",),
        labels=("topic",),
        values={"topic": _TOPICS},
        unbounded=("topic",),
        max_series=100,
    ),
    _histogram(
        name="zerostate_gossip_message_latency_seconds",
        help="How old gossip messages are when they arrive.",
        unit="seconds",
        labels=("topic",),
        buckets=buckets.GOSSIP,
        values={"topic": _TOPICS},
        unbounded=("topic",),
        max_series=100,
        note="The sender's clock against the receiver's: skewed clocks show here first.",
    ),
    _counter(
        name="zerostate_gossip_validation_failures_total",
        help="Gossip messages that were rejected on arrival, by topic and reason.",
        labels=("topic", "reason"),
        values={"topic": _TOPICS, "reason": ("unmarshal_error",)},
        unbounded=("topic",),
        max_series=200,
    ),
)

_RELAY: Final = (
    _gauge(
        name="zerostate_relay_reservations",
        help="Places at a relay that clients hold.",
        aliases=("zerostate_relay_reservations_total",),
    ),
    _gauge(
        name="zerostate_relay_connections",
        help="Clients that are connected through a relay now.",
        aliases=("zerostate_relay_connections_total",),
    ),
    _counter(
        name="zerostate_relay_bytes_transferred_total",
        help="Bytes that a relay has carried for others, by direction.",
        unit="bytes",
        labels=("direction",),
        values={"direction": ("inbound", "outbound")},
    ),
    _counter(
        name="zerostate_relay_connections_accepted_total",
        help="Connections that a relay has granted.",
    ),
    _counter(
        name="zerostate_relay_connections_rejected_total",
        help="Connections that a relay has refused, by reason.",
        labels=("reason",),
        values={"reason": ("resource_limit", "ip_limit", "peer_limit")},
    ),
)

_PROTOCOL: Final = (
    _counter(
        name="zerostate_protocol_version_mismatches_total",
        help="Peers with which no common protocol version or feature was found, by reason.",
        labels=("reason",),
        values={"reason": ("incompatible", "unsupported_feature", "invalid")},
    ),
    _counter(
        name="zerostate_protocol_negotiations_total",
        help="Agreements on a protocol version that were tried, by result.",
        labels=("result",),
        values={"result": ("success", "failure")},
    ),
    _gauge(
        name="zerostate_protocol_features_enabled",
        help="Whether a node has an optional protocol feature switched on; summed, how many have.",
        labels=("feature",),
        values={"feature": _FEATURES},
    ),
)

_ROUTING_AND_SEARCH: Final = (
    _gauge(
        name="zerostate_routing_q_value",
        help="What a node has learned about the way to a peer: latency, success and score.",
        labels=("peer_id", "metric_type"),
        values={"metric_type": ("latency", "success_rate", "q_score")},
        unbounded=("peer_id",),
        combine=Combine.MAX,
        note="Three figures of different units share the family; never read them together.",
    ),
    _counter(
        name="zerostate_routing_decisions_total",
        help="Next hops that were chosen, by strategy and how the choice turned out.",
        labels=("strategy", "status"),
        values={
            "strategy": ("q_learning", "best_peer"),
            "status": ("selected", "success", "failure"),
        },
    ),
    _histogram(
        name="zerostate_route_latency_seconds",
        help="How long a message takes over a route that was chosen.",
        unit="seconds",
        buckets=buckets.ROUTE,
        dropped=("peer_id",),
        note="The node's label peer_id is summed away: a histogram per peer costs 13 series each.",
    ),
    _histogram(
        name="zerostate_search_latency_seconds",
        help="How long the semantic index of agents takes, by operation.",
        unit="seconds",
        labels=("operation",),
        buckets=buckets.ROUTE,
        values={"operation": ("index", "search", "search_capabilities")},
    ),
    _gauge(
        name="zerostate_search_index_size",
        help="Agent cards that a search can find.",
        combine=Combine.MAX,
    ),
)

DEFINITIONS: Final[tuple[Definition, ...]] = (
    *_DHT,
    *_GOSSIP,
    *_RELAY,
    *_PROTOCOL,
    *_ROUTING_AND_SEARCH,
)
