from __future__ import annotations

import json
import math
import re

import pytest
import urllib3
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from example_project.network.nodes.answers import answer
from example_project.network.nodes.exposition import Exposition, go_float
from example_project.network.nodes.family import counter, gauge, histogram
from example_project.network.nodes.profiles import Profile, groups
from example_project.network.nodes.server import NodeServer
from tests.example_project.helpers import COMPUTED, START, make, samples
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Feed

SIZES = {
    "p2p_legacy": 4, "p2p_gossip": 5, "p2p_relay": 5, "p2p_proto": 3, "routing": 3, "search": 2,
    "p2p": 25, "execution": 31, "economic": 27, "guild": 5, "paychan": 11, "p2ppay": 5,
    "reputation": 4,
}  # fmt: skip


@pytest.fixture(scope="module", params=list(Profile))
def world(request):
    """A network of each profile, a little after its start."""
    network = make(profile=request.param)
    network.step(START + 1)
    return network.world


@pytest.fixture(scope="module")
def pages(world):
    return [node.page.render() for node in world.nodes]


def test_profiles__sizes():
    """The groups are as large as the node's sources say; head is a part of full."""
    assert {group: len(members) for group, members in groups(Profile.FULL).items()} == SIZES
    assert groups(Profile.HEAD).items() <= groups(Profile.FULL).items()
    assert set(groups(Profile.HEAD)) == set(list(SIZES)[:6])


def test_pages__every_family_has_samples(world, pages):
    """Each family of the profile has a sample on some page right after the start."""
    found = samples(pages)
    wanted = {f.name for g in groups(Profile(world.config.profile)).values() for f in g}
    assert {name for name in wanted if not found.get(name)} == set()


def test_pages__feed_the_catalogue():
    """Full pages hold every catalogued family that nodes feed, under its name or an alias."""
    network = make(profile="full")
    network.step(START + 1)
    found = samples(node.page.render() for node in network.world.nodes)
    wanted = [d for d in CATALOGUE if Feed.NODE in d.feeds and d.name not in COMPUTED]
    missing = [d.name for d in wanted if not {d.name, *d.aliases} & set(found)]
    assert missing == []


def test_pages__parse(pages):
    """prometheus_client's parser reads every page; no series stands twice."""
    for page in pages:
        parsed = list(text_string_to_metric_families(page))
        seen = [(s.name, tuple(sorted(s.labels.items()))) for f in parsed for s in f.samples]
        assert len(seen) == len(set(seen))


def test_pages__histograms_add_up(pages):
    """Buckets never fall with their bound, and the last is the count."""
    for page in pages:
        for family in text_string_to_metric_families(page):
            if family.type != "histogram":
                continue
            buckets = {}
            for sample in family.samples:
                key = tuple(sorted((k, v) for k, v in sample.labels.items() if k != "le"))
                if sample.name.endswith("_bucket"):
                    buckets.setdefault(key, []).append(sample.value)
                elif sample.name.endswith("_count"):
                    assert buckets[key] == sorted(buckets[key])
                    assert buckets[key][-1] == sample.value


def test_pages__go_names(world, pages):
    """What the Go node names against the rules is exposed under those very names."""
    text = "".join(pages)
    assert "# TYPE zerostate_relay_reservations_total gauge\n" in text
    assert ("# TYPE zerostate_p2p_connections_failed counter\n" in text) == (
        world.config.profile == "full"
    )
    assert ("# TYPE zerostate_guild_total gauge\n" in text) == (world.config.profile == "full")


@given(st.floats())
def test_go_float__reads_back(value):
    """Go's spelling of a number reads back as the same number."""
    read = float(go_float(value))
    assert read == value or (math.isnan(read) and math.isnan(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (1.0, "1"), (0.5, "0.5"), (123456.0, "123456"), (1e6, "1e+06"),
        (1234567.5, "1.2345675e+06"), (1e-4, "0.0001"), (1e-5, "1e-05"), (-2.5, "-2.5"),
        (1e21, "1e+21"), (-1234567.0, "-1.234567e+06"),
    ],
)  # fmt: skip
def test_go_float__spelling(value, text):
    """Numbers are spelled as Go's shortest %g does."""
    assert go_float(value) == text


