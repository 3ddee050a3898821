"""Spans of libraries, only where they explain something: beneath a span that is recorded.

A client's call that belongs to nothing would be a trace of its own: the broker's polling, a
beat's look at its schedule. And of what a message's sending takes, its own span is enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, Tracer, TracerProvider


class Beneath(TracerProvider):
    """Gives tracers whose spans have a recorded parent, or are none."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider: Final = provider

    def get_tracer(self, *args: Any, **kwargs: Any) -> Tracer:
        """See ``TracerProvider``."""
        return BeneathTracer(self._provider.get_tracer(*args, **kwargs))


class BeneathTracer(Tracer):
    """A tracer that does nothing by itself."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer: Final = tracer

    def start_span(self, *args: Any, **kwargs: Any) -> Span:
        """See ``Tracer``."""
        return self._tracer.start_span(*args, **kwargs) if is_wanted() else INVALID_SPAN

    @contextmanager
    def start_as_current_span(self, *args: Any, **kwargs: Any) -> Iterator[Span]:  # type: ignore[override]
        """See ``Tracer``."""
        if not is_wanted():
            # The span above stays the current one: its trace goes on.
            yield INVALID_SPAN
            return
        with self._tracer.start_as_current_span(*args, **kwargs) as span:
            yield span


def is_wanted() -> bool:
    """Whether what is done now belongs to a recorded span that does not say it all itself."""
    above = trace.get_current_span()
    return above.is_recording() and getattr(above, "kind", None) is not SpanKind.PRODUCER
