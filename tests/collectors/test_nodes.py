"""Nodes are scraped in chunks, and what they gave stands in the store."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
from django.db.models import ProtectedError, QuerySet

from tests.sources.nodes.server import fake_node
from zerostate_monitoring.catalogue.definition import Reading
from zerostate_monitoring.collectors import nodes
from zerostate_monitoring.collectors.items import Absent, Refused
from zerostate_monitoring.collectors.network import graph, info
from zerostate_monitoring.collectors.node_chunk import jobs_of
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.frames.schema import Schema
from zerostate_monitoring.models import Metric, Node
from zerostate_monitoring.sources.nodes.client import NodeClient
from zerostate_monitoring.sources.nodes.parse import PageParser
from zerostate_monitoring.sources.nodes.target import enabled_rows
from zerostate_monitoring.storage.store import Write

pytestmark = pytest.mark.django_db

PAGE = "# TYPE zerostate_peer_connections gauge\nzerostate_peer_connections 4\njunk 1\n"


@pytest.fixture(autouse=True)
def _fresh_scraper(settings):
    """Each test begins with a process that has seen no node."""
    settings.ZEROSTATE_MONITORING_NODE_TIMEOUT_SECONDS = 2
    nodes.close_connections()


@pytest.fixture
def node():
    """A node with one catalogued family, health and peers."""
    with fake_node() as running:
        running.page(PAGE)
        for path in ("/healthz", "/readyz"):
            running.answers[path] = lambda handler: handler.reply(b"ok")
        running.answers["/api/info"] = lambda handler: handler.reply(
            b'{"peer_id": "P1", "version": "1.2"}'
        )
        running.answers["/api/peers"] = lambda handler: handler.reply(
            b'{"count": 1, "peers": ["P2"]}'
        )
        yield running


def row(node, name="n1", **fields):
    values = {"base_url": node.url, "role": "edge", "labels": {"site": "fra1", "rack": "7"}}
    return Node.objects.create(name=name, **{**values, **fields})


def scrape(store, *rows, now=None):
    return nodes.scrape_chunk([r.pk for r in rows], store=store, now=now or time.time())


def shown(store, name="n1"):
    frame = store.snapshot().frames.get(f"node:{name}")
    return {} if frame is None else {(n, labels): v for n, labels, v in frame.samples()}


LABELS = (("node", "n1"), ("node_role", "edge"), ("site", "fra1"))


def test_scrape__writes_a_frame_and_a_note(store, node):
    """What the node gave and what is said of it stand under its labels."""
    outcome = scrape(store, row(node))
    assert (outcome.nodes, outcome.up, outcome.samples, outcome.errors) == (1, 1, 2, {})
    found = shown(store)
    assert found["zerostate_node_up", LABELS] == 1
    assert found["zerostate_peer_connections", LABELS] == 4
    assert found["zerostate_node_scrape_samples", LABELS] == 2
    assert found["zerostate_node_healthy", (("check", "live"), *LABELS)] == 1
    assert not any(name == "junk" for name, _ in found)
    note = store.notes("node")["n1"]
    assert (note["up"], note["peer_id"], note["peers"], note["dropped"]) == (True, "P1", 1, 1)
    assert store.notes("node_peers")["n1"]["peers"] == ["P2"]


def test_metrics_path__is_where_the_page_is_asked_for(store, node):
    """A node whose page is elsewhere is asked there and nowhere else."""
    node.answers["/metrics/legacy"] = node.answers.pop("/metrics")
    assert scrape(store, row(node, metrics_path="/metrics/legacy")).up == 1
    assert (node.asked("/metrics/legacy"), node.asked("/metrics")) == (1, 0)


def test_health_and_peers__are_asked_less_often(store, node):
    """Of four scrapes in a row, one asks for more than the page."""
    one, now = row(node), time.time()
    for turn in range(3):
        scrape(store, one, now=now + 15 * turn)
    assert node.asked("/metrics") == 3
    assert node.asked("/healthz") == node.asked("/api/peers") == 1
    assert shown(store)["zerostate_node_healthy", (("check", "ready"), *LABELS)] == 1
    scrape(store, one, now=now + 15 * 6)
    assert node.asked("/healthz") == 2


def test_missing_paths__are_left_alone_for_an_hour(store, node):
    """A node without peer list or its own health paths is asked by the other names, then not."""
    for path in ("/healthz", "/api/peers", "/api/info"):
        del node.answers[path]
    node.answers["/health/live"] = lambda handler: handler.reply(b"", status=503)
    node.answers["/peer-id"] = lambda handler: handler.reply(b"P1")
    one, now = row(node), time.time()
    for turn in range(3):
        scrape(store, one, now=now + 90 * turn)
    assert node.asked("/healthz") == node.asked("/api/peers") == 1
    assert node.asked("/health/live") == 3
    assert shown(store)["zerostate_node_healthy", (("check", "live"), *LABELS)] == 0
    assert store.notes("node")["n1"]["peer_id"] == "P1"


def test_api_server__is_asked_for_health_by_its_own_paths(store):
    """Its /health and /ready are the checks; no other name is tried where they answer."""
    with fake_node() as server:
        server.page(PAGE)
        server.answers["/health"] = lambda handler: handler.reply(b"{}", status=503)
        server.answers["/ready"] = lambda handler: handler.reply(b"{}")
        scrape(store, row(server, role="api"))
    labels = (("node", "n1"), ("node_role", "api"), ("site", "fra1"))
    assert shown(store)["zerostate_node_healthy", (("check", "live"), *labels)] == 0
    assert shown(store)["zerostate_node_healthy", (("check", "ready"), *labels)] == 1
    assert server.asked("/healthz") == server.asked("/readyz") == server.asked("/health/live") == 0


def test_relay__tells_who_it_is_by_its_own_path(store, node):
    """Its /relay-info holds peer id and version; what lacks them leaves the other paths."""
    info = b'{"peer_id": "R1", "version": "v0.1.0"}'
    node.answers["/relay-info"] = lambda handler: handler.reply(info)
    scrape(store, row(node, role="relay"))
    note = store.notes("node")["n1"]
    assert (note["peer_id"], note["version"]) == ("R1", "v0.1.0")
    assert node.asked("/api/info") == 0
    node.answers["/relay-info"] = lambda handler: handler.reply(b'{"version": "v0.2.0"}')
    scrape(store, row(node, "n2", role="relay"))
    note = store.notes("node")["n2"]
    assert (note["peer_id"], note["version"]) == ("P1", "v0.2.0")


def test_failed_node__has_up_0_and_the_others_go_on(store, node):
    """Garbage from one node costs that node alone; the cause stands in its note."""
    good = row(node)
    with fake_node() as other:
        other.page('half{a="1"} 1\nhalf')
        bad = row(other, "n2")
        outcome = scrape(store, good, bad)
    assert (outcome.up, outcome.errors) == (1, {"invalid": 1})
    found = {name: value for (name, _), value in shown(store, "n2").items()}
    assert found["zerostate_node_up"] == 0
    assert set(found) == {
        "zerostate_node_up",
        "zerostate_node_scrape_duration_seconds",
        "zerostate_node_scrape_samples",
    }  # fmt: skip
    note = store.notes("node")["n2"]
    assert (note["up"], note["error_kind"]) == (False, "invalid")
    assert "ends within a line" in note["error"]
    assert store.counts("collector_errors") == {"p2p|invalid": 1}


def test_missing_secret__is_told_and_costs_that_node_alone(store, node):
    """A reference that leads nowhere is named; the secret's place, never a value."""
    outcome = scrape(store, row(node), row(node, "n2", token="env:ZEROSTATE_NODE_NO_SUCH_VARIABLE"))
    assert outcome.errors == {"configuration": 1}
    assert "env:ZEROSTATE_NODE_NO_SUCH_VARIABLE" in store.notes("node")["n2"]["error"]


