"""Addresses that tell what a request's own context holds, while others run beside it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from typing import Any

import urllib3
from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from opentelemetry import baggage, trace

from zerostate_monitoring.instrumentation import economic
from zerostate_monitoring.logs.context import current

logger = logging.getLogger("tests.contexts")

_POOL = urllib3.PoolManager(maxsize=20)
_SECONDS = 0.02


def _told() -> dict[str, Any]:
    """What lines, spans and outgoing requests would say now."""
    above = trace.get_current_span().get_span_context()
    return {
        "lines": current(),
        "baggage": dict(baggage.get_all()),
        "trace": format(above.trace_id, "032x"),
    }


def _ask(who: str) -> None:
    """A request to somebody else."""
    _POOL.request("GET", f"{os.environ['OTHERS']}/{who}", timeout=30)


def ask(request: HttpRequest, who: str) -> HttpResponse:
    """A view that is in the middle of something."""
    with economic.payment(1, channel_id=who):
        before = _told()
        time.sleep(_SECONDS)
        _ask(who)
        logger.info("asked", extra={"who": who})
        return HttpResponse(json.dumps([before, _told()]))


async def aask(request: HttpRequest, who: str) -> HttpResponse:
    """The same as a coroutine."""
    async with economic.payment(1, channel_id=who):
        before = _told()
        await asyncio.sleep(_SECONDS)
        await sync_to_async(_ask, thread_sensitive=False)(who)
        logger.info("asked", extra={"who": who})
        return HttpResponse(json.dumps([before, _told()]))


urlpatterns = [
    path("ask/<str:who>/", ask),
    path("aask/<str:who>/", aask),
    path("", include("tests.urls")),
]
