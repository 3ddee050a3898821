"""One worker scrapes 1,000 nodes of 200 series over loopback HTTP, against downloading alone.

Both sides use the same client, the same number of threads and ask for the same paths;
ours also parses, selects, makes a frame of each node and writes it into a real Valkey.
Processor time of this process alone is counted; the nodes are another process. Two
cases: ``metrics`` is a scrape at which neither health nor peers are due, as three of
four are; ``probes`` is one at which they are due for every node.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median
from subprocess import PIPE, Popen
from typing import Final

from django.db import connection

from benchmarks.measuring import headline

NODES: Final = 1_000
SERIES: Final = 200
RUNS: Final = 7
PATHS: Final = ("/metrics", "/healthz", "/readyz", "/api/info", "/api/peers")
SERVER: Final = """
import asyncio, sys
async def serve(reader, writer):
    turn = 0
    try:
        while True:
            head = await reader.readuntil(b'\\r\\n\\r\\n')
            path = head.split(b' ', 2)[1]
            turn += 1
            writer.write(ANSWERS.get(path) or METRICS[turn % len(METRICS)])
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
def answer(kind, body):
    head = 'HTTP/1.1 200 OK\\r\\nContent-Type: %s\\r\\n' % kind
    return (head + 'Content-Length: %d\\r\\n\\r\\n' % len(body)).encode() + body
METRICS = [answer('text/plain; version=0.0.4', p.encode()) for p in sys.stdin.read().split('\\0')]
ANSWERS = {b'/healthz': answer('text/plain', b'ok'), b'/readyz': answer('text/plain', b'ready'),
    b'/api/info': answer('application/json', b'{"peer_id": "12D3KooWAbc", "version": "1.0"}'),
    b'/api/peers': answer('application/json', b'{"count": 2, "peers": ["Abc", "Def"]}')}
async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def node_page(seed: int) -> str:
    """A page of catalogued families and some that are left out, ``SERIES`` samples long."""
    random_ = random.Random(seed)
    lines: list[str] = []

    def family(name: str, kind: str, labels: list[str]) -> None:
        lines.append(f"# HELP {name} What the node says of itself.\n# TYPE {name} {kind}\n")
        lines.extend(f"{name}{label} {random_.random() * 1000!r}\n" for label in labels)

    family("zerostate_peer_connections", "gauge", [""])
    family("process_resident_memory_bytes", "gauge", [""])
    family("go_goroutines", "gauge", [""])
    reasons = [f'{{reason="reason-{i}"}}' for i in range(47)]
    family("zerostate_p2p_connections_failed", "counter", reasons)
    types = [f'{{type="type-{i}",protocol="gossip"}}' for i in range(50)]
    family("zerostate_p2p_messages_sent_total", "counter", types)
    peers = [f'{{peer_id="peer-{i}",protocol="request"}}' for i in range(50)]
    family("zerostate_p2p_bandwidth_bytes_sent", "counter", peers)
    family("uncatalogued_things", "gauge", [f'{{thing="{i}"}}' for i in range(50)])
    return "".join(lines)


@contextmanager
def nodes() -> Iterator[int]:
    """A process that answers as every node; gives its port."""
    process = Popen([sys.executable, "-c", SERVER], stdin=PIPE, stdout=PIPE, text=True)
    try:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("no pipes")
        process.stdin.write("\0".join(node_page(seed) for seed in range(7)))
        process.stdin.close()
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def cpu(function: Callable[[], object]) -> tuple[float, float]:
    """Processor seconds of this process, and seconds on the wall."""
    began, before = time.perf_counter(), os.times()
    function()
    after = os.times()
    used = after.user + after.system - before.user - before.system
    return used, time.perf_counter() - began


def figures() -> Iterator[tuple[str, object]]:
    """What ``python -m benchmarks`` collects."""
    from benchmarks.servers import installation  # noqa: PLC0415 - Django must be set up

    with installation(NODE_TIMEOUT_SECONDS=30), nodes() as port:
        yield from headline("scrape_nodes_1000", _measure(port, NODES))


def _measure(port: int, count: int) -> dict[str, object]:
    from zerostate_monitoring.collectors.node_scraping import scrape_chunk  # noqa: PLC0415
    from zerostate_monitoring.conf import conf  # noqa: PLC0415
    from zerostate_monitoring.models import Collector, Metric, Node  # noqa: PLC0415
    from zerostate_monitoring.sources.nodes.client import NodeClient  # noqa: PLC0415
    from zerostate_monitoring.sources.nodes.target import current_limits, target_of  # noqa: PLC0415
    from zerostate_monitoring.storage.store import current_store  # noqa: PLC0415

    tables = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for model in (Node, Metric, Collector):
            if model._meta.db_table not in tables:
                editor.create_model(model)
    Node.objects.all().delete()
    url = f"http://127.0.0.1:{port}"
    Node.objects.bulk_create(Node(name=f"node-{i}", base_url=url) for i in range(count))
    ids = list(Node.objects.values_list("pk", flat=True))
    targets = [target_of(row, current_limits()) for row in Node.objects.all()]
    client, store = NodeClient(), current_store()

    def download(paths: tuple[str, ...]) -> None:
        def one(index: int) -> None:
            deadline = time.monotonic() + 30
            for path in paths:
                client.get(targets[index], path, deadline=deadline)

        with ThreadPoolExecutor(conf.NODE_CONCURRENCY) as pool:
            list(pool.map(one, range(count)))

    clock = [time.time()]

    def scrape(step: float) -> None:
        clock[0] += step
        outcome = scrape_chunk(ids, store=store, now=clock[0])
        if outcome.up != count or outcome.samples != count * SERIES:
            raise AssertionError(outcome)

    first, _ = cpu(lambda: scrape(0.0))
    download(PATHS)
    return {
        **_compare("", lambda: scrape(1.0), lambda: download(PATHS[:1])),
        # A node's identity is asked for until it is known, so four paths remain.
        **_compare("probes_", lambda: scrape(90.0), lambda: download((*PATHS[:3], PATHS[4]))),
        "first_cpu_s": round(first, 3),
    }


def _compare(
    prefix: str, ours: Callable[[], object], peer: Callable[[], object]
) -> dict[str, object]:
    mine, theirs, walls = [], [], []
    for _ in range(RUNS):
        theirs.append(cpu(peer)[0])
        used, wall = cpu(ours)
        mine.append(used)
        walls.append(wall)
    return {
        f"{prefix}ratio": round(median(mine) / median(theirs), 2),
        f"{prefix}ours_cpu_s": round(median(mine), 3),
        f"{prefix}download_cpu_s": round(median(theirs), 3),
        f"{prefix}ours_wall_s": round(median(walls), 3),
    }
