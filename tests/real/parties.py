"""One environment of real parties; see ``test_real_parties``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg

from tests.processes import processes
from tests.real.network import zerostate_nodes
from tests.real.prometheus import Prometheus, prometheus
from tests.real.site import ALL_QUEUES, Site, Web, site
from tests.servers import free_port, store_server, wait_until
from tests.sources.platform.cluster import ROLE, Cluster

STORES: Final = {"valkey": None, "redis": "/usr/bin/redis-server"}
PROFILES: Final = {"valkey": "full", "redis": "head"}
"""What the ZeroState nodes beside each store expose."""
PATIENT: Final = {"scrape_interval": "3s", "scrape_timeout": "3s"}
"""A scrape that is late once takes every series away until the next."""


@dataclass(frozen=True)
class Parties:
    """All that runs in one environment."""

    kind: str
    site: Site
    web: Web
    prometheus: Prometheus
    exporter: str
    nodes: frozenset[str]
    platform: str

    def sql(self, statement: str, *parameters: Any) -> list[Any]:
        """Run one statement on the platform's database; its rows."""
        with psycopg.connect(self.platform, autocommit=True) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def number(self, expression: str) -> float | None:
        """The value of an instant query that gives one series; None if it does not."""
        found = self.prometheus.query(expression)
        return found[0][1] if len(found) == 1 else None


@contextmanager
def parties(kind: str, server: Cluster, directory: Path) -> Iterator[Parties]:
    """Start everything on a store of this kind; all of it has been in Prometheus at least once."""
    platform = _database(server, f"platform_{kind}")
    databases = {"DATABASE": _database(server, f"project_{kind}"), "PLATFORM_DATABASE": platform}
    with ExitStack() as stack:
        store = stack.enter_context(store_server(binary=STORES[kind]))
        made = stack.enter_context(site(directory, store, environment=databases))
        made.fill()
        made.worker(queues=ALL_QUEUES)
        made.beat()
        web = made.web()
        scraper = stack.enter_context(
            prometheus(directory, {"zerostate": web.port}, scrape=PATIENT)
        )
        exporter = stack.enter_context(_node_exporter(directory))
        nodes = {
            **stack.enter_context(zerostate_nodes(PROFILES[kind])),
            "exporter": ("edge", exporter),
            "prometheus": ("relay", scraper.url),
        }
        _register(made, nodes)
        ready = Parties(kind, made, web, scraper, exporter, frozenset(nodes), platform)
        _wait(ready)
        yield ready


def _database(server: Cluster, name: str) -> str:
    address = f"postgresql://{ROLE}:{ROLE}@127.0.0.1:{server.port}"
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{address}/{name}"


@contextmanager
def _node_exporter(directory: Path) -> Iterator[str]:
    """Debian's node exporter; its base URL."""
    address = f"127.0.0.1:{free_port()}"
    with processes(directory, {"PATH": "/usr/bin:/bin"}) as started:
        started.start("exporter", "prometheus-node-exporter", f"--web.listen-address={address}")
        yield f"http://{address}"


def _register(made: Site, nodes: Mapping[str, tuple[str, str]]) -> None:
    lines = [f"{name},{role},{url},site=lab" for name, (role, url) in nodes.items()]
    document = made.directory / "nodes.csv"
    document.write_text("\n".join(["name,role,base_url,labels", *lines]) + "\n")
    made.manage("monitoring_nodes", "import", str(document))


def _wait(ready: Parties) -> None:
    """Own collectors run every few seconds, so they come last."""
    up = f"count(zerostate_node_up == 1) == {len(ready.nodes)}"
    for expression in (up, "zerostate_escrow_amount_locked", "hostile_text", "gated_after"):
        shown = partial(ready.prometheus.query, expression)
        wait_until(shown, 60, f"{expression} in Prometheus\n{ready.prometheus.targets()}\n")
