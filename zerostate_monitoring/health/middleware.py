"""Probes are answered before everything else of the project."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve

from zerostate_monitoring.health.answering import PROBES, ready

_ENDINGS: Final = ("live", "livez", "ready", "readyz", "startup", "healthz")

Answer = HttpResponseBase | Awaitable[HttpResponseBase]
View = Callable[[HttpRequest], HttpResponse]


class ProbeMiddleware:
    """Answer the probes that anybody may ask, and leave all other requests alone.

    Placed first in ``MIDDLEWARE`` it keeps from them what else stands there: sessions, a
    redirect to https, a database that hangs, hosts that are not allowed (a cluster asks by the
    pod's address).
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Answer]) -> None:
        self._get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        """The probe's answer, or the project's."""
        view = _probe(request)
        if view is None:
            return self._get_response(request)
        return _answered(view, request) if iscoroutinefunction(self) else view(request)


def _probe(request: HttpRequest) -> View | None:
    """The probe that is asked for; None for all else, at the cost of looking at the ending."""
    if not request.path_info.endswith(_ENDINGS):
        return None
    try:
        found: Any = resolve(request.path_info).func
    except Http404:
        return None
    return found if found in PROBES else None


async def _answered(view: View, request: HttpRequest) -> HttpResponseBase:
    if view is ready:
        # It may wait for checks: not in the loop that serves everybody else.
        return await sync_to_async(view, thread_sensitive=False)(request)
    return view(request)
