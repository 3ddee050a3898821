"""Workers killed, stopped and hung in the middle of a run; two beats; no beat at all."""

from __future__ import annotations

import http.server
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from celery import Celery

from tests.real.site import Page, Site, Web, site
from tests.servers import StoreServer, store_server, wait_until
from zerostate_monitoring.schedule import limits
from zerostate_monitoring.storage.keys import Keys

pytestmark = pytest.mark.real

INTERVAL = 5.0
LEASE_SECONDS = limits(INTERVAL).lease
LEASE = Keys("zerostate").lease("collector:gated")


@pytest.fixture
def store() -> Iterator[StoreServer]:
    """A store, and the broker beside it, that goes with the test."""
    with store_server() as server:
        yield server


@pytest.fixture
def made(store, tmp_path) -> Iterator[Site]:
    """A site with the platform's tables."""
    with site(tmp_path, store) as made:
        made.fill()
        yield made


def runs_shown(page: Page) -> tuple[float | None, float | None]:
    """The number of the run that both ends of the collector ``gated`` show."""
    return page.get("gated_before"), page.get("gated_after")


def is_whole(page: Page) -> bool:
    """Whether both ends are of one run, or neither is there."""
    before, after = runs_shown(page)
    return before == after


def errors(page: Page, kind: str) -> float:
    """How many errors of this kind the page counts for ``gated``."""
    family = "zerostate_monitoring_collector_errors_total"
    return page.get(family, collector="gated", kind=kind) or 0.0


def wait_for_runs(made: Site, number: int, seconds: float = 60) -> None:
    wait_until(lambda: len(made.runs()) >= number, seconds, f"run {number} has begun")


def wait_whole(web: Web, number: int, seconds: float) -> None:
    """Wait until run ``number`` or a later one is shown; no page before is half of two runs."""

    def shown() -> bool:
        page = web.page()
        assert is_whole(page), runs_shown(page)
        return (runs_shown(page)[0] or 0) >= number

    wait_until(shown, seconds, f"run {number} is shown")


def is_leased(store: StoreServer) -> bool:
    client = store.client
    try:
        return bool(client.exists(LEASE))
    finally:
        client.close()


def take_over(made: Site, worker: str) -> None:
    """Have a worker that runs already take the collectors' queue, too."""
    app = Celery(broker=made.environment["BROKER_URL"], set_as_current=False)
    try:
        assert app.control.add_consumer(
            "zerostate_monitoring", destination=[worker], reply=True, timeout=10
        )
    finally:
        app.close()


def test_killed_worker__leaves_no_gap_and_nothing_half(made, store):
    """kill -9 in the middle of a run: no page lacks the series, none shows half of a run.

    The lease of the dead run ends before the next one is due, long before the TTL of the
    last good frame.
    """
    web = made.web()
    worker, _ = made.worker(), made.beat()
    # It waits beside: how long a worker takes to start is not what is asked here.
    second = made.worker("second", queues="spare")
    wait_until(lambda: "ready." in second.output, 60, f"it waits beside\n{second.tail}")
    # A run that is shown just now: the next one begins when the gate is closed.
    wait_whole(web, len(made.runs()) + 1, 60)
    with made.closed_gate():

        def waits() -> bool:
            shown = runs_shown(web.page())[0] or 0
            return is_leased(store) and shown < len(made.runs())

        wait_until(waits, 20, "a run waits at the gate")
        killed = len(made.runs())
        worker.kill()
    assert runs_shown(web.page()) == (killed - 1, killed - 1)
    take_over(made, "second@test")

    def next_is_shown() -> bool:
        before, after = runs_shown(web.page())
        assert before == after is not None, "the series left the page"
        return after > killed

    wait_until(next_is_shown, LEASE_SECONDS + 3 * INTERVAL, "the next run is shown")
    # A run writes its frame first and its row then.
    wait_until(lambda: made.row("gated")["failures_in_a_row"] == 0, 60, "it is recorded")
    row = made.row("gated")
    assert row["last_error_kind"] == "lost"
    assert "did not end" in row["last_error"]
    assert errors(web.page(), "lost") == 1


