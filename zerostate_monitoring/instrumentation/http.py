"""Requests, counted by one middleware: sync and async, WSGI and ASGI.

Put it first: it then sees what the others answer, too. Labels are bounded by the project's
own code: methods are the known verbs, paths the routes' patterns. No client can make one up.
"""

from __future__ import annotations

import logging
from asyncio import iscoroutinefunction
from collections.abc import Awaitable, Callable
from fnmatch import fnmatchcase
from itertools import count
from time import perf_counter
from typing import Any, Final

from asgiref.sync import markcoroutinefunction
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponseBase
from django_prometheus.middleware import PrometheusAfterMiddleware

from zerostate_monitoring.conf import conf
from zerostate_monitoring.instrumentation import http_spans
from zerostate_monitoring.instrumentation.cells import Cell
from zerostate_monitoring.instrumentation.families import counts, distributions, moves
from zerostate_monitoring.instrumentation.streams import CountedAsyncStream, CountedStream

logger = logging.getLogger(__name__)

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER: Final = "other"
UNMATCHED: Final = "unmatched"
"""The path of requests that no route takes."""

CLIENT_CLOSED: Final = 499
"""Status of requests that were cancelled before they had an answer; the client went away."""
SERVER_ERROR: Final = 500

_MOST_DIGITS: Final = 13
"""Of a Content-Length. Nobody sends more than terabytes; what says so would spoil a sum."""

_requests: Final = counts("zerostate_http_requests_total")
_seconds: Final = distributions("zerostate_http_request_duration_seconds")
_request_size: Final = distributions("zerostate_http_request_size_bytes")
_response_size: Final = distributions("zerostate_http_response_size_bytes")
_active: Final = moves("zerostate_http_requests_active")

GetResponse = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


class Exchange:
    """One request until its last byte is out, the client is gone, or an error ended it."""

    __slots__ = ("active", "began", "error", "is_over", "method", "request", "sent", "span")

    def __init__(self, request: HttpRequest) -> None:
        method = request.method or ""
        self.request = request
        self.method = method if method in METHODS else OTHER
        self.active: Cell | None = None
        self.error: BaseException | None = None
        self.is_over = False
        self.sent = 0
        self.span = http_spans.begin(request, self.method)
        self.began = perf_counter()

    def matched(self, path: str) -> None:
        """A view takes the request."""
        self.active = _active[self.method, path]
        self.active(1)
        http_spans.matched(self.span, self.method, path)

    def end(self, path: str, status: int, *, excluded: bool = False) -> None:
        """Record it; only the first call counts."""
        if self.is_over:
            return
        self.is_over = True
        try:
            self._count(path, status, excluded=excluded)
        finally:
            http_spans.end(self.span, status, self.error)

    def _count(self, path: str, status: int, *, excluded: bool) -> None:
        if self.active is not None:
            self.active(-1)
        if excluded:
            return
        key = (self.method, path)
        took = perf_counter() - self.began
        received = _body_size(self.request)
        # The answer to HEAD has a body here, which the server leaves out.
        sent = 0 if self.method == "HEAD" else self.sent
        # All or nothing: what could fail has been done before the first number grows.
        cells = _seconds[key], _requests[self.method, path, str(status)]
        sizes = _request_size[key], _response_size[key]
        cells[0](took)
        cells[1](1)
        sizes[0](received)
        sizes[1](sent)