def test_secret__is_resolved_at_each_scrape(store, node, settings, monkeypatch, tmp_path):
    """The token may come from a variable or a file that is changed meanwhile."""
    (tmp_path / "token").write_text("second\n")
    settings.ZEROSTATE_MONITORING_NODE_SECRETS_DIRECTORY = str(tmp_path)
    monkeypatch.setenv("ZEROSTATE_NODE_TOKEN", "first")
    scrape(store, row(node, token="env:ZEROSTATE_NODE_TOKEN"))
    assert node.requests[0][1]["Authorization"] == "Bearer first"
    node.requests.clear()
    scrape(store, row(node, "n2", token=f"file:{tmp_path / 'token'}"))
    assert node.requests[0][1]["Authorization"] == "Bearer second"


def test_ephemeral_node__leaves_instead_of_reading_0(store, node):
    """An ephemeral node that fails is never 0, and is forgotten after a while."""
    one, now = row(node, ephemeral=True), time.time()
    scrape(store, one, now=now)
    node.page("garbage")
    scrape(store, one, now=now + 15)
    assert shown(store)["zerostate_node_up", LABELS] == 1
    outcome = scrape(store, one, now=now + 301)
    assert outcome.left == ("n1",)
    assert shown(store) == {}
    assert store.notes("node")["n1"]["left"] is True


