"""Starts everything that a living installation needs, watches it, and ends it."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import urllib3

from example_project.demo.control import write_processes
from example_project.demo.options import DemoError, Options, free_port
from example_project.demo.processes import Child, end_all
from example_project.demo.valkey import find_server, server_command
from example_project.environment import BASE_DIR
from zerostate_monitoring.conf import conf

POLL_SECONDS: Final = 0.1
START_SECONDS: Final = 90.0
FIRST_FAMILY: Final = b"zerostate_node_up{"
Say = Callable[[str], None]


class Supervisor:
    """One demo, from its first process to its last."""

    def __init__(self, options: Options, say: Say) -> None:
        self._options = options
        self._say = say
        self._stop = threading.Event()
        self._children: list[Child] = []
        self._password = secrets.token_urlsafe(9)
        self._redis_url = options.redis_url
        self._http = urllib3.PoolManager(retries=False, timeout=5.0)

    def run(self) -> None:
        """Run until a signal or the end of the options' seconds, then end every process.

        Raises:
            DemoError: something could not start, or ended by itself.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._stop.set())
        self._say("Starting; the first time takes a little longer. Ctrl-C ends it.")
        began = time.monotonic()
        try:
            self._start_all()
            self._wait("the first network family on /metrics", self._has_first_family)
            if not self._stop.is_set():
                self._say(self._welcome(time.monotonic() - began))
            self._watch(began)
        finally:
            # A second Ctrl-C must not leave half of the processes behind.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            self._say("Ending.")
            end_all(self._children)

    # -- starting ------------------------------------------------------------

    def _start_all(self) -> None:
        (self._options.data / "logs").mkdir(parents=True, exist_ok=True)
        if not self._redis_url:
            self._start_valkey()
        preparing = self._start("prepare", [sys.executable, "-m", "example_project.demo.prepare"])
        self._wait("the tables", lambda: preparing.ended() is not None, finite=preparing)
        self._children.remove(preparing)
        for name, command in self._commands().items():
            if not self._stop.is_set():
                self._start(name, command)
        write_processes(self._options.data, {child.name: child.pid for child in self._children})

    def _start_valkey(self) -> None:
        port = free_port()
        self._start("valkey", server_command(find_server(), port, self._options.data))
        self._redis_url = f"redis://127.0.0.1:{port}"
        self._wait("the store", lambda: _listens(port))

    def _commands(self) -> Mapping[str, Sequence[str]]:
        options = self._options
        manage = [sys.executable, str(BASE_DIR / "manage.py")]
        celery = [sys.executable, "-m", "celery", "-A", "example_project.celery:app"]
        quiet = ["--without-mingle", "--without-gossip"]
        queues = ["-Q", f"celery,{conf.QUEUE}"]
        return {
            "network": [
                *manage, "network", "run", "--profile", options.profile, "--collect",
                "--nodes", str(options.nodes), "--visit", f"{options.address}/api/agents",
            ],
            "worker": [*celery, "worker", "-c", "2", *queues, *quiet, "-l", "INFO"],
            "web": [*manage, "runserver", "--noreload", f"127.0.0.1:{options.port}"],
            "beat": [*celery, "beat", "-l", "INFO", "--pidfile="],
        }  # fmt: skip

    def _start(self, name: str, command: Sequence[str]) -> Child:
        log = self._options.data / "logs" / f"{name}.log"
        child = Child(name, command, log, self._environment())
        self._children.append(child)
        return child

    def _environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if k != "CELERY_BROKER_URL"}
        return {
            **inherited,
            "DJANGO_SETTINGS_MODULE": "example_project.settings",
            "PYTHONPATH": str(BASE_DIR),
            "PYTHONUNBUFFERED": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "EXAMPLE_DEMO": "1",
            "DATA": str(self._options.data),
            "REDIS_URL": self._redis_url,
            "DEMO_PASSWORD": self._password,
        }

    # -- watching ------------------------------------------------------------

    def _watch(self, began: float) -> None:
        seconds = self._options.seconds
        while not self._stop.wait(POLL_SECONDS):
            self._check_children()
            if seconds is not None and time.monotonic() - began >= seconds:
                return

    def _wait(self, what: str, ready: Callable[[], bool], finite: Child | None = None) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._stop.is_set() and not ready():
            self._check_children(finite)
            if time.monotonic() > deadline:
                raise DemoError(f"Waited {START_SECONDS:.0f} s for {what}; see {self._logs}.")
            self._stop.wait(POLL_SECONDS)
        self._check_children(finite)

    def _check_children(self, finite: Child | None = None) -> None:
        for child in self._children:
            code = child.ended()
            if code is None or (child is finite and code == 0) or self._stop.is_set():
                continue
            text = f"{child.name} ended by itself (code {code}). The end of {child.log}:"
            raise DemoError(f"{text}\n{child.tail()}")

    @property
    def _logs(self) -> str:
        return str(self._options.data / "logs")

    def _has_first_family(self) -> bool:
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            page = self._http.request("GET", f"{self._options.address}/metrics")
            return FIRST_FAMILY in page.data
        return False

    def _welcome(self, seconds: float) -> str:
        address = self._options.address
        return "\n".join(
            (
                "",
                f"A ZeroState network of {self._options.nodes} nodes lives ({seconds:.1f} s).",
                "",
                f"  Statistics   {address}/metrics",
                f"  Admin        {address}/admin/   user admin, password {self._password}",
                f"  Metrics      {address}/admin/zerostate_monitoring/metric/",
                f"  Collectors   {address}/admin/zerostate_monitoring/collector/",
                f"  Nodes        {address}/admin/zerostate_monitoring/node/",
                "",
                "  Break it     .venv/bin/python manage.py network break bootnode",
                "               and watch zerostate_node_up go to 0 in the list of nodes",
                "  Mend it      .venv/bin/python manage.py network mend bootnode",
                "  More faults  .venv/bin/python manage.py network list",
                f"  Logs         {self._logs}",
                "",
            )
        )


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
