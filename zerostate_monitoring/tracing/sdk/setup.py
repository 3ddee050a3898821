"""Set OpenTelemetry's SDK up: resource, sampler, batches, exporter, libraries."""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter

from zerostate_monitoring.conf import conf
from zerostate_monitoring.tracing import database
from zerostate_monitoring.tracing.sdk import libraries
from zerostate_monitoring.tracing.sdk.exporting import Batches, ProcessExporter
from zerostate_monitoring.tracing.sdk.sampling import sampler
from zerostate_monitoring.tracing.wishes import GRPC, Wishes, wishes

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS: Final = 10
_LIMITS: Final[Mapping[str, tuple[int, tuple[str, ...]]]] = {
    "max_span_attributes": (64, ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT")),
    "max_events": (64, ("OTEL_SPAN_EVENT_COUNT_LIMIT",)),
    "max_span_attribute_length": (
        1024,
        ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"),
    ),
}
"""How large a span may be, where none of these variables says it."""
_EXPORTERS_LOGGERS: Final = (
    "opentelemetry.exporter.otlp.common.http",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.exporter.otlp.proto.grpc.exporter",
)


@dataclass(frozen=True, slots=True)
class Installed:
    """What ``install`` has set up; nothing of its own where a project had an SDK already."""

    batches: Batches | None = None

    def flush(self) -> None:
        """Export what has ended, and nothing after it; for the end of a process."""
        if self.batches is not None:
            self.batches.shutdown()


def install() -> Installed:
    """Set up what the settings ask for, in this process and those that it forks.

    Raises:
        ModuleNotFoundError: a package of OpenTelemetry's is missing.
    """
    asked = wishes(conf, os.environ)
    installed = Installed()
    provider = trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider):
        if asked.ratio > 0 and asked.exports:
            installed = _provided(asked)
        # At 0 nobody records: OpenTelemetry's API alone passes on what comes in.
        provider = trace.get_tracer_provider()
    libraries.instrument(provider)
    database.connect()
    return installed


def _provided(asked: Wishes) -> Installed:
    make = _exporter_of(asked)
    for name in _EXPORTERS_LOGGERS:
        # They say of each batch what ``traces_not_exported`` says once a minute.
        if logging.getLogger(name).level == logging.NOTSET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
    provider = TracerProvider(
        sampler=sampler(asked.ratio, trusts_callers=asked.trusts_callers),
        resource=resource_of(asked),
        shutdown_on_exit=False,
        span_limits=limits(os.environ),
    )
    batches = Batches(ProcessExporter(make))
    provider.add_span_processor(batches)
    trace.set_tracer_provider(provider)
    installed = Installed(batches)
    atexit.register(installed.flush)
    return installed


def resource_of(asked: Wishes) -> Resource:
    """Who records; what ``OTEL_RESOURCE_ATTRIBUTES`` says stands beside it."""
    attributes = {
        "service.name": asked.service_name,
        "service.namespace": "zerostate",
        **{f"zerostate.{name}": str(value) for name, value in conf.EXTERNAL_LABELS.items()},
    }
    try:
        attributes["zerostate_monitoring.version"] = version("zerostate-monitoring")
    except PackageNotFoundError:
        logger.debug("version_unknown")
    return Resource.create(attributes)


def limits(environment: Mapping[str, str]) -> SpanLimits:
    """How large a span may be; a variable goes before what is written here."""
    wanted = {
        argument: limit
        for argument, (limit, variables) in _LIMITS.items()
        if not any(name in environment for name in variables)
    }
    return SpanLimits(**wanted)


def _exporter_of(asked: Wishes) -> Callable[[], SpanExporter]:
    """What makes the exporter; its package is looked for now, not when spans wait for it."""
    if asked.protocol == GRPC:
        from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as grpc  # noqa: PLC0415 - optional: brings grpcio

        return partial(grpc.OTLPSpanExporter, endpoint=asked.endpoint or None, timeout=_timeout())
    from opentelemetry.exporter.otlp.proto.http import trace_exporter as http  # noqa: PLC0415 - optional, as above

    return partial(http.OTLPSpanExporter, endpoint=asked.endpoint or None, timeout=_timeout())


def _timeout() -> float | None:
    """Longest time of one export; None where a variable says it."""
    names = ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT")
    return None if any(name in os.environ for name in names) else TIMEOUT_SECONDS