def test_exposition__escapes():
    """A label value with quotes, backslashes and newlines is read back as it was."""
    page = Exposition([gauge("a", text=())])
    value = 'a"b\\c\nd'
    page.set("a", 1, text=value)
    (family,) = text_string_to_metric_families(page.render())
    assert family.samples[0].labels == {"text": value}


def test_exposition__reset_and_forget():
    """A restart begins all counts at 0; the end of an object ends its series."""
    page = Exposition([counter("c", status=("ok",)), histogram("h", (1.0,), peer_id=())])
    page.inc("c", 3, status="ok")
    page.observe("h", 0.5, peer_id="p")
    page.forget("peer_id", "p")
    assert "h_bucket" not in page.render()
    page.reset()
    assert 'c{status="ok"} 0\n' in page.render()
    page.inc("unknown", 1)


def get(world, role, path, **headers):
    node = next(node for node in world.nodes if node.role == role)
    return answer(world, node, path, headers, "secret")


def test_answers__api(world):
    """The orchestrator's figures want the token; the registry is public."""
    path = "/api/v1/orchestrator/metrics"
    assert get(world, "api", path).status == 401
    assert get(world, "api", path, authorization="Bearer wrong").status == 401
    figures = json.loads(get(world, "api", path, authorization="Bearer secret").body)
    assert figures["tasks_processed"] == figures["tasks_succeeded"] + figures["tasks_failed"]
    registry = json.loads(get(world, "api", "/api/v1/runtime-registry").body)
    assert sum(registry["stats"]["status_counts"].values()) == registry["stats"]["total"]
    assert get(world, "edge", path).status == 404


def test_answers__paths(world):
    """Each role answers on its own paths, and peers are listed by id."""
    assert get(world, "edge", "/healthz").body == b"ok"
    assert get(world, "edge", "/readyz").body == b"ready"
    assert json.loads(get(world, "api", "/ready").body)["ready"] is True
    assert get(world, "api", "/health").status == 200
    assert get(world, "api", "/healthz").status == get(world, "edge", "/health").status == 404
    peers = json.loads(get(world, "edge", "/api/peers").body)
    assert peers["count"] == len(peers["peers"]) > 0
    assert get(world, "bootnode", "/peer-id").body.decode() in peers["peers"] + [
        world.nodes[0].peer_id
    ]
    assert json.loads(get(world, "edge", "/api/info").body)["peer_id"].startswith("12D3KooW")
    assert "max_circuits" in json.loads(get(world, "relay", "/relay-info").body)
    assert get(world, "edge", "/relay-info").status == 404


def test_server__up_and_down(world):
    """A node keeps its address; while it is down connections are refused or cut."""
    nodes = {node.name: node for node in world.nodes}
    server = NodeServer(lambda name, path, headers: answer(world, nodes[name], path, headers, "t"))
    pool = urllib3.PoolManager(retries=False, timeout=5)
    try:
        for name in nodes:
            server.set_up(name)
        url = f"{server.url('edge-1')}/metrics"
        reply = pool.request("GET", url)
        assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert b"process_start_time_seconds" in reply.data
        assert pool.request("HEAD", url).data == b""
        server.set_down("edge-1")
        with pytest.raises(urllib3.exceptions.HTTPError):
            pool.request("GET", url)
        assert pool.request("GET", f"{server.url('edge-2')}/healthz").data == b"ok"
        server.set_up("edge-1")
        assert pool.request("GET", url).status == 200
    finally:
        pool.clear()
        server.stop()


def test_server__known_to_other_hosts(world):
    """Its nodes' addresses have the name that others know, and it listens beyond loopback."""
    nodes = {node.name: node for node in world.nodes}
    server = NodeServer(
        lambda name, path, headers: answer(world, nodes[name], path, headers, "t"), "network"
    )
    try:
        server.set_up("edge-1")
        host, _, port = server.url("edge-1").removeprefix("http://").partition(":")
        assert host == "network"
        (socket,) = server._listening["edge-1"].sockets
        assert socket.getsockname() == ("0.0.0.0", int(port))
    finally:
        server.stop()


def test_peer_id__shape(world):
    """Peer ids look like those of libp2p and are all different."""
    ids = [node.peer_id for node in world.nodes]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"12D3KooW[1-9A-HJ-NP-Za-km-z]{44}", peer) for peer in ids)
