"""How long a line takes until it can be asked for, as far as that is this app's doing.

A line is written, waits in OpenTelemetry's batch, goes over HTTP and is asked for by its number,
again and again until it is found. Who takes it and answers is the tests' stand-in for Loki, so
what a Loki itself needs is not in it: that figure would be ``log_to_query_s``.
"""

from __future__ import annotations

import io
import logging
import statistics
import time
from collections.abc import Iterator
from typing import Final
from unittest.mock import patch

import structlog
from opentelemetry import _logs
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider

from benchmarks.measuring import headline
from tests.loki.server import OTLP_PATH, Loki, loki
from tests.servers import wait_until
from zerostate_monitoring.logs.chain import formatter
from zerostate_monitoring.logs.exporting import Batches, CountedExporter

LINES: Final = 60
APART_SECONDS: Final = 0.137
"""Between two lines: no divisor of the second that a batch waits."""


def figures(lines: int = LINES) -> Iterator[tuple[str, object]]:
    """Seconds from a line's writing to its being found: the median, 99 %, the longest."""
    with loki() as server:
        exporter = OTLPLogExporter(server.url + OTLP_PATH, compression=Compression.Gzip)
        provider = LoggerProvider(shutdown_on_exit=False)
        provider.add_log_record_processor(Batches(CountedExporter(exporter)))
        try:
            # Not set for good: a process has one provider, and this one ends here.
            with patch.object(_logs, "get_logger", provider.get_logger):
                took = sorted(_seconds(server, _logger(), number) for number in range(lines))
        finally:
            provider.shutdown()
            structlog.reset_defaults()
    detail = {
        "lines": lines,
        "max_s": took[-1],
        "p50_s": statistics.median(took),
        "p99_s": took[int(0.99 * (lines - 1))],
    }
    yield from headline("log_to_receiver_s", detail, "p99_s")


def _logger() -> logging.Logger:
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(formatter("json", {"service": "bench"}, otlp=True))
    logger = logging.getLogger("bench.shipping")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
    return logger


def _seconds(server: Loki, logger: logging.Logger, number: int) -> float:
    time.sleep(number * APART_SECONDS % 1)
    began, now = time.perf_counter(), time.time()
    logger.info("line_written", extra={"number": number})
    query = f'{{service="bench"}} | number="{number}"'
    wait_until(lambda: server.found(query, now - 1, now + 60), 60, "it is found")
    return time.perf_counter() - began
