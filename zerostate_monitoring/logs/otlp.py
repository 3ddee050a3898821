"""The same lines as log records of OpenTelemetry, for whoever has set up where these go.

This app speaks to OpenTelemetry's API alone; the project's ``LoggerProvider`` exports, in
batches and in a thread of its own. Without one a record goes nowhere, and costs little.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, Final

from zerostate_monitoring.logs.optional import needed
from zerostate_monitoring.logs.sampling import level_of
from zerostate_monitoring.logs.tally import EXPORT, TALLY, Tally

Export = Callable[[Mapping[str, Any], logging.LogRecord], None]

SEVERITIES: Final = {"debug": 5, "info": 9, "warning": 13, "error": 17, "critical": 21}
"""Numbers of OpenTelemetry's data model for logs."""

_APART: Final = frozenset({"timestamp", "trace_id", "span_id", "trace_sampled"})
"""What a record alone has fields for. Level and event are attributes, too: as lines have them, so
that one query finds both."""
_SCOPE: Final = "zerostate_monitoring.logs"
_EXPORTERS_OWN: Final = ("opentelemetry.sdk.", "opentelemetry.exporter.")
"""Loggers that say that an export failed: exported, their lines would fail, too, without end."""

is_exporting: Final = ContextVar("zerostate_is_exporting", default=False)
"""Whether this thread is at an export: what anybody says meanwhile is written, not exported."""


def exporter(tally: Tally = TALLY) -> Export:
    """What hands a clean line to OpenTelemetry, and counts it as lost if that fails.

    Raises:
        ConfigurationError: OpenTelemetry's API is not installed.
    """
    api: Any = needed("opentelemetry._logs")
    tally.exports()

    def export(line: Mapping[str, Any], record: logging.LogRecord) -> None:
        if is_exporting.get() or record.name.startswith(_EXPORTERS_OWN):
            return
        try:
            api.get_logger(_SCOPE).emit(_made(api, line, record))
        except Exception:  # noqa: BLE001 - the project's provider may be anything; a line about it would fail, too
            tally.dropped(record.name, level_of(record.levelno), EXPORT)

    return export


def _made(api: Any, line: Mapping[str, Any], record: logging.LogRecord) -> Any:
    return api.LogRecord(
        timestamp=int(record.created * 1e9),
        severity_text=str(line["level"]).upper(),
        severity_number=api.SeverityNumber(SEVERITIES[line["level"]]),
        body=line["event"],
        attributes=attributes(line),
    )


def attributes(line: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a line as attributes: nested ones by dots, lists as texts."""
    return dict(_flat(line, "", _APART))


def _flat(value: Mapping[str, Any], prefix: str, without: frozenset[str]) -> Any:
    for key, one in value.items():
        if key in without or one is None:
            continue
        if isinstance(one, Mapping):
            yield from _flat(one, f"{prefix}{key}.", frozenset())
        else:
            yield f"{prefix}{key}", one if isinstance(one, str | int | float) else str(one)
