"""Nodes as lists of targets; what the list looks like is asked where it is served."""

from __future__ import annotations

from zerostate_monitoring.generators.node_targets import node_lists, targets
from zerostate_monitoring.models import Node


def node(name, **fields):
    return Node(name=name, base_url=f"http://{name}.example", **fields)


def test_lists__are_by_credentials_and_the_first_has_none(settings):
    """Keys are the same for the same credentials, tell nothing of them, and change with the key."""
    nodes = [node("c", token="x"), node("b"), node("a", token="x"), node("d", token="y")]
    first, *others = node_lists(nodes)
    assert (first.key, first.wanted, first.job) == ("", (), "zerostate-nodes")
    assert [each.name for each in first.nodes] == ["b"]
    assert sorted([each.name for each in one.nodes] for one in others) == [["a", "c"], ["d"]]
    assert node_lists(reversed(nodes)) == (first, *others)
    assert all(one.job == f"zerostate-nodes-{one.key}" for one in others)
    keys = {one.key for one in others}
    settings.SECRET_KEY = "another"
    assert keys.isdisjoint(one.key for one in node_lists(nodes))


def test_lists__of_no_node_has_the_one_without_credentials():
    """So that a job is there before the first node is."""
    (only,) = node_lists([])
    assert (only.key, only.nodes) == ("", ())


def test_credentials__half_a_certificate_is_none():
    """Prometheus would refuse its whole file for it."""
    (_, one) = node_lists([node("a", client_certificate="PEM", token="x")])
    assert one.wanted == ("token",)
    (_, one) = node_lists([node("a", client_certificate="PEM", client_key="PEM")])
    assert one.wanted == ("client_certificate", "client_key")


def test_labels__are_those_that_are_shown_and_never_of_the_apps_own_families():
    """A row that was not written by a form may hold anything."""
    labels = {"site": "s", "rack": "r", "check": "live"}
    (group,) = targets([node("a", labels=labels)], ("site", "check", "other"))
    assert {k: v for k, v in group["labels"].items() if not k.startswith("__")} == {
        "node": "a",
        "node_role": "edge",
        "site": "s",
    }
    (group,) = targets([node("a", labels=["x"])], ("site",))
    assert "site" not in group["labels"]
