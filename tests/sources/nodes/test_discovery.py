"""Nodes from documents: all or nothing, with the place of every fault."""

from __future__ import annotations

import json

import pytest

from zerostate_monitoring.collectors.node_import import summary
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models import Node
from zerostate_monitoring.sources.nodes.discovery import (
    Discovered,
    apply,
    parse_csv,
    parse_targets,
)


def test_csv__gives_nodes():
    """Columns are found by name; labels are pairs."""
    text = "role,name,base_url,labels,ephemeral\nrelay,r1,http://r1:80,site=fra1;rack=2,yes\n"
    assert parse_csv(text) == [
        Discovered("r1", "relay", "http://r1:80", {"site": "fra1", "rack": "2"}, ephemeral=True)
    ]


def test_metrics_path__is_read_from_both_kinds_of_document():
    """Where a node's page is elsewhere, its document says so; elsewhere it is the usual path."""
    csv = "name,role,base_url,metrics_path\na,api,http://a,/metrics/legacy\nb,edge,http://b,\n"
    labels = {"node": "c", "__metrics_path__": "/m", "__scheme__": "https"}
    document = json.dumps([{"targets": ["c:1"], "labels": labels}])
    found = [*parse_csv(csv), *parse_targets(document)]
    assert [node.metrics_path for node in found] == ["/metrics/legacy", "/metrics", "/m"]
    labels["__metrics_path__"] = "//other.example/m"
    with pytest.raises(ConfigurationError, match=r"group 1, target 'c:1', metrics_path"):
        parse_targets(json.dumps([{"targets": ["c:1"], "labels": labels}]))


@pytest.mark.parametrize("text", ['"name,role', 'name,role,base_url\n"x'])
def test_csv__that_is_none_is_refused(text):
    """A quote that never ends is told, in the header as in a row."""
    with pytest.raises(ConfigurationError, match="unexpected end"):
        parse_csv(text)


@pytest.mark.parametrize("address", ["h\\ud800x:80", "h\\u0000x:80"])
def test_targets__refuse_what_no_database_takes(address):
    """Lone surrogates and NUL are named at the entry."""
    with pytest.raises(ConfigurationError):
        parse_targets(f'[{{"targets": ["{address}"]}}]')


def test_csv__names_every_fault():
    """All rows with a fault are named at once."""
    text = "name,role,base_url\na b,edge,http://x\nn2,queen,http://x\nn3,edge,ftp://x\nn3,edge,http://x\nn5\n"
    with pytest.raises(ConfigurationError) as caught:
        parse_csv(text)
    message = str(caught.value)
    for part in (
        "row 2, name",
        "row 3, role",
        "row 4, base_url",
        "row 5, name: n3 stands in row 4",
        "row 6",
    ):
        assert part in message


@pytest.mark.parametrize("text", ["", "name,role\n", "name,role,base_url,colour\n"])
def test_csv__refuses_another_header(text):
    """A document that is not ours is not half read."""
    with pytest.raises(ConfigurationError, match="header"):
        parse_csv(text)


def test_targets__give_nodes():
    """http_sd and file_sd documents are read; labels of Prometheus' own are left out."""
    labels = {"node_role": "bootnode", "site": "x", "__scheme__": "https", "__meta_a": "b"}
    document = [
        {"targets": ["h1:443"], "labels": {**labels, "node": "boot"}},
        {"targets": ["10.0.0.1:80", "[::1]:80"]},
    ]
    assert parse_targets(json.dumps(document)) == [
        Discovered("boot", "bootnode", "https://h1:443", {"site": "x"}),
        Discovered("10.0.0.1-80", "edge", "http://10.0.0.1:80"),
        Discovered("1-80", "edge", "http://[::1]:80"),
    ]


YAML = """
# The inventory's own words.
- targets: ["h1:443"]
  labels: {node: boot, node_role: bootnode, rack: 08, powered: yes, __scheme__: https}
- targets:
    - 10.0.0.1:80
"""


def test_targets__are_read_from_yaml():
    """Whatever a scalar looks like, it is the text that stands there."""
    labels = {"rack": "08", "powered": "yes"}
    assert parse_targets(YAML) == [
        Discovered("boot", "bootnode", "https://h1:443", labels),
        Discovered("10.0.0.1-80", "edge", "http://10.0.0.1:80"),
    ]


