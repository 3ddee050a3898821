"""Lines of requests, and the ids by which all lines of one request are found.

Loaded where a project has this middleware alone: it needs the extra ``logs``.
"""

from __future__ import annotations

import logging
from time import perf_counter
from typing import Any, Final

from django.core.signals import request_finished
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve
from django.utils.functional import SimpleLazyObject
from django_structlog import signals
from django_structlog.middlewares import RequestMiddleware
from structlog import get_logger

from zerostate_monitoring import logs
from zerostate_monitoring.conf import conf
from zerostate_monitoring.logs.clients import client_ip
from zerostate_monitoring.logs.context import clear, defer
from zerostate_monitoring.logs.identifiers import CORRELATION_ID, REQUEST_ID, new_id, sane
from zerostate_monitoring.logs.once import IDS as _IDS
from zerostate_monitoring.logs.once import REASON
from zerostate_monitoring.logs.redaction import HIDDEN, Redactor
from zerostate_monitoring.logs.spans import add_span

logger = get_logger(__name__)

_BEGAN: Final = "_zerostate_logged_at"
_LONGEST_AGENT: Final = 200
_secrets: Final = Redactor()


class RequestLinesMiddleware(RequestMiddleware):
    """Gives a request its ids, binds them, returns them, and writes how it ended.

    Put it first, or right behind ``RequestMetricsMiddleware``: a line that is written outside of
    the request's span names no trace. An id that the client sends is taken where it is short
    and plain; else the request has one of our own. A session is not read for the sake of a
    line: a user is named where the view has asked for one.
    """

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        request_finished.connect(_over, dispatch_uid=_over.__name__)
        for signal, fill in (
            (signals.bind_extra_request_finished_metadata, _finished),
            (signals.bind_extra_request_failed_metadata, _failed),
        ):
            signal.connect(fill, sender=RequestLinesMiddleware, dispatch_uid=fill.__name__)

    def prepare(self, request: HttpRequest) -> None:
        """Begin: what another request has left is forgotten, ids are bound."""
        clear()
        request_id = sane(request.headers.get(REQUEST_ID)) or new_id()
        correlation_id = sane(request.headers.get(CORRELATION_ID)) or request_id
        setattr(request, _IDS, (request_id, correlation_id))
        setattr(request, _BEGAN, perf_counter())
        logs.bind(request_id=request_id, correlation_id=correlation_id)
        defer(user_id=_Who(request))
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug(
                "request_started", method=request.method, path=_path(request, _match(request))
            )

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        """End: write the line, and return the ids."""
        request_id, correlation_id = getattr(request, _IDS)
        response[REQUEST_ID], response[CORRELATION_ID] = request_id, correlation_id
        super().handle_response(request, response)
        # Django itself has something to say of an answer yet, though the span is over then.
        span: dict[str, Any] = {}
        add_span(span)
        span.pop("trace_sampled", None)
        logs.bind(request_id=request_id, correlation_id=correlation_id, **span)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and path; a query may hold what must not be written."""
        return f"{request.method} {request.path}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Nothing: who asks is bound from the beginning, and named once it is known."""


class _Who:
    """The user of a request, as soon as a view has asked for it."""

    __slots__ = ("_request",)

    def __init__(self, request: HttpRequest) -> None:
        self._request: Final = request

    def resolve(self) -> str | None:
        """The user's key; None while nobody asked, or nobody is logged in."""
        known = vars(self._request)
        user = known.get("user")
        if user is None or isinstance(user, SimpleLazyObject):
            user = known.get("_cached_user")
        key = getattr(user, "pk", None)
        return None if key is None else str(key)


def _over(**kwargs: Any) -> None:
    clear()


def _finished(request: HttpRequest, response: Any, log_kwargs: Any, **kwargs: Any) -> None:
    log_kwargs.clear()
    log_kwargs.update(_facts(request), status=response.status_code)
    reason = getattr(request, REASON, None)
    if reason is not None and not isinstance(reason, Http404):
        log_kwargs["reason"] = f"{type(reason).__name__}: {reason}"
    if not response.streaming:
        log_kwargs["response_size"] = len(response.content)


def _failed(request: HttpRequest, log_kwargs: Any, **kwargs: Any) -> None:
    log_kwargs.clear()
    log_kwargs.update(_facts(request), status=500)


def _match(request: HttpRequest) -> ResolverMatch | None:
    """The route that will take the request."""
    try:
        return resolve(request.path_info)
    except Http404:
        return None


def _path(request: HttpRequest, match: ResolverMatch | None) -> str:
    """The path without what its route calls a token: a mail's is as good as a password."""
    path = request.path
    for name, value in match.kwargs.items() if match is not None else ():
        if isinstance(value, str) and value and _secrets.is_secret(name):
            path = path.replace(value, HIDDEN)
    return path


def _facts(request: HttpRequest) -> dict[str, Any]:
    match = request.resolver_match
    # What stands before this middleware may break before the request comes here.
    began = getattr(request, _BEGAN, None) or perf_counter()
    return {
        "method": request.method,
        "path": _path(request, match),
        "route": match.route if match is not None else "",
        "duration_ms": round((perf_counter() - began) * 1000, 2),
        "client_ip": client_ip(request.META, conf.TRUSTED_PROXIES),
        "user_agent": request.headers.get("User-Agent", "")[:_LONGEST_AGENT],
    }
