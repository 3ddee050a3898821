"""What a request pays for being traced: this app's middleware against OpenTelemetry's own.

Each way of tracing has a process of its own, for OpenTelemetry is set up once per process.
There the chain with it is measured in pairs against the same chain without any. All export
over HTTP to a sink that answers at once.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import django
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from benchmarks.one_request import environ, start_response

REQUESTS: Final = 300
ROUNDS: Final = 41
OURS: Final = "zerostate_monitoring.instrumentation.http.RequestMetricsMiddleware"
BARE: Final = "opentelemetry.instrumentation.django.middleware.otel_middleware._DjangoMiddleware"
WAYS: Final = ("counted", "ours_0", "ours_0.1", "ours_1", "bare_0", "bare_0.1", "bare_1")


def view(request: HttpRequest, number: int) -> HttpResponse:
    """A view that does nothing."""
    return HttpResponse(b"ok")


urlpatterns = [path("items/<int:number>", view)]


def figures(
    requests: int = REQUESTS, rounds: int = ROUNDS, ways: Sequence[str] = WAYS
) -> Iterator[tuple[str, object]]:
    """Microseconds that tracing adds to a request; ours are beyond what counting costs."""
    with sink() as url:
        added = {way: _measured(way, url, requests, rounds) for way in ways}
    counted = added["counted"]
    detail = {
        way: round(us - counted if way.startswith("ours") else us, 2) for way, us in added.items()
    }
    detail["without_sdk"] = round(_looks(), 3)
    yield "trace_overhead_us", detail["ours_0.1"]
    yield "trace_overhead_us_detail", detail


def _looks() -> float:
    """Microseconds that a request pays where nobody has loaded OpenTelemetry."""
    code = (
        "import timeit, django; django.setup()\n"
        "from django.test import RequestFactory\n"
        "from zerostate_monitoring.instrumentation import http_spans as h\n"
        "request = RequestFactory().get('/items/5')\n"
        "def look():\n"
        "    span = h.begin(request, 'GET'); h.matched(span, 'GET', '/'); h.end(span, 200)\n"
        "print(min(timeit.repeat(look, number=20000, repeat=7)) / 20000 * 1e6)\n"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _measured(way: str, url: str, requests: int, rounds: int) -> float:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
        "OTEL_SEMCONV_STABILITY_OPT_IN": "http",
    }
    command = [sys.executable, "-m", "benchmarks.tracing", way, str(requests), str(rounds)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


@contextmanager
def sink() -> Iterator[str]:
    """Takes what is exported and looks at none of it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


# -- in the process that is measured -------------------------------------------------


def measure(way: str, requests: int, rounds: int) -> float:
    """Median of what the chain adds to a request, in microseconds of the process."""
    without = _handler([])
    with override_settings(MIDDLEWARE=[]):
        chain = _prepared(way)
    handler = _handler(chain)
    added = []
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        for one in (handler, without):
            _microseconds(one, requests)
        for _ in range(rounds):
            base = _microseconds(without, requests)
            added.append(_microseconds(handler, requests) - base)
    return statistics.median(added)


def _prepared(way: str) -> list[str]:
    kind, _, ratio = way.partition("_")
    if kind == "bare":
        _instrument_bare(float(ratio))
        return [BARE]
    if ratio:
        from zerostate_monitoring import tracing  # noqa: PLC0415 - only this way needs it

        with override_settings(
            ZEROSTATE_MONITORING_TRACING=True,
            ZEROSTATE_MONITORING_TRACING_SAMPLE_RATIO=float(ratio),
        ):
            tracing.configure()
    return [OURS]


def _instrument_bare(ratio: float) -> None:
    """As OpenTelemetry's documentation does it."""
    from opentelemetry import trace  # noqa: PLC0415 - only this way loads it, as below
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.instrumentation.django import DjangoInstrumentor  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio  # noqa: PLC0415

    provider = TracerProvider(sampler=ParentBasedTraceIdRatio(ratio))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument()


def _handler(chain: list[str]) -> WSGIHandler:
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=chain):
        return WSGIHandler()


def _microseconds(handler: WSGIHandler, requests: int) -> float:
    # Of the whole process: what the exporting thread takes is taken from requests, too.
    began = time.process_time()
    for _ in range(requests):
        handler(environ(), start_response).close()
    return (time.process_time() - began) / requests * 1e6


if __name__ == "__main__":
    django.setup()
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