@pytest.mark.parametrize(
    "text", ["&a [*a]", "- *nobody", "- !!python/object:os.x {}", "[" * 5000, "a: [b", ""]
)
def test_targets__yaml_that_is_no_document_is_refused(text):
    """Neither tags that make objects nor circles nor depth do more than be refused."""
    with pytest.raises(ConfigurationError):
        parse_targets(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [("{", "not JSON"), ("{}", "not a list"), ('[{"targets": "a"}]', "group 1, targets"),
     ('[{"targets": ["a:1"], "labels": {"a": 1}}]', "group 1, labels"), ("[1]", "group 1"),
     ('[{"targets": ["a:1"], "labels": {"node": "a", "ephemeral": "perhaps"}}]', "ephemeral")],
)  # fmt: skip
def test_targets__name_the_fault(text, place):
    """What is wrong is said by group and field."""
    with pytest.raises(ConfigurationError, match=place):
        parse_targets(text)


@pytest.mark.django_db
def test_apply__makes_the_rows_of_an_origin_the_document():
    """New rows come, changed ones change, missing ones go; others and secrets stay."""
    Node.objects.create(name="mine", base_url="http://m")
    first = [Discovered("a", "edge", "http://a"), Discovered("b", "edge", "http://b")]
    assert apply(first, "sd").added == ("a", "b")
    Node.objects.filter(name="a").update(token="env:T", enabled=False)
    changes = apply([Discovered("a", "relay", "http://a/2")], "sd")
    assert (changes.added, changes.changed, changes.removed) == ((), ("a",), ("b",))
    row = Node.objects.get(name="a")
    assert (row.role, row.base_url, row.token, row.enabled) == (
        "relay",
        "http://a/2",
        "env:T",
        False,
    )
    assert Node.objects.filter(name="mine").exists()
    assert apply([Discovered("a", "relay", "http://a/2")], "sd").changed == ()


@pytest.mark.django_db
def test_apply__follows_a_metrics_path_that_changes():
    """The path is the document's, like the address."""
    apply([Discovered("a", "api", "http://a")], "sd")
    moved = [Discovered("a", "api", "http://a", metrics_path="/metrics/legacy")]
    assert apply(moved, "sd").changed == ("a",)
    assert Node.objects.get().metrics_path == "/metrics/legacy"
    assert apply(moved, "sd").changed == ()


@pytest.mark.django_db
def test_apply__takes_no_row_of_another_origin():
    """A document cannot take over what an operator has entered; nothing is changed."""
    Node.objects.create(name="mine", base_url="http://m")
    with pytest.raises(ConfigurationError, match=r"mine .from admin."):
        apply([Discovered("new", "edge", "http://n"), Discovered("mine", "edge", "http://x")], "sd")
    assert Node.objects.count() == 1


SECRETS = {
    "token": "env:T",
    "client_certificate": "env:C",
    "client_key": "env:K",
    "ca_certificate": "env:A",
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["https://a.example:1", "http://b.example:1", "http://a.example:2", "http://a.example"]
)
def test_apply__clears_secrets_of_an_address_that_is_another_one(url):
    """Who writes the document must not have them sent to where they like; and it is told."""
    Node.objects.create(name="n", base_url="http://a.example:1", origin="sd", **SECRETS)
    Node.objects.create(name="open", base_url="http://a.example:1", origin="sd")
    changes = apply([Discovered(name, "edge", url) for name in ("n", "open")], "sd")
    assert (changes.changed, changes.cleared) == (("n", "open"), ("n",))
    node = Node.objects.get(name="n")
    assert (node.token, node.client_certificate, node.client_key) == ("", "", "")
    assert (node.base_url, node.ca_certificate) == (url, "env:A")
    assert summary(changes).endswith("secrets cleared, for the address is another one: n")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["http://a.example/path", "http://A.example:80", "http://a.example"]
)
def test_apply__keeps_secrets_of_the_same_address(url):
    """Another path, role or spelling leads to the same place."""
    Node.objects.create(name="n", base_url="http://a.example", origin="sd", **SECRETS)
    changes = apply([Discovered("n", "relay", url)], "sd")
    assert (changes.changed, changes.cleared) == (("n",), ())
    assert Node.objects.get().token == "env:T"
    assert "secrets" not in summary(changes)
