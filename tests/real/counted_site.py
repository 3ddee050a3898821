"""An installation under load whose processes count: web servers on two hosts, and a worker."""

from __future__ import annotations

import http.client
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from tests.packages import ROOT
from tests.processes import Process
from tests.real.counting import events
from tests.real.site import Page, Site, Web, program, site
from tests.real.tasks import QUEUE
from tests.servers import StoreServer, free_port, wait_until
from tests.settings import MIDDLEWARE

INTERVAL_SECONDS: Final = 0.5
MESSAGES: Final = "zerostate_p2p_messages_sent_total"
SETTINGS: Final[Mapping[str, Any]] = {
    "ROOT_URLCONF": "tests.real.counting_urls",
    "MIDDLEWARE": [
        "zerostate_monitoring.instrumentation.http.RequestMetricsMiddleware",
        *MIDDLEWARE,
    ],
    "ZEROSTATE_MONITORING_PUBLISH_INTERVAL_SECONDS": INTERVAL_SECONDS,
}


def on_host(name: str) -> list[str]:
    """What begins a command that is to believe that its host is called so."""
    own_users = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    script = f'hostname {name} && exec "$@"'
    return [str(shutil.which("unshare")), *own_users, "--uts", "sh", "-c", script, "sh"]


def go_on(seconds: float) -> None:
    """Let what runs go on for a while; there is no condition to wait for."""
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() >= end, seconds + 5)


class Load:
    """Requests, one after the other by each of some threads, until it is stopped."""

    def __init__(self, ports: list[int], threads: int = 2) -> None:
        self.slowest = 0.0
        self.answered = 0
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._ask, args=(port,), daemon=True)
            for port in ports
            for _ in range(threads)
        ]

    def _ask(self, port: int) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            try:
                connection.request("GET", "/hit")
                ok = connection.getresponse().status == 200
            except OSError:
                ok = False
            except http.client.HTTPException:
                ok = False
            finally:
                connection.close()
            with self._lock:
                self.answered += ok
                self.slowest = max(self.slowest, time.monotonic() - began)
            self._stop.wait(0.002)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)


class CountedSite:
    """Web servers and a worker that count what they do."""

    def __init__(self, made: Site) -> None:
        self.site = made
        self.directory: Path = made.directory
        (self.directory / "events").mkdir(exist_ok=True)

    def web(self, name: str, *options: str, host: str = "") -> Web:
        """Start gunicorn, on a host of another name if one is given."""
        port = free_port()
        process = self.site.processes.start(
            name,
            *(on_host(host) if host else []),
            *(program("gunicorn"), "--bind", f"127.0.0.1:{port}", "--chdir", ROOT),
            *("--no-control-socket", "--worker-tmp-dir", self.directory),
            *("--graceful-timeout", "10", *options),
            "django.core.wsgi:get_wsgi_application()",
        )
        web = Web(process, port)
        wait_until(web.answers, 60, f"{name} answers\n{process.tail}")
        return web

    def worker(self, *options: str) -> Process:
        """Start a worker that takes the counted tasks."""
        return self.site.processes.start(
            f"worker-{free_port()}",
            *(program("celery"), "--workdir", ROOT, "-A", "tests.real.celery_app", "worker"),
            *("-Q", QUEUE, "--without-gossip", "--without-mingle", "--without-heartbeat"),
            *("-l", "INFO", "-n", f"counted-{free_port()}@test", *options),
        )

    def sender(self) -> Process:
        """Start sending tasks."""
        command = (sys.executable, "-m", "tests.real.tasks")
        return self.site.processes.start(f"sender-{free_port()}", *command)

    def happened(self, kind: str = "*") -> int:
        """How many events were written down."""
        return sum(1 for _ in events(self.directory, kind))


def counters(page: Page) -> dict[Any, float]:
    """The counters of a page, buckets among them."""
    ends = ("_total", "_bucket", "_count", "_sum")
    gauge = "zerostate_metrics_registered_total"
    return {s: v for s, v in page.samples.items() if s[0].endswith(ends) and s[0] != gauge}


def counted(page: Page, kind: str) -> float:
    """What the page says of one kind of event."""
    return page.get(MESSAGES, type=kind, protocol="gossip") or 0.0


@contextmanager
def counted_site(
    directory: Path, store: StoreServer, broker: StoreServer, **settings: Any
) -> Iterator[CountedSite]:
    """An installation on these servers; nothing of it runs yet."""
    every = {**SETTINGS, **settings}
    with site(directory, store, broker=broker, settings=every) as made:
        yield CountedSite(made)