def test_ephemeral_node_that_left__is_asked_seldom_and_comes_back(store, node):
    """It is looked for now and then; when it answers it is a node like any other."""
    one, now = row(node, ephemeral=True, base_url="http://127.0.0.1:1"), time.time()
    scrape(store, one, now=now + 301)
    first = store.notes("node")["n1"]["left_at"]
    assert nodes.plan(store=store, now=now + 316) == []
    assert nodes.plan(store=store, now=now + 301 + 300) == [[one.pk]]
    scrape(store, one, now=now + 601)
    note = store.notes("node")["n1"]
    assert (note["left_at"], note["at"] - first) == (first, pytest.approx(300, abs=1))
    Node.objects.update(base_url=node.url)
    scrape(store, one, now=now + 901)
    assert "left_at" not in store.notes("node")["n1"]
    assert nodes.plan(store=store, now=now + 916) == [[one.pk]]


def test_ephemeral_node_that_is_gone_for_long__is_deleted(
    store, node, settings, caplog, django_capture_on_commit_callbacks
):
    """Its row and all that is known of it, with a line in the log; others stay."""
    settings.ZEROSTATE_MONITORING_NODE_EPHEMERAL_DELETE_SECONDS = 600
    nowhere = {"base_url": "http://127.0.0.1:1"}
    gone, down, now = row(node, ephemeral=True, **nowhere), row(node, "n2", **nowhere), time.time()
    for seconds in (301, 601, 902):
        assert Node.objects.count() == 2
        scrape(store, gone, down, now=now + seconds)
    with django_capture_on_commit_callbacks(execute=True):
        assert nodes.plan(store=store, now=now + 903) == [[down.pk]]
    assert [n.name for n in Node.objects.all()] == ["n2"]
    assert set(store.notes("node")) == {"n2"}
    (record,) = [r for r in caplog.records if r.message == "ephemeral_nodes_deleted"]
    assert record.nodes == ["n1"]


def test_row_that_cannot_be_deleted__does_not_stop_the_round(store, node, monkeypatch, caplog):
    """A project's own table may hold on to it; the other nodes are asked."""
    gone, other, now = row(node, ephemeral=True), row(node, "n2"), time.time()
    store.note("node", {"n1": {"left": True, "left_at": now - 90_000, "at": now - 1}})

    def protect(self):
        raise ProtectedError("held", {gone})

    monkeypatch.setattr(QuerySet, "delete", protect)
    assert nodes.plan(store=store, now=now) == [[other.pk]]
    assert "ephemeral_nodes_not_deleted" in [r.message for r in caplog.records]


