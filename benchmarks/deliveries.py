"""Delivery by real workers to a webhook on this machine: how many messages, and how late.

``deliveries_per_second``: so many alerts, each a message of its own, fall due at once, and two
Celery workers of one process each send them; from the first that arrives to the last.

``fire_to_delivered_p99``: seconds from the slot of evaluation at which alerts begin to fire to
the arrival of their messages, in an installation with the default intervals (a column of history
every 15 s, a beat, a worker for collectors and evaluation, the two that deliver). The routes do
not wait for more alerts of their group; what is left is the wait for beat and for workers.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

from benchmarks.measuring import headline
from tests.real.site import Site, site
from tests.servers import store_server, wait_until
from tests.sources.platform.cluster import ROLE, cluster

MESSAGES: Final = 1000
RULES: Final = 40
SLOTS: Final = 10
INTERVAL: Final = 15
WORKERS: Final = 2
PATIENCE_SECONDS: Final = 300

Arrival = tuple[float, Any]
"""When a message arrived (unix seconds), and what it says."""


def figures(
    messages: int = MESSAGES, rules: int = RULES, slots: int = SLOTS, interval: int = INTERVAL
) -> Iterator[tuple[str, Any]]:
    """Both figures, in one installation."""
    with webhook() as receiver, installation(interval) as made:
        url = f"http://127.0.0.1:{receiver.server_port}"
        world(made, "prepare", url)
        made.beat()
        queue = "zerostate_monitoring_deliver"
        workers = [made.worker(f"delivers{n}", queues=queue, processes=1) for n in range(WORKERS)]
        wait_until(lambda: all("ready." in one.output for one in workers), 60, "workers are ready")
        yield from headline("deliveries_per_second", rate(made, receiver, messages), "rate")
        queues = "zerostate_monitoring,zerostate_monitoring_evaluate"
        made.worker("evaluates", queues=queues, processes=2)
        late = lateness(made, receiver, rules, (slots, interval))
        yield from headline("fire_to_delivered_p99", late, "p99_seconds")


def rate(made: Site, receiver: Webhook, messages: int) -> dict[str, float]:
    """Messages that arrive in a second, when there are many."""
    world(made, "pile", str(messages))
    wait_until(lambda: len(receiver.taken) >= messages, PATIENCE_SECONDS, "all arrive")
    times = sorted(at for at, _ in receiver.taken)
    seconds = times[-1] - times[0]
    return {
        "rate": (len(times) - 1) / seconds,
        "messages": len(times),
        "seconds": seconds,
        "workers": WORKERS,
    }


def lateness(made: Site, receiver: Webhook, rules: int, slots: tuple[int, int]) -> dict[str, float]:
    """Seconds from the slots at which alerts began to fire to their arrival.

    ``slots`` is how many, and how many seconds they are apart.
    """
    number, interval = slots
    receiver.taken.clear()
    world(made, "alternate", str(rules), str(interval))
    # At each slot one half of them begins and the other ends; the first one may be long gone.
    wanted = rules // 2 * number
    patience = number * interval + PATIENCE_SECONDS
    wait_until(lambda: len(late_of(receiver.taken)) >= wanted, patience, "alerts arrive")
    found = late_of(receiver.taken)
    return {
        "p99_seconds": statistics.quantiles(found, n=100)[-1],
        "median_seconds": statistics.median(found),
        "most_seconds": max(found),
        "alerts": len(found),
    }


def late_of(taken: Sequence[Arrival]) -> list[float]:
    """How late each alert that fires is told, without those of the first slot."""
    found = [
        (begun, at - begun)
        for at, body in list(taken)
        for one in body["alerts"]
        if one["status"] == "firing"
        for begun in [datetime.fromisoformat(one["startsAt"]).timestamp()]
    ]
    first = min((begun for begun, _ in found), default=0.0)
    return [late for begun, late in found if begun > first]


@contextmanager
def installation(interval: int) -> Iterator[Site]:
    """A project on PostgreSQL that writes to disk, with a store and a broker."""
    settings = {"ZEROSTATE_MONITORING_HISTORY_INTERVAL_SECONDS": interval} | {
        f"ZEROSTATE_MONITORING_{name}_INTERVAL_SECONDS": 60
        for name in ("NODES", "EXECUTION", "ECONOMIC")
    }
    with (
        tempfile.TemporaryDirectory(prefix="zs-deliveries-") as directory,
        cluster(fsync="on") as server,
        store_server() as store,
        store_server() as broker,
    ):
        environment = {"DATABASE": f"postgresql://{ROLE}:{ROLE}@127.0.0.1:{server.port}/postgres"}
        options = {"environment": environment, "settings": settings, "broker": broker}
        with site(Path(directory), store, **options) as made:
            yield made


def world(made: Site, *arguments: str) -> None:
    """Let ``benchmarks.delivery_world`` write rows."""
    script = "import sys, django; django.setup(); from benchmarks.delivery_world import main; "
    made.run([sys.executable, "-c", f"{script}main(*sys.argv[1:])", *arguments])


class Webhook(ThreadingHTTPServer):
    """Takes whatever is sent to it; ``taken`` says when, and what."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Takes)
        self.taken: list[Arrival] = []


class _Takes(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        at = time.time()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.taken.append((at, json.loads(body)))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@contextmanager
def webhook() -> Iterator[Webhook]:
    """A receiver on this machine, which ends with the block."""
    with Webhook() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