class RequestMetricsMiddleware:
    """Feeds ``zerostate_http_*``.

    Requests of routes that ``ZEROSTATE_MONITORING_HTTP_EXCLUDED_ROUTES`` names are left out.
    """

    async_capable = True
    sync_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        if not conf.ENABLED:
            raise MiddlewareNotUsed
        self._get_response: Any = get_response
        self._excluded: Final = conf.HTTP_EXCLUDED_ROUTES
        self._is_excluded: Final[dict[str, bool]] = {}
        self._is_async: Final = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
            # A synchronous method would cost a change of threads with every request.
            self.process_view: Any = self._process_view_async
        else:
            self.process_view = self._process_view

    def __call__(self, request: HttpRequest) -> Any:
        """Answer ``request``; a coroutine where the project runs asynchronously."""
        if self._is_async:
            return self._answer_async(request)
        exchange = self._begin(request)
        try:
            response = self._get_response(request)
        except BaseException:
            self._end(exchange, SERVER_ERROR)
            raise
        return self._answered(exchange, response)

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        exchange = self._begin(request)
        try:
            response = await self._get_response(request)
        except Exception:
            self._end(exchange, SERVER_ERROR)
            raise
        except BaseException:
            self._end(exchange, CLIENT_CLOSED)
            raise
        return self._answered(exchange, response)

    def _begin(self, request: HttpRequest) -> Exchange:
        exchange = Exchange(request)
        request._zerostate_exchange = exchange  # type: ignore[attr-defined]  # noqa: SLF001
        return exchange

    def _process_view(self, request: HttpRequest, *view: Any) -> None:
        exchange: Exchange | None = getattr(request, "_zerostate_exchange", None)
        path = path_of(request)
        try:
            if exchange is not None and not self._leaves_out(path):
                exchange.matched(path)
        except Exception:  # noqa: BLE001 - it is told, and no request may suffer from it
            _not_counted()

    async def _process_view_async(self, request: HttpRequest, *view: Any) -> None:
        self._process_view(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> None:
        """A view has raised; Django makes an answer of it."""
        exchange: Exchange | None = getattr(request, "_zerostate_exchange", None)
        if exchange is not None:
            exchange.error = error

    def _answered(self, exchange: Exchange, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming:
            self._follow(exchange, response)
            # Its last bytes leave elsewhere; what comes after belongs to it no more.
            exchange.span.leave()
        else:
            exchange.sent = len(response.content)  # type: ignore[attr-defined]
            self._end(exchange, response.status_code)
        return response

    def _follow(self, exchange: Exchange, response: Any) -> None:
        """End the exchange with the stream: at its end, or when the server closes it."""
        status = response.status_code

        def end() -> None:
            self._end(exchange, status)

        if getattr(response, "file_to_stream", None) is not None:
            # The server may send the file by itself; another stream would keep it from that.
            exchange.sent = _length(response.headers.get("Content-Length", "")) or 0
        else:
            counted = CountedAsyncStream if response.is_async else CountedStream
            response.streaming_content = counted(response.streaming_content, exchange, end)
        closers: list[Any] = response._resource_closers  # noqa: SLF001 - what close() calls
        closers.append(end)

    def _end(self, exchange: Exchange, status: int) -> None:
        try:
            path = path_of(exchange.request)
            exchange.end(path, status, excluded=self._leaves_out(path))
        except Exception:  # noqa: BLE001 - it is told, and no request may suffer from it
            _not_counted()

    def _leaves_out(self, path: str) -> bool:
        if not self._excluded:
            return False
        known = self._is_excluded.get(path)
        if known is None:
            found = any(fnmatchcase(path, pattern) for pattern in self._excluded)
            known = self._is_excluded[path] = found
        return known


def path_of(request: HttpRequest) -> str:
    """The pattern of the route that took the request."""
    match = request.resolver_match
    return UNMATCHED if match is None else f"/{match.route}"


def _body_size(request: HttpRequest) -> int:
    """Bytes of the request's body: as declared, else as they came in."""
    declared = _length(request.META.get("CONTENT_LENGTH") or "")
    if declared is not None:
        return declared
    body: Any = getattr(request, "_stream", None)
    try:
        # Under ASGI the whole body lies in a file before the request is made.
        place = body.tell()
        size = int(body.seek(0, 2))
        body.seek(place)
    except (AttributeError, OSError, ValueError):
        return 0
    return size


def _length(text: str) -> int | None:
    """What a Content-Length says; None where it is none that can be."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


_failures: Final = count()


def _not_counted() -> None:
    """Say so once: every further request would say the same."""
    level = logging.DEBUG if next(_failures) else logging.ERROR
    logger.log(level, "request_not_counted", exc_info=True)


class SafeAfterMiddleware(PrometheusAfterMiddleware):  # type: ignore[misc]
    """django-prometheus's second middleware without its hole.

    It passes the method on as it came, into the label of a histogram: whoever sends
    requests with invented methods makes the page grow for ever.
    """

    def label_metric(self, metric: Any, request: Any, response: Any = None, **labels: Any) -> Any:
        """The child for these labels, with a known method."""
        if "method" in labels:
            labels["method"] = self._method(request)
        return super().label_metric(metric, request, response, **labels)

    def process_request(self, request: Any) -> None:
        """Count a request; one whose length is none that can be has none."""
        if _length(request.META.get("CONTENT_LENGTH") or "0") is None:
            request.META["CONTENT_LENGTH"] = ""
        super().process_request(request)
