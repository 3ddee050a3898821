"""Libraries' spans: only beneath a recorded span, and not within the sending of a message."""

from __future__ import annotations

from opentelemetry import trace
from opentelemetry.trace import INVALID_SPAN, SpanKind

from zerostate_monitoring import tracing
from zerostate_monitoring.tracing.sdk.beneath import Beneath


def tracer():
    return Beneath(trace.get_tracer_provider()).get_tracer("a library")


def test_library__has_no_trace_of_its_own(kept):
    """A client's call that belongs to nothing is none."""
    with tracer().start_as_current_span("GET", kind=SpanKind.CLIENT) as span:
        assert span is INVALID_SPAN
    assert tracer().start_span("GET") is INVALID_SPAN
    assert not kept.get_finished_spans()


def test_library__is_followed_beneath_a_span(ended):
    """What a task does in Redis belongs to it."""
    with tracing.span("a.task"), tracer().start_as_current_span("HSET", kind=SpanKind.CLIENT):
        pass
    assert ended()["HSET"].parent.span_id == ended()["a.task"].context.span_id


def test_library__is_silent_while_a_message_is_sent(ended):
    """The broker's LPUSH says nothing that apply_async does not, and the trace goes on."""
    sending = trace.get_tracer("celery").start_as_current_span(
        "apply_async", kind=SpanKind.PRODUCER
    )
    with sending as above, tracer().start_as_current_span("LPUSH"):
        assert trace.get_current_span() is above
    assert set(ended()) == {"apply_async"}