def test_last_up__is_written_once_a_minute(store, node, django_assert_num_queries):
    """Scrapes within a minute leave the row alone."""
    one, now = row(node), time.time()
    scrape(store, one, now=now)
    first = Node.objects.get().last_up_at
    scrape(store, one, now=now + 30)
    assert first is not None
    assert Node.objects.get().last_up_at == first
    scrape(store, one, now=now + 61)
    last = Node.objects.get().last_up_at
    assert last is not None
    assert last > first


def test_fed_by_another__is_refused_and_told(store, node, settings):
    """A family that an operator has disabled leaves the node's frame."""
    Metric.objects.update_or_create(
        name="zerostate_peer_connections",
        defaults={"kind": "gauge", "layer": "p2p", "enabled": False},
    )
    scrape(store, row(node))
    assert ("zerostate_peer_connections", LABELS) not in shown(store)
    assert "zerostate_peer_connections" in store.notes("node")["n1"]["refused"]
    told = [item for item in nodes.p2p() if isinstance(item, Refused)]
    assert [item.family for item in told] == ["zerostate_peer_connections"]
    assert told[0].reason.startswith("node n1: ")


def test_node_that_is_being_scraped__is_left_to_that_task(store, node):
    """However nodes are dealt out: two tasks that hold the same one ask it once."""
    one, two = row(node), row(node, "n2")
    held = store.lease(nodes.lease_name(one.pk), 30)
    assert scrape(store, one).busy == 1
    assert node.requests == []
    outcome = scrape(store, one, two)
    assert (outcome.nodes, outcome.up, outcome.busy) == (1, 1, 1)
    assert scrape(store, two).busy == 0
    assert set(store.notes("node")) == {"n2"}
    store.release(held)
    assert scrape(store, one, two).up == 2


def test_plan__deals_nodes_and_forgets_those_that_are_gone(store, node, settings):
    """Chunks are even; frames of removed and disabled nodes end at once."""
    settings.ZEROSTATE_MONITORING_NODE_CHUNK_SIZE = 2
    rows = [row(node, f"n{number}") for number in range(5)]
    scrape(store, *rows)
    Node.objects.filter(name="n3").update(enabled=False)
    rows[4].delete()
    assert nodes.plan(store=store) == [[rows[0].pk, rows[2].pk], [rows[1].pk]]
    assert {p for p in store.snapshot().frames if p.startswith("node:")} == {
        "node:n0",
        "node:n1",
        "node:n2",
    }
    assert set(store.notes("node")) == {"n0", "n1", "n2"}


def test_orchestrator__is_read_for_api_nodes(store, node):
    """Its families stand in the node's frame."""
    node.answers["/api/v1/orchestrator/metrics"] = lambda h: h.reply(b'{"active_workers": 3}')
    scrape(store, row(node, role="api"))
    labels = (("node", "n1"), ("node_role", "api"), ("site", "fra1"))
    assert shown(store)["zerostate_orchestrator_active_workers", labels] == 3
    assert "/api/v1/runtime-registry" in store.notes("node")["n1"]["orchestrator_errors"]


API = (("node", "n1"), ("node_role", "api"), ("site", "fra1"))


def orchestrator(node):
    """An API server's health and orchestrator answer, whatever its page does."""
    node.answers["/ready"] = lambda h: h.reply(b"{}")
    node.answers["/api/v1/orchestrator/metrics"] = lambda h: h.reply(b'{"active_workers": 3}')
    return row(node, role="api")


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ({"body": "34 errors", "status": 500}, "error"),
        ({"body": "no", "status": 401}, "unauthorized"),
        ({"body": "not here", "status": 404}, "missing"),
        ({"body": "half a"}, "invalid"),
        ({"body": "<html>", "kind": "text/html"}, "invalid"),
        ({"body": "", "status": 302, "Location": "http://other.example/"}, "redirect"),
    ],
)
def test_api_server_without_a_page__is_asked_for_the_rest(store, node, page, kind):
    """Its orchestrator and its health stand on the page; that it is up is not said."""
    one, now = orchestrator(node), time.time()
    node.page(**page)
    for turn in range(2):
        outcome = scrape(store, one, now=now + 15 * turn)
        assert outcome.errors == {kind: 1}
        found = shown(store)
        assert found["zerostate_node_up", API] == 0
        assert found["zerostate_orchestrator_active_workers", API] == 3
        assert found["zerostate_node_healthy", (("check", "ready"), *API)] == 1
    assert node.asked("/api/v1/orchestrator/metrics") == node.asked("/ready") == 1
    assert store.notes("node")["n1"]["error_kind"] == kind


