"""A receiver for tests: a real HTTP server that records what is posted, and answers as told."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Posted:
    """One request that arrived."""

    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class _Handler(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"
    server: Any

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        request = Posted(self.path, dict(self.headers), self.rfile.read(length))
        self.server.posted.append(request)
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        try:
            answer(self)
        except (ConnectionError, TimeoutError, ssl.SSLError):
            self.close_connection = True

    def do_GET(self):
        self.do_POST()

    def reply(self, status=200, body=b"ok", **headers):
        """Send a whole answer."""
        self.send_response(status)
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

    def handle_error(self, request, client_address):
        """A client that goes away is what many tests are about."""


class FakeReceiver:
    """``posted`` is what arrived; the last of ``answers`` stays."""

    def __init__(self, port):
        self.port = port
        self.posted: list[Posted] = []
        self.answers: list[Any] = [lambda handler: handler.reply()]
        self.stopped = threading.Event()

    @property
    def url(self):
        return f"http://localhost:{self.port}"

    def answer(self, *replies):
        """Answer with each of (status, body, headers) in turn, then with the last."""
        self.answers[:] = [
            lambda handler, reply=reply: handler.reply(
                reply[0], *reply[1:2], **(reply[2] if len(reply) > 2 else {})
            )
            for reply in replies
        ]

    def raw(self, text, then=None):
        """Answer with bytes that may be no HTTP."""

        def answer(handler):
            handler.wfile.write(text)
            handler.wfile.flush()
            if then:
                then(handler)
            handler.close_connection = True

        self.answers[:] = [answer]

    def hang(self):
        """Take what is posted, and say nothing until the test ends."""
        self.answers[:] = [lambda handler: self.stopped.wait(30)]

    def drip(self, head, drop=b"x"):
        """Answer with ``head``, then one byte every 50 ms."""

        def dripping(handler):
            while not self.stopped.wait(0.05):
                handler.wfile.write(drop)
                handler.wfile.flush()

        self.raw(head, dripping)


@contextmanager
def fake_receiver() -> Iterator[FakeReceiver]:
    """Run a receiver on a free port."""
    server = _Server(("127.0.0.1", 0), _Handler)
    receiver = FakeReceiver(server.server_address[1])
    state: Any = server
    state.posted, state.answers = receiver.posted, receiver.answers
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
