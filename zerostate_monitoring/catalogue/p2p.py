"""Peer-to-peer families: links, messages, peers, gossip, liveness, circuits and queues."""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.catalogue import buckets
from zerostate_monitoring.catalogue.definition import Definition, Feed, Kind, Layer, Measure

_FED: Final = (Feed.NODE, Feed.INSTRUMENT)
_DIRECTIONS: Final = ("inbound", "outbound")
_MESSAGES: Final = ("gossip", "request", "response")
_PRIORITIES: Final = ("high", "normal", "low")
_PER_PEER: Final = "One series per peer and node; the series of a peer ends with its link."
_PEER_SUMMED: Final = "The node's label peer_id is summed away: it grows with the network."

_counter = partial(
    Definition, kind=Kind.COUNTER, layer=Layer.P2P, feeds=_FED, measure=Measure.COUNTER
)
_gauge = partial(Definition, kind=Kind.GAUGE, layer=Layer.P2P, feeds=_FED)
_histogram = partial(
    Definition, kind=Kind.HISTOGRAM, layer=Layer.P2P, feeds=_FED, measure=Measure.COUNTER
)

_CONNECTIONS: Final = (
    _gauge(
        name="zerostate_p2p_connections_active",
        help="Links to peers that are open at this moment, by state.",
        labels=("state",),
        values={"state": ("established",)},
    ),
    _counter(
        name="zerostate_p2p_connections_total",
        help="Links that were opened, by peer.",
        labels=("peer_id",),
        unbounded=("peer_id",),
        note=_PER_PEER,
    ),
    _counter(
        name="zerostate_p2p_connections_failed_total",
        help="Attempts to reach a peer that ended without a link, by reason.",
        labels=("reason",),
        values={"reason": ("timeout", "refused")},
        aliases=("zerostate_p2p_connections_failed",),
    ),
    _gauge(
        name="zerostate_p2p_connections_idle",
        help="Open links that carry no traffic and wait to be used again.",
    ),
    _counter(
        name="zerostate_p2p_bandwidth_sent_bytes_total",
        help="Payload bytes that the node has sent, by protocol.",
        unit="bytes",
        labels=("protocol",),
        values={"protocol": ("gossip", "request")},
        aliases=("zerostate_p2p_bandwidth_bytes_sent",),
        dropped=("peer_id",),
        note=_PEER_SUMMED,
    ),
    _counter(
        name="zerostate_p2p_bandwidth_received_bytes_total",
        help="Payload bytes that reached the node, by protocol.",
        unit="bytes",
        labels=("protocol",),
        values={"protocol": ("gossip", "request")},
        aliases=("zerostate_p2p_bandwidth_bytes_received",),
        dropped=("peer_id",),
        note=_PEER_SUMMED,
    ),
)

_MESSAGING: Final = (
    _counter(
        name="zerostate_p2p_messages_sent_total",
        help="Messages that left for a peer, by type and protocol.",
        labels=("type", "protocol"),
        values={"type": _MESSAGES, "protocol": ("gossip", "request")},
    ),
    _counter(
        name="zerostate_p2p_messages_received_total",
        help="Messages that came in from peers, by type and protocol.",
        labels=("type", "protocol"),
        values={"type": _MESSAGES, "protocol": ("gossip", "request")},
    ),
    _counter(
        name="zerostate_p2p_messages_failed_total",
        help="Messages that were lost on the way out or in, by type and reason.",
        labels=("type", "reason"),
        values={"type": _MESSAGES, "reason": ("timeout",)},
        note="Has no label protocol: sum both sides by type before dividing by those sent.",
    ),
    _histogram(
        name="zerostate_p2p_message_size_bytes",
        help="How large messages are, sent and received together.",
        unit="bytes",
        labels=("type",),
        buckets=buckets.BYTES,
        values={"type": _MESSAGES},
    ),
    _histogram(
        name="zerostate_p2p_operation_duration_seconds",
        help="How long connecting, sending or receiving takes.",
        unit="seconds",
        labels=("operation",),
        buckets=buckets.DURATION,
        values={"operation": ("connect", "send", "receive")},
    ),
    _gauge(
        name="zerostate_p2p_queue_depth",
        help="Messages that wait to be sent, by priority.",
        labels=("priority",),
        values={"priority": _PRIORITIES},
    ),
    _histogram(
        name="zerostate_p2p_queue_latency_seconds",
        help="How long messages wait before they are sent, by priority.",
        unit="seconds",
        labels=("priority",),
        buckets=buckets.DURATION,
        values={"priority": _PRIORITIES},
    ),
    _counter(
        name="zerostate_p2p_packets_dropped_total",
        help="Packets that were given up before delivery, by reason.",
        labels=("reason",),
        values={"reason": ("queue_full",)},
    ),
)

_PEERS: Final = (
    _gauge(
        name="zerostate_p2p_peers_connected",
        help="Peers that the node is linked with now, by the part they play.",
        labels=("role",),
        values={"role": ("executor", "creator")},
    ),
    _counter(
        name="zerostate_p2p_peers_discovered_total",
        help="Peers that the node came to know, by how it found them.",
        labels=("source",),
        values={"source": ("dht", "gossip", "mdns")},
    ),
    _counter(
        name="zerostate_p2p_peers_failed_total",
        help="Peers that the node stopped trying to reach, by reason.",
        labels=("reason",),
        values={"reason": ("timeout",)},
    ),
    _counter(
        name="zerostate_p2p_heartbeats_sent_total",
        help="Signs of life that the node has sent, by peer.",
        labels=("peer_id",),
        unbounded=("peer_id",),
        note=_PER_PEER,
    ),
    _counter(
        name="zerostate_p2p_heartbeats_received_total",
        help="Signs of life that peers have sent to the node, by peer.",
        labels=("peer_id",),
        unbounded=("peer_id",),
        note=_PER_PEER,
    ),
    _counter(
        name="zerostate_p2p_failure_detections_total",
        help="How often a peer was taken for dead, by reason.",
        labels=("reason",),
        values={"reason": ("timeout",)},
        dropped=("peer_id",),
        note=_PEER_SUMMED,
    ),
)

_GOSSIP_AND_CIRCUITS: Final = (
    _counter(
        name="zerostate_p2p_gossip_messages_total",
        help="Gossip messages by what was done with them and how it ended.",
        labels=("action", "status"),
        values={"action": ("publish",), "status": ("success", "failed")},
    ),
    _histogram(
        name="zerostate_p2p_gossip_propagation_seconds",
        help="How long a gossip message takes from its author to the node.",
        unit="seconds",
        buckets=buckets.DURATION,
    ),
    _gauge(
        name="zerostate_p2p_streams_active",
        help="Streams that are open inside the node's links, by protocol.",
        labels=("protocol",),
        values={"protocol": ("gossip", "request")},
    ),
    _gauge(
        name="zerostate_p2p_relay_circuits",
        help="Paths over a relay that the node uses now, by direction.",
        labels=("direction",),
        values={"direction": _DIRECTIONS},
    ),
    _counter(
        name="zerostate_p2p_relay_bytes_total",
        help="Bytes that went over paths through a relay, by direction.",
        unit="bytes",
        labels=("direction",),
        values={"direction": _DIRECTIONS},
    ),
)

DEFINITIONS: Final[tuple[Definition, ...]] = (
    *_CONNECTIONS,
    *_MESSAGING,
    *_PEERS,
    *_GOSSIP_AND_CIRCUITS,
)
