"""Queries as spans, by Django's own hook: every database, and never a parameter.

Only beneath a span that is recorded; the text of a query is shown without what stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from django.db import connections
from django.db.backends.signals import connection_created

from zerostate_monitoring.tracing.spans import call, is_recording

_SYSTEMS: Final = {"postgresql": "postgresql", "sqlite": "sqlite", "mysql": "mysql"}
_LITERAL: Final = re.compile(r"'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$|\b\d+(?:\.\d+)?\b", re.DOTALL)
_COMMENT: Final = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
_OPERATION: Final = re.compile(r"\s*\(?\s*([A-Za-z]+)")
_MOST_CHARACTERS: Final = 1000


def connect() -> None:
    """Follow the queries of every connection, also of those that are open."""
    connection_created.connect(_created, dispatch_uid="zerostate_monitoring.tracing")
    for connection in connections.all(initialized_only=True):
        _follow(connection)


def disconnect() -> None:
    """Take it back; for tests."""
    connection_created.disconnect(dispatch_uid="zerostate_monitoring.tracing")
    for connection in connections.all(initialized_only=True):
        if traced in connection.execute_wrappers:
            connection.execute_wrappers.remove(traced)


def _created(connection: Any, **kwargs: Any) -> None:
    _follow(connection)


def _follow(connection: Any) -> None:
    if traced not in connection.execute_wrappers:
        connection.execute_wrappers.append(traced)


def traced(
    execute: Callable[..., Any],
    sql: Any,
    params: Any,
    many: bool,  # noqa: FBT001 - Django's signature
    context: dict[str, Any],
) -> Any:
    """Run a query inside its span; see Django's ``execute_wrapper``."""
    if not is_recording():
        return execute(sql, params, many, context)
    connection = context["connection"]
    operation = operation_of(str(sql))
    attributes = {
        "db.system.name": _SYSTEMS.get(connection.vendor, "other_sql"),
        "db.namespace": connection.alias,
        "db.operation.name": operation,
        "db.query.text": shape_of(str(sql)),
    }
    with call(f"{operation} {connection.alias}", attributes):
        return execute(sql, params, many, context)


def operation_of(sql: str) -> str:
    """The first word of a query: SELECT, INSERT, SAVEPOINT."""
    found = _OPERATION.match(_COMMENT.sub(" ", sql[:_MOST_CHARACTERS]))
    return found[1].upper()[:20] if found else "QUERY"


def shape_of(sql: str) -> str:
    """A query without literals and comments, no longer than a page."""
    text = _LITERAL.sub("?", _COMMENT.sub(" ", sql[: 4 * _MOST_CHARACTERS]))
    return " ".join(text.split())[:_MOST_CHARACTERS]
