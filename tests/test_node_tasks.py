"""What a worker runs for the nodes."""

from __future__ import annotations

import time
from unittest.mock import patch

import pytest
import time_machine
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError

from tests.sources.nodes.server import fake_node
from zerostate_monitoring import tasks
from zerostate_monitoring.collectors import node_chunk, node_scraping, nodes
from zerostate_monitoring.exceptions import StoreUnavailableError
from zerostate_monitoring.models import Collector, Node
from zerostate_monitoring.schedule import scrape_limits, task_options
from zerostate_monitoring.sources.nodes.parse import PageParser
from zerostate_monitoring.storage.store import Store

pytestmark = pytest.mark.django_db


def test_collect_nodes__scrapes_one_chunk_itself(store, sent):
    """Few nodes need no second task."""
    Node.objects.create(name="n1", base_url="http://127.0.0.1:1")

    tasks.collect_nodes()

    assert sent == []
    assert store.notes("node")["n1"]["up"] is False
    assert Collector.objects.get(name="p2p").last_success_at is not None


def test_collect_nodes__deals_many_chunks_out(store, sent, settings):
    """Every node goes to exactly one task."""
    settings.ZEROSTATE_MONITORING_NODE_CHUNK_SIZE = 2
    rows = [Node.objects.create(name=f"n{i}", base_url="http://127.0.0.1:1") for i in range(5)]

    tasks.collect_nodes()

    chunks = [args[0] for name, args, _, _ in sent if name == tasks.scrape_nodes.name]
    assert len(chunks) == 3
    assert sorted(pk for chunk in chunks for pk in chunk) == [row.pk for row in rows]
    assert all(options == task_options(15, scrape_limits(15)) for *_, options in sent)


def test_chunks_that_nobody_takes__are_no_success_of_p2p(store, sent, settings):
    """That messages were sent is not that nodes were asked; after three intervals it is told."""
    settings.ZEROSTATE_MONITORING_NODE_CHUNK_SIZE = 1
    rows = [Node.objects.create(name=f"n{n}", base_url="http://127.0.0.1:1") for n in range(2)]
    now = time.time()

    def collect_at(seconds):
        with time_machine.travel(now + seconds, tick=False):
            tasks.collect_nodes(forced=True)
        return Collector.objects.get(name="p2p")

    assert collect_at(0).failures_in_a_row == collect_at(44).failures_in_a_row == 0
    row = collect_at(60)
    assert (row.failures_in_a_row, row.last_error_kind) == (1, "late")
    assert row.last_error == "2 of 2 nodes were not asked for 45 s: n0, n1"
    assert row.last_success_at.timestamp() == pytest.approx(now + 44)
    assert store.counts("collector_errors") == {"p2p|late": 1}

    for chunk in rows:
        with time_machine.travel(now + 74, tick=False):
            tasks.scrape_nodes([chunk.pk])
    assert collect_at(75).failures_in_a_row == 0


def test_disabled_p2p__asks_no_node(store, sent):
    """An operator who disables the collector of nodes ends their scraping, queued chunks too."""
    with fake_node() as node:
        node.page("go_goroutines 7\n")
        row = Node.objects.create(name="n1", base_url=node.url)
        Collector.objects.update_or_create(name="p2p", defaults={"enabled": False})

        tasks.collect_nodes()
        tasks.scrape_nodes([row.pk])

        assert node.requests == []
    assert store.snapshot().frames == {}


def test_disabled_p2p__takes_all_nodes_off_the_page(
    store, sent, django_capture_on_commit_callbacks
):
    """The series of nodes are the collector's, and leave with it; with it they come back."""
    with fake_node() as node:
        node.page("go_goroutines 7\n")
        Node.objects.create(name="n1", base_url=node.url)
        tasks.collect_nodes()
        assert set(store.snapshot().frames) == {"node:n1", "collector:p2p"}

        row = Collector.objects.get(name="p2p")
        for enabled in (False, True):
            row.enabled = enabled
            with django_capture_on_commit_callbacks(execute=True):
                row.save()
            assert store.snapshot().frames == {}
            assert store.notes("node") == store.notes("node_peers") == {}

        tasks.collect_nodes(forced=True)
        assert "node:n1" in store.snapshot().frames