def test_hanging_collector__is_ended_and_told(made):
    """A run that hangs ends at its soft limit; row and page say timeout; the next run works."""
    web = made.web()
    with made.closed_gate():
        made.worker()
        made.beat()
        wait_until(lambda: made.row("gated").get("failures_in_a_row"), 60, "the run is ended")
        assert made.row("gated")["last_error_kind"] == "timeout"
        wait_until(lambda: errors(web.page(), "timeout") == 1, what="the error is counted")
        assert runs_shown(web.page()) == (None, None)
    wait_whole(web, 2, 2 * INTERVAL + limits(INTERVAL).soft)


def test_stalled_run__ends_when_it_wakes(made, store):
    """A run that slept past its time cannot put its numbers or its state over newer ones."""
    web = made.web()
    with made.closed_gate():
        stalled = made.collecting("gated")
        wait_for_runs(made, 1)
        stalled.signal(signal.SIGSTOP)
    wait_until(lambda: not is_leased(store), LEASE_SECONDS + 5, "the lease ends")
    made.manage("monitoring_collect", "gated")
    assert runs_shown(web.page()) == (2, 2)
    row, page = made.row("gated"), web.page()

    stalled.signal(signal.SIGCONT)

    assert stalled.wait() == 1
    assert "timeout: it was " in stalled.output
    after = web.page()
    assert runs_shown(after) == (2, 2)
    assert made.row("gated") == row
    for family in ("last_success_timestamp_seconds", "samples"):
        name = f"zerostate_monitoring_collector_{family}"
        assert after.get(name, collector="gated") == page.get(name, collector="gated") != 0
    assert (errors(after, "store"), errors(after, "timeout")) == (0, 1)


class Counting(http.server.BaseHTTPRequestHandler):
    """A node that remembers when its page was asked for."""

    def do_GET(self) -> None:
        if self.path == "/metrics":
            self.server.scrapes.append(time.time())  # type: ignore[attr-defined]
        body = b"# TYPE go_goroutines gauge\ngo_goroutines 7\n" if self.path == "/metrics" else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def counting_node() -> Iterator[tuple[str, list[float]]]:
    """A node's base URL, and the moments of its scrapes so far."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting) as server:
        server.scrapes = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", server.scrapes  # type: ignore[attr-defined]
        finally:
            server.shutdown()
            thread.join()


def at_most_one_per_interval(moments: list[float], interval: float) -> bool:
    """Whether there is one moment per interval; two beats may begin with one more."""
    span = moments[-1] - moments[0]
    gaps = [late - early for early, late in pairwise(moments)]
    # A run that was handed out late and one in time are nearer than an interval, but a
    # second beat's run would follow at once or lie in the middle, time and again. The first
    # one has given nothing yet when the other beat's comes.
    return min(gaps[1:]) >= 0.4 * interval and len(gaps) <= span / interval + 2


def test_two_beats__do_no_work_twice(made):
    """With two beats and two workers each collector runs about once per interval."""
    with counting_node() as (url, scrapes):
        document = made.directory / "nodes.csv"
        document.write_text(f"name,role,base_url\nn1,edge,{url}\n")
        made.manage("monitoring_nodes", "import", str(document))
        for name in ("one", "two"):
            made.worker(f"worker-{name}")
            made.beat(f"beat-{name}")
        started: list[str] = []

        def enough() -> bool:
            at = made.row("execution").get("last_started_at")
            if at and at not in started:
                started.append(at)
            return len(made.runs()) >= 4 and len(started) >= 8

        wait_until(enough, 60, "all have run some times")
        assert made.row("execution")["token"] <= len(started) + 1
        assert at_most_one_per_interval([_unix(at) for at in started], 2)
        assert at_most_one_per_interval(made.runs(), INTERVAL)
        assert at_most_one_per_interval(list(scrapes), 2)


def _unix(text: str) -> float:
    """A time as SQLite holds it."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
