"""Totals of real processes under load: monotonic, exact after clean ends, never too high."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.counted_site import (
    INTERVAL_SECONDS,
    CountedSite,
    Load,
    counted,
    counted_site,
    counters,
    go_on,
)
from tests.real.counting import events
from tests.real.prometheus import prometheus
from tests.real.relay import Relay
from tests.real.site import Page, Web
from tests.servers import StoreServer, store_server, wait_until

pytestmark = pytest.mark.real

FOUR = ("--workers", "4", "--max-requests", "200", "--max-requests-jitter", "50")
POOL = ("--concurrency", "4", "--max-tasks-per-child", "60")
SLACK_SECONDS = 1.5
"""A killed process had begun to publish at most this long before it was due again."""


@pytest.fixture
def store() -> Iterator[StoreServer]:
    with store_server() as server:
        yield server


@pytest.fixture
def broker() -> Iterator[StoreServer]:
    with store_server() as server:
        yield server


@pytest.fixture
def running(tmp_path, store, broker) -> Iterator[CountedSite]:
    with counted_site(tmp_path, store, broker) as made:
        yield made


def children(pid: int) -> list[int]:
    """The children of a process, by the kernel's word."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(path.parent.name))
    return found


def scrape(webs: list[Web], seconds: float, between=lambda: None) -> list[Page]:
    """Scrape from any of the replicas, about each half second; every counter only rises."""
    pages: list[Page] = []
    last: dict[object, float] = {}
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        page = random.choice(webs).page(60)
        now = counters(page)
        fallen = {s: (last[s], v) for s, v in now.items() if v < last.get(s, v)}
        assert fallen == {}
        assert last.keys() <= now.keys()
        last = now
        pages.append(page)
        between()
        go_on(0.5)
    return pages


def total_of(site: CountedSite, expected: dict[str, int]) -> Page:
    """The page of a web server that counted nothing itself, once all has been published."""
    reader = site.web("reader")
    wait_until(
        lambda: {kind: counted(reader.page(), kind) for kind in expected} == expected,
        60,
        f"{ {k: counted(reader.page(), k) for k in expected} } is {expected}",
    )
    return reader.page()


def test_recycled_processes_on_two_hosts__count_exactly(running, store):
    """Four web workers on each of two hosts and four children of a pool, all recycled."""
    webs = [running.web(f"web-{host}", *FOUR, host=host) for host in ("north", "south")]
    worker = running.worker(*POOL)
    sender = running.sender()
    with Load([web.port for web in webs]) as load:
        hosts: set[str] = set()
        pages = scrape(webs, 20, lambda: hosts.update(_hosts(running)))
    sender.end()
    wait_until(lambda: _is_still(running), 60, "no more tasks")
    assert {"north", "south"} <= hosts
    pids = {pid for pid, _ in events(running.directory)}
    assert len(pids) > 12, "processes were recycled"
    for process in (*(web.process for web in webs), worker):
        process.end()
    expected = {kind: running.happened(kind) for kind in ("web", "task")}
    assert min(expected.values()) > 500
    page = total_of(running, expected)
    assert load.answered <= expected["web"]
    labels = {"method": "GET", "path": "/hit"}
    assert page.get("zerostate_http_requests_total", **labels, status="200") == expected["web"]
    assert page.get("zerostate_http_request_duration_seconds_count", **labels) == expected["web"]
    done = page.get("zerostate_celery_tasks_total", task="tests.real.hit", outcome="success")
    assert done == expected["task"]
    queued = page.get("zerostate_celery_task_queue_wait_seconds_count", queue="counted")
    assert queued == expected["task"]
    assert len(pages) > 4, "it was looked at meanwhile"


def _is_still(running: CountedSite) -> bool:
    before = running.happened("task")
    go_on(1)
    return running.happened("task") == before


def _processes(running: CountedSite):
    from zerostate_monitoring.storage.connection import Address
    from zerostate_monitoring.storage.store import Store

    store = Store(Address(running.site.store.url, 5, 5), "zerostate")
    try:
        return store.snapshot().processes
    finally:
        store.close()


def _hosts(running: CountedSite) -> set[str]:
    return {process.about["host"] for process in _processes(running).values()}


