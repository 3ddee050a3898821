"""P2P, discovery and DHT: can peers find and reach each other?"""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.p2p_traffic import DISCOVERY, QUEUES, RELAY, TRAFFIC
from zerostate_monitoring.generators.dashboards.selectors import (
    OF_NODES,
    node_rate,
    node_sum,
)
from zerostate_monitoring.generators.dashboards.values import (
    Colour,
    Dashboard,
    Limits,
    Row,
    Rule,
    Unit,
)
from zerostate_monitoring.generators.dashboards.words import (
    DATA_SOURCE,
    FILTERS,
    NODE,
    NODE_ROLE,
    SITE,
    lines,
    q,
    quantiles,
    tile,
)

_LOST: Final = "sum(rate(zerostate_p2p_messages_failed_total[5m]))"
_SENT: Final = "sum(rate(zerostate_p2p_messages_sent_total[5m]))"
_PER_NODE: Final = "sum by (node) (zerostate_p2p_peers_connected)"

_FIRST: Final = Row(
    title="",
    panels=(
        tile(
            "Fewest peers of a node",
            f"min({_PER_NODE})",
            Unit.PEERS,
            "Of the node that has the fewest: without peers it is cut off.",
            limits=Limits(amber=Rule("PeersLow", "peers"), red=1, below=True),
            to="zerostate-nodes",
            rules=("PeersLow", "NodeIsolated"),
        ),
        tile(
            "Median peers of a node",
            f"quantile(0.5, {_PER_NODE})",
            Unit.PEERS,
            "Half of the nodes have fewer peers than this.",
        ),
        tile(
            "Separate components",
            "max(zerostate_p2p_components)",
            Unit.COUNT,
            "Parts between which no peer list names a link; 1 is a whole network.",
            limits=Limits(red=2),
            rules=("NetworkPartitioned",),
        ),
        tile(
            "Message failures",
            f"{_LOST} / ({_SENT} + {_LOST})",
            Unit.RATIO,
            "Share of the messages that do not arrive.",
            limits=Limits(
                amber=Rule("MessageFailuresHigh", "share", times=0.5),
                red=Rule("MessageFailuresHigh", "share"),
            ),
            rules=("MessageFailuresHigh",),
            traces=True,
        ),
        tile(
            "Send time p95",
            "histogram_quantile(0.95, sum by (le) (rate("
            'zerostate_p2p_operation_duration_seconds_bucket{operation="send"}[5m])))',
            Unit.SECONDS,
            "Nineteen in twenty messages are sent within this time.",
            limits=Limits(amber=1),
        ),
        tile(
            "Gossip propagation p95",
            "histogram_quantile(0.95, sum by (le) "
            "(rate(zerostate_p2p_gossip_propagation_seconds_bucket[5m])))",
            Unit.SECONDS,
            "How old nineteen in twenty gossip messages are at most when they arrive.",
            limits=Limits(amber=2, red=5),
        ),
        tile(
            "DHT success",
            '1 - sum(rate(zerostate_dht_lookups_total{status="error"}[10m]))'
            " / sum(rate(zerostate_dht_lookups_total[10m]))",
            Unit.RATIO,
            "Share of the look-ups that did not end in an error; not to find is no error.",
            limits=Limits(
                amber=Rule("DHTLookupsFailing", "share", times=0.5, of_one=True),
                red=Rule("DHTLookupsFailing", "share", of_one=True),
                below=True,
            ),
            rules=("DHTLookupsFailing",),
        ),
        tile(
            "DHT lookup p95",
            "histogram_quantile(0.95, sum by (le) "
            "(rate(zerostate_dht_lookup_duration_seconds_bucket[10m])))",
            Unit.SECONDS,
            "Nineteen in twenty look-ups end within this time.",
            limits=Limits(amber=2, red=5),
        ),
        tile(
            "Relay circuits",
            "sum(zerostate_p2p_relay_circuits)",
            Unit.COUNT,
            "Paths over relays, for peers that cannot reach each other directly.",
            spark=True,
        ),
    ),
)

