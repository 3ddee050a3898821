"""The page from real web processes: over ASGI, behind a proxy, beside django-prometheus."""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from tests.packages import ROOT
from tests.processes import Process, processes
from tests.servers import free_port, wait_until
from tests.storage.frames import gauge, write

LINE = b'zerostate_test{key="x"} 1.5\n'


class Web:
    """uvicorn with a project that has this app."""

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self._port = port

    def answers(self) -> bool:
        """Whether anybody listens."""
        try:
            return self.ask("/metrics")[0].status > 0
        except OSError:
            return False

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
        """An answer and its body."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=names)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()


@pytest.fixture
def start(store, valkey_server, tmp_path: Path) -> Iterator[Callable[..., Web]]:
    """Start a web process; one gauge is in its store."""
    write(store, "collector:test", gauge({"x": 1.5}))
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.real.settings",
        "PYTHONPATH": str(ROOT),
        "TEST_DIRECTORY": str(tmp_path),
        "STORE_URL": valkey_server.url,
        "BROKER_URL": valkey_server.url,
    }
    with processes(tmp_path, environment) as started:

        def make(settings: Mapping[str, Any] | None = None, **variables: str) -> Web:
            port = free_port()
            own = {f"ZEROSTATE_MONITORING_{name}": v for name, v in (settings or {}).items()}
            every = {"TEST_SETTINGS": json.dumps(own), **variables}
            words = [f"{name}={value}" for name, value in every.items()]
            process = started.start(
                "web",
                *("env", *words, sys.executable, "-m", "uvicorn", "--factory"),
                *("django.core.asgi:get_asgi_application", "--port", str(port)),
                *("--lifespan", "off", "--no-proxy-headers"),
            )
            web = Web(process, port)
            wait_until(web.answers, 30, f"uvicorn answers\n{process.tail}")
            return web

        yield make


def test_asgi__get_head_and_gzip(start):
    """An ASGI server gives the page as a WSGI server does."""
    web = start()
    answer, body = web.ask("/metrics")
    assert (answer.status, int(answer.headers["Content-Length"])) == (200, len(body))
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert LINE in body
    head, nothing = web.ask("/metrics", "HEAD")
    assert (head.status, head.headers["Content-Length"], nothing) == (200, str(len(body)), b"")
    zipped, compressed = web.ask("/metrics", accept_encoding="gzip")
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert LINE in gzip.decompress(compressed)


def test_multiprocess_directory__the_page_of_django_prometheus_is_ours(start, tmp_path):
    """A process in whose environment it stands from the start serves the merged page there, too."""
    directory = tmp_path / "multiprocess"
    directory.mkdir()
    web = start(PROMETHEUS_MULTIPROC_DIR=str(directory))
    answer, body = web.ask("/prometheus/metrics")
    assert (answer.status, LINE in body) == (200, True)
    own, process_page = web.ask("/prometheus/metrics?scope=process")
    assert (own.status, LINE in process_page) == (200, False)


def test_replacement_switched_off__django_prometheus_serves_its_own_page(start):
    """The setting counts when the process starts; the app's own address stays."""
    web = start({"REPLACE_DJANGO_PROMETHEUS_VIEW": False})
    _, theirs = web.ask("/prometheus/metrics")
    _, ours = web.ask("/metrics")
    assert (b"python_info" in theirs, LINE in theirs) == (True, False)
    assert (b"python_info" in ours, LINE in ours) == (False, True)


def test_trusted_proxy__its_readers_are_answered(start):
    """Over a real connection from loopback, where the proxy stands."""
    web = start({"TRUSTED_PROXIES": ["127.0.0.1"], "METRICS_ALLOWED_NETWORKS": ["10.0.0.0/8"]})
    answers = [web.ask("/metrics", x_forwarded_for=a)[0].status for a in ("10.1.1.1", "8.8.8.8")]
    assert answers == [200, 403]
    assert web.ask("/metrics")[0].status == 403
