"""Which trace and span a line belongs to, where OpenTelemetry is at work in this process."""

from __future__ import annotations

from zerostate_monitoring.logs.optional import loaded


def add_span(line: dict[str, object]) -> None:
    """Put ``trace_id``, ``span_id`` and ``trace_sampled`` into a line, while a span records."""
    trace = loaded("opentelemetry.trace")
    if trace is None:
        return
    span = trace.get_current_span()
    context = span.get_span_context()
    if context.is_valid and span.is_recording():
        line["trace_id"] = format(context.trace_id, "032x")
        line["span_id"] = format(context.span_id, "016x")
        line["trace_sampled"] = bool(context.trace_flags.sampled)