def test_p2p_disabled_in_a_round__is_no_error(store, django_capture_on_commit_callbacks):
    """What a chunk under way still brings is refused, not shown, and not called a fault."""
    with fake_node() as node:

        def disable(handler):
            # Another process would; the round's own connection is the one that sees it.
            store.remove(["node:n1"])
            switched.append(True)
            handler.reply(b"go_goroutines 7\n")

        switched = []
        node.answers["/metrics"] = disable
        row = Node.objects.create(name="n1", base_url=node.url)
        with patch.object(node_chunk, "is_disabled", lambda name: bool(switched)):
            tasks.scrape_nodes([row.pk])
    assert switched
    assert store.snapshot().frames == {}
    assert store.notes("node") == {}
    assert store.counts("collector_errors") == {}


def test_collect_nodes__survives_a_store_that_is_away(sent):
    """Without a store nothing raises; the row says why."""
    Node.objects.create(name="n1", base_url="http://127.0.0.1:1")

    tasks.collect_nodes()
    tasks.scrape_nodes([1])

    assert Collector.objects.get(name="p2p").last_error_kind == "store"


def last_run():
    return Collector.objects.get(name="p2p").last_started_at


def fail(error):
    def raising(*args, **kwargs):
        raise error

    return raising


@pytest.mark.parametrize(
    ("error", "kind"),
    [(DatabaseError("gone"), "error"), (SoftTimeLimitExceeded(), "timeout")],
)
@pytest.mark.parametrize(("module", "step"), [(nodes, "plan"), (node_scraping, "enabled_rows")])
def test_collect_nodes__a_step_that_fails_is_counted_and_costs_no_other(
    store, sent, monkeypatch, caplog, error, kind, module, step
):
    """Whatever ends the plan or the scrape, what is known of the nodes is told."""
    Node.objects.create(name="n1", base_url="http://127.0.0.1:1")
    monkeypatch.setattr(module, step, fail(error))

    tasks.collect_nodes()

    assert last_run() is not None
    assert store.counts("collector_errors") == {f"p2p|{kind}": 1}
    event = {"plan": "nodes_not_dealt_out", "enabled_rows": "nodes_not_scraped"}[step]
    (record,) = [r for r in caplog.records if r.message == event]
    assert (record.kind, bool(record.exc_info)) == (kind, kind == "error")


def test_collect_nodes__a_broker_that_is_away_is_counted(store, sent, refusing, settings):
    """Chunks that could not be sent are no success, and the run of p2p is made."""
    settings.ZEROSTATE_MONITORING_NODE_CHUNK_SIZE = 1
    for name in ("n1", "n2"):
        Node.objects.create(name=name, base_url="http://127.0.0.1:1")

    tasks.collect_nodes()

    assert last_run() is not None
    assert store.counts("collector_errors") == {"p2p|error": 1}


def test_scrape_nodes__errors_of_a_store_are_counted_when_it_is_back(store, sent, settings):
    """A worker that could not reach the store says so with its next word."""
    row = Node.objects.create(name="n1", base_url="http://127.0.0.1:1")
    with patch.object(Store, "lease_each", fail(StoreUnavailableError("away"))):
        tasks.scrape_nodes([row.pk])
    assert store.counts("collector_errors") == {}

    tasks.collect_nodes()

    assert store.counts("collector_errors") == {"p2p|store": 1, "p2p|refused": 1}


def test_scrape_nodes__ends_where_its_time_is_up(store, sent, monkeypatch):
    """The worker's word is no fault of the node whose page is just being read."""
    with fake_node() as node:
        node.page("go_goroutines 7\n")
        rows = [Node.objects.create(name=f"n{n}", base_url=node.url) for n in range(2)]
        monkeypatch.setattr(PageParser, "parse", fail(SoftTimeLimitExceeded()))
        tasks.scrape_nodes([row.pk for row in rows])

        assert store.notes("node") == {}
        assert store.counts("collector_errors") == {"p2p|timeout": 1}
        assert len(store.lease_each([node_scraping.lease_name(row.pk) for row in rows], 1)) == 2
