"""What a worker runs."""

from __future__ import annotations

import time

import pytest
from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone
from kombu.exceptions import OperationalError
from prometheus_client.core import GaugeMetricFamily

from tests.servers import free_port
from zerostate_monitoring import tasks
from zerostate_monitoring.collectors import COLLECTORS, Absent, collector, nodes
from zerostate_monitoring.collectors.signals import (
    Worker,
    Workforce,
    queues_requested,
    run_requested,
    workers_requested,
)
from zerostate_monitoring.models import Collector
from zerostate_monitoring.schedule import scrape_limits, task_options

pytestmark = pytest.mark.django_db


def answer_of(answers) -> object:
    """What the only receiver answered."""
    ((_, answer),) = answers
    return answer


@pytest.fixture
def shop():
    @collector("shop", interval=30)
    def collect():
        yield GaugeMetricFamily("shop_orders", "Orders.", value=7)

    yield collect
    COLLECTORS.discard("shop")


@pytest.fixture
def app():
    """A Celery whose broker lives in this process."""
    with Celery("tests", broker="memory://") as app:
        app.set_current()
        yield app


def test_tasks__are_what_a_worker_needs():
    """Names are stable, results ignored, nothing is retried or acknowledged late."""
    every = (tasks.collect, tasks.collect_nodes, tasks.collect_due, tasks.scrape_nodes)
    for task in (*every, tasks.record_history):
        assert task.name.startswith("zerostate_monitoring.")
        assert (task.ignore_result, task.acks_late, task.max_retries) == (True, False, 0)
        assert 0 < task.soft_time_limit < task.time_limit


def test_collect__runs_the_collector(store, shop):
    """The task writes the collector's frame."""
    tasks.collect("shop")

    assert "collector:shop" in store.snapshot().frames


def test_collect__is_a_no_op_where_the_app_is_switched_off(store, shop, settings):
    """ENABLED = False: no task does anything."""
    settings.ZEROSTATE_MONITORING_ENABLED = False

    tasks.collect("shop")
    tasks.collect_nodes()
    tasks.collect_due()
    tasks.scrape_nodes([1])

    assert store.snapshot().frames == {}
    assert not Collector.objects.filter(name="shop").exists()


@pytest.fixture
def started():
    """The built-in collectors have run just now."""
    now = timezone.now()
    Collector.objects.update(last_started_at=now, dispatched_at=now)


def test_collect_due__starts_what_has_never_run(store, sent):
    """Beat waits an interval before its first message; a new installation does not."""
    tasks.collect_due()
    tasks.collect_due()

    assert sorted(message[1] for message in sent) == [
        ("alerting",),
        ("celery",),
        ("economic",),
        ("execution",),
        ("health",),
        ("live_alerts",),
        ("monitoring",),
        ("recorded",),
    ]


def test_collect_due__hands_each_collector_out_once_per_slot(store, shop, started, sent):
    """Two beats in one slot make one run, with the options of its interval."""
    tasks.collect_due()
    tasks.collect_due()

    assert sent == [(tasks.collect.name, ("shop",), {}, task_options(30))]


def test_collect_due__leaves_disabled_collectors(store, shop, started, sent):
    """A disabled collector is not handed out."""
    Collector.objects.create(name="shop", enabled=False)

    tasks.collect_due()

    assert sent == []


def test_collect_due__is_beats_heartbeat(store, sent):
    """The doctor can see that beat and a worker are alive."""
    before = time.time()

    tasks.collect_due()

    assert store.notes("beat")["tick"]["at"] >= before


def test_collect_due__works_without_a_store(shop, started, sent):
    """A store that is away does not stop the hand-out."""
    tasks.collect_due()

    assert [message[1] for message in sent] == [("shop",)]


def test_run_requested__queues_a_forced_run(shop, sent):
    """An operator's wish goes to the queue, past the guard against double runs."""
    answer = answer_of(run_requested.send(sender=None, name="shop"))

    (message,) = sent
    assert answer is True
    assert message[:3] == (tasks.collect.name, ("shop",), {"forced": True})


def test_run_requested__a_bad_interval_is_no_silent_broker(store, sent):
    """A collector whose interval cannot be had is queued all the same: its run tells why."""

    def interval():
        raise RuntimeError("no such setting")

    collector("shop", interval=interval)(list)
    try:
        assert answer_of(run_requested.send_robust(sender=None, name="shop")) is True
        tasks.collect("shop", forced=True)
    finally:
        COLLECTORS.discard("shop")

    assert sent[0][3] == task_options(60)
    assert store.counts("collector_errors") == {"shop|configuration": 1}


