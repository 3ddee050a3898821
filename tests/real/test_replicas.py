"""Three web replicas behind one address, scraped by a real Prometheus with the generated job.

They answer in turn, through outages of the store.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from tests.processes import Process
from tests.real.prometheus import Prometheus, configured
from tests.real.relay import Relay
from tests.real.site import Site, Web, site
from tests.servers import store_server, wait_until
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.generators.scrape_warnings import Scraped
from zerostate_monitoring.generators.scraping import written
from zerostate_monitoring.rules.shipped import RULES

pytestmark = pytest.mark.real

Series = dict[tuple[tuple[str, str], ...], list[float]]
SUBMITTED = 'zerostate_tasks_total{status="submitted"}'
ERRORS = "zerostate_monitoring_collector_errors_total"
# All counters there are, without the seed's gauge of a counter's name.
COUNTERS = '{__name__=~"zerostate_.+_total", __name__!="zerostate_metrics_registered_total"}'
OF_PROCESSES = (
    *("zerostate_http_", "zerostate_celery_"),
    *("zerostate_monitoring_page_answers_", "zerostate_monitoring_process_"),
)
"""What the processes of this test count by working; an emptied store is a reset to them."""
UP = "zerostate_monitoring_store_up"
SCRAPES = 3
"""How often each state is to be seen, by replicas that take turns."""
REPLICAS = 3
TWICE = RULES["PageScrapedTwice"].expr
STORE_INFO = "zerostate_monitoring_store_info"
NODES_BY_THE_APP = Scraped(app_scrapes=True, lists=(), jobs=())


@dataclass
class Installation:
    """Replicas whose ways to the store can be cut, and who scrapes them in turn."""

    site: Site
    webs: list[Web]
    ways: list[Relay]
    prometheus: Prometheus
    producers: list[Process] = field(default_factory=list)
    added: int = 0
    since: float = field(default_factory=time.time)

    def start_producers(self) -> None:
        """Start worker and beat, and wait for what they give."""
        self.producers = [self.site.worker(), self.site.beat()]
        wait_until(lambda: self.prometheus.query(SUBMITTED), 60, "Prometheus has the tasks")

    def begin(self) -> None:
        """From now on look only at what happens in this test."""
        self.added = 0
        self.wait_for_answers(1)
        self.since = time.time()

    def values(self, selector: str) -> Series:
        """All samples of these series since the test began."""
        return self.prometheus.values(f"{selector}[{max(1, int(time.time() - self.since))}s]")

    def failures(self) -> int:
        """How many runs of collectors the worker has logged as failed, or as lost."""
        output = self.producers[0].output
        return output.count(" collection_failed") + output.count(" collection_lost")

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
        wait_until(lambda: self._answers(value) >= before + number, 60, f"{UP} {value}")

    def _answers(self, value: int) -> int:
        seen = self.prometheus.values(f"{UP}[10m]").values()
        return sum(values.count(value) for values in seen)

    def wait_for_submitted(self, total: float) -> None:
        """Wait until Prometheus shows this many submitted tasks."""
        wait_until(
            lambda: [v for _, v in self.prometheus.query(SUBMITTED)] == [total],
            60,
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
        ways = [Relay(made.processes, f"way-{n}", store.port) for n in range(REPLICAS)]
        webs = [_web(made, way) for way in ways]
        balancer = Relay(made.processes, "balancer", *(web.port for web in webs))
        scraper = stack.enter_context(configured(directory, generated(balancer.port)))
        found = Installation(made, webs, ways, scraper)
        found.start_producers()
        yield found


def generated(port: int) -> dict[str, str]:
    """What is exported for a Prometheus that finds the page at this port."""
    options = ExportOptions(address=f"127.0.0.1:{port}", scrape_interval_seconds=1)
    return dict(written(options, NODES_BY_THE_APP))


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


def test_totals__stand_in_prometheus_once(installation):
    """Each series of the page is there once, under its own labels, however many could answer."""
    scraper = installation.prometheus
    page = installation.webs[0].page()
    wanted = {s for s in page.samples if s[0].startswith("zerostate_") and s[0] != STORE_INFO}
    assert ("zerostate_tasks_total", (("status", "submitted"),)) in wanted

    def missing():
        there = scraper.api("series", **{"match[]": '{__name__=~"zerostate_.+"}'})
        found = [(one.pop("__name__"), tuple(sorted(one.items()))) for one in there]
        assert len(found) == len(set(found))
        return wanted - set(found)

    wait_until(lambda: not missing(), 60, f"all of the page is there, but {missing()}")
    assert [t["labels"]["job"] for t in scraper.targets()] == ["zerostate-monitoring"]
    ((labels, targets),) = scraper.query(f"count by (store) ({STORE_INFO})")
    assert (labels["store"], targets) == (page.store_id, 1)
    assert not scraper.query(TWICE)


def test_each_replica_scraped__is_seen_by_the_rule_for_it(installation, tmp_path):
    """Where somebody scrapes every process, PageScrapedTwice counts them."""
    options = ExportOptions(scrape_interval_seconds=1, file_sd=True)
    files = dict(written(options, NODES_BY_THE_APP))
    targets = [f"127.0.0.1:{web.port}" for web in installation.webs]
    files["targets/page.yml"] = json.dumps([{"targets": targets}])
    with configured(tmp_path, files) as scraper:
        wait_until(lambda: [v for _, v in scraper.query(TWICE)] == [REPLICAS], 60, "it is seen")


def test_outages__make_no_increase_and_no_reset(installation):
    """Away for one replica, then for both: Prometheus counts what happened and nothing else."""
    scraper = installation.prometheus
    ((_, first),) = scraper.query(SUBMITTED)
    failed = installation.failures()

    with installation.ways[0].cut():
        installation.wait_for_answers(0)
        installation.add_tasks(3)
        installation.wait_for_answers(0)
    installation.wait_for_submitted(first + 3)
    with ExitStack() as all_cut:
        for way in installation.ways:
            all_cut.enter_context(way.cut())
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

    # A run that a busy machine held up is an error, too, and stands in the worker's log.
    # The log has it first, Prometheus when it has asked for it.
    def counted() -> float:
        return sum(map(rises, installation.values(ERRORS).values()))

    wait_until(lambda: counted() == installation.failures() - failed, 60, "errors are as logged")
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
    # Each collector's series end at a time of their own.
    ending = "zerostate_escrows or zerostate_tasks_total or hostile_text or gated_after"
    wait_until(lambda: not scraper.query(ending), 60, "their series end")
    names = scraper.query("zerostate_monitoring_collector_last_success_timestamp_seconds > 0")
    assert {"economic", "execution"} <= {labels["collector"] for labels, _ in names}
    assert scraper.query(UP)[0][1] == 1
    installation.start_producers()
