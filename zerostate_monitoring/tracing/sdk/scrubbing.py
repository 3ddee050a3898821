"""What spans of libraries say that nobody may read: taken out before anything is exported.

This app's own spans hold nothing of the kind. Others name clients, whole addresses and the
text of errors; those stay in the process.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Status, StatusCode

from zerostate_monitoring.tracing import names
from zerostate_monitoring.tracing.spans import OWN_SCOPE

_REFUSED: Final = frozenset(
    {
        "client.address",
        "client.port",
        "enduser.id",
        "http.client_ip",
        "http.user_agent",
        "net.peer.ip",
        "net.peer.port",
        "network.peer.address",
        "network.peer.port",
        "user_agent.original",
        "user.email",
        "user.id",
        "user.name",
        "url.query",
        "db.user",
        "exception.message",
        "exception.stacktrace",
        "celery.retry.reason",
        "celery.reply_to",
        "messaging.celery.reply_to",
    }
)
_ADDRESSES: Final = frozenset({"url.full", "http.url", "http.target"})
_REFUSED_PREFIXES: Final = ("http.request.header.", "http.response.header.")
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,79}")
_MOST_CHARACTERS: Final = 1024


def scrubbed(span: ReadableSpan) -> ReadableSpan:
    """``span`` as it may leave."""
    status, attributes = _status(span), clean(span.attributes or {})
    if status.description:
        # Not every library says what the convention asks for.
        attributes.setdefault(names.ERROR_TYPE, status.description)
    return ReadableSpan(
        name=span.name[:_MOST_CHARACTERS],
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        events=[_event(event) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=status,
        start_time=span.start_time,
        end_time=_end(span),
        instrumentation_scope=span.instrumentation_scope,
    )


def clean(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that may leave; addresses without user, password, query and fragment."""
    return {
        name: _address(value) if name in _ADDRESSES else _short(value)
        for name, value in attributes.items()
        if name not in _REFUSED and not name.startswith(_REFUSED_PREFIXES)
    }


def _end(span: ReadableSpan) -> int | None:
    """When it ended; not before it began, though the host's clock was set back meanwhile."""
    if span.start_time is None or span.end_time is None:
        return span.end_time
    return max(span.start_time, span.end_time)


def _short(value: Any) -> Any:
    return value[:_MOST_CHARACTERS] if isinstance(value, str) else value


def _address(value: Any) -> str:
    try:
        parts = urlsplit(str(value))
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query="", fragment="").geturl()[:_MOST_CHARACTERS]


def _event(event: Event) -> Event:
    return Event(event.name, clean(event.attributes or {}), event.timestamp)


def _status(span: ReadableSpan) -> Status:
    """The status without an error's text: this app's own word, or the error's type."""
    if span.status.status_code is not StatusCode.ERROR:
        return Status(span.status.status_code)
    scope = span.instrumentation_scope
    own = scope is not None and scope.name.startswith(OWN_SCOPE)
    words = [span.status.description or ""] if own else []
    words += [str((event.attributes or {}).get("exception.type", "")) for event in span.events]
    return Status(StatusCode.ERROR, next((word for word in words if _WORD.fullmatch(word)), None))
