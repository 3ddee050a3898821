"""Delivery under kill -9 at each step, to a receiver that fails, hangs, and answers 429 and 500."""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

import pytest

from tests.processes import Process
from tests.real.deliveries import STEPS
from tests.real.site import Site
from tests.servers import store_server, wait_until
from tests.sources.platform.cluster import ROLE, cluster

pytestmark = pytest.mark.real

TIMEOUT_SECONDS = 1.0
KILLS_PER_STEP = 1
PATIENCE_SECONDS = 900
"""Of a machine that does much else; the test takes half a minute."""


class Moods(BaseHTTPRequestHandler):
    """Takes most messages; what it has taken stands in the server's ``taken``, in order."""

    server: Receiver

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key, mood = self.headers["Idempotency-Key"], self.server.mood()
        if mood == "hang":
            time.sleep(TIMEOUT_SECONDS * 1.5)
            self.close_connection = True
            return
        if mood == "ok":
            with self.server.lock:
                self.server.taken.append((key, json.loads(body)))
        self.send_response({"ok": 200, "busy": 429, "broken": 500}[mood])
        if mood == "busy":
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


class Receiver(ThreadingHTTPServer):
    """A server with moods: each once, then by their weights."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Moods)
        self.lock = Lock()
        self.taken = []
        self.rng = random.Random(1)
        self.weights = {"ok": 78, "broken": 9, "busy": 9, "hang": 4}
        self.seen = Counter()

    def mood(self):
        with self.lock:
            unseen = [mood for mood in self.weights if not self.seen[mood]]
            chosen = self.rng.choices(list(self.weights), list(self.weights.values()))
            found = (unseen or chosen)[0]
            self.seen[found] += 1
            return found

    def handle_error(self, request, client_address):
        pass  # Whoever hung up was killed or had waited long enough.


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def has_said(process: Process, text: str) -> bool:
    assert process.ended() is None, process.tail
    return text in process.output


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request, tmp_path, receiver) -> Iterator[tuple[Site, int]]:
    """An installation with two routes, on either database, and how many workers live in it.

    With SQLite one worker is what the documentation allows; the one that is killed is a second.
    """
    settings = {"ZEROSTATE_MONITORING_DELIVERY_TIMEOUT_SECONDS": TIMEOUT_SECONDS}
    if request.param == "sqlite":
        with _installed(tmp_path, receiver, settings, {}) as made:
            yield made, 1
        return
    with cluster() as server:
        url = f"postgresql://{ROLE}:{ROLE}@127.0.0.1:{server.port}/postgres"
        with _installed(tmp_path, receiver, settings, {"DATABASE": url}) as made:
            yield made, 2


def test_evaluation_and_delivery__want_the_same_rows_and_neither_is_refused(tmp_path, receiver):
    """PostgreSQL ends a deadlock by refusing one of the two: then a slot would be lost."""
    with cluster() as server:
        url = f"postgresql://{ROLE}:{ROLE}@127.0.0.1:{server.port}/postgres"
        with _installed(tmp_path, receiver, {}, {"DATABASE": url}) as made:
            assert json.loads(run(made, "crossing")) == []


@contextmanager
def _installed(directory: Path, receiver, settings, environment) -> Iterator[Site]:
    with store_server() as store:
        made = Site(directory, store, settings=settings, environment=environment)
        try:
            run(made, "prepare", f"http://127.0.0.1:{receiver.server_port}")
            yield made
        finally:
            made.processes.kill_all()


def run(made: Site, *arguments: str) -> str:
    name = arguments[0]
    process = made.processes.start(name, sys.executable, "-m", "tests.real.deliveries", *arguments)
    assert process.wait(PATIENCE_SECONDS) == 0, process.tail
    return process.output.splitlines()[-1] if process.output else ""


def test_kills__lose_nothing_and_double_no_more_than_there_were(installation, receiver):
    """Workers are killed at each step while alerts come and go, with some that live beside them.

    Each message arrives at least once, at most once more than there were kills, and once more
    only for a try whose answer nobody wrote down; always with the same key and the same bytes.
    Per alert and receiver fired comes before resolved; each transition is told, or both are
    superseded.
    """
    made, steady = installation
    arguments = ("crowd", str(steady), str(KILLS_PER_STEP))
    crowd = made.processes.start("crowd", sys.executable, "-m", "tests.real.deliveries", *arguments)
    wait_until(partial(has_said, crowd, "the world has ended"), PATIENCE_SECONDS, "all were killed")
    said = json.loads(run(made, "settle"))
    crowd.kill()

    assert said["alerts"] > 10
    assert {mood for mood, count in receiver.seen.items() if count} == set(receiver.weights)
    assert_arrived(receiver.taken, said, kills=KILLS_PER_STEP * len(STEPS))
    assert_order(receiver.taken)
    assert_accounted(said)


def assert_arrived(taken, said, kills) -> None:
    """Each message at least once, and no oftener than tries of it have no known answer."""
    unanswered = Counter(
        key
        for key, outcome, status in said["tries"]
        if outcome in {"lost", "too late"} or (outcome == "failed" and status is None)
    )
    lost = [key for key, outcome, _ in said["tries"] if outcome == "lost"]
    assert lost, "no worker was killed while it held a message"
    arrived = Counter(key for key, _ in taken)
    assert set(arrived) == {key for key, *_ in said["messages"]}
    for key, count in arrived.items():
        assert count - 1 <= min(unanswered[key], kills), key
    assert len({(key, json.dumps(body, sort_keys=True)) for key, body in taken}) == len(arrived)


def assert_order(taken) -> None:
    """Per group and alert: fired, some more of it, then resolved and no more."""
    words = defaultdict(list)
    for _, body in taken:
        for alert in body["alerts"]:
            words[body["groupKey"], alert["labels"]["n"]].append(alert["status"])
    for place, said in words.items():
        assert said[0] == "firing", place
        assert said == sorted(said), (place, said)


def assert_accounted(said) -> None:
    """Of each alert and receiver: told and taken back, or neither."""
    places = defaultdict(list)
    for n, group, notice, state in said["entries"]:
        places[n, group].append((notice, state))
    assert len(places) == 2 * said["alerts"]
    for place, entries in places.items():
        assert entries in (
            [("fired", "sent"), ("resolved", "sent")],
            [("fired", "superseded"), ("resolved", "superseded")],
        ), place
