"""The store stopped, emptied, full and slow, under real processes: the rest goes on by itself."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.processes import Process
from tests.real.site import Page, Site, Web, site
from tests.servers import StoreServer, store_server, wait_until

pytestmark = pytest.mark.real

ANSWER_SECONDS = 2.0
"""``ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS`` with the page's own time on a busy machine."""
SETTINGS = {"ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS": 0.4}
"""Runs are wanted every two seconds here. With a longer timeout a hanging store takes two
processes more time than there is, and what waits for them expires, one collector's runs for
half a minute: that is no fault of the row."""
STATE = ("zerostate_escrows", {"status": "released"})
COUNT = ("zerostate_tasks_total", {"status": "submitted"})


class Installation:
    """A site that runs, with its store."""

    def __init__(self, made: Site, worker: Process, web: Web) -> None:
        self.site = made
        self.worker = worker
        self.store = made.store
        self.web = web

    def page(self) -> Page:
        """The page; it must come within the timeout, whatever the store does."""
        return self.web.page(ANSWER_SECONDS)

    def wait(self, condition: Callable[[Page], object], what: str, seconds: float = 60) -> None:
        """Wait until the page is so."""
        wait_until(lambda: condition(self.page()), seconds, what)

    def wait_for_success(self) -> None:
        """Wait until both platform collectors have succeeded from now on, and say so."""
        now, names = time.time(), ("economic", "execution")
        self.wait(lambda page: all(succeeded(page, n) > now for n in names), "both succeed")

    def wait_for_error(self, text: str) -> None:
        """Wait until the collector's row names the cause of a failure that lasts."""
        try:
            wait_until(
                lambda: self.row()["failures_in_a_row"] and text in self.row()["last_error"],
                60,
                f"the row says {text}",
            )
        except AssertionError as error:
            error.add_note(f"{self.row()}\n{self.worker.tail}")
            raise

    def row(self) -> dict[str, Any]:
        """The row of one collector."""
        return self.site.row("economic")


def succeeded(page: Page, name: str) -> float:
    """When the page says that this collector last succeeded."""
    family = "zerostate_monitoring_collector_last_success_timestamp_seconds"
    return page.get(family, collector=name) or 0.0


def up(page: Page) -> float | None:
    return page.get("zerostate_monitoring_store_up")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Web, worker and beat; their messages go through a broker that stays."""
    directory = tmp_path_factory.mktemp("store-faults")
    with (
        store_server() as broker,
        store_server() as store,
        site(directory, store, broker=broker, settings=SETTINGS) as made,
    ):
        made.fill()
        worker = made.worker()
        made.beat()
        yield Installation(made, worker, made.web())


@pytest.fixture
def installation(running: Installation) -> Iterator[Installation]:
    """The same, whole: before the test, and after it."""
    running.wait_for_success()
    yield running
    running.wait_for_success()
    assert running.row()["failures_in_a_row"] == 0


@pytest.fixture
def stopped(installation: Installation) -> Iterator[StoreServer]:
    """The store, killed; it comes back empty."""
    store = installation.store
    store.stop()
    try:
        yield store
    finally:
        if store.process is None:
            store.start()


def test_stopped_store__the_page_says_so_within_the_timeout(installation, stopped):
    """The very first answer is whole, says store_up 0 and gives no sums, but fresh states."""
    page = installation.page()
    assert up(page) == 0
    assert page.get(STATE[0], **STATE[1]) is not None
    assert page.get(COUNT[0], **COUNT[1]) is None
    assert not page.has("zerostate_monitoring_collector_errors_total")


def test_stopped_store__series_end_at_their_time(installation, stopped):
    """What this process knows vanishes at its TTL; when collectors last succeeded stays."""
    before = succeeded(installation.page(), "economic")
    installation.wait(lambda page: not page.has(STATE[0]), "the states end")
    assert succeeded(installation.page(), "economic") == before > 0


def test_stopped_store__the_cause_stands_in_the_row(installation, stopped):
    """Each collector's row says that the store did not answer."""
    installation.wait_for_error("the store does not answer")
    assert installation.row()["last_error_kind"] == "store"


def test_emptied_store__is_another_store_and_counters_go_on(installation):
    """After a restart without data the id is new, states return, counters do not fall."""
    before = installation.page()
    installation.store.stop()
    installation.store.start()
    installation.wait(lambda page: page.has(COUNT[0]) and page.has(STATE[0]), "numbers return")
    after = installation.page()
    assert after.store_id not in {"", before.store_id}
    assert after.get(COUNT[0], **COUNT[1]) == before.get(COUNT[0], **COUNT[1])


def test_full_store__is_told_and_left_when_there_is_room(installation):
    """A store that refuses writes is still read; rows name it; then all goes on."""
    client = installation.store.client
    try:
        client.config_set("maxmemory", "1mb")
        installation.wait_for_error("the store is full")
        assert installation.row()["last_error_kind"] == "store"
        assert up(installation.page()) == 1
        installation.wait(lambda page: not page.has(STATE[0]), "the states end")
    finally:
        client.config_set("maxmemory", "0")
        client.close()


def test_slow_store__delays_the_page_only_so_long(installation):
    """A server that hangs is given up within the timeout, at every scrape."""
    process = installation.store.process
    process.send_signal(signal.SIGSTOP)
    try:
        for _ in range(3):
            assert up(installation.page()) == 0
        installation.wait_for_error("the store does not answer")
    finally:
        process.send_signal(signal.SIGCONT)
    installation.wait(lambda page: up(page) == 1, "the store is used again")


def test_errors_of_an_outage__are_counted_when_the_store_is_back(installation):
    """What could not be counted while the store was away stands on the page afterwards."""
    installation.store.stop()
    try:
        installation.wait_for_error("the store does not answer")
    finally:
        installation.store.start()
    family = "zerostate_monitoring_collector_errors_total"
    installation.wait(
        lambda page: (page.get(family, collector="economic", kind="store") or 0) >= 1,
        "the errors are counted",
    )


def test_broker_and_store_on_one_server__worker_and_beat_find_it_again(tmp_path):
    """On the smallest installation a restart of its one server heals by itself."""
    with store_server() as store, site(tmp_path, store, settings=SETTINGS) as made:
        made.fill()
        worker = made.worker()
        made.beat()
        installation = Installation(made, worker, made.web())
        installation.wait_for_success()
        store.stop()
        installation.wait(lambda page: up(page) == 0, "the page says so")
        store.start()
        installation.wait_for_success()
