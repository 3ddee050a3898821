"""Celery's tasks: each run is counted once, by how it ended, in every kind of pool."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from celery import Celery

from tests.real.counted_site import CountedSite, counted_site
from tests.real.tasks import QUEUE
from tests.servers import store_server, wait_until

pytestmark = pytest.mark.real

TASKS = "zerostate_celery_tasks_total"
SECONDS = "zerostate_celery_task_duration_seconds_count"

EVERYWHERE = {
    ("hit", "success"): 1,
    ("fails", "failure"): 1,
    ("retries", "retry"): 2,
    ("retries", "success"): 1,
    ("rejects", "rejected"): 1,
    ("expired", "revoked"): 1,
}
PREFORK = {
    ("endless", "failure"): 1,
    ("endless_late", "failure"): 1,
    ("killed", "failure"): 1,
    ("revoked", "revoked"): 1,
}
POOLS = ("prefork", "threads", "solo")


@pytest.fixture
def running(tmp_path) -> Iterator[CountedSite]:
    with (
        store_server() as store,
        store_server() as broker,
        counted_site(tmp_path, store, broker) as made,
    ):
        yield made


def outcomes(page):
    """How many runs of each task ended how."""
    found = {(dict(s[1])["task"], dict(s[1])["outcome"]): v for s, v in page.of(TASKS) if v}
    return {(task.removeprefix("tests.real."), how): v for (task, how), v in found.items()}


@pytest.mark.parametrize("pool", POOLS)
def test_task__each_run_counts_once_by_its_outcome(running, pool):
    """Success, failure, retry, rejection, expiry; a time limit, a kill, a revocation."""
    worker = running.worker("--pool", pool, "--concurrency", "2")
    reader = running.web("reader")
    app = Celery(broker=running.site.environment["BROKER_URL"], set_as_current=False)

    def send(name, **options):
        return app.send_task(f"tests.real.{name}", queue=QUEUE, **options)

    def shown(wanted):
        wait_until(lambda: outcomes(reader.page()).items() >= wanted.items(), 60, worker.tail)

    for name in ("hit", "fails", "retries", "rejects"):
        send(name)
    send("expired", expires=-1)
    shown(EVERYWHERE)
    wanted = EVERYWHERE
    if pool == "prefork":
        # Their processes end with them, and have told by now what they counted before.
        for name in ("endless", "endless_late", "killed"):
            send(name)
        sleeper = send("revoked").id
        shown({task: times for task, times in PREFORK.items() if task[1] == "failure"})
        app.control.revoke(sleeper, terminate=True)
        wanted = {**EVERYWHERE, **PREFORK}
        shown(wanted)
    worker.end()
    page = reader.page()
    assert outcomes(page) == wanted, worker.tail
    assert page.get(SECONDS, task="tests.real.retries") == 3
