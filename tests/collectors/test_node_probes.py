"""What nodes are asked beside their page: health, peers, who they are, the orchestrator."""

from __future__ import annotations

import time

import pytest

from tests.collectors.scraping import API, LABELS, PAGE, other_worker, row, scrape, shown
from tests.sources.nodes.server import fake_node
from zerostate_monitoring.models import Node

pytestmark = pytest.mark.django_db


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


def test_orchestrator__is_read_for_api_nodes(store, node):
    """Its families stand in the node's frame."""
    node.answers["/api/v1/orchestrator/metrics"] = lambda h: h.reply(b'{"active_workers": 3}')
    scrape(store, row(node, role="api"))
    labels = (("node", "n1"), ("node_role", "api"), ("site", "fra1"))
    assert shown(store)["zerostate_orchestrator_active_workers", labels] == 3
    assert "/api/v1/runtime-registry" in store.notes("node")["n1"]["orchestrator_errors"]


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
        "zerostate_node_scrape_error",
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


def test_duration__ends_with_the_page(store, node):
    """Health that hangs is no slow page."""
    node.answers["/healthz"] = node._wait
    assert scrape(store, row(node)).up == 1
    found = {name: value for (name, _), value in shown(store).items()}
    assert found["zerostate_node_up"] == 1
    assert found["zerostate_node_scrape_duration_seconds"] < 1.0
    assert store.notes("node")["n1"]["healthy"]["live"] is False


def test_peer_list_without_end__is_refused(store, node):
    """Part of one would show another network."""
    peers = ", ".join(f'"P{number}"' for number in range(10_001))
    node.answers["/api/peers"] = lambda h: h.reply(f'{{"peers": [{peers}]}}'.encode())
    scrape(store, row(node))
    assert "peers" not in store.notes("node")["n1"]
    assert store.notes("node_peers") == {}
