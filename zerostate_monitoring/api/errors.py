"""What goes wrong, in the words and with the statuses of Prometheus's API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.exceptions import (
    MonitoringError,
    QueryError,
    QuerySyntaxError,
    SourceError,
    StoreError,
)
from zerostate_monitoring.promql.spelling import line_and_column

STATUSES: Final[Mapping[str, int]] = {
    "bad_data": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "execution": 422,
    "canceled": 503,
    "timeout": 503,
    "unavailable": 503,
    "internal": 500,
}
"""The status of each type of error."""

_MAX_MESSAGE: Final = 2000


class ApiError(MonitoringError):
    """An answer that is an error. ``kind`` is one of ``STATUSES``."""

    def __init__(self, kind: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message if len(message) <= _MAX_MESSAGE else message[:_MAX_MESSAGE] + "…"
        self.status = status or STATUSES[kind]


def bad_data(message: str) -> ApiError:
    """The caller asked for what cannot be."""
    return ApiError("bad_data", message)


def invalid(parameter: str, message: object) -> ApiError:
    """A parameter holds what it cannot hold."""
    return bad_data(f'invalid parameter "{parameter}": {message}')


def from_query(error: QueryError) -> ApiError:
    """The answer to a query that has none; syntax errors need their text, see ``located``."""
    return ApiError(error.kind if error.kind in STATUSES else "execution", str(error))


def from_failure(error: MonitoringError) -> ApiError:
    """The answer where whoever has the numbers does not give them."""
    if isinstance(error, StoreError):
        return ApiError("unavailable", f"the store does not answer: {error}")
    if isinstance(error, SourceError):
        kind = "timeout" if error.kind == "timeout" else "unavailable"
        return ApiError(kind, f"the Prometheus server does not answer: {error}")
    return ApiError("internal", "a setting cannot be used; run manage.py check on the server")


def located(error: QuerySyntaxError, text: str) -> str:
    """The error with its place in ``text`` in front, as Prometheus writes it: line:column.

    What is wrong with the whole query has no place.
    """
    if text and error.end == 0:
        return error.message
    return f"{place(error.start, text)}: parse error: {error.message}"


def place(position: int, text: str) -> str:
    """``position`` in ``text`` as line and column, both from 1; columns count bytes."""
    if not text:
        return "unknown position"
    return line_and_column(text, max(position, 0))
