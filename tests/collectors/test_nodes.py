"""Nodes are scraped in chunks, and what they gave stands in the store."""

from __future__ import annotations

import time

import numpy as np
import pytest

from tests.collectors.scraping import LABELS, PAGE, other_worker, row, scrape, shown
from tests.sources.nodes.server import fake_node
from zerostate_monitoring.collectors import node_scraping, nodes
from zerostate_monitoring.collectors.items import Refused
from zerostate_monitoring.collectors.node_chunk import jobs_of
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.frames.schema import Schema
from zerostate_monitoring.models import Metric, Node
from zerostate_monitoring.sources.nodes.client import NodeClient
from zerostate_monitoring.sources.nodes.parse import PageParser
from zerostate_monitoring.sources.nodes.target import enabled_rows
from zerostate_monitoring.storage.store import Write

pytestmark = pytest.mark.django_db


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
        "zerostate_node_scrape_error",
    }  # fmt: skip
    (error,) = [one for name, one in shown(store, "n2") if name == "zerostate_node_scrape_error"]
    assert ("error", "invalid") in error
    assert found["zerostate_node_scrape_error"] == 1
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
    held = store.lease(node_scraping.lease_name(one.pk), 30)
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
