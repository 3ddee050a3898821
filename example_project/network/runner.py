"""Keeps the network alive: a step a second, its rows written, its nodes served."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from typing import Final

from django.db import DatabaseError, connections, transaction

from example_project.network import tables
from example_project.network.failing import FailingRule
from example_project.network.nodes import payments
from example_project.network.nodes.answers import Answer, answer
from example_project.network.nodes.server import NodeServer
from example_project.network.outage import Outage, recover
from example_project.network.simulation.config import Config
from example_project.network.simulation.entities import Row
from example_project.network.simulation.network import Network
from example_project.network.switches import Switches
from zerostate_monitoring.models import Node

logger = logging.getLogger(__name__)

ORIGIN: Final = "example"
STEP_SECONDS: Final = 1.0


class Runner:
    """One running network on the database alias ``platform``.

    ``known_as`` is the name under which other hosts find its nodes; empty for this host alone.
    """

    def __init__(
        self, config: Config, switches: Switches, start: float, known_as: str = ""
    ) -> None:
        self.network = Network(config, start)
        self.token = secrets.token_urlsafe(24)
        self.server = NodeServer(self._respond, known_as)
        self._start = start
        self._switches = switches
        self._connection = connections["platform"]
        self._outage = Outage(self._connection)
        self._rule = FailingRule()
        self._nodes = {node.name: node for node in self.network.world.nodes}
        # The server's thread renders pages while this one moves the network.
        self._lock = threading.Lock()
        self._pending: dict[str, dict[str, Row]] = {}

    def start(self, first_port: int = 0) -> None:
        """Put the nodes on their ports and the history into the tables.

        Raises:
            ForeignTablesError: the database holds tables of somebody else.
            OSError: a port is taken.
        """
        recover(self._connection)
        tables.recreate(self._connection)
        for index, name in enumerate(self._nodes):
            self.server.set_up(name, first_port + index if first_port else 0)
        self.register_nodes()
        self._write()

    def register_nodes(self) -> None:
        """Make the nodes known to the app: one row each, and none for nodes of earlier runs."""
        with transaction.atomic():
            Node.objects.filter(origin=ORIGIN).exclude(name__in=self._nodes).delete()
            for name, node in self._nodes.items():
                values = {
                    "role": node.role,
                    "base_url": self.server.url(name),
                    "labels": {"site": node.site},
                    "token": self.token if node.role == "api" else "",
                    "origin": ORIGIN,
                }
                Node.objects.update_or_create(name=name, defaults=values)

    def step(self, now: float) -> None:
        """Live until ``now`` (unix seconds)."""
        broken = self._switches.broken()
        with self._lock:
            self.network.step(now, broken)
        for name, node in self._nodes.items():
            if node.up != self.server.is_up(name):
                (self.server.set_up if node.up else self.server.set_down)(name)
        _act(self._outage, is_on="platform" in broken)
        _act(self._rule, is_on="rule" in broken)
        self._write()

    def run(self, stop: threading.Event, steps: int | None, clock: Callable[[], float]) -> None:
        """Step every second until ``stop`` is set or ``steps`` are done.

        The network lives by seconds since its start, not by when this process came to each
        of them: so a run can be repeated. One that fell behind ``clock`` catches up.
        """
        done = 0
        while not stop.is_set() and (steps is None or done < steps):
            done += 1
            at = self._start + done * STEP_SECONDS
            # A clock that was set back does not hold the network up.
            if not stop.wait(min(STEP_SECONDS, max(0.0, at - clock()))):
                self.step(at)

    def close(self) -> None:
        """Take the nodes off their ports and let the database be found whole."""
        self.server.stop()
        self._outage.end()
        self._rule.end()
        self._connection.close()

    def _respond(self, name: str, path: str, headers: dict[str, str]) -> Answer:
        if path.startswith(payments.PATH):
            return payments.answer(
                path, headers, is_broken=self.network.world.is_broken("payments")
            )
        with self._lock:
            return answer(self.network.world, self._nodes[name], path, headers, self.token)

    def _write(self) -> None:
        for table, rows in self.network.take_batch().items():
            self._pending.setdefault(table, {}).update({row["id"]: row for row in rows})
        if self._outage.on or not self._pending:
            return
        batch = {table: list(rows.values()) for table, rows in self._pending.items()}
        try:
            tables.write(self._connection, batch)
        except DatabaseError as error:
            # The rows stay and go out with the next step.
            logger.warning("network_rows_not_written", extra={"error": str(error)})
            self._connection.close()
        else:
            self._pending = {}


def _act(fault: Outage | FailingRule, *, is_on: bool) -> None:
    if is_on:
        fault.begin()
    else:
        fault.end()
