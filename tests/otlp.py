"""A receiver of OTLP over HTTP: takes spans as a collector does, gzip included."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

UNPACK: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "": bytes,
}
KINDS: Final = ("unspecified", "internal", "server", "client", "producer", "consumer")


@dataclass(frozen=True)
class Received:
    """One span as it came over the wire."""

    name: str
    trace: str
    id: str
    parent: str
    kind: str
    is_error: bool
    message: str
    attributes: dict[str, Any]
    events: tuple[tuple[str, dict[str, Any]], ...]
    service: str
    state: str


@dataclass
class Receiver:
    """What has come in. ``hang`` makes it take connections and answer nothing."""

    url: str = ""
    spans: list[Received] = field(default_factory=list)
    encodings: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    hang: bool = False
    ended: threading.Event = field(default_factory=threading.Event)

    def named(self, name: str) -> list[Received]:
        """The spans of this name."""
        return [span for span in self.spans if span.name == name]

    def one(self, name: str) -> Received:
        """The only one of this name."""
        (found,) = self.named(name)
        return found

    def above(self, span: Received) -> list[str]:
        """The names from a span to its root."""
        by_id = {one.id: one for one in self.spans}
        names = [span.name]
        while (up := by_id.get(span.parent)) is not None:
            span = up
            names.append(span.name)
        return names

    def take(self, body: bytes) -> None:
        """Read one export; who looks meanwhile sees all of it or nothing."""
        request = ExportTraceServiceRequest.FromString(body)
        self.spans += [
            _span(span, str(_attributes(resource.resource.attributes)["service.name"]))
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


def _span(span: Any, service: str) -> Received:
    return Received(
        span.name,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        KINDS[span.kind],
        span.status.code == 2,
        span.status.message,
        _attributes(span.attributes),
        tuple((event.name, _attributes(event.attributes)) for event in span.events),
        service,
        span.trace_state,
    )


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver on a free port of loopback."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if made.hang:
                made.ended.wait(60)
                return
            body = self.rfile.read(int(self.headers["Content-Length"]))
            encoding = self.headers.get("Content-Encoding", "")
            plain = UNPACK[encoding](body)
            made.encodings.append(encoding)
            made.headers.append({name.lower(): value for name, value in self.headers.items()})
            made.bodies.append(plain)
            made.take(plain)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
