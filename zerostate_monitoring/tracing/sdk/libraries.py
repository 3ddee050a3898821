"""Which libraries are instrumented: Celery, Redis and urllib3, each where it is at hand."""

from __future__ import annotations

import importlib
import logging
import os
from typing import Any, Final

from opentelemetry.trace import TracerProvider

from zerostate_monitoring.tracing.sdk.beneath import Beneath

logger = logging.getLogger(__name__)

CELERY: Final = "opentelemetry.instrumentation.celery:CeleryInstrumentor"
CLIENTS: Final = (
    "opentelemetry.instrumentation.redis:RedisInstrumentor",
    "opentelemetry.instrumentation.urllib3:URLLib3Instrumentor",
)
_OPT_IN: Final = "OTEL_SEMCONV_STABILITY_OPT_IN"


def instrument(provider: TracerProvider) -> None:
    """Instrument what is there; what a project has instrumented itself stays as it is."""
    # Names that stay; read once, by the first instrumentation of the process.
    os.environ.setdefault(_OPT_IN, "http,database")
    _instrument(CELERY, provider)
    for client in CLIENTS:
        _instrument(client, Beneath(provider))


def uninstrument() -> None:
    """Take it back; for tests."""
    for name in (CELERY, *CLIENTS):
        instrumentor = _instrumentor(name)
        if instrumentor is not None and instrumentor.is_instrumented_by_opentelemetry:
            instrumentor.uninstrument()


def _instrument(name: str, provider: TracerProvider) -> None:
    instrumentor = _instrumentor(name)
    if instrumentor is not None and not instrumentor.is_instrumented_by_opentelemetry:
        instrumentor.instrument(tracer_provider=provider)


def _instrumentor(name: str) -> Any:
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)()
    except ModuleNotFoundError as error:
        logger.info("library_not_traced", extra={"instrumentation": module, "missing": error.name})
        return None
