"""Traces: the one door to OpenTelemetry, which is optional.

An operation of ``instrumentation`` opens its span here, so that a thing that is counted is
traced by the same line. Nothing is recorded until the project calls ``configure()`` with
``ZEROSTATE_MONITORING_TRACING`` set, or sets an SDK of its own up.
"""

from __future__ import annotations

from zerostate_monitoring.tracing.configuring import configure, flush, is_configured
from zerostate_monitoring.tracing.quiet import unfollowed
from zerostate_monitoring.tracing.spans import (
    CLIENT,
    NOTHING,
    SERVER,
    Attribute,
    Span,
    call,
    exemplar_labels,
    has_begun,
    is_possible,
    is_recording,
    span,
    start_span,
    when_begun,
)

__all__ = [
    "CLIENT",
    "NOTHING",
    "SERVER",
    "Attribute",
    "Span",
    "call",
    "configure",
    "exemplar_labels",
    "flush",
    "has_begun",
    "is_configured",
    "is_possible",
    "is_recording",
    "span",
    "start_span",
    "unfollowed",
    "when_begun",
]
