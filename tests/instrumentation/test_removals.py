"""Series that were removed: they come back only with what was counted since."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Counter

from tests.instrumentation.processes import FakeProcess, shown
from zerostate_monitoring.instrumentation import cells

A = (("k", "a"),)


def counter(process):
    return Counter("hits", "Test.", ["k"], registry=process.registry)


def copied(registry):
    """The instruments of a child: the same numbers, and from now on its own."""
    found = CollectorRegistry()
    for instrument in cells.instruments(registry):
        made = Counter(instrument._name, "Test.", instrument._labelnames, registry=found)
        for labels, series in cells.children(instrument).items():
            made.labels(*labels).inc(cells.numbers(series)[0])
    return found


@pytest.fixture
def one(store):
    return FakeProcess()


@pytest.fixture
def two(store):
    return FakeProcess()


@pytest.mark.parametrize("lost", ["*", "*numbers*"])
def test_removed_series__stay_away_from_a_store_that_forgot(store, one, two, valkey_server, lost):
    """Emptied, or a process that slept: what was removed is not counted again with what follows."""
    first, second = counter(one), counter(two)
    for hits, process in ((first, one), (second, two)):
        hits.labels("a").inc(4)
        process.tell()
    first.remove("a")
    one.tell()
    two.tell()
    with valkey_server.client as client:
        client.delete(*client.keys(lost))
    two.tell()
    assert shown(store) == {}
    second.labels("a").inc()
    two.tell()
    assert shown(store) == {("hits_total", A): 1}


@pytest.mark.parametrize("lost", ["*", "*numbers*"])
def test_removed_series__do_not_come_back_with_a_process_that_was_forgotten(
    store, one, two, valkey_server, lost
):
    """A process that tells all anew hears first what was removed meanwhile."""
    first, second = counter(one), counter(two)
    for hits, process in ((first, one), (second, two)):
        hits.labels("a").inc(4)
        hits.labels("b").inc(2)
        process.tell()
    with valkey_server.client as client:
        client.delete(*client.keys(lost))
    one.tell()
    first.remove("a")
    one.tell()
    two.tell()
    assert ("hits_total", A) not in shown(store)


def test_removed_series__are_not_brought_back_by_a_child_that_inherited_them(store, one):
    """A child that was forked before the removal and has not counted the series leaves it away."""
    hits = counter(one)
    hits.labels("a").inc(4)
    one.tell()
    child = FakeProcess(registry=copied(one.registry))
    cells.forked([child.registry])
    child.ledger.forked(one.ledger)
    hits.remove("a")
    one.tell()
    child.tell()
    assert shown(store) == {}
