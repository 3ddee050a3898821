"""Lines that could not be exported are counted, once told of, and never exported again."""

from __future__ import annotations

import logging

import pytest
from opentelemetry import _logs
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import (
    InMemoryLogRecordExporter,
    LogRecordExportResult,
    SimpleLogRecordProcessor,
)

from tests.logs.conftest import Written
from zerostate_monitoring.logs import exporting
from zerostate_monitoring.logs.exporting import CountedExporter
from zerostate_monitoring.logs.tally import Tally


class Broken(InMemoryLogRecordExporter):
    """Answers as it is told to, and says something meanwhile."""

    def __init__(self, answer, logger):
        super().__init__()
        self.answer, self.logger = answer, logger

    def export(self, batch):
        super().export(batch)
        self.logger.error("connecting")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def tally():
    return Tally()


@pytest.fixture
def provide(monkeypatch, tally):
    """A function that has each line go through this exporter at once."""

    def made(exporter):
        provider = LoggerProvider(shutdown_on_exit=False)
        provider.add_log_record_processor(
            SimpleLogRecordProcessor(CountedExporter(exporter, tally=tally))
        )
        monkeypatch.setattr(_logs, "get_logger", provider.get_logger)

    return made


@pytest.mark.parametrize("answer", [LogRecordExportResult.FAILURE, OSError("hunter2")])
def test_failure__is_counted_by_logger_and_level(provide, tally, caplog, answer):
    """Each line; what the exporter says is written, and not exported in its turn."""
    written = Written("json", otlp=True)
    exporter = Broken(answer, written.logger)
    provide(exporter)
    for _ in range(20):
        written.logger.warning("event")
    written.logger.critical("event")

    name = written.logger.name
    assert tally.fetch()[1] == {(name, "warning", "export"): 20, (name, "critical", "export"): 1}
    bodies = {one.log_record.body for one in exporter.get_finished_logs()}
    assert bodies == {"event"}
    assert len(written.lines) == 42
    (told,) = caplog.records
    assert (told.getMessage(), told.lines) == ("lines_not_exported", 1)
    assert "hunter2" not in str(vars(told))


def test_told__line_is_not_exported(provide, tally, monkeypatch):
    """With the chain at the root, as a project has it."""
    written = Written("json", otlp=True)
    exporter = Broken(LogRecordExportResult.FAILURE, logging.getLogger("tests.nobody"))
    provide(exporter)
    monkeypatch.setattr(exporting, "logger", written.logger)
    written.logger.info("event")
    assert [line["event"] for line in written.lines] == ["lines_not_exported", "event"]
    assert len(exporter.get_finished_logs()) == 1


def test_success__is_not_counted(provide, tally):
    """What was exported is not lost."""
    written = Written("json", otlp=True)
    provide(exporter := InMemoryLogRecordExporter())
    written.logger.info("event")
    assert tally.fetch()[1] == {}
    assert len(exporter.get_finished_logs()) == 1
    assert tally.reasons == ("sampling", "export")


def test_collector__that_is_away_is_counted(provide, tally, monkeypatch):
    """The exporter of OpenTelemetry, where nobody listens."""
    monkeypatch.setattr(logging.getLogger(OTLPLogExporter.__module__), "disabled", True)
    written = Written("json", otlp=True)
    provide(OTLPLogExporter("http://127.0.0.1:1/v1/logs", timeout=0.2))
    written.logger.error("event")
    assert tally.fetch()[1] == {(written.logger.name, "error", "export"): 1}
