"""What the span of a request says: its method, route and status; nothing of who asks, or for what.

The path as it came is left out: it may hold a token or a name. The route is in its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import translate
from functools import lru_cache
from typing import Final

from django.http import HttpRequest

from zerostate_monitoring import tracing
from zerostate_monitoring.conf import conf
from zerostate_monitoring.tracing import Span, carrier, names

_HEADERS: Final = {
    "traceparent": "HTTP_TRACEPARENT",
    "tracestate": "HTTP_TRACESTATE",
    "baggage": "HTTP_BAGGAGE",
}
_SERVER_ERROR: Final = 500


def begin(request: HttpRequest, method: str) -> Span:
    """The span of a request, which goes on with its caller's trace."""
    # Looked at first: most projects trace nothing.
    if not (tracing.is_possible() or tracing.is_configured()):
        return tracing.NOTHING
    if _excluded(conf.TRACING_EXCLUDED_PATHS).match(request.path):
        return tracing.NOTHING
    meta = request.META
    told = {name: meta[key] for name, key in _HEADERS.items() if key in meta}
    if not conf.TRACING_TRUST_CALLERS:
        # It would go along to whomever this project asks.
        told.pop("baggage", None)
    attributes = {"http.request.method": method.upper(), "url.scheme": request.scheme or "http"}
    parent = carrier.context_of(told) if told else None
    return tracing.start_span(method, attributes, kind=tracing.SERVER, parent=parent)


def matched(span: Span, method: str, path: str) -> None:
    """A view takes the request."""
    span.rename(f"{method} {path}")
    span.set_attribute("http.route", path)


def end(span: Span, status: int, error: BaseException | None = None) -> None:
    """The request was answered, to its last byte; ``error`` is what the view has raised."""
    span.set_attribute("http.response.status_code", status)
    if status >= _SERVER_ERROR:
        span.fail(str(status))
        if error is not None:
            span.add_event(names.EXCEPTION, {names.EXCEPTION_TYPE: type(error).__qualname__})
    span.end()


@lru_cache(maxsize=8)
def _excluded(patterns: Sequence[str]) -> re.Pattern[str]:
    """One expression for all patterns; none matches where there is none."""
    return re.compile("|".join(translate(pattern) for pattern in patterns) or r"(?!)")
