"""Exporting: one thread waits, each process has its own connection, nothing is raised."""

from __future__ import annotations

import os

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from zerostate_monitoring import tracing
from zerostate_monitoring.tracing.sdk.exporting import Batches, ProcessExporter


class Exporter(SpanExporter):
    """Answers as it is told to."""

    is_closed = False

    def __init__(self, answer=SpanExportResult.SUCCESS):
        self.answer = answer
        self.got: list[ReadableSpan] = []

    def export(self, spans):
        self.got += spans
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def shutdown(self):
        self.is_closed = True


@pytest.fixture
def span(kept):
    """One that has ended."""
    with tracing.span("a.b", {"client.address": "hunter2"}):
        pass
    return kept.get_finished_spans()[0]


def test_exporter__strips_what_leaves(span):
    """What the real exporter gets is scrubbed."""
    real = Exporter()
    assert ProcessExporter(lambda: real).export([span]) is SpanExportResult.SUCCESS
    assert [one.attributes for one in real.got] == [{}]


@pytest.mark.parametrize("answer", [SpanExportResult.FAILURE, OSError("hunter2")])
def test_exporter__tells_of_a_failure_once(span, caplog, answer):
    """Whatever a collector does is one line a minute, without its words."""
    exporter = ProcessExporter(lambda: Exporter(answer))
    for _ in range(50):
        assert exporter.export([span]) is SpanExportResult.FAILURE
    (record,) = caplog.records
    assert record.getMessage() == "traces_not_exported"
    assert "hunter2" not in str(vars(record))


def test_exporter__is_made_anew_in_another_process(span, monkeypatch):
    """A connection of the parent's is never written to by a child, nor closed by it."""
    made: list[Exporter] = []

    def make():
        made.append(Exporter())
        return made[-1]

    exporter = ProcessExporter(make)
    exporter.export([span])
    exporter.export([span])
    monkeypatch.setattr(os, "getpid", lambda: -1)
    exporter.shutdown()
    assert not made[0].is_closed
    exporter.export([span])
    assert [len(one.got) for one in made] == [2, 1]


def test_exporter__that_cannot_be_made_raises_nothing(span, caplog):
    """A wrong address is found by the thread that exports, and told."""

    def make() -> SpanExporter:
        raise ValueError("no address")

    assert ProcessExporter(make).export([span]) is SpanExportResult.FAILURE
    assert [record.reason for record in caplog.records] == ["ValueError"]


def test_batches__have_the_limits_of_the_original(monkeypatch):
    """512 at a time, 2048 waiting, every 5 s; OpenTelemetry's variables change them."""
    batches = Batches(ProcessExporter(Exporter))
    inner = batches._batch_processor
    assert inner._max_export_batch_size == 512
    assert inner._max_queue_size == 2048
    assert inner._schedule_delay_millis == 5000
    batches.shutdown()
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "4096")
    other = Batches(ProcessExporter(Exporter))
    assert other._batch_processor._max_queue_size == 4096
    other.shutdown()


def test_batches__drop_what_does_not_fit_and_never_wait(span, caplog):
    """A queue that is full costs spans, not requests."""
    batches = Batches(ProcessExporter(lambda: Exporter(SpanExportResult.FAILURE)))
    for _ in range(10_000):
        batches.on_end(span)
    assert len(batches._batch_processor._queue) <= 2048
    batches.shutdown()
