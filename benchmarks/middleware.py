"""What a request pays: our middleware against django-prometheus's two, in the same chain.

Both are measured in pairs, against the same chain without them, in one process.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Final

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from benchmarks.measuring import headline
from benchmarks.one_request import environ, start_response
from benchmarks.servers import installation, published

REQUESTS: Final = 400
ROUNDS: Final = 41
CHAINS: Final[dict[str, list[str]]] = {
    "none": [],
    "ours": ["zerostate_monitoring.instrumentation.http.RequestMetricsMiddleware"],
    "peer": [
        "django_prometheus.middleware.PrometheusBeforeMiddleware",
        "django_prometheus.middleware.PrometheusAfterMiddleware",
    ],
}


def view(request: HttpRequest, number: int) -> HttpResponse:
    """A view that does nothing."""
    return HttpResponse(b"ok")


urlpatterns = [path("items/<int:number>", view)]


def figures(requests: int = REQUESTS, rounds: int = ROUNDS) -> Iterator[tuple[str, object]]:
    """Added microseconds of a request: ours by the peer's."""
    handlers = {name: _handler(chain) for name, chain in CHAINS.items()}
    times: dict[str, list[float]] = {name: [] for name in CHAINS}
    with installation(), published(), override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        for handler in handlers.values():
            _microseconds(handler, requests)
        for _ in range(rounds):
            for name, handler in handlers.items():
                times[name].append(_microseconds(handler, requests))
    ours, peer = (_added(times[name], times["none"]) for name in ("ours", "peer"))
    detail = {
        "ratio": ours / peer,
        "ours_us": ours,
        "peer_us": peer,
        "without_us": statistics.median(times["none"]),
    }
    yield from headline("middleware_us", detail)


def _handler(chain: list[str]) -> WSGIHandler:
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=chain):
        return WSGIHandler()


def _added(times: list[float], without: list[float]) -> float:
    return statistics.median(a - b for a, b in zip(times, without, strict=True))


def _microseconds(handler: WSGIHandler, requests: int) -> float:
    began = time.perf_counter()
    for _ in range(requests):
        response = handler(environ(), start_response)
        response.close()
    return (time.perf_counter() - began) / requests * 1e6
