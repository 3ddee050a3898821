"""Built-in rules about nodes and the peer-to-peer network."""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.rules.shipped.definition import (
    ShippedRule,
    minutes,
    number,
    ratio,
    window,
)

_rule = partial(ShippedRule, layer="p2p")
_enough_nodes = partial(number, "nodes", text="In networks of at least so many nodes.")

_NODES: Final = (
    _rule(
        name="BootnodeDown",
        severity="critical",
        fault="node_down",
        switch="bootnode",
        for_=minutes(2),
        keep_firing_for=minutes(2),
        expr='zerostate_node_up{node_role="bootnode"} == 0',
        summary="Bootnode {{ $labels.node }} does not answer (up is {{ $value }}, 1 is expected).",
        description="New peers cannot join through it. Look at the node's last error in admin:"
        " is it the host or the way to it?",
    ),
    _rule(
        name="NodeDown",
        severity="warning",
        fault="node_down",
        switch="nodes",
        for_=minutes(5),
        keep_firing_for=minutes(5),
        expr='zerostate_node_up{node_role!="bootnode"} == 0',
        summary="{{ $labels.node_role }} node {{ $labels.node }} does not answer (up is"
        " {{ $value }}, 1 is expected).",
        description="What runs on it is lost to the network. Look at its last error in admin; is"
        " it being deployed or restarted?",
    ),
    _rule(
        name="NodesDownMany",
        severity="critical",
        fault="nodes_down_many",
        switch="nodes",
        for_=minutes(2),
        keep_firing_for=minutes(2),
        parameters=(
            ratio("share", 0.3, 0.05, 0.95, "Fires above this share of nodes that are down."),
            _enough_nodes(5, 2, 10_000),
        ),
        expr="count(zerostate_node_up == 0) / count(zerostate_node_up) > <share>"
        " and count(zerostate_node_up) >= <nodes>",
        summary="{{ $value | humanizePercentage }} of all nodes do not answer (limit <share>).",
        description="The network loses much of its capacity. Group the nodes by site and role:"
        " what do those that are down have in common?",
    ),
    _rule(
        name="CollectorIsolated",
        severity="critical",
        fault="collector_isolated",
        switch="uplink",
        for_=minutes(1),
        parameters=(_enough_nodes(3, 2, 10_000),),
        expr="max(zerostate_node_up) == 0 and count(zerostate_node_up) >= <nodes>",
        summary="Not one node answers (the best is {{ $value }}, in a network of at least"
        " <nodes>).",
        description="The fault is most likely on our side: uplink, DNS, firewall, an expired"
        " token. From the worker, resolve one node's name and fetch its page by hand.",
    ),
    _rule(
        name="NodeRestarting",
        severity="warning",
        fault="node_restarts",
        switch="restarts",
        keep_firing_for=minutes(15),
        parameters=(
            number("restarts", 3, 1, 100, "Fires above so many starts within the window."),
            window("window", 1800, 300, 1800, "In which starts are counted."),
        ),
        expr="sum by (node, node_role)"
        ' (changes(process_start_time_seconds{node!=""}[<window>])) > <restarts>',
        summary="{{ $labels.node }} was started {{ $value }} times within <window> (limit"
        " <restarts>).",
        description="A crash loop, a lack of memory or a wrong probe. Read the node's log before"
        " its last start.",
    ),
)

