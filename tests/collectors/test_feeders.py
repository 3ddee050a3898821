"""One producer feeds a family: of two collectors, and of a collector and the nodes."""

from __future__ import annotations

import time

import pytest
from prometheus_client.core import CounterMetricFamily

from zerostate_monitoring import wiring
from zerostate_monitoring.catalogue.definition import Feed
from zerostate_monitoring.collectors import COLLECTORS, collector, node_scraping
from zerostate_monitoring.collectors.feeders import Feeder, feeders, hold
from zerostate_monitoring.collectors.policy import load_policy
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.collectors.signals import run_requested
from zerostate_monitoring.frames.families import frame_of
from zerostate_monitoring.models import Collector, Metric
from zerostate_monitoring.storage.store import Write

pytestmark = pytest.mark.django_db

FAMILY = "zerostate_deposits_total"
NOW = 1_800_000_000.0
INTERVAL = 30.0
TTL = 3 * INTERVAL


def family(value=1.0):
    return CounterMetricFamily("zerostate_deposits", "Deposits.", value=value)


@pytest.fixture
def register():
    """Register a collector of the project that gives the family; gone after the test."""
    names = []

    def add(name, feed=Feed.INSTRUMENT, give=lambda: iter([family()])):
        names.append(name)
        COLLECTORS.discard(name)
        collector(name, interval=INTERVAL, feed=feed)(give)

    yield add
    for name in names:
        COLLECTORS.discard(name)


def shown(store, name=FAMILY):
    """The producers that show the family."""
    return {
        producer
        for producer, frame in store.snapshot().frames.items()
        if any(sample == name for sample, _, _ in frame.samples())
    }


def test_second_collector__is_refused_and_told_by_whom(store, register):
    """The first that gave a family feeds it, run after run; the sum counts once."""
    register("shop")
    register("till")

    for step in range(3):
        first = run("shop", store=store, now=NOW + step * INTERVAL)
        second = run("till", store=store, now=NOW + step * INTERVAL)

        assert not first.refused
        assert second.ok
        assert second.refused == {
            FAMILY: f"{FAMILY} is fed by collector:shop here; "
            "collector:till would count it a second time"
        }
    assert Collector.objects.get(name="till").refused == second.refused
    assert shown(store) == {"collector:shop"}


def test_second_collector__takes_over_when_the_first_is_gone(store, register):
    """A family is held for as long as the series stand, and no longer."""
    register("shop")
    register("till")
    run("shop", store=store, now=NOW)

    assert run("till", store=store, now=NOW + TTL - 1).refused
    assert not run("till", store=store, now=NOW + TTL + INTERVAL).refused
    assert run("shop", store=store, now=NOW + TTL + 2 * INTERVAL).refused


def test_second_collector__takes_over_at_once_from_a_disabled_one(
    store, register, django_capture_on_commit_callbacks
):
    """Its series leave the page at once, and so does its right."""
    register("shop")
    register("till")
    run("shop", store=store, now=NOW)
    row = Collector.objects.get(name="shop")
    row.enabled = False

    with django_capture_on_commit_callbacks(execute=True):
        row.save()

    assert not run("till", store=store, now=NOW + 1).refused
    assert shown(store) == {"collector:till"}


def test_two_at_once__end_with_one(store, register):
    """Where both began before either gave anything, one is refused at its next run."""
    register("till")

    def meanwhile():
        assert not run("till", store=store, now=NOW).refused
        yield family()

    register("shop", give=meanwhile)
    run("shop", store=store, now=NOW)
    register("shop", give=lambda: iter([family()]))

    for step in (1, 2):
        for name in ("shop", "till"):
            run(name, store=store, now=NOW + step * INTERVAL)
    assert shown(store) == {"collector:shop"}


def node_frame(store):
    """What a scrape of a node leaves that exposes the family."""
    frame = frame_of([family(5)], time.time())
    store.write([Write("node:n1", frame, 60)], token=store.lease("nodes:x", 1).token)


def test_nodes__go_before_a_collector_that_comes_later(store, register):
    """What nodes expose is theirs, all of them together and with what is said of them all."""
    register("shop", Feed.NODE)
    node_frame(store)
    run("monitoring", store=store)

    outcome = run("shop", store=store)

    assert "is fed by nodes here" in outcome.refused[FAMILY]
    assert FAMILY not in node_scraping.current_rules(load_policy()).refused
    assert not run("p2p", store=store).refused


def test_nodes__are_refused_what_a_collector_gave_first(store, register):
    """The rules for nodes' pages leave the family out, with the reason."""
    register("shop", Feed.NODE)
    run("shop", store=store)
    node_frame(store)
    run("monitoring", store=store)

    refused = node_scraping.current_rules(load_policy()).refused

    assert "is fed by collector:shop here" in refused[FAMILY]
    assert not run("shop", store=store, now=time.time() + INTERVAL).refused


def test_feeders__of_a_clock_that_was_set_back_do_not_stay(store):
    """A word from the future holds no longer than one from the past."""
    hold(store, [FAMILY], Feeder("collector:shop", Feed.NODE), at=NOW, seconds=TTL)

    assert set(feeders(store, NOW - 1)) == {FAMILY}
    assert feeders(store, NOW - 3600) == {}


@pytest.fixture
def worker(store):
    """Runs at once what is asked for, as a worker with nothing else to do."""
    asked = []

    def receive(sender, name, **kwargs):
        asked.append(name)
        run(name, store=store, forced=True)
        return True

    run_requested.disconnect(wiring.request_run)
    run_requested.connect(receive)
    yield asked
    run_requested.disconnect(receive)
    run_requested.connect(wiring.request_run)


def test_feed__changed_by_an_operator_ends_the_old_producers_series(
    store, register, worker, django_capture_on_commit_callbacks
):
    """The old frame does not stand beside the new one until its next run."""
    register("shop")
    run("shop", store=store)
    assert shown(store) == {"collector:shop"}
    row = Metric.objects.get(name=FAMILY)
    row.feed = "node"

    with django_capture_on_commit_callbacks(execute=True):
        row.save()

    assert worker == ["p2p", "shop"]
    assert shown(store) == set()
    assert "fed by node here" in Collector.objects.get(name="shop").refused[FAMILY]


def test_feed__that_nobody_changed_asks_for_nothing(
    register, worker, django_capture_on_commit_callbacks
):
    """A note is no reason for a run; neither is what is always on the page."""
    register("shop")
    row, own = (Metric.objects.get(name=n) for n in (FAMILY, "zerostate_node_up"))
    row.note = "mine"
    own.enabled = False

    with django_capture_on_commit_callbacks(execute=True):
        row.save()
        own.save()

    assert worker == []


def test_feed__changed_while_no_broker_answers_is_logged_once(
    register, caplog, django_capture_on_commit_callbacks
):
    """The page is saved, and does not wait for a broker that is away for each collector."""

    def away(sender, name, **kwargs):
        return False

    register("shop")
    register("till")
    run_requested.disconnect(wiring.request_run)
    run_requested.connect(away)
    try:
        row = Metric.objects.get(name=FAMILY)
        row.enabled = False
        with django_capture_on_commit_callbacks(execute=True):
            row.save()
    finally:
        run_requested.disconnect(away)
        run_requested.connect(wiring.request_run)

    assert caplog.messages.count("run_not_requested") == 1
