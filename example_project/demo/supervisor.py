"""Starts everything that a living installation needs, watches it, and ends it."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Final

from example_project.demo.control import write_processes
from example_project.demo.keeper import POLL_SECONDS, Keeper, Say, listens
from example_project.demo.options import Options, free_port
from example_project.demo.processes import Child
from example_project.demo.valkey import find_server, server_command
from example_project.environment import BASE_DIR, STORE
from zerostate_monitoring.conf import conf

FIRST_FAMILY: Final = b"zerostate_node_up{"


class Supervisor(Keeper):
    """One demo, from its first process to its last."""

    def __init__(self, options: Options, say: Say) -> None:
        super().__init__(options.data, say)
        self._options = options
        self._password = secrets.token_urlsafe(9)
        self._redis_url = options.redis_url

    def _work(self) -> None:
        self._say("Starting; the first time takes a little longer. Ctrl-C ends it.")
        began = time.monotonic()
        self._start_all()
        self._wait("the first network family on /metrics", self._has_first_family)
        if not self._stop.is_set():
            self._say(self._welcome(time.monotonic() - began))
        self._watch(began)

    # -- starting ------------------------------------------------------------

    def _start_all(self) -> None:
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
        self._wait("the store", lambda: listens(port))
        (self._data / STORE).write_text(self._redis_url)

    def _end(self) -> None:
        (self._data / STORE).unlink(missing_ok=True)
        super()._end()

    def _commands(self) -> Mapping[str, Sequence[str]]:
        options = self._options
        manage = [sys.executable, str(BASE_DIR / "manage.py")]
        celery = [sys.executable, "-m", "celery", "-A", "example_project.celery:app"]
        quiet = ["--without-mingle", "--without-gossip"]
        queues = ["-Q", f"celery,{conf.QUEUE}"]
        # Two, so that one can be stopped and the other goes on: the fault switch "delivery".
        alerts = ["worker", "-n", "alerts", "-c", "1", "-Q", conf.EVALUATE_QUEUE]
        delivery = ["worker", "-n", "delivery", "-c", "1", "-Q", conf.DELIVER_QUEUE]
        return {
            "network": [
                *manage, "network", "run", "--profile", options.profile, "--collect",
                "--nodes", str(options.nodes), "--visit", f"{options.address}/api/agents",
                "--order", f"{options.address}/api/orders",
            ],
            "worker": [*celery, "worker", "-c", "2", *queues, *quiet, "-l", "INFO"],
            "alerts": [*celery, *alerts, *quiet, "-l", "INFO"],
            "delivery": [*celery, *delivery, *quiet, "-l", "INFO"],
            "web": [*manage, "runserver", "--noreload", f"127.0.0.1:{options.port}"],
            "beat": [*celery, "beat", "-l", "INFO", "--pidfile="],
        }  # fmt: skip

    def _start(self, name: str, command: Sequence[str]) -> Child:
        child = Child(name, command, self._log(name), self._environment())
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
            "DEMO_PORT": str(self._options.port),
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

    def _has_first_family(self) -> bool:
        return FIRST_FAMILY in self._page(f"{self._options.address}/metrics")

    def _welcome(self, seconds: float) -> str:
        address = self._options.address
        return "\n".join(
            (
                "",
                f"A ZeroState network of {self._options.nodes} nodes lives ({seconds:.1f} s).",
                "",
                f"  Statistics   {address}/metrics",
                f"  Admin        {address}/admin/   user admin, password {self._password}",
                f"  Overview     {address}/admin/zerostate_monitoring/overview/   is it well?",
                f"  Metrics      {address}/admin/zerostate_monitoring/metric/",
                f"  Collectors   {address}/admin/zerostate_monitoring/collector/",
                f"  Nodes        {address}/admin/zerostate_monitoring/node/",
                f"  Alerts       {address}/admin/zerostate_monitoring/alert/",
                f"  Mailbox      {address}/mailbox/   where its messages arrive",
                "",
                "  Ask it       .venv/bin/python manage.py monitoring_query 'zerostate_node_up'",
                f"               or {address}/monitoring/api/v1/query?query=zerostate_node_up",
                "               in a browser that is logged in",
                "  Ask why      .venv/bin/python manage.py monitoring_doctor",
                "",
                "  Break it     .venv/bin/python manage.py network break bootnode",
                "               and watch zerostate_node_up go to 0 in the list of nodes",
                "               .venv/bin/python manage.py network break payments",
                "               and watch PaymentsFailing: pending, then firing, and within",
                "               four minutes in the mailbox",
                "  Mend it      .venv/bin/python manage.py network mend --all",
                "  More faults  .venv/bin/python manage.py network list",
                f"  Logs         {self._logs}",
                "",
            )
        )
