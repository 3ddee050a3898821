"""A node for tests: a real HTTP server whose every answer a test decides."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from zerostate_monitoring.sources.nodes.target import Target

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers by what the test has put into ``answers``."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self):
        self.server.requests.append((self.path, dict(self.headers)))
        answer = self.server.answers.get(self.path)
        try:
            if answer is None:
                self.reply(b"not here", status=404)
            else:
                answer(self)
        except (ConnectionError, TimeoutError, ssl.SSLError):
            self.close_connection = True

    def reply(self, body, *, status=200, kind=TEXT, **headers):
        """Send a whole answer."""
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    answers: dict[str, Answer]
    requests: list[tuple[str, dict[str, str]]]

    def handle_error(self, request, client_address):
        """A client that goes away is what many tests are about."""


@dataclass
class FakeNode:
    """One server: ``answers`` maps paths to functions, ``requests`` is what was asked."""

    port: int
    answers: dict[str, Answer]
    requests: list[tuple[str, dict[str, str]]]
    stopped: threading.Event
    scheme: str = "http"
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"

    def page(self, body, **how):
        """Answer /metrics with ``body``."""
        raw = body if isinstance(body, bytes) else body.encode()
        self.answers["/metrics"] = lambda handler: handler.reply(raw, **how)

    def hang(self):
        """Accept what asks for /metrics, and say nothing until the test ends."""
        self.answers["/metrics"] = self._wait

    def _wait(self, handler):
        self.stopped.wait(30)

    def asked(self, path):
        """How often ``path`` was asked for."""
        return sum(asked == path for asked, _ in self.requests)

    def target(self, **changes):
        """A target for this node."""
        values = {"name": "n1", "role": "edge", "base_url": self.url, "timeout": 5.0}
        return Target(**{**values, **changes})


@contextmanager
def fake_node(context: ssl.SSLContext | None = None) -> Iterator[FakeNode]:
    """Run a node on a free port."""
    server = _Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    node = FakeNode(server.server_address[1], {}, [], threading.Event())
    node.scheme = "https" if context else "http"
    server.answers, server.requests = node.answers, node.requests
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield node
    finally:
        node.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
