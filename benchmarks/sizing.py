"""What an installation needs, by the number of its nodes.

Every node exposes the full profile as a living network of the example filled it, with
peers of its own. One process answers as all nodes, one is the only worker, one the only
web process; the store is a Valkey. Values change between two collections.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import resource
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

import redis
from django.core.management import call_command

from benchmarks.children import Child, obey, set_up
from benchmarks.measuring import memory_mib
from benchmarks.series import Client
from benchmarks.servers import embedded_store
from example_project.network.nodes.answers import answer
from example_project.network.simulation.config import Config
from example_project.network.simulation.network import Network

SIZES: Final = (5, 100, 500, 2_000)
INTERVAL_SECONDS: Final = 15
COLLECTIONS: Final = 4
"""Health and peers are asked for at every fourth collection or so; this holds one."""

_LONGEST: Final = 30
"""Seconds after which no further collection is begun; a size beyond one worker needs them."""
_MODELS: Final = 40
_START: Final = 1_800_000_000.0
_PATHS: Final = ("/metrics", "/healthz", "/readyz", "/api/info", "/api/peers", "/peer-id")
_PEER: Final = b"12D3KooW"
_MOMENTS: Final = 4
_NOT_FOUND: Final = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def figures(sizes: tuple[int, ...] = SIZES) -> Iterator[tuple[str, object]]:
    """What ``python -m benchmarks`` collects."""
    yield "sizing", {str(nodes): measure(nodes) for nodes in sizes}


def measure(nodes: int) -> dict[str, float]:
    """Collect from ``nodes`` nodes and scrape the page, at first and when all has changed."""
    with embedded_store() as url, Child("benchmarks.sizing", "nodes") as server:
        empty = _store_mib(url)
        port = server.ask("port")
        with (
            Child("benchmarks.sizing", "worker", url, nodes, port) as worker,
            Child("benchmarks.sizing", "web", url) as web,
        ):
            first = worker.ask("collect")
            web_before = web.ask("memory")
            # The first collection of a large network outlasts the frames that it began with.
            worker.ask("collect")
            page_first = web.ask("scrape")
            runs, pages = [], []
            while len(runs) < COLLECTIONS and sum(run["wall_s"] for run in runs) < _LONGEST:
                runs.append(worker.ask("collect"))
                pages.append(web.ask("scrape"))
            cpu = sum(run["cpu_s"] for run in runs) / len(runs)
            return {
                "nodes_up": runs[-1]["up"],
                "series": pages[-1]["series"],
                "first_collection_s": first["wall_s"],
                "collection_s": sum(run["wall_s"] for run in runs) / len(runs),
                "worker_cpu_s": cpu,
                "worker_core_percent": 100 * cpu / INTERVAL_SECONDS,
                "worker_mib": worker.ask("memory"),
                "store_mib": _store_mib(url) - empty,
                "page_mib": pages[-1]["mib"],
                "page_first_ms": page_first["ms"],
                "page_changed_ms": sorted(page["ms"] for page in pages)[len(pages) // 2],
                "web_mib": web.ask("memory"),
                "web_without_series_mib": web_before,
            }


def _store_mib(url: str) -> float:
    with redis.Redis.from_url(url) as client:
        return int(client.info("memory")["used_memory"]) / 2**20


# -- the process that answers as all nodes ------------------------------------


_Answers = dict[str, bytes]
"""What a node answers, by path."""


def serve_nodes() -> None:
    """Answer at every loopback address; the address says which node it is."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    asyncio.run(_serve(_models()))


def _models() -> list[list[_Answers]]:
    """Some nodes' answers at moments that lie an interval apart."""
    network, now, moments = Network(Config(nodes=_MODELS), _START), _START, []
    for _ in range(_MOMENTS):
        for _ in range(INTERVAL_SECONDS):
            now += 1
            network.step(now)
        moments.append([_answers(network, index) for index in range(_MODELS)])
    return [list(model) for model in zip(*moments, strict=True)]


def _answers(network: Network, index: int) -> _Answers:
    found = {}
    for path in _PATHS:
        given = answer(network.world, network.world.nodes[index], path, {}, "")
        head = (
            f"HTTP/1.1 {given.status} Answer\r\nContent-Type: {given.content_type}\r\n"
            f"Content-Length: {len(given.body)}\r\n\r\n"
        )
        found[path] = head.encode() + given.body
    return found


async def _serve(models: list[list[_Answers]]) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with_own_peers = f"12D3{_node_of(writer):04d}".encode()
        model = models[_node_of(writer) % len(models)]
        # There and back: so each page is an interval away from the one before.
        moments = itertools.cycle([*model, *model[-2:0:-1]])
        now = next(moments)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1].decode()
                if path == "/metrics":
                    now = next(moments)
                writer.write(now.get(path, _NOT_FOUND).replace(_PEER, with_own_peers))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    # One socket for all addresses of the loopback network.
    server = await asyncio.start_server(handle, "0.0.0.0", 0)
    port = server.sockets[0].getsockname()[1]
    await asyncio.to_thread(obey, {"port": lambda: port})


def _node_of(writer: asyncio.StreamWriter) -> int:
    *_, high, low = map(int, writer.get_extra_info("sockname")[0].split("."))
    return high * 250 + low - 1


# -- the worker and the web process -------------------------------------------


def work(url: str, nodes: int, port: int) -> None:
    """Be the only worker of an installation with ``nodes`` nodes."""
    set_up(url)
    from zerostate_monitoring.models import Node  # noqa: PLC0415 - Django must be set up

    call_command("migrate", verbosity=0)
    Node.objects.bulk_create(
        Node(
            name=f"node-{number:04d}",
            role="edge",
            base_url=f"http://127.0.{number // 250}.{number % 250 + 1}:{port}",
            labels={"site": f"site-{number % 7}"},
        )
        for number in range(nodes)
    )
    obey({"collect": _collect, "memory": memory_mib})


def _collect() -> dict[str, float]:
    from zerostate_monitoring.collectors.node_scraping import scrape_chunk  # noqa: PLC0415
    from zerostate_monitoring.collectors.nodes import plan  # noqa: PLC0415
    from zerostate_monitoring.storage.store import current_store  # noqa: PLC0415

    store = current_store()
    began, before = time.perf_counter(), _cpu()
    outcomes = [scrape_chunk(ids, store=store, now=time.time()) for ids in plan(store=store)]
    cpu, wall = _cpu() - before, time.perf_counter() - began
    return {"cpu_s": cpu, "wall_s": wall, "up": sum(outcome.up for outcome in outcomes)}


def _cpu() -> float:
    used = os.times()
    return used.user + used.system


def serve_page(url: str) -> None:
    """Be the only web process."""
    set_up(url)
    client = Client()
    obey({"scrape": lambda: _scrape(client), "memory": memory_mib})


def _scrape(client: Client) -> dict[str, Any]:
    began = time.perf_counter()
    pieces = client.scrape()
    ms = (time.perf_counter() - began) * 1000
    size = sum(map(len, pieces))
    lines = sum(piece.count(b"\n") - 2 * piece.count(b"# TYPE ") for piece in pieces)
    return {"ms": ms, "mib": size / 2**20, "series": lines}


def main(role: str, *arguments: str) -> None:
    """Be one of the processes."""
    if role == "nodes":
        serve_nodes()
    elif role == "worker":
        work(arguments[0], int(arguments[1]), int(arguments[2]))
    else:
        serve_page(arguments[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
