"""Settings of traces; where one is not set, OpenTelemetry's own variables say it."""

from __future__ import annotations

from collections.abc import Sequence

from zerostate_monitoring.conf.base import Reading

EXCLUDED_PATHS = (
    "*/metrics",
    "*/metrics/",
    "*/health",
    "*/health/*",
    "*/healthz",
    "*/livez",
    "*/readyz",
)
"""What is asked every few seconds, for ever."""


class TracingSettings(Reading):
    """What ``Settings`` says of traces."""

    @property
    def TRACING(self) -> bool:
        """Whether ``tracing.configure()`` does anything."""
        return bool(self._get("TRACING", False))

    @property
    def TRACING_ENDPOINT(self) -> str:
        """Address of the collector; empty: ``OTEL_EXPORTER_OTLP_ENDPOINT``, else localhost."""
        return str(self._get("TRACING_ENDPOINT", ""))

    @property
    def TRACING_PROTOCOL(self) -> str:
        """``http/protobuf`` or ``grpc``; empty: ``OTEL_EXPORTER_OTLP_PROTOCOL``, else HTTP."""
        return str(self._get("TRACING_PROTOCOL", ""))

    @property
    def TRACING_SAMPLE_RATIO(self) -> float | None:
        """Share of traces that are recorded, 0 to 1; None: ``OTEL_TRACES_SAMPLER``, else 0.1."""
        value = self._get("TRACING_SAMPLE_RATIO", None)
        return None if value is None else float(value)

    @property
    def TRACING_SERVICE_NAME(self) -> str:
        """What this service is called; empty: ``OTEL_SERVICE_NAME``, else zerostate-monitoring."""
        return str(self._get("TRACING_SERVICE_NAME", ""))

    @property
    def TRACING_TRUST_CALLERS(self) -> bool:
        """Whether who calls by HTTP decides that it is recorded, and sends baggage along."""
        return bool(self._get("TRACING_TRUST_CALLERS", True))

    @property
    def TRACING_EXCLUDED_PATHS(self) -> Sequence[str]:
        """Shell-style patterns of paths whose requests are not traced."""
        return tuple(self._get("TRACING_EXCLUDED_PATHS", EXCLUDED_PATHS))
