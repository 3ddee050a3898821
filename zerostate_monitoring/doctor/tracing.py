"""Whether traces that are asked for can come about."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004 - Django's name

from zerostate_monitoring import tracing
from zerostate_monitoring.conf import PREFIX, conf

MIDDLEWARE: Final = "zerostate_monitoring.instrumentation.http.RequestMetricsMiddleware"
LINES: Final = "zerostate_monitoring.instrumentation.request_lines.RequestLinesMiddleware"


def check_tracing(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of traces that are switched on and never begin."""
    if not (conf.ENABLED and conf.TRACING):
        return []
    found = []
    if not tracing.is_configured():
        found.append("nobody has called tracing.configure(), or OpenTelemetry is not installed")
    if MIDDLEWARE not in settings.MIDDLEWARE:
        found.append(f"no request is traced without {MIDDLEWARE} in MIDDLEWARE")
    elif LINES in settings.MIDDLEWARE[: settings.MIDDLEWARE.index(MIDDLEWARE)]:
        found.append(f"a request's line names no trace where {LINES} stands before {MIDDLEWARE}")
    return [
        Warning(
            f"{PREFIX}TRACING is True, but {what}.",
            hint="pip install 'zerostate-monitoring[tracing]', call configure() in ready() of an "
            "app of yours, and put that middleware first; see docs/tracing.md.",
            id="zerostate_monitoring.W007",
        )
        for what in found
    ]
