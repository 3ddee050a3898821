"""The W3C's three headers, written and read by OpenTelemetry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry import context as contexts
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_W3C: Final = CompositePropagator([TraceContextTextMapPropagator(), W3CBaggagePropagator()])


def written() -> dict[str, str]:
    """The current trace as headers."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier


def read(fields: Mapping[str, str]) -> Context:
    """The context that headers describe; nothing of the current one is in it."""
    return _W3C.extract(fields, Context())


@contextmanager
def attached(context: Context) -> Iterator[None]:
    """Let ``context`` be the current one in the block."""
    token = contexts.attach(context)
    try:
        yield
    finally:
        contexts.detach(token)