def test_api_server_that_does_not_answer__says_nothing(store, node):
    """What it said before is not shown as if it were said now."""
    one, now = orchestrator(node), time.time()
    scrape(store, one, now=now)
    Node.objects.update(base_url="http://127.0.0.1:1")
    outcome = scrape(store, one, now=now + 15)
    assert outcome.errors == {"refused": 1}
    assert {name for name, _ in shown(store)} == {
        "zerostate_node_up",
        "zerostate_node_scrape_duration_seconds",
        "zerostate_node_scrape_samples",
    }  # fmt: skip


def test_ephemeral_api_server_without_a_page__has_not_left(store, node):
    """It answers; only its page is missing, and a 0 is not shown for it."""
    node.page("34 errors", status=500)
    one = row(node, role="api", ephemeral=True)
    assert scrape(store, one, now=time.time() + 301).left == ()
    assert shown(store) == {}


def test_other_node_without_a_page__is_left_alone(store, node):
    """Only the API server is known to live without one."""
    node.page("no", status=500)
    scrape(store, row(node))
    assert node.asked("/healthz") == 0


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


def test_overtaken_node__does_not_cost_the_others(store, node):
    """One node of which a newer run has written is left to that run, and counted."""
    rows = [row(node, f"n{number}") for number in range(3)]
    lease = store.lease("later", 60)
    newer = Frame(Schema(()), np.empty(0), 1.0)
    later = lease.token + 60_000_000
    store.write([Write("node:n1", newer, 60)], token=later)
    outcome = scrape(store, *rows)
    assert outcome.up == 2
    assert [bool(shown(store, f"n{number}")) for number in range(3)] == [True, False, True]
    assert set(store.notes("node")) == {"n0", "n2"}
    assert store.counts("collector_errors") == {"p2p|store": 1}


def other_worker():
    """From here on another process scrapes: nothing is known but what the store keeps."""
    nodes._scraper(os.getpid()).client.close()
    nodes._scraper.cache_clear()


def test_workers__share_what_they_asked(store, node):
    """Health, missing paths and the orchestrator are asked as seldom by many workers as by one."""
    del node.answers["/api/peers"]
    node.answers["/api/v1/orchestrator/metrics"] = lambda h: h.reply(b'{"active_workers": 3}')
    one, now = row(node, role="api"), time.time()
    labels = (("node", "n1"), ("node_role", "api"), ("site", "fra1"))
    for turn in range(3):
        scrape(store, one, now=now + 15 * turn)
        assert shown(store)["zerostate_orchestrator_active_workers", labels] == 3
        assert shown(store)["zerostate_node_healthy", (("check", "live"), *labels)] == 1
        assert store.notes("node")["n1"]["peer_id"] == "P1"
        other_worker()
    scrape(store, one, now=now + 15 * 6)
    assert node.asked("/metrics") == 4
    assert node.asked("/api/v1/orchestrator/metrics") == node.asked("/healthz") == 2
    assert node.asked("/api/peers") == node.asked("/api/info") == 1