_LINKS: Final = Row(
    title="Connections",
    panels=(
        lines(
            "Links by state",
            Unit.COUNT,
            "Links that are open, and those of them that carry nothing.",
            q(node_sum("p2p_connections_active", "state"), "{{state}}"),
            q(f"sum(zerostate_p2p_connections_idle{{{OF_NODES}}})", "idle", Colour.MUTED),
        ),
        lines(
            "Links made and failed",
            Unit.PER_SECOND,
            "Attempts that ended in a link, and those that did not, by reason.",
            q(
                f"sum(rate(zerostate_p2p_connections_total{{{OF_NODES}}}[5m]))",
                "made",
                Colour.PLAIN,
            ),
            q(node_rate("p2p_connections_failed_total", "reason"), "failed: {{reason}}"),
            traces=True,
        ),
        lines(
            "Peers taken for dead",
            Unit.PER_SECOND,
            "How often peers stopped to answer, by reason, and how many were given up.",
            q(node_rate("p2p_failure_detections_total", "reason"), "taken for dead: {{reason}}"),
            q(node_rate("p2p_peers_failed_total", "reason"), "given up: {{reason}}"),
            traces=True,
        ),
        lines(
            "Peers per node",
            Unit.PEERS,
            "As the node's host counts them. The line is where PeersLow begins.",
            q(f"min(zerostate_peer_connections{{{OF_NODES}}})", "fewest", Colour.AMBER),
            q(f"quantile(0.5, zerostate_peer_connections{{{OF_NODES}}})", "median", Colour.PLAIN),
            q(f"max(zerostate_peer_connections{{{OF_NODES}}})", "most", Colour.MUTED),
            limits=Limits(amber=Rule("PeersLow", "peers"), below=True),
            rules=("PeersLow", "NodeIsolated"),
        ),
        lines(
            "Parts of the network",
            Unit.COUNT,
            "Parts between which there is no link, and how many peers they have together.",
            q("max(zerostate_p2p_components)", "parts", Colour.AMBER),
            q("max(zerostate_p2p_graph_nodes)", "peers", Colour.MUTED),
            rules=("NetworkPartitioned",),
        ),
        lines(
            "Streams by protocol",
            Unit.COUNT,
            "Streams inside the links.",
            q(node_sum("p2p_streams_active", "protocol"), "{{protocol}}"),
        ),
        lines(
            "Heartbeats",
            Unit.PER_SECOND,
            "Signs of life between peers. Where fewer come in than go out, links fail one way.",
            q(f"sum(rate(zerostate_p2p_heartbeats_sent_total{{{OF_NODES}}}[5m]))", "sent"),
            q(f"sum(rate(zerostate_p2p_heartbeats_received_total{{{OF_NODES}}}[5m]))", "received"),
        ),
        lines(
            "Time of operations",
            Unit.SECONDS,
            "Connecting, sending and receiving: the slowest twentieth of each.",
            *quantiles(
                "zerostate_p2p_operation_duration_seconds", OF_NODES, by="operation", of=(0.95,)
            ),
        ),
        lines(
            "Protocol versions that do not fit",
            Unit.PER_SECOND,
            "Peers with which no common version was found, by reason, and agreements by result.",
            q(
                node_rate("protocol_version_mismatches_total", "reason"),
                "no common version: {{reason}}",
            ),
            q(node_rate("protocol_negotiations_total", "result"), "agreed on: {{result}}"),
            traces=True,
        ),
    ),
)


DASHBOARD: Final = Dashboard(
    uid="zerostate-p2p",
    title="P2P, discovery and DHT",
    question="Can peers find and reach each other?",
    variables=(DATA_SOURCE, SITE, NODE_ROLE, NODE, FILTERS),
    rows=(_FIRST, _LINKS, TRAFFIC, QUEUES, DISCOVERY, RELAY),
    layers=("p2p",),
)
