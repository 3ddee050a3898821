"""What is known of all nodes together."""

from __future__ import annotations

import time

import pytest

from tests.collectors.scraping import row, scrape
from zerostate_monitoring.catalogue.definition import Reading
from zerostate_monitoring.collectors import nodes
from zerostate_monitoring.collectors.items import Absent
from zerostate_monitoring.collectors.network import graph, info
from zerostate_monitoring.models import Node

pytestmark = pytest.mark.django_db


def test_p2p__gives_info_and_graph(store, node):
    """The network's shape comes from the lists of nodes that are up."""
    scrape(store, row(node))
    items = list(nodes.p2p())
    sample = items[0].samples[0]
    assert sample.labels == {
        "node": "n1",
        "node_role": "edge",
        "site": "fra1",
        "rack": "7",
        "peer_id": "P1",
        "version": "1.2",
    }  # fmt: skip
    assert [(i.definition.name, i.value) for i in items[1:]] == [
        ("zerostate_p2p_components", 1),
        ("zerostate_p2p_graph_nodes", 2),
        ("zerostate_p2p_largest_component_ratio", 1.0),
    ]


def test_graph__is_absent_while_most_nodes_are_down(store, node):
    """Nodes that are down count as nodes: what is left of a network is not the network."""
    first, down = row(node, "n1"), row(node, "n2", base_url="http://127.0.0.1:1")
    scrape(store, first, down)
    assert [i.value for i in nodes.p2p() if isinstance(i, Reading)] == [1, 2, 1.0]
    scrape(store, row(node, "n3", base_url="http://127.0.0.1:1"))
    absent = [item for item in nodes.p2p() if isinstance(item, Absent)]
    assert {item.reason for item in absent} == {"1 of 3 nodes gave a peer list"}
    assert len(absent) == 3


def test_graph__ephemeral_nodes_that_left_are_no_nodes(store, node):
    """They are not missed, here as elsewhere."""
    gone = [row(node, f"e{n}", base_url="http://127.0.0.1:1", ephemeral=True) for n in range(3)]
    scrape(store, row(node), *gone)
    assert not any(isinstance(item, Reading) for item in nodes.p2p())
    scrape(store, *gone, now=time.time() + 301)
    assert any(isinstance(item, Reading) for item in nodes.p2p())


def test_graph__is_absent_below_half_of_the_nodes():
    """Too few lists would make a whole network look divided."""
    lists = {"a": {"peer_id": "A", "peers": ["B"]}, "c": {"peer_id": "C", "peers": ["D"]}}
    assert all(isinstance(item, Absent) for item in graph(lists, 5))
    assert all(isinstance(item, Absent) for item in graph({}, 0))
    assert figures(lists) == [2, 4, 0.5]


def figures(lists):
    return [item.value for item in graph(lists, len(lists)) if isinstance(item, Reading)]


def test_graph__a_node_of_unknown_id_is_no_peer_of_its_own():
    """Others name it by its id, so it would count twice; but those it names are linked."""
    unknown = {"peer_id": "", "peers": ["A", "B"]}
    known = {"a": {"peer_id": "A", "peers": ["X"]}, "b": {"peer_id": "B", "peers": ["X"]}}
    assert figures({**known, "x": unknown}) == [1, 3, 1.0]
    assert figures({"a": {"peer_id": "A", "peers": []}, "x": unknown}) == [1, 2, 1.0]
    nothing = {"x": {"peer_id": "", "peers": []}}
    assert figures(nothing) == []
    assert all(isinstance(item, Absent) for item in graph(nothing, 1))


def test_info__says_nothing_where_nothing_is_known():
    """A node without version and peer id has empty labels."""
    family = info([Node(name="a", role="edge", labels={})], {"a": {"peer_id": "", "version": None}})
    assert family.samples[0].labels["version"] == ""
