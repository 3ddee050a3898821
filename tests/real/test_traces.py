"""Traces of real processes: gunicorn, Celery's prefork, Valkey, a node, and a receiver of OTLP."""

from __future__ import annotations

import http.server
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.otlp import Receiver, receiver
from tests.processes import Process
from tests.real.site import Site, Web, site
from tests.servers import StoreServer, free_port, store_server, wait_until
from tests.settings import MIDDLEWARE as BASE_MIDDLEWARE

pytestmark = pytest.mark.real

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
PATIENCE = 60
SETTINGS = {
    "MIDDLEWARE": [
        "zerostate_monitoring.instrumentation.http.RequestMetricsMiddleware",
        *BASE_MIDDLEWARE,
    ],
    "ROOT_URLCONF": "tests.real.traced_urls",
    "ALLOWED_HOSTS": ["127.0.0.1"],
    "ZEROSTATE_MONITORING_TRACING": True,
    "ZEROSTATE_MONITORING_TRACING_SAMPLE_RATIO": 1,
    "ZEROSTATE_MONITORING_TRACING_SERVICE_NAME": "site",
}
# The web's workers are forks of a process that has configured tracing.
ENVIRONMENT = {
    "GUNICORN_CMD_ARGS": "--preload --workers 2",
    "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
    "OTEL_BSP_SCHEDULE_DELAY": "200",
}


