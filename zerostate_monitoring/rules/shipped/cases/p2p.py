"""Tests of the built-in rules about nodes and the peer-to-peer network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.rules.shipped.definition import Case
from zerostate_monitoring.rules.shipped.writing import case, fires, quiet


def _up(node: str, role: str, values: str) -> dict[str, str]:
    return {f'zerostate_node_up{{node="{node}", node_role="{role}"}}': values}


def _nodes(count: int, values: str = "1x60") -> dict[str, str]:
    """So many edge nodes."""
    return {
        series: text
        for number in range(count)
        for series, text in _up(f"edge-{number}", "edge", values).items()
    }


def _peers(node: str, role: str, values: str) -> dict[str, str]:
    labels = f'node="{node}", node_role="{role}"'
    return {f'zerostate_p2p_peers_connected{{{labels}, role="edge"}}': values}


def _messages(sent: str, failed: str) -> dict[str, str]:
    labels = 'node="edge-1", node_role="edge", type="task"'
    return {
        f'zerostate_p2p_messages_sent_total{{{labels}, protocol="task"}}': sent,
        f'zerostate_p2p_messages_failed_total{{{labels}, reason="timeout"}}': failed,
    }


def _lookups(success: str, error: str) -> dict[str, str]:
    return {
        f'zerostate_dht_lookups_total{{operation="find_peer", status="{status}"}}': values
        for status, values in (("success", success), ("error", error))
    }


_DOWN: Final = "1x5 0x5 1x30"
_ISOLATED: Final = "3x5 0x9 3x30"

CASES: Final[Mapping[str, tuple[Case, ...]]] = {
    "BootnodeDown": (
        case(
            "a bootnode goes away and comes back",
            _up("boot-1", "bootnode", _DOWN) | _up("boot-2", "bootnode", "1x40"),
            quiet("7m30s"),
            fires("8m", 0, node="boot-1", node_role="bootnode"),
            fires("13m30s", 0, node="boot-1", node_role="bootnode"),
            quiet("14m"),
        ),
        case("another node is not its matter", _up("edge-1", "edge", "0x30"), quiet("20m")),
    ),
    "NodeDown": (
        case(
            "a node goes away and comes back",
            _up("edge-1", "edge", "1x5 0x9 1x30"),
            quiet("10m30s"),
            fires("11m", 0, node="edge-1", node_role="edge"),
            fires("20m", 0, node="edge-1", node_role="edge"),
            quiet("21m"),
        ),
        case("a bootnode is not its matter", _up("b", "bootnode", "0x30"), quiet("20m")),
    ),
    "NodesDownMany": (
        case(
            "two of five",
            _nodes(3) | _up("api-1", "api", _DOWN) | _up("relay-1", "relay", _DOWN),
            quiet("7m30s"),
            fires("8m", 0.4),
            quiet("15m"),
        ),
        case(
            "two of four are too few nodes",
            _nodes(2) | _up("api-1", "api", _DOWN) | _up("relay-1", "relay", _DOWN),
            quiet("10m"),
        ),
    ),
    "CollectorIsolated": (
        case(
            "three of three",
            _nodes(3, "1x5 0x5 1x30"),
            quiet("6m30s"),
            fires("7m", 0),
            quiet("12m"),
        ),
        case("two of two are too few nodes", _nodes(2, "1x5 0x5 1x30"), quiet("10m")),
    ),
    "NodeRestarting": (
        case(
            "four starts",
            {
                'process_start_time_seconds{node="relay-1", node_role="relay"}': (
                    "100x5 400 460 520 580x60"
                )
            },
            quiet("8m"),
            fires("9m", 4, node="relay-1", node_role="relay"),
            fires("45m", 4, node="relay-1", node_role="relay"),
            quiet("52m"),
        ),
        case(
            "three are too few",
            {'process_start_time_seconds{node="e", node_role="edge"}': "100x5 400 460 520x40"},
            quiet("10m"),
        ),
    ),
    "NodeIsolated": (
        case(
            "a relay without peers",
            _nodes(1) | _up("relay-1", "relay", "1x50") | _peers("relay-1", "relay", _ISOLATED),
            quiet("8m30s"),
            fires("9m", 0, node="relay-1", node_role="relay"),
            quiet("18m"),
        ),
        case(
            "as today's nodes tell it",
            _nodes(1)
            | _up("boot-1", "bootnode", "1x50")
            | {'zerostate_peer_connections{node="boot-1", node_role="bootnode"}': _ISOLATED},
            fires("9m", 0, node="boot-1", node_role="bootnode"),
            quiet("18m"),
        ),
        case(
            "the only node that is up has nobody to talk to",
            _nodes(1, "0x60")
            | _up("relay-1", "relay", "1x50")
            | _peers("relay-1", "relay", "0x50"),
            quiet("20m"),
        ),
        case(
            "an edge node is not its matter",
            _nodes(2) | _peers("edge-0", "edge", "0x50"),
            quiet("20m"),
        ),
    ),
    "PeersLow": (
        case(
            "two peers",
            _nodes(5) | _peers("edge-0", "edge", "4x5 2x19 4x30"),
            quiet("15m30s"),
            fires("16m", 2, node="edge-0", node_role="edge"),
            quiet("32m"),
        ),
        case("four nodes are too few", _nodes(4) | _peers("edge-0", "edge", "2x50"), quiet("30m")),
    ),
    "NetworkPartitioned": (
        case(
            "a part of 60 %",
            {
                "zerostate_p2p_largest_component_ratio": "1x5 0.6x10 1x20",
                "zerostate_p2p_graph_nodes": "10x40",
            },
            quiet("10m30s"),
            fires("11m", 0.6),
            quiet("23m"),
        ),
        case(
            "four nodes are too few",
            {
                "zerostate_p2p_largest_component_ratio": "0.5x40",
                "zerostate_p2p_graph_nodes": "4x40",
            },
            quiet("20m"),
        ),
    ),
    "MessageFailuresHigh": (
        case(
            "a third fails",
            _messages("0+40x61", "0x10 20+20x19 400x30"),
            quiet("20m"),
            fires("25m", 1 / 3, node="edge-1", node_role="edge"),
            quiet("45m"),
        ),
        case("45 attempts are too few", _messages("0+6x61", "0+3x61"), quiet("30m")),
    ),
    "DHTLookupsFailing": (
        case(
            "half fails",
            _lookups("0+4x61", "0x10 4+4x19 80x30"),
            quiet("20m"),
            fires("28m", 0.5),
            quiet("50m"),
        ),
        case("ten look-ups are too few", _lookups("0x61", "0+1x61"), quiet("30m")),
    ),
}