def test_node_that_comes_back__is_asked_anew(store, node):
    """After a failure it may be another one: its health and id are asked for at once."""
    one, now = row(node), time.time()
    scrape(store, one, now=now)
    node.page("garbage")
    scrape(store, one, now=now + 15)
    assert "peer_id" not in store.notes("node")["n1"]
    node.page(PAGE)
    scrape(store, one, now=now + 30)
    assert node.asked("/healthz") == node.asked("/api/info") == 2
    assert store.notes("node")["n1"]["peer_id"] == "P1"


def test_identity__is_asked_for_each_hour(store, node):
    """A node that was updated without being missed shows its new version."""
    one, now = row(node), time.time()
    scrape(store, one, now=now)
    node.answers["/api/info"] = lambda h: h.reply(b'{"peer_id": "P1", "version": "1.3"}')
    scrape(store, one, now=now + 3599)
    assert store.notes("node")["n1"]["version"] == "1.2"
    scrape(store, one, now=now + 7300)
    assert store.notes("node")["n1"]["version"] == "1.3"


def test_jobs__nodes_that_answered_first_and_longest_waiting_first():
    """Dead and new nodes do not hold up the others, and none waits for ever."""
    notes = {
        "dead": {"up": False, "at": 50.0},
        "just": {"up": True, "at": 100.0},
        "old": {"up": True, "at": 85.0},
    }
    for name in ("dead", "new", "just", "old"):
        Node.objects.create(name=name, base_url="http://n.example")
    jobs = jobs_of(enabled_rows(list(Node.objects.values_list("pk", flat=True))), notes)
    assert [job.row.name for job in jobs] == ["old", "just", "new", "dead"]
    assert [job.answered for job in jobs] == [True, True, False, False]
    assert [job.waiting for job in jobs] == [4, 3, 2, 1]


def test_hanging_nodes__do_not_delay_the_others(store, node, settings):
    """More of them than time is left for: the chunk ends within its interval all the same."""
    settings.ZEROSTATE_MONITORING_NODES_INTERVAL_SECONDS = 2
    settings.ZEROSTATE_MONITORING_NODE_CONCURRENCY = 2
    settings.ZEROSTATE_MONITORING_NODE_TIMEOUT_SECONDS = 30
    good = row(node, "good")
    with fake_node() as other:
        other.hang()
        bad = [row(other, f"bad{number}") for number in range(6)]
        outcome = scrape(store, *bad, good)
        assert (outcome.up, outcome.errors) == (1, {"timeout": 6})
        assert outcome.duration < 30
        again = scrape(store, *bad, good)
    assert (again.up, again.busy, again.waiting) == (1, 0, 0)
    assert shown(store, "good")["zerostate_node_up", (("node", "good"), *LABELS[1:])] == 1


def test_nodes_without_time__keep_what_they_gave(store, node, settings):
    """All hang that answered before: those not reached are not called down, and come first."""
    rows = [row(node, f"n{number}") for number in range(4)]
    now = time.time()
    scrape(store, *rows, now=now)
    settings.ZEROSTATE_MONITORING_NODES_INTERVAL_SECONDS = 2
    settings.ZEROSTATE_MONITORING_NODE_CONCURRENCY = 1
    node.hang()
    outcome = scrape(store, *rows, now=now + 15)
    assert (outcome.nodes, outcome.waiting) == (1, 3)
    ups = {name: note["up"] for name, note in store.notes("node").items()}
    assert sorted(ups.values()) == [False, True, True, True]
    node.page(PAGE)
    assert scrape(store, *rows, now=now + 16).up == 4


