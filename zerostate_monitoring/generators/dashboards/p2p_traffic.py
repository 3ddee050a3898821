"""P2P, discovery and DHT: traffic, queues, discovery and relays."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.selectors import (
    OF_NODES,
    node_rate,
    node_sum,
)
from zerostate_monitoring.generators.dashboards.values import (
    Colour,
    Limits,
    Row,
    Rule,
    Unit,
)
from zerostate_monitoring.generators.dashboards.words import (
    lines,
    q,
    quantiles,
)

TRAFFIC: Final = Row(
    title="Traffic",
    panels=(
        lines(
            "Bytes by protocol",
            Unit.BYTES_PER_SECOND,
            "What nodes send and receive, without what TCP and encryption add.",
            q(node_rate("p2p_bandwidth_sent_bytes_total", "protocol"), "sent: {{protocol}}"),
            q(
                node_rate("p2p_bandwidth_received_bytes_total", "protocol"),
                "received: {{protocol}}",
            ),
        ),
        lines(
            "Messages by type",
            Unit.MESSAGES_PER_SECOND,
            "What is said, and what of it arrives.",
            q(node_rate("p2p_messages_sent_total", "type"), "sent: {{type}}"),
            q(node_rate("p2p_messages_received_total", "type"), "received: {{type}}"),
        ),
        lines(
            "Messages that fail",
            Unit.MESSAGES_PER_SECOND,
            "What is lost, by type and reason.",
            q(node_rate("p2p_messages_failed_total", "type, reason"), "{{type}}: {{reason}}"),
            rules=("MessageFailuresHigh",),
            traces=True,
        ),
        lines(
            "Packets dropped",
            Unit.PER_SECOND,
            "What was given up before it was sent, by reason. A full queue is the first of them.",
            q(node_rate("p2p_packets_dropped_total", "reason"), "{{reason}}"),
            traces=True,
        ),
        lines(
            "Size of messages",
            Unit.BYTES,
            "Half of the messages are smaller than p50, nineteen in twenty than p95.",
            *quantiles("zerostate_p2p_message_size_bytes", OF_NODES, of=(0.5, 0.95)),
        ),
        lines(
            "Routes",
            Unit.PER_SECOND,
            "Next hops that nodes chose, by strategy and how it turned out.",
            q(node_rate("routing_decisions_total", "strategy, status"), "{{strategy}}: {{status}}"),
        ),
    ),
)

QUEUES: Final = Row(
    title="Queues",
    panels=(
        lines(
            "Messages that wait",
            Unit.COUNT,
            "By priority. A queue that does not empty is the cause of what fails above.",
            q(node_sum("p2p_queue_depth", "priority"), "{{priority}}"),
            width=12,
        ),
        lines(
            "Waiting time",
            Unit.SECONDS,
            "How long messages wait before they are sent.",
            *quantiles("zerostate_p2p_queue_latency_seconds", OF_NODES),
            width=12,
        ),
    ),
)

DISCOVERY: Final = Row(
    title="Discovery",
    panels=(
        lines(
            "Peers found",
            Unit.PER_SECOND,
            "Peers that nodes came to know, by how they found them.",
            q(node_rate("p2p_peers_discovered_total", "source"), "{{source}}"),
        ),
        lines(
            "DHT look-ups",
            Unit.PER_SECOND,
            "By operation and how they ended.",
            q(node_rate("dht_lookups_total", "operation, status"), "{{operation}}: {{status}}"),
            rules=("DHTLookupsFailing",),
            traces=True,
        ),
        lines(
            "DHT look-ups that fail",
            Unit.RATIO,
            "Share of each operation that ended in an error; the line is where DHTLookupsFailing"
            " begins.",
            q(
                node_rate("dht_lookups_total", "operation", 'status="error"')
                + " / "
                + node_rate("dht_lookups_total", "operation"),
                "{{operation}}",
                Colour.RED,
            ),
            limits=Limits(red=Rule("DHTLookupsFailing", "share")),
            rules=("DHTLookupsFailing",),
            traces=True,
        ),
        lines(
            "DHT look-up time",
            Unit.SECONDS,
            "By operation.",
            *quantiles(
                "zerostate_dht_lookup_duration_seconds", OF_NODES, by="operation", of=(0.5, 0.95)
            ),
        ),
        lines(
            "Agent cards",
            Unit.PER_MINUTE,
            "Cards that were announced to the DHT; without them nobody finds an agent.",
            q(f"60 * sum(rate(zerostate_agent_card_publish_total{{{OF_NODES}}}[5m]))", "announced"),
        ),
        lines(
            "Searches for agents",
            Unit.SECONDS,
            "How long the index of agents takes: the slowest twentieth, by operation.",
            *quantiles("zerostate_search_latency_seconds", OF_NODES, by="operation", of=(0.95,)),
        ),
        lines(
            "Gossip by action",
            Unit.MESSAGES_PER_SECOND,
            "Messages by what was done with them and how it ended.",
            q(node_rate("p2p_gossip_messages_total", "action, status"), "{{action}}: {{status}}"),
        ),
        lines(
            "Gossip by topic",
            Unit.MESSAGES_PER_SECOND,
            "What comes in on each topic, and what is refused there.",
            q(node_rate("gossip_messages_received_total", "topic"), "{{topic}}"),
            q(
                node_rate("gossip_validation_failures_total", "topic"),
                "refused: {{topic}}",
                Colour.RED,
            ),
        ),
        lines(
            "Gossip neighbours",
            Unit.PEERS,
            "Neighbours of the node that has the fewest, by topic.",
            q(f"min by (topic) (zerostate_gossip_peers{{{OF_NODES}}})", "{{topic}}"),
        ),
    ),
)

RELAY: Final = Row(
    title="Relay",
    panels=(
        lines(
            "Places and clients",
            Unit.COUNT,
            "Places that clients hold at relays, clients that are connected, and circuits.",
            q(f"sum(zerostate_relay_reservations{{{OF_NODES}}})", "places"),
            q(f"sum(zerostate_relay_connections{{{OF_NODES}}})", "clients"),
            q(node_sum("p2p_relay_circuits", "direction"), "circuits: {{direction}}"),
        ),
        lines(
            "Bytes over relays",
            Unit.BYTES_PER_SECOND,
            "What relays carry for others, and what nodes send over them, by direction.",
            q(node_rate("relay_bytes_transferred_total", "direction"), "carried: {{direction}}"),
            q(node_rate("p2p_relay_bytes_total", "direction"), "used: {{direction}}"),
        ),
        lines(
            "Granted and refused",
            Unit.PER_MINUTE,
            "Connections that relays have granted, and refused for a reason: a limit that is too"
            " small, or somebody who asks too often.",
            q(
                f"60 * sum(rate(zerostate_relay_connections_accepted_total{{{OF_NODES}}}[5m]))",
                "granted",
                Colour.PLAIN,
            ),
            q(
                f"60 * {node_rate('relay_connections_rejected_total', 'reason')}",
                "refused: {{reason}}",
            ),
            traces=True,
        ),
    ),
)
