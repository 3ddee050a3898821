"""Lines as log records of OpenTelemetry."""

from __future__ import annotations

import logging
import sys
from types import SimpleNamespace

import pytest

from tests.logs.conftest import Written
from zerostate_monitoring import logs
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.logs import logging_settings
from zerostate_monitoring.logs.otlp import SEVERITIES, attributes, is_exporting
from zerostate_monitoring.logs.tally import TALLY


@pytest.fixture
def emitted(monkeypatch):
    """Records that were handed over, by an API with the shape of OpenTelemetry's."""
    records = []
    api = SimpleNamespace(
        LogRecord=SimpleNamespace,
        SeverityNumber=int,
        get_logger=lambda name: SimpleNamespace(emit=records.append),
    )
    monkeypatch.setitem(sys.modules, "opentelemetry", SimpleNamespace(_logs=api))
    monkeypatch.setitem(sys.modules, "opentelemetry._logs", api)
    return records


def test_record__says_what_the_line_says(emitted):
    """Clean: what is secret in the line is secret here, too."""
    written = Written("json", always={"service": "web"}, otlp=True)
    with logs.bound(node="n1"):
        written.logger.warning("it_failed", extra={"token": "x", "to": {"host": "h", "n": [1]}})

    [record] = emitted
    assert (record.body, record.severity_text, record.severity_number) == (
        "it_failed",
        "WARNING",
        13,
    )
    assert record.attributes == {
        "event": "it_failed",
        "level": "warning",
        "logger": written.logger.name,
        "service": "web",
        "node": "n1",
        "token": "[redacted]",
        "to.host": "h",
        "to.n": "[1]",
    }
    assert written.line["event"] == "it_failed"


def test_record__that_cannot_be_handed_over_costs_no_line_and_is_counted(emitted, monkeypatch):
    """Whatever the project's exporter does."""
    api = sys.modules["opentelemetry._logs"]
    monkeypatch.setattr(api, "get_logger", lambda name: 1 / 0)
    written = Written("json", otlp=True)
    TALLY.fetch()
    written.logger.warning("event")
    assert written.line["event"] == "event"
    assert TALLY.fetch()[1] == {(written.logger.name, "warning", "export"): 1}


def test_line__about_an_export_is_not_exported(emitted):
    """What the SDK and its exporter say would fail, too, and so on without end."""
    written = Written("json", otlp=True)
    [handler] = written.logger.handlers
    for name in ("opentelemetry.sdk._shared_internal", "opentelemetry.exporter.otlp.x", "mine"):
        handler.handle(logging.LogRecord(name, 40, "f", 1, "failed", None, None))
    token = is_exporting.set(True)
    written.logger.info("connecting")
    is_exporting.reset(token)
    assert [record.attributes["logger"] for record in emitted] == ["mine"]
    assert len(written.lines) == 4


def test_severities__are_those_of_the_five_levels():
    """Every level has a number of the data model."""
    assert sorted(SEVERITIES.values()) == [5, 9, 13, 17, 21]
    assert attributes({"timestamp": "t", "trace_id": "x", "none": None, "ok": True}) == {"ok": True}


def test_settings__without_the_api_say_what_is_missing(monkeypatch):
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "opentelemetry._logs", raising=False)
    with pytest.raises(ConfigurationError, match=r"zerostate-monitoring\[tracing\]"):
        logging_settings(otlp=True)
    assert logging_settings()["formatters"]["zerostate"]["otlp"] is False