def test_error_that_nobody_thought_of__costs_its_node_alone(store, node, monkeypatch, caplog):
    """Whether while fetching or while reading: down, logged with traceback, counted."""
    rows = [row(node, name) for name in ("bad-fetch", "bad-read", "good")]

    def broken(real, name):
        def work(self, target, *args, **how):
            if getattr(target, "name", target) == name:
                raise KeyError("s3cret")
            return real(self, target, *args, **how)

        return work

    monkeypatch.setattr(NodeClient, "get", broken(NodeClient.get, "bad-fetch"))
    monkeypatch.setattr(PageParser, "parse", broken(PageParser.parse, "bad-read"))
    outcome = scrape(store, *rows)
    assert (outcome.nodes, outcome.up, outcome.errors) == (3, 1, {"error": 2})
    for name in ("bad-fetch", "bad-read"):
        note = store.notes("node")[name]
        assert (note["up"], note["error_kind"]) == (False, "error")
        assert "KeyError" in note["error"]
        assert "s3cret" not in note["error"]
        assert {n: v for (n, _), v in shown(store, name).items()}["zerostate_node_up"] == 0
    records = [r for r in caplog.records if r.message == "node_scrape_broken"]
    assert all(r.exc_info for r in records)
    assert len(records) == 2
    assert store.counts("collector_errors") == {"p2p|error": 2}


def test_row_that_no_form_has_seen__costs_its_node_alone(store, node):
    """Labels that are none, written past all validation."""
    rows = [row(node), row(node, "n2", labels=[1])]
    outcome = scrape(store, *rows)
    assert (outcome.up, outcome.errors) == (1, {"error": 1})


def test_note_of_another_version__is_none(store, node):
    """What cannot be read is asked for anew."""
    store.note("node", {"n1": {"orchestrator": {}, "at": 1.0}, "zz": {}})
    assert scrape(store, row(node)).up == 1
    assert node.asked("/healthz") == 1
    assert len(list(nodes.p2p())) == 4


def test_duration__ends_with_the_page(store, node):
    """Health that hangs is no slow page."""
    node.answers["/healthz"] = node._wait
    assert scrape(store, row(node)).up == 1
    found = {name: value for (name, _), value in shown(store).items()}
    assert found["zerostate_node_up"] == 1
    assert found["zerostate_node_scrape_duration_seconds"] < 1.0
    assert store.notes("node")["n1"]["healthy"]["live"] is False


def test_label_of_our_own_families__is_no_constant_label(store, node, settings):
    """A site's own ``check`` does not stand twice on a series."""
    settings.ZEROSTATE_MONITORING_NODE_LABELS = ["check", "site"]
    scrape(store, row(node, labels={"site": "fra1", "check": "x"}))
    assert shown(store)["zerostate_node_healthy", (("check", "live"), *LABELS)] == 1
    assert all(len(dict(labels)) == len(labels) for _, labels in shown(store))


def test_refused_families__are_noted_to_a_bound(store, node):
    """A node that gives a thousand does not fill the store, and their number is told."""
    types = "".join(f"# TYPE f{n:04}{'x' * 300} odd\nf{n:04}{'x' * 300} 1\n" for n in range(1000))
    node.page(PAGE + types)
    scrape(store, row(node))
    note = store.notes("node")["n1"]
    assert (len(note["refused"]), note["refused_more"]) == (50, 950)
    assert max(map(len, note["refused"])) == 200


def test_members_of_a_full_family__are_known_to_the_next_worker(store, node):
    """Whichever process scrapes a node next, the same series are shown."""
    name = "zerostate_p2p_peers_connected"
    many = [f"r{number}" for number in range(1000)]

    def page(roles):
        return f"# TYPE {name} gauge\n" + "".join(f'{name}{{role="{r}"}} 1000\n' for r in roles)

    one, others = row(node), []
    for roles in (many, ["a", *many], ["b", "a", *many]):
        node.page(page(roles))
        scrape(store, one)
        others.append(shown(store).get((name, (*LABELS[:2], ("role", "other"), LABELS[2]))))
        other_worker()
    assert others == [None, 1000.0, 2000.0]


def test_peer_list_without_end__is_refused(store, node):
    """Part of one would show another network."""
    peers = ", ".join(f'"P{number}"' for number in range(10_001))
    node.answers["/api/peers"] = lambda h: h.reply(f'{{"peers": [{peers}]}}'.encode())
    scrape(store, row(node))
    assert "peers" not in store.notes("node")["n1"]
    assert store.notes("node_peers") == {}
