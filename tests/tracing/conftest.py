"""An SDK for tests that look at spans: its own provider, which keeps what has ended."""

from __future__ import annotations

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


def provider_into(monkeypatch, sampler=None):
    """Make a provider the process's own for one test; what its spans go to."""
    kept = InMemorySpanExporter()
    provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    return kept


@pytest.fixture
def kept(monkeypatch):
    """Every span that has ended."""
    return provider_into(monkeypatch)


@pytest.fixture
def ended(kept):
    """The spans that have ended, by name."""
    return lambda: {span.name: span for span in kept.get_finished_spans()}
