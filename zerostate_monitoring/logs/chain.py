"""From a record to its line: one chain for structlog's events and the standard library's.

Loaded by the formatter of ``logging_settings``, and by nothing else: it needs structlog.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from structlog.contextvars import get_contextvars
from structlog.tracebacks import ExceptionDictTransformer

from zerostate_monitoring.logs.cleaning import Cleaner
from zerostate_monitoring.logs.context import resolved
from zerostate_monitoring.logs.lines import KNOWN
from zerostate_monitoring.logs.otlp import Export, exporter
from zerostate_monitoring.logs.redaction import Redactor
from zerostate_monitoring.logs.rendering import as_console, as_json
from zerostate_monitoring.logs.sampling import level_of
from zerostate_monitoring.logs.spans import add_span

EventDict = MutableMapping[str, Any]

OWN: Final = frozenset({"timestamp", "level", "logger", "event", "service", "environment"})
"""Keys that only the chain sets: nobody's ``extra`` can forge a level or a logger."""
_FRAMES: Final = 20
_CAUSES: Final = 5

_structured: Final = ExceptionDictTransformer(show_locals=False, max_frames=_FRAMES, use_rich=False)


def formatter(
    form: str = "json",
    always: Mapping[str, str] | None = None,
    redact_keys: Sequence[str] = (),
    redact_patterns: Sequence[str] = (),
    *,
    otlp: bool = False,
) -> logging.Formatter:
    """The formatter; makes structlog speak through the standard library, if nobody has.

    Called by ``logging.config``, with what ``logging_settings`` wrote down.
    """
    if not structlog.is_configured():
        configure_structlog()
    cleaner = Cleaner(Redactor(redact_keys, redact_patterns))
    line = Line(always or {}, cleaner, form, exporter() if otlp else None)
    return Formatter(foreign_pre_chain=[add_extra], processors=[line])


def configure_structlog() -> None:
    """Structlog's loggers are the standard library's: levels and handlers are one thing."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class Formatter(structlog.stdlib.ProcessorFormatter):
    """A formatter that loses no line: one that cannot be made is told of in its stead."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. Never raises."""
        try:
            return super().format(record)
        except Exception as error:  # noqa: BLE001 - whoever logs must not suffer from it
            return super().format(_stand_in(record, error))


def _stand_in(record: logging.LogRecord, error: Exception) -> logging.LogRecord:
    made = logging.LogRecord(
        record.name, record.levelno, record.pathname, record.lineno, "log_line_broken", None, None
    )
    made.created = record.created
    place = f"{record.pathname}:{record.lineno}"
    vars(made).update(broken=str(record.msg)[:500], place=place, error=type(error).__name__)
    return made


def add_extra(logger: Any, method: str, event: EventDict) -> EventDict:
    """Take over what a line of the standard library has in ``extra``."""
    for key, value in vars(event["_record"]).items():
        if key not in KNOWN:
            event[f"extra_{key}" if key in event else key] = value
    return event


class Line:
    """The last processor: puts an event in order, cleans it and writes it."""

    def __init__(
        self,
        always: Mapping[str, str],
        cleaner: Cleaner,
        form: str,
        export: Export | None = None,
    ) -> None:
        self._export: Final = export
        self._always: Final = {key: value for key, value in always.items() if value}
        self._cleaner: Final = cleaner
        self._is_json: Final = form == "json"
        self._render: Final = as_json if self._is_json else as_console

    def __call__(self, logger: Any, method: str, event: EventDict) -> str:
        """The line's text."""
        record: logging.LogRecord = event.pop("_record")
        event.pop("_from_structlog", None)
        message, error = event.pop("event", ""), event.pop("exc_info", None)
        line = self._head(record, message)
        add_span(line)
        self._add(line, resolved(get_contextvars()))
        self._add(line, event)
        if error:
            self._add_error(line, error)
        if self._export is not None:
            # Here, and not in a handler of its own: a line is sampled and made once.
            self._export(line, record)
        return self._render(line)

    def _head(self, record: logging.LogRecord, message: Any) -> dict[str, Any]:
        text = message if isinstance(message, str) else str(message)
        return {
            "timestamp": moment(record.created),
            "level": level_of(record.levelno),
            "event": self._cleaner.text(text),
            "logger": self._cleaner.text(record.name, 200),
            **self._always,
        }

    def _add(self, line: dict[str, Any], given: Mapping[Any, Any]) -> None:
        for key, value in self._cleaner.pairs(given).items():
            line[f"extra_{key}" if key in OWN else key] = value

    def _add_error(self, line: dict[str, Any], given: Any) -> None:
        error = _error_of(given)
        if error is None:
            return
        line["error_type"] = f"{type(error).__module__}.{type(error).__qualname__}"
        if self._is_json:
            line["exception"] = [self._told(one) for one in _chain(error)[:_CAUSES]]
        else:
            text = "".join(traceback.format_exception(error))
            line["exception"] = self._cleaner.text(text, 20_000)

    def _told(self, one: Mapping[str, Any]) -> dict[str, Any]:
        """One error of a chain of causes, without what is empty."""
        kept = ("exc_type", "exc_value", "exc_notes", "is_cause", "frames")
        return self._cleaner.pairs({key: one[key] for key in kept if one.get(key)})


def _chain(error: BaseException) -> Sequence[Mapping[str, Any]]:
    """The error and its causes, each with its frames."""
    seen, one = set[int](), error
    while (cause := one.__cause__ or one.__context__) is not None and id(cause) not in seen:
        seen.add(id(cause))
        one = cause
    if cause is not None:
        # A ring has no end.
        return [{"exc_type": type(error).__name__, "exc_value": str(error)}]
    return _structured((type(error), error, error.__traceback__))


def moment(seconds: float) -> str:
    """Unix seconds as ISO 8601 in UTC, with microseconds."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
    return text.removesuffix("+00:00") + "Z"


def _error_of(given: Any) -> BaseException | None:
    """The error of ``exc_info``: True, an error, or what ``sys.exc_info`` gives."""
    if isinstance(given, BaseException):
        return given
    found = given if isinstance(given, tuple) else sys.exc_info()
    return found[1] if len(found) > 1 and isinstance(found[1], BaseException) else None