_PEERS: Final = (
    _rule(
        name="NodeIsolated",
        severity="critical",
        fault="node_peers",
        switch="peers",
        for_=minutes(3),
        keep_firing_for=minutes(2),
        parameters=(number("nodes", 2, 2, 10_000, "While at least so many nodes are up."),),
        expr="(sum by (node, node_role)"
        ' (zerostate_p2p_peers_connected{node_role=~"bootnode|relay|api"})'
        " or sum by (node, node_role)"
        ' (zerostate_peer_connections{node_role=~"bootnode|relay|api"})) == 0'
        " and on (node) zerostate_node_up == 1"
        " and on () (count(zerostate_node_up == 1) >= <nodes>)",
        summary="{{ $labels.node_role }} {{ $labels.node }} answers, but has {{ $value }} peers"
        " (at least 1 is expected).",
        description="It serves nobody. Look at the firewall of its P2P port, its bootstrap list,"
        " its clock.",
    ),
    _rule(
        name="PeersLow",
        severity="warning",
        fault="node_peers",
        switch="peers",
        for_=minutes(10),
        keep_firing_for=minutes(5),
        parameters=(
            number("peers", 3, 1, 1000, "Fires below so many peers of a node."),
            _enough_nodes(5, 2, 10_000),
        ),
        expr="(sum by (node, node_role) (zerostate_p2p_peers_connected)"
        " or sum by (node, node_role) (zerostate_peer_connections)) < <peers>"
        " and on (node) zerostate_node_up == 1"
        " and on () (count(zerostate_node_up == 1) >= <nodes>)",
        summary="{{ $labels.node }} has {{ $value }} peers (at least <peers> are expected).",
        description="One more loss cuts it off. Look at its peers over time, and at where it"
        " finds them.",
    ),
    _rule(
        name="NetworkPartitioned",
        severity="critical",
        fault="partition",
        switch="partition",
        for_=minutes(5),
        keep_firing_for=minutes(5),
        parameters=(
            ratio("share", 0.9, 0.5, 0.99, "Fires when the largest part holds less than this."),
            number("nodes", 5, 3, 10_000, "With at least so many nodes in the peer graph."),
        ),
        expr="zerostate_p2p_largest_component_ratio < <share>"
        " and zerostate_p2p_graph_nodes >= <nodes>",
        summary="The largest part of the network holds {{ $value | humanizePercentage }} of its"
        " nodes (limit <share>).",
        description="Agents in different parts cannot reach each other. Which site or version is"
        " cut off?",
    ),
)

_TRAFFIC: Final = (
    _rule(
        name="MessageFailuresHigh",
        severity="warning",
        fault="p2p_messages",
        switch="messages",
        for_=minutes(10),
        keep_firing_for=minutes(5),
        parameters=(
            ratio("share", 0.1, 0.01, 0.9, "Fires above this share of messages that fail."),
            number("attempts", 50, 1, 1e6, "With at least so many attempts in the window."),
            window("window", 300, 60, 1800, "In which messages are counted."),
        ),
        expr="sum by (node, node_role) (increase(zerostate_p2p_messages_failed_total[<window>]))"
        " / (sum by (node, node_role) (increase(zerostate_p2p_messages_sent_total[<window>]))"
        " + sum by (node, node_role) (increase(zerostate_p2p_messages_failed_total[<window>])))"
        " > <share>"
        " and (sum by (node, node_role) (increase(zerostate_p2p_messages_sent_total[<window>]))"
        " + sum by (node, node_role) (increase(zerostate_p2p_messages_failed_total[<window>])))"
        " >= <attempts>",
        summary="{{ $value | humanizePercentage }} of the messages of {{ $labels.node }} fail"
        " (limit <share> over <window>).",
        description="What it says does not arrive. Look at failures by reason, at queue latency"
        " and dropped packets.",
    ),
    _rule(
        name="DHTLookupsFailing",
        severity="warning",
        fault="dht",
        switch="dht",
        for_=minutes(10),
        keep_firing_for=minutes(5),
        parameters=(
            ratio("share", 0.2, 0.01, 0.9, "Fires above this share of look-ups that fail."),
            number("lookups", 20, 1, 1e6, "With at least so many look-ups in the window."),
            window("window", 600, 60, 1800, "In which look-ups are counted."),
        ),
        expr='sum(increase(zerostate_dht_lookups_total{status="error"}[<window>]))'
        " / sum(increase(zerostate_dht_lookups_total[<window>])) > <share>"
        " and sum(increase(zerostate_dht_lookups_total[<window>])) >= <lookups>",
        summary="{{ $value | humanizePercentage }} of the DHT look-ups fail (limit <share> over"
        " <window>).",
        description="Agents do not find each other. Look at look-ups by operation, at the"
        " bootnodes, at routing tables.",
    ),
)

RULES: Final = (*_NODES, *_PEERS, *_TRAFFIC)