@contextmanager
def node() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A node, or a receiver of alerts, that remembers path and headers of its requests."""
    asked: list[dict[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._note()
            body = b"# TYPE up gauge\nup 1\n"
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self._note()
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _note(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked.append({**headers, "path": self.path})

        def log_message(self, *args: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def store() -> Iterator[StoreServer]:
    """A store, and the broker beside it."""
    with store_server() as server:
        yield server


def traced(directory, store, collector: str, **settings):
    """A site whose processes export to ``collector``."""
    wanted = {**SETTINGS, "ZEROSTATE_MONITORING_TRACING_ENDPOINT": collector, **settings}
    return site(directory, store, environment=ENVIRONMENT, settings=wanted)


def add_node(made: Site, url: str) -> None:
    """Let the site know a node."""
    document = made.directory / "nodes.csv"
    document.write_text(f"name,role,base_url\none,edge,{url}\n")
    made.manage("monitoring_nodes", "import", str(document))


def get(web: Web, path: str, **headers: str) -> int:
    """The status that ``path`` answers."""
    url = web.url.removesuffix("/metrics") + path
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as a:
            return int(a.status)
    except urllib.error.HTTPError as error:
        return error.code


def has(got: Receiver, *names: str) -> bool:
    """Whether spans of all these names have come."""
    return set(names) <= {span.name for span in list(got.spans)}


SECRETS = ("hunter2", "alice", "o'brien", "LookupError('")


@contextmanager
def working(tmp_path, store, collector: str, **settings) -> Iterator[tuple[Web, Process, Site]]:
    """A web server and a worker that is ready."""
    with traced(tmp_path, store, collector, **settings) as made:
        web, worker = made.web(), made.worker()
        wait_until(lambda: "ready." in worker.output, PATIENCE, "the worker is ready")
        yield web, worker, made


def test_request__its_task_its_queries_and_its_node_are_one_trace(store, tmp_path):
    """From the caller's traceparent to the node's headers there is one id, and nothing secret."""
    with (
        receiver() as got,
        node() as (url, asked),
        working(tmp_path, store, got.url) as (web, worker, made),
    ):
        add_node(made, url)
        headers = {"traceparent": PARENT, "tracestate": "a=1", "baggage": "tenant=blue"}
        assert get(web, "/pay/alice/?token=hunter2", **headers) == 200
        wait_until(lambda: asked, PATIENCE, f"the node is asked\n{worker.tail}")
        task = "run/zerostate_monitoring.collect_nodes"
        wait_until(lambda: has(got, task, "GET /pay/<str:name>/"), PATIENCE, "all is exported")
        server = got.one("GET /pay/<str:name>/")
        assert (server.trace, server.parent, server.state) == (TRACE, PARENT[36:52], "a=1")
        assert (server.service, server.kind) == ("site", "server")
        assert got.above(got.one(task))[1:] == [
            "apply_async/zerostate_monitoring.collect_nodes",
            "GET /pay/<str:name>/",
        ]
        for name in ("SELECT default", "EVALSHA", "GET"):
            ways = [got.above(span) for span in got.named(name)]
            assert any(task in way and way[-1] == "GET /pay/<str:name>/" for way in ways), name
        assert ["SELECT default", "payment.send", "GET /pay/<str:name>/"] in [
            got.above(span) for span in got.named("SELECT default")
        ]
        assert {span.trace for span in got.spans} == {TRACE}
        # The broker's own commands are nobody's business.
        assert not has(got, "LPUSH")
        assert not has(got, "BRPOP")
        assert not has(got, "SADD")
        heard = asked[0]
        assert heard["traceparent"][3:35] == TRACE
        assert heard["traceparent"][36:52] in {span.id for span in got.named("GET")}
        assert (heard["tracestate"], heard["baggage"]) == ("a=1", "tenant=blue")
        assert set(got.encodings) == {"gzip"}

        assert get(web, "/fails/") == 500
        wait_until(lambda: has(got, "GET /fails/", "payment.send"), PATIENCE, "the failure")
        wait_until(lambda: len(got.named("payment.send")) == 2, PATIENCE, "the failed payment")
        failed = got.named("payment.send")[-1]
        assert (failed.is_error, failed.message) == (True, "insufficient_funds")
        assert got.one("GET /fails/").is_error
        wait_until(lambda: "trace_id" in openmetrics(web), PATIENCE, "an exemplar on the page")
        assert failed.trace in openmetrics(web) or TRACE in openmetrics(web)
        told = b"".join(got.bodies).decode(errors="replace")
        assert [secret for secret in SECRETS if secret in told] == []
        # Nobody asked for /metrics or /healthz in a trace.
        assert not any("/metrics" in span.name for span in got.spans)


def openmetrics(web: Web) -> str:
    """The page with its exemplars."""
    accept = {"Accept": "application/openmetrics-text"}
    request = urllib.request.Request(web.url, headers=accept)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(answer.read().decode())


def test_collector__that_hangs_costs_no_request_and_no_end(store, tmp_path):
    """Requests are answered as ever, and processes end as quickly as they may."""
    with receiver() as got, node() as (url, asked):
        got.hang = True
        with working(tmp_path, store, got.url) as (web, worker, made):
            add_node(made, url)
            assert [get(web, "/pay/x/") for _ in range(20)] == [200] * 20
            wait_until(lambda: asked, PATIENCE, f"tasks run\n{worker.tail}")
            assert web.process.end() == 0
            assert worker.end() == 0
            assert "Traceback" not in web.process.output
            assert got.spans == []


def test_collector__that_is_not_there_is_told_of_once(store, tmp_path):
    """Nothing fails, and the log says it once a minute and process."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    began = time.monotonic()
    with working(tmp_path, store, nowhere) as (web, worker, _):
        assert [get(web, "/pay/x/") for _ in range(20)] == [200] * 20
        wait_until(lambda: "traces_not_exported" in web.process.output, PATIENCE, "it is told")
        assert [get(web, "/pay/x/") for _ in range(20)] == [200] * 20
        told, minutes = web.process.output.count("traces_not_exported"), time.monotonic() - began
        assert 1 <= told <= 2 * (1 + minutes // 60)
        assert "Traceback" not in web.process.output + worker.output


def test_worker__that_is_killed_loses_only_what_it_had_not_exported(store, tmp_path):
    """After kill -9 the spans that were exported are there, and a new worker goes on."""
    with (
        receiver() as got,
        node() as (url, _),
        working(tmp_path, store, got.url) as (web, worker, made),
    ):
        add_node(made, url)
        task = "run/zerostate_monitoring.collect_nodes"
        assert get(web, "/pay/x/") == 200
        wait_until(lambda: has(got, task), PATIENCE, f"the task is exported\n{worker.tail}")
        before = {span.id for span in got.spans}
        worker.kill()
        again = made.worker("again")
        wait_until(lambda: "ready." in again.output, PATIENCE, "the new worker is ready")
        assert get(web, "/pay/x/") == 200
        wait_until(lambda: len(got.named(task)) == 2, PATIENCE, f"it goes on\n{again.tail}")
        assert before <= {span.id for span in got.spans}
        assert got.named(task)[0].trace != got.named(task)[1].trace
