"""Starts the stack in order, says what is where, starts again what died, ends all."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from example_project.demo.control import write_processes
from example_project.demo.keeper import POLL_SECONDS, Keeper, Say, listens
from example_project.demo.options import DemoError
from example_project.demo.processes import Child, end_all
from example_project.stack import ports, postgresql, programs, secret_files, surroundings
from example_project.stack.deaths import MOST, SPAN_SECONDS, Deaths
from example_project.stack.options import Options
from example_project.stack.services import Service, Setting, monitoring, project, stores
from example_project.stack.table import table
from example_project.stack.viewers import looking

FIRST_FAMILY: Final = b"zerostate_node_up{"
STORES: Final = ("valkey", "postgresql")


class Supervisor(Keeper):
    """One stack, from its first process to its last."""

    def __init__(self, options: Options, say: Say) -> None:
        super().__init__(options.data, say)
        self._options = options
        self._found = programs.find()
        self._services: dict[str, Service] = {}
        self._deaths = Deaths()
        self._environment: Mapping[str, str] = {}

    def _work(self) -> None:
        began = time.monotonic()
        self._say("Starting; the first time takes a little longer. Ctrl-C ends it.")
        setting = self._setting()
        self._bring_up(stores(setting))
        self._prepare()
        self._bring_up([*project(setting), *monitoring(setting), *looking(setting)])
        page, token = f"http://{setting.at('web')}/metrics", self._secrets["metrics-token"]
        self._wait("the nodes on /metrics", lambda: FIRST_FAMILY in self._page(page, token))
        if not self._stop.is_set():
            self._say(self._table(time.monotonic() - began))
        while not self._stop.wait(POLL_SECONDS):
            self._follow()

    # -- starting ------------------------------------------------------------

    def _setting(self) -> Setting:
        data, found = self._options.data, self._found.paths
        self._secrets = secret_files.keep(self._options.secrets)
        chosen = ports.choose(ports.names(found), ports.remembered(data / ports.FILE))
        ports.remember(data / ports.FILE, chosen)
        owner = postgresql.user()
        cluster = postgresql.directory(data, owner)
        binaries = postgresql.binaries(found["postgresql"])
        postgresql.prepare(binaries, cluster, self._secrets["postgres-password"], owner)
        own = surroundings.own(self._options, chosen)
        surroundings.write(data / "environment", own)
        self._environment = surroundings.whole(own)
        return Setting(
            options=self._options,
            ports=chosen,
            programs=found,
            owner=owner,
            binaries=binaries,
            cluster=cluster,
        )

    def _bring_up(self, services: Iterable[Service]) -> None:
        begun = []
        for service in services:
            if self._stop.is_set():
                return
            self._services[service.name] = service
            self._start(service)
            begun.append(service)
        for service in begun:
            self._wait(service.name, partial(self._is_ready, service))
            self._say(f"  {service.name:14} {service.place or 'runs'}")

    def _start(self, service: Service, *, is_again: bool = False) -> None:
        child = Child(
            service.name,
            service.command,
            self._log(service.name),
            {**self._environment, **service.environment},
            user=service.user,
            stop=service.stop,
            is_again=is_again,
        )
        others = [other for other in self._children if other.name != service.name]
        self._children = [*others, child]
        write_processes(self._data, {child.name: child.pid for child in self._children})

    def _is_ready(self, service: Service) -> bool:
        if service.port is None:
            return True
        if service.probe:
            return subprocess.run(service.probe, check=False, timeout=30).returncode == 0
        if not service.health:
            return listens(service.port)
        return bool(self._page(f"{service.place}{service.health}"))

    def _prepare(self) -> None:
        command = (sys.executable, "-m", "example_project.stack.prepare")
        self._start(Service(name="prepare", command=command, purpose="tables"))
        child = self._children[-1]
        self._wait("the tables", lambda: child.ended() is not None, finite=child)
        self._children.remove(child)
        self._say("  tables, user and configuration are there")

    # -- watching ------------------------------------------------------------

    def _follow(self) -> None:
        """Start again what has ended by itself, as containers are."""
        now = time.monotonic()
        for child in list(self._children):
            if (code := child.ended()) is None:
                continue
            if self._deaths.is_new(child.name):
                # Whatever its process has left behind.
                child.signal(signal.SIGKILL)
                self._say(f"{child.name} ended by itself (code {code}); it is started again.")
                self._note(child, now)
            elif self._deaths.is_due(child.name, now):
                self._start(self._services[child.name], is_again=True)

    def _note(self, child: Child, now: float) -> None:
        if self._deaths.note(child.name, now):
            raise DemoError(
                f"{child.name} ended {MOST} times within {SPAN_SECONDS:.0f} s. "
                f"The end of {child.log}:\n{child.tail()}"
            )

    def _end(self) -> None:
        # First who writes, then what is written to.
        end_all([child for child in self._children if child.name not in STORES])
        end_all([child for child in self._children if child.name in STORES])

    def _table(self, seconds: float) -> str:
        return table(
            self._options, list(self._services.values()), self._found.missing, self._logs, seconds
        )
