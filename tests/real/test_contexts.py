"""What belongs to one request is in no other one's lines, spans or outgoing requests."""

from __future__ import annotations

import http.server
import json
import re
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.packages import ROOT
from tests.real.site import program, site
from tests.servers import free_port, store_server, wait_until
from tests.settings import MIDDLEWARE
from zerostate_monitoring.logs import logging_settings

pytestmark = pytest.mark.real

PATIENCE = 60
REQUESTS = 120
SETTINGS = {
    "LOGGING": logging_settings("json", first=0),
    "ROOT_URLCONF": "tests.real.context_urls",
    "ALLOWED_HOSTS": ["127.0.0.1"],
    "MIDDLEWARE": [
        "zerostate_monitoring.instrumentation.request_lines.RequestLinesMiddleware",
        "zerostate_monitoring.instrumentation.http.RequestMetricsMiddleware",
        *MIDDLEWARE,
    ],
    "ZEROSTATE_MONITORING_TRACING": True,
    "ZEROSTATE_MONITORING_TRACING_SAMPLE_RATIO": 1,
    "ZEROSTATE_MONITORING_TRACING_ENDPOINT": "http://127.0.0.1:1",
}
PRELOADED = (
    *("--preload", "--workers", "2", "--threads", "4", "--no-control-socket", "--chdir", ROOT),
    "tests.real.wsgi",
)
GUNICORN = "gunicorn", PRELOADED
UVICORN = "uvicorn", ("tests.real.asgi:application",)
SERVERS = {
    "gunicorn, threads": (GUNICORN, "ask"),
    "uvicorn": (UVICORN, "aask"),
    "uvicorn, a view that is no coroutine": (UVICORN, "ask"),
}


@contextmanager
def others() -> Iterator[tuple[str, dict[str, dict[str, str]]]]:
    """Somebody else, who remembers by path which headers he was sent."""
    got: dict[str, dict[str, str]] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            got[self.path.strip("/")] = {k.lower(): v for k, v in self.headers.items()}
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()
        server.server_close()


def sent(number: int) -> dict[str, str]:
    """Headers of a request; every third one says nothing of itself."""
    if number % 3 == 0:
        return {}
    return {
        "traceparent": f"00-{number + 1:032x}-00f067aa0ba902b7-01",
        "baggage": f"who=w{number}",
        "X-Request-ID": f"request-{number}",
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """An installation, and whom its requests ask."""
    directory = tmp_path_factory.mktemp("contexts")
    with (
        store_server() as store,
        others() as (url, got),
        site(directory, store, settings=SETTINGS, environment={"OTHERS": url}) as made,
    ):
        yield made, got


@pytest.fixture
def running(place, request):
    """A server, and what the others were sent."""
    made, got = place
    (name, options), view = SERVERS[request.param]
    port = free_port()
    where = ("--bind", f"127.0.0.1:{port}") if name == "gunicorn" else ("--port", str(port))
    process = made.processes.start(f"web-{port}", program(name), *options, *where)

    def ask(number: int) -> list[dict[str, object]]:
        address = f"http://127.0.0.1:{port}/{view}/w{number}/"
        asked = urllib.request.Request(address, headers=sent(number))
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            found: list[dict[str, object]] = json.loads(answer.read())
            return found

    wait_until(lambda: _answers(ask), PATIENCE, f"it answers\n{process.tail}")
    got.clear()
    yield ask, got, process
    process.kill()


def _answers(ask) -> bool:
    try:
        return bool(ask(0))
    except OSError:
        return False


@pytest.mark.parametrize("running", SERVERS, indirect=True)
def test_context__of_one_request_is_in_no_other(running):
    """Bound keys, baggage and trace, before and after a wait; and what others were sent."""
    ask, got, process = running
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(REQUESTS)))

    for number, (before, after) in enumerate(answers):
        headers = sent(number)
        assert before == after
        assert before["lines"]["channel"] == f"w{number}"
        assert before["baggage"] == ({"who": f"w{number}"} if headers else {})
        if headers:
            assert before["lines"]["request_id"] == f"request-{number}"
            assert before["trace"] == f"{number + 1:032x}"
        went = got[f"w{number}"]
        assert went.get("baggage") == headers.get("baggage")
        assert went["traceparent"].split("-")[1] == before["trace"]
    assert len({answer[0]["trace"] for answer in answers}) == REQUESTS
    assert len({answer[0]["lines"]["request_id"] for answer in answers}) == REQUESTS

    text = process.log.read_text(errors="replace")
    lines = [json.loads(row) for row in re.findall(r'^\{.*"asked".*\}$', text, re.MULTILINE)]
    assert len(lines) >= REQUESTS
    assert {(line["who"], line["channel"]) for line in lines} == {
        (f"w{number}", f"w{number}") for number in range(REQUESTS)
    }
