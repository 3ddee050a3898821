"""How spans leave a process: in batches, from one thread, which alone ever waits.

The SDK itself gives a forked child a thread, a lock and an empty queue of its own. What it
does not renew is the exporter's connection, so each process has its own here, made by the
thread that first needs it.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence
from typing import Final

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from zerostate_monitoring.tracing.sdk.scrubbing import scrubbed

logger = logging.getLogger(__name__)

LEAVE_SECONDS: Final = 2.0
"""Longest that a process that ends waits for the last export."""
_SAY_AGAIN_SECONDS: Final = 60.0


class ProcessExporter(SpanExporter):
    """Exports through an exporter of this very process, and never raises."""

    def __init__(self, make: Callable[[], SpanExporter]) -> None:
        self._make: Final = make
        self._made: SpanExporter | None = None
        self._pid = 0
        self._said_at = -_SAY_AGAIN_SECONDS

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """See ``SpanExporter``."""
        try:
            result = self._exporter().export([scrubbed(span) for span in spans])
        except Exception as error:  # noqa: BLE001 - a collector may be anything; it is told
            self._tell(len(spans), type(error).__name__)
            return SpanExportResult.FAILURE
        if result is not SpanExportResult.SUCCESS:
            self._tell(len(spans), "refused, away or too slow")
        return result

    def shutdown(self) -> None:
        """See ``SpanExporter``."""
        if self._made is not None and self._pid == os.getpid():
            self._made.shutdown()

    def _exporter(self) -> SpanExporter:
        if self._made is None or self._pid != os.getpid():
            self._made, self._pid = self._make(), os.getpid()
        return self._made

    def _tell(self, count: int, reason: str) -> None:
        """Say it once a minute: a collector that is away is away for all batches."""
        now = time.monotonic()
        if now - self._said_at >= _SAY_AGAIN_SECONDS:
            self._said_at = now
            logger.warning("traces_not_exported", extra={"spans": count, "reason": reason})


class Batches(BatchSpanProcessor):
    """512 spans at a time, 2048 waiting, every 5 s, unless ``OTEL_BSP_*`` say otherwise."""

    def shutdown(self) -> None:
        """Export what there is, and wait no longer than a process may take to end."""
        self._batch_processor.shutdown(timeout_millis=int(LEAVE_SECONDS * 1000))
