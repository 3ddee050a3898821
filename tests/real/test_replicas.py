"""Two web replicas behind one address, scraped in turn by a real Prometheus, through outages."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from tests.processes import Process
from tests.real.prometheus import Prometheus, prometheus
from tests.real.relay import Relay
from tests.real.site import Site, Web, site
from tests.servers import store_server, wait_until

pytestmark = pytest.mark.real

Series = dict[tuple[tuple[str, str], ...], list[float]]
SUBMITTED = 'zerostate_tasks_total{status="submitted"}'
ERRORS = "zerostate_monitoring_collector_errors_total"
# All counters there are, without the seed's gauge of a counter's name.
COUNTERS = '{__name__=~"zerostate_.+_total", __name__!="zerostate_metrics_registered_total"}'
OF_PROCESSES = ("zerostate_http_", "zerostate_celery_")
"""What the processes of this test count by working; an emptied store is a reset to them."""
UP = "zerostate_monitoring_store_up"
SCRAPES = 3
"""How often each state is to be seen, by replicas that take turns."""


@dataclass
class Installation:
    """Two replicas whose ways to the store can be cut, and who scrapes them in turn."""

    site: Site
    ways: tuple[Relay, Relay]
    prometheus: Prometheus
    producers: list[Process] = field(default_factory=list)
    added: int = 0
    since: float = field(default_factory=time.time)

    def start_producers(self) -> None:
        """Start worker and beat, and wait for what they give."""
        self.producers = [self.site.worker(), self.site.beat()]
        wait_until(lambda: self.prometheus.query(SUBMITTED), 30, "Prometheus has the tasks")

    def begin(self) -> None:
        """From now on look only at what happens in this test."""
        self.added = 0
        self.wait_for_answers(1)
        self.since = time.time()

    def values(self, selector: str) -> Series:
        """All samples of these series since the test began."""
        return self.prometheus.values(f"{selector}[{max(1, int(time.time() - self.since))}s]")

    def add_tasks(self, number: int) -> None:
        """Let the platform have more tasks."""
        path = self.site.directory / "platform.sqlite3"
        with closing(sqlite3.connect(path, timeout=20)) as database, database:
            database.executemany(
                "INSERT INTO tasks (id, task_id, user_did, task_type, status, created_at)"
                " VALUES (?, ?, 'did:u', 'wasm', 'completed', '2026-01-01 00:00:00')",
                [(str(uuid.uuid4()), str(uuid.uuid4())) for _ in range(number)],
            )
        self.added += number

    def wait_for_answers(self, value: int, number: int = SCRAPES) -> None:
        """Wait until ``number`` more scrapes have seen the store up, or away."""
        before = self._answers(value)
        wait_until(lambda: self._answers(value) >= before + number, 30, f"{UP} {value}")

    def _answers(self, value: int) -> int:
        seen = self.prometheus.values(f"{UP}[10m]").values()
        return sum(values.count(value) for values in seen)

    def wait_for_submitted(self, total: float) -> None:
        """Wait until Prometheus shows this many submitted tasks."""
        wait_until(
            lambda: [v for _, v in self.prometheus.query(SUBMITTED)] == [total],
            30,
            f"{total} submitted: {self.prometheus.query(SUBMITTED)}",
        )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    directory = tmp_path_factory.mktemp("replicas")
    with ExitStack() as stack:
        broker = stack.enter_context(store_server())
        store = stack.enter_context(store_server())
        made = stack.enter_context(site(directory, store, broker=broker))
        made.fill()
        first, second = (Relay(made.processes, f"way-{n}", store.port) for n in (1, 2))
        webs = (_web(made, first), _web(made, second))
        balancer = Relay(made.processes, "balancer", *(web.port for web in webs))
        scraper = stack.enter_context(prometheus(directory, {"zerostate": balancer.port}))
        found = Installation(made, (first, second), scraper)
        found.start_producers()
        yield found


def _web(made: Site, way: Relay) -> Web:
    address = f"redis://127.0.0.1:{way.port}/{made.store.database}"
    return made.web(f"web-{way.port}", store_url=address)


@pytest.fixture
def installation(running: Installation) -> Installation:
    """The same, seen from now on."""
    running.begin()
    return running


def rises(values: list[float]) -> float:
    """What ``increase`` adds up before it extrapolates: a fall is a reset, and begins at 0."""
    return sum(late - early if late >= early else late for early, late in pairwise(values))


def test_outages__make_no_increase_and_no_reset(installation):
    """Away for one replica, then for both: Prometheus counts what happened and nothing else."""
    scraper = installation.prometheus
    ((_, first),) = scraper.query(SUBMITTED)

    with installation.ways[0].cut():
        installation.wait_for_answers(0)
        installation.add_tasks(3)
        installation.wait_for_answers(0)
    installation.wait_for_submitted(first + 3)
    with installation.ways[0].cut(), installation.ways[1].cut():
        installation.wait_for_answers(0)
        installation.add_tasks(4)
        installation.wait_for_answers(0)
    installation.wait_for_submitted(first + 7)
    installation.wait_for_answers(1)

    seconds = int(time.time() - installation.since)
    for family in ("zerostate_tasks_total", "zerostate_channel_transactions_total", ERRORS):
        assert scraper.query(f"resets({family}[{seconds}s])")
        assert not scraper.query(f"resets({family}[{seconds}s]) > 0")
    for series, values in installation.values(COUNTERS).items():
        assert values == sorted(values), series
    tasks = {dict(s)["status"]: v for s, v in installation.values("zerostate_tasks_total").items()}
    assert rises(tasks["submitted"]) == installation.added == 7
    assert set(tasks["submitted"]) <= {first, first + 3, first + 7}
    assert rises(tasks["failed"]) == 0
    assert sum(map(rises, installation.values(ERRORS).values())) == 0
    assert all(set(values) == {1} for values in installation.values("up").values())


def test_emptied_store__is_told_by_its_id_and_not_taken_for_events(installation):
    """After a restart without data the store has another id; no counter rises by itself."""
    scraper, store = installation.prometheus, installation.site.store
    ((_, first),) = scraper.query(SUBMITTED)
    ((before, _),) = scraper.query("zerostate_monitoring_store_info")
    store.stop()
    installation.wait_for_answers(0)
    store.start()
    installation.wait_for_submitted(first)
    installation.wait_for_answers(1)
    ((after, _),) = scraper.query("zerostate_monitoring_store_info")
    assert after["store"] != before["store"]
    for series, values in installation.values(COUNTERS).items():
        name = dict(series)["__name__"]
        if name != ERRORS and not name.startswith(OF_PROCESSES):
            assert rises(values) == 0, series


def test_stopped_producers__are_stale_in_prometheus_at_their_time(installation):
    """Without worker and beat the series end at their TTL, long before the lookback does."""
    scraper = installation.prometheus
    for producer in installation.producers:
        producer.kill()
    wait_until(lambda: not scraper.query("zerostate_escrows"), 30, "the states end")
    wait_until(lambda: not scraper.query("hostile_text or gated_after"), 30, "own series end")
    assert not scraper.query("zerostate_tasks_total")
    names = scraper.query("zerostate_monitoring_collector_last_success_timestamp_seconds > 0")
    assert {"economic", "execution"} <= {labels["collector"] for labels, _ in names}
    assert scraper.query(UP)[0][1] == 1
    installation.start_producers()