def test_killed_processes__miss_at_most_what_they_had_not_published(running):
    """kill -9 at random moments: never too much, never less than what was published."""
    web = running.web("web", *FOUR)
    worker = running.worker(*POOL)
    sender = running.sender()
    killed: dict[int, float] = {}

    def kill_one() -> None:
        candidates = [*children(web.process.pid), *children(worker.pid)]
        victim = random.choice(candidates)
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            return
        killed[victim] = time.time()

    with Load([web.port]):
        scrape([web], 15, kill_one)
    sender.end()
    wait_until(lambda: _is_still(running), 60, "no more tasks")
    web.process.end()
    worker.end()
    found = list(events(running.directory))
    unpublished = sum(
        1
        for pid, at in found
        if pid in killed and at > killed[pid] - INTERVAL_SECONDS - SLACK_SECONDS
    )
    page = running.web("reader").page()
    total = counted(page, "web") + counted(page, "task")
    assert len(killed) > 10
    assert len(found) - unpublished <= total <= len(found)


def test_stopped_process__is_not_counted_twice(running):
    """SIGSTOP past every deadline, then SIGCONT: its gauges leave, its totals stay exact."""
    web = running.web("web", "--workers", "1")
    reader = running.web("other")
    (worker,) = children(web.process.pid)
    with Load([web.port]):
        wait_until(lambda: running.happened("web") > 100, 60)
    wait_until(lambda: counted(reader.page(), "web") == running.happened("web"), 60)
    with Load([web.port], threads=1):
        os.kill(worker, signal.SIGSTOP)
        wait_until(lambda: len(_processes(running)) == 1, 20, "the stopped process is dead")
        assert counted(reader.page(), "web") <= running.happened("web")
        os.kill(worker, signal.SIGCONT)
        wait_until(lambda: len(_processes(running)) == 2, 20, "it is back")
    expected = running.happened("web")
    wait_until(lambda: counted(reader.page(), "web") == expected, 60)
    web.process.end()
    assert counted(reader.page(), "web") == running.happened("web")


def test_emptied_store__is_a_reset_and_no_jump(running, store):
    """FLUSHALL under load: what follows is at most what happened."""
    web = running.web("web", "--workers", "3")
    client = store.client
    rises, last = 0.0, 0.0
    with Load([web.port]):
        for round_number in range(12):
            page = web.page()
            now = counted(page, "web")
            rises += now - last if now >= last else now
            last = now
            if round_number in {4, 8}:
                client.flushall()
            go_on(0.7)
    assert rises <= running.happened("web")
    assert rises > 0
    client.close()


def test_store_away__no_request_waits_and_nothing_is_lost(running, store):
    """A store that hangs for a minute: requests are as quick as ever, totals exact afterwards."""
    web = running.web("web", "--workers", "3")
    with Load([web.port]) as load:
        wait_until(lambda: counted(web.page(), "web") > 50, 60)
        store.process.send_signal(signal.SIGSTOP)
        load.slowest = 0.0
        go_on(60)
        slowest = load.slowest
        store.process.send_signal(signal.SIGCONT)
        before = running.happened("web")
        wait_until(lambda: counted(web.page(), "web") >= before, 60, "all of it is published")
    web.process.end()
    total_of(running, {"web": running.happened("web")})
    assert slowest < 0.5, "the configured timeout"


def test_two_replicas__a_real_prometheus_sees_no_reset(running, tmp_path):
    """Scraped in turn, two replicas are one target: increases are those of the events."""
    webs = [running.web(f"web-{number}", *FOUR) for number in (1, 2)]
    balancer = Relay(running.site.processes, "balancer", *(web.port for web in webs))
    with prometheus(tmp_path, {"zerostate": balancer.port}) as scraper:
        query = 'zerostate_p2p_messages_sent_total{type="web",protocol="gossip"}'
        began = time.time()
        with Load([web.port for web in webs]):
            wait_until(lambda: running.happened("web") > 1500, 60)
        expected = running.happened("web")
        wait_until(lambda: [v for _, v in scraper.query(query)] == [expected], 60)
        seconds = int(time.time() - began) + 5
        assert [v for _, v in scraper.query(f"resets({query}[{seconds}s])")] == [0]
        (values,) = scraper.values(f"{query}[{seconds}s]").values()
        assert values == sorted(values)
        assert values[-1] == expected