def test_run_requested__the_nodes_collector_has_a_task_of_its_own(sent):
    """Asking for p2p scrapes the nodes."""
    run_requested.send(sender=None, name=nodes.p2p.__name__)

    assert [message[0] for message in sent] == [tasks.collect_nodes.name]


def test_run_requested__says_when_the_broker_is_away(shop, refusing):
    """A broker that does not answer is a False, not an error page."""
    answer = answer_of(run_requested.send(sender=None, name="shop"))

    assert answer is False


def test_collect_due__gives_back_what_it_could_not_send(store, shop, started, sent, refusing):
    """A slot whose message was not taken is handed out at the next tick."""
    tasks.collect_due()
    assert sent == []

    refusing.clear()
    tasks.collect_due()

    assert [message[1] for message in sent] == [("shop",)]


@pytest.mark.parametrize(
    ("task", "args", "options"),
    [
        (tasks.collect, ("shop",), task_options(30)),
        (tasks.collect, ("nobody",), task_options(60)),
        (tasks.collect_nodes, (), task_options(15, scrape_limits(15))),
        (tasks.scrape_nodes, ([1],), task_options(15, scrape_limits(15))),
        (tasks.collect_due, (), task_options(5)),
    ],
)
def test_tasks__are_sent_with_the_options_of_their_interval(shop, sent, task, args, options):
    """Whoever sends a task, its message has queue, expiry and limits; the sender may differ."""
    task.apply_async(args)
    task.apply_async(args, expires=1)

    assert [message[3] for message in sent] == [options, {**options, "expires": 1}]


def test_tasks__expire_and_end_even_where_the_sender_knows_nothing():
    """A message of a process that does not know the tasks is bounded by the tasks themselves."""
    every = (tasks.collect, tasks.collect_nodes, tasks.collect_due, tasks.scrape_nodes)
    for task in (*every, tasks.record_history):
        assert 0 < task.expires <= 60


def test_collect__tells_celerys_time_limit_as_a_timeout(store):
    """The worker's word that time is up is the kind `timeout`."""

    @collector("slow", interval=30)
    def collect():
        yield Absent("zerostate_escrows", "not yet")
        raise SoftTimeLimitExceeded

    try:
        tasks.collect("slow")
    finally:
        COLLECTORS.discard("slow")

    assert Collector.objects.get(name="slow").last_error_kind == "timeout"


def workforce(queue, timeout=0.1):
    """What the receiver answers about ``queue``."""
    return answer_of(workers_requested.send(sender=None, timeout=timeout, queue=queue))


def test_workers_requested__lists_nobody_without_workers(app):
    """Without a worker the answer is empty, within the timeout; a queue of none is empty."""
    assert workforce("nothing") == Workforce({}, 0)


def test_workers_requested__counts_what_waits(app):
    """Messages that nobody has taken are told, and stay where they are."""
    for _ in range(3):
        app.send_task("any", queue="three")

    assert workforce("three").waiting == workforce("three").waiting == 3


@pytest.mark.parametrize(
    ("signal", "asked"),
    [(workers_requested, {"queue": "q"}), (queues_requested, {"queues": ["q"]})],
    ids=["workers", "queues"],
)
def test_requests__a_broker_that_is_away_is_an_answer(caplog, signal, asked):
    """Whoever asks gets the error and tells of it; no traceback goes into the log besides."""
    with Celery("away", broker=f"redis://127.0.0.1:{free_port()}/0") as away:
        away.set_current()
        answer = answer_of(signal.send_robust(sender=None, timeout=1.0, **asked))

    assert isinstance(answer, OperationalError)
    assert not caplog.records


PREFORK = {"pool": {"implementation": "celery.concurrency.prefork:TaskPool"}}


@pytest.mark.parametrize(
    ("stats", "pool"),
    [
        ({"w1": PREFORK}, "prefork"),
        ({"w1": {"pool": {"implementation": "celery.concurrency.thread:TaskPool"}}}, "thread"),
        ({"w1": {"pool": "N/A"}}, ""),
        ({"w2": PREFORK}, ""),
        (None, ""),
    ],
)
def test_workers_requested__tells_queues_and_pool(app, monkeypatch, stats, pool):
    """Which queues a worker takes, and in which pool it runs their tasks, if it says so."""

    class Inspect:
        def __init__(self, **options):
            self.options = options

        def active_queues(self):
            return {"w1": [{"name": "q"}, {"name": "celery"}]}

        def stats(self):
            assert (self.options["destination"], self.options["limit"]) == (["w1"], 1)
            return stats

    monkeypatch.setattr(app.control, "inspect", Inspect)

    assert workforce("q").workers == {"w1": Worker(("q", "celery"), pool)}
