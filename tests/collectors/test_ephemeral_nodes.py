"""Ephemeral nodes leave, are looked for, and are deleted in the end."""

from __future__ import annotations

import time

import pytest
from django.db.models import ProtectedError, QuerySet

from tests.collectors.scraping import LABELS, row, scrape, shown
from zerostate_monitoring.collectors import nodes
from zerostate_monitoring.models import Node

pytestmark = pytest.mark.django_db


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
