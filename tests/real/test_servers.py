"""Every usual server and pool: what its processes counted is told when they end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.counted_site import CountedSite, Load, counted, counted_site
from tests.real.site import Web, program
from tests.servers import free_port, store_server, wait_until

pytestmark = pytest.mark.real

SERVERS = {
    "gunicorn": ["gunicorn", "--workers", "2", "--no-control-socket", "--bind", "127.0.0.1:{port}"],
    "gunicorn, preloaded": [
        *("gunicorn", "--workers", "2", "--no-control-socket", "--preload"),
        *("--bind", "127.0.0.1:{port}"),
    ],
    "gunicorn, threads": [
        *("gunicorn", "--workers", "2", "--threads", "4", "--no-control-socket"),
        *("--bind", "127.0.0.1:{port}"),
    ],
    "uvicorn": ["uvicorn", "--workers", "2", "--host", "127.0.0.1", "--port", "{port}"],
    "granian": [
        *("granian", "--workers", "2", "--host", "127.0.0.1", "--port", "{port}"),
        *("--interface", "asgi"),
    ],
}
POOLS = ("prefork", "threads", "solo")


@pytest.fixture
def running(tmp_path) -> Iterator[CountedSite]:
    with (
        store_server() as store,
        store_server() as broker,
        counted_site(tmp_path, store, broker) as made,
    ):
        yield made


@pytest.mark.parametrize("server", SERVERS)
def test_server__tells_all_at_its_end(running, server):
    """Several processes under load, ended as an operator ends them: the total is exact."""
    port = free_port()
    name, *options = [part.format(port=port) for part in SERVERS[server]]
    kind = "wsgi" if name == "gunicorn" else "asgi"
    process = running.site.processes.start(
        "server", program(name), *options, f"tests.real.{kind}:application"
    )
    web = Web(process, port)
    wait_until(web.answers, 60, f"{server} answers\n{process.tail}")
    with Load([port]):
        wait_until(lambda: running.happened("web") > 200, 60)
    process.end()
    reader = running.web("reader")
    assert counted(reader.page(), "web") == running.happened("web"), process.tail


@pytest.mark.parametrize("pool", POOLS)
def test_pool__tells_all_at_its_end(running, pool):
    """A worker of each kind of pool, ended while it works."""
    worker = running.worker("--pool", pool, "--concurrency", "2")
    sender = running.sender()
    wait_until(lambda: running.happened("task") > 200, 60, worker.tail)
    sender.end()
    worker.end()
    reader = running.web("reader")
    assert counted(reader.page(), "task") == running.happened("task"), worker.tail
