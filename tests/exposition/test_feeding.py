"""Families of processes stand on the page where nobody else feeds them."""

from __future__ import annotations

import pytest
from prometheus_client import Counter

from tests.instrumentation.processes import FakeProcess
from tests.storage.frames import gauge, write
from zerostate_monitoring.exposition.feeding import refused_processes
from zerostate_monitoring.storage.reader import COLLECTOR, FEEDING_NOTE

ORDER = ("platform", "node", "instrument")


@pytest.fixture
def counted(store):
    """A process that counts a family of the catalogue, and one of the project's own."""
    process = FakeProcess()
    for name in ("zerostate_tasks_total", "zerostate_receipts_generated_total", "mine_total"):
        Counter(name, "Test.", registry=process.registry).inc()
    process.tell()
    return store


def refused(store, *, has_platform=False):
    found = refused_processes(store.snapshot(), ORDER, has_platform=has_platform)
    return {producer.removeprefix("process:").partition("~")[0] for producer in found}


def test_families__stand_where_nobody_else_feeds_them(counted):
    """Without a platform and without nodes, what the project counts stands."""
    assert refused(counted) == set()


def test_families__of_the_platform_are_not_counted_twice(counted):
    """Where the platform feeds a family, what the project counts of it is kept away."""
    assert refused(counted, has_platform=True) == {"zerostate_tasks"}


def test_families__of_nodes_are_not_counted_twice(counted):
    """Where nodes feed it, too."""
    write(counted, "node:n1", gauge({"x": 1}))
    assert refused(counted) == {"zerostate_tasks", "zerostate_receipts_generated"}


def test_families__as_operators_and_settings_say(counted):
    """What the collector ``monitoring`` has noted goes first, also while nodes are away."""
    counted.note(COLLECTOR, {FEEDING_NOTE: {"refused": ["zerostate_receipts_generated_total"]}})
    assert refused(counted, has_platform=True) == {"zerostate_receipts_generated"}


def test_page__leaves_them_out_and_counts_them(counted, client, settings):
    """The page has the families that may stand, and says how many series may not."""
    settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = "platform"
    text = client.get("/metrics").content.decode()
    assert "mine_total 1.0" in text
    assert "zerostate_receipts_generated_total 1.0" in text
    assert "zerostate_tasks_total" not in text
    assert "zerostate_monitoring_page_refused_series 1.0" in text


def test_page__asked_for_processes_alone(counted, client):
    """``collect[]=processes`` gives what the project's processes count."""
    text = client.get("/metrics", {"collect[]": "processes"}).content.decode()
    assert "mine_total 1.0" in text
    assert "zerostate_monitoring_store_up" not in text
