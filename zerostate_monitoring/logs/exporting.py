"""How lines leave a process: counted where they could not, and never waited for at its end.

For the project's ``LoggerProvider``; loaded by whoever makes one, for it needs the SDK.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Final

from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import (
    BatchLogRecordProcessor,
    LogRecordExporter,
    LogRecordExportResult,
)

from zerostate_monitoring.logs.otlp import SEVERITIES, is_exporting
from zerostate_monitoring.logs.tally import EXPORT, TALLY, Tally

logger = logging.getLogger(__name__)

LEAVE_SECONDS: Final = 2.0
"""Longest that a process that ends waits for the last export."""
_SAY_AGAIN_SECONDS: Final = 60.0
_LEVELS: Final = {word.upper(): word for word in SEVERITIES}


class CountedExporter(LogRecordExporter):
    """Exports through ``exporter``, and never raises."""

    def __init__(self, exporter: LogRecordExporter, *, tally: Tally = TALLY) -> None:
        self._exporter: Final = exporter
        self._tally: Final = tally
        self._said_at = -_SAY_AGAIN_SECONDS
        tally.exports()

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        """See ``LogRecordExporter``."""
        # What the exporter and its HTTP client say meanwhile would feed the next batch.
        token = is_exporting.set(True)
        try:
            return self._exported(batch)
        finally:
            is_exporting.reset(token)

    def _exported(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        try:
            result = self._exporter.export(batch)
        except Exception as error:  # noqa: BLE001 - a collector may be anything; it is told
            self._lost(batch, type(error).__name__)
            return LogRecordExportResult.FAILURE
        if result is not LogRecordExportResult.SUCCESS:
            self._lost(batch, "refused, away or too slow")
        return result

    def _lost(self, batch: Sequence[ReadableLogRecord], reason: str) -> None:
        """Count each, and say it once a minute."""
        for one in batch:
            record = one.log_record
            level = _LEVELS.get(record.severity_text or "", "info")
            name = (record.attributes or {}).get("logger", "other")
            self._tally.dropped(str(name), level, EXPORT)
        now = time.monotonic()
        if now - self._said_at >= _SAY_AGAIN_SECONDS:
            self._said_at = now
            logger.warning("lines_not_exported", extra={"lines": len(batch), "reason": reason})

    def shutdown(self) -> None:
        """See ``LogRecordExporter``."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """See ``LogRecordExporter``."""
        return self._exporter.force_flush(timeout_millis)


class Batches(BatchLogRecordProcessor):
    """OpenTelemetry's own, which alone would wait for half a minute for a collector that hangs."""

    def shutdown(self) -> None:
        """Export what there is, and wait no longer than a process may take to end."""
        self._batch_processor.shutdown(timeout_millis=int(LEAVE_SECONDS * 1000))
