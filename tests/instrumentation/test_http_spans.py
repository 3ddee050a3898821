"""Requests as spans: sync and async, from the caller's trace, without who asks and what for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import AsyncClient, Client, override_settings
from django.urls import path
from opentelemetry import trace
from opentelemetry.trace import StatusCode

from zerostate_monitoring import tracing
from zerostate_monitoring.tracing import carrier

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
MIDDLEWARE = ["zerostate_monitoring.instrumentation.http.RequestMetricsMiddleware"]


def pay(request, name):
    with tracing.span("payment.send"):
        return HttpResponse(name)


async def apay(request, name):
    with tracing.span("payment.send"):
        await asyncio.sleep(0)
        return HttpResponse(name)


def stream(request):
    return StreamingHttpResponse(iter([b"a", b"b"]))


def fails(request):
    raise LookupError("hunter2")


urlpatterns = [
    path("pay/<str:name>/", pay),
    path("apay/<str:name>/", apay),
    path("stream/", stream),
    path("fails/", fails),
    path("health/live", pay, {"name": "x"}),
]


@pytest.fixture(autouse=True)
def _site():
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=MIDDLEWARE):
        yield


def test_request__goes_on_with_its_callers_trace(ended):
    """One trace with the caller, one with what the view does; only the route is named."""
    Client().get("/pay/alice/?token=hunter2", headers={"traceparent": PARENT, "user-agent": "me"})
    span = ended()["GET /pay/<str:name>/"]
    assert format(span.context.trace_id, "032x") == TRACE
    assert ended()["payment.send"].parent.span_id == span.context.span_id
    assert dict(span.attributes) == {
        "http.request.method": "GET",
        "url.scheme": "http",
        "http.route": "/pay/<str:name>/",
        "http.response.status_code": 200,
    }
    assert not trace.get_current_span().get_span_context().is_valid


def test_request__is_one_trace_under_asgi_too(ended):
    """Two requests at once, each in its own trace, and nothing of them stays."""

    async def both():
        client = AsyncClient()
        await asyncio.gather(client.get("/apay/a/"), client.get("/apay/b/", traceparent=PARENT))
        return trace.get_current_span().get_span_context().is_valid

    assert asyncio.run(both()) is False
    assert ended()["GET /apay/<str:name>/"].attributes["http.response.status_code"] == 200


def test_request__ends_with_its_stream(kept):
    """The span is there when the last byte is out, and is current no longer than the view."""
    response: Any = Client().get("/stream/")
    assert not trace.get_current_span().get_span_context().is_valid
    assert not kept.get_finished_spans()
    assert b"".join(response.streaming_content) == b"ab"
    assert [span.name for span in kept.get_finished_spans()] == ["GET /stream/"]


def test_request__that_fails_is_an_error_without_its_text(ended):
    """5xx is an error; 4xx is the client's."""
    Client(raise_request_exception=False).get("/fails/")
    Client().get("/nothing/")
    assert ended()["GET /fails/"].status.status_code is StatusCode.ERROR
    (event,) = ended()["GET /fails/"].events
    assert event.attributes == {"exception.type": "LookupError"}
    assert "hunter2" not in ended()["GET /fails/"].to_json()
    assert ended()["GET"].status.status_code is StatusCode.UNSET
    assert not ended()["GET"].events


@pytest.mark.parametrize("where", ["/health/live", "/metrics", "/shop/metrics/", "/readyz"])
def test_request__of_a_probe_is_no_trace(kept, where):
    """What is asked every few seconds begins nothing, nor does what it leads to go on."""
    Client().get(where, headers={"traceparent": PARENT})
    assert "http.route" not in str([s.attributes for s in kept.get_finished_spans()])
    assert not [s for s in kept.get_finished_spans() if s.name.startswith("GET")]


@pytest.mark.parametrize(
    "headers",
    [
        {"traceparent": "x" * 100_000},
        {"traceparent": PARENT.upper()},
        {"traceparent": f"00-{'0' * 32}-{'0' * 16}-01"},
        {"baggage": "a=" + "x" * 1_000_000},
        {"traceparent": PARENT, "tracestate": "=" * 100_000},
        {"traceparent": PARENT, "tracestate": ",".join(f"k{n}=v" for n in range(33))},
        {"traceparent": f"{PARENT},{PARENT}"},
        {"traceparent": PARENT + "\r\nx-admin: 1"},
        {"baggage": ",".join(f"k{n}=v" for n in range(1000))},
        {"baggage": "a=%0d%0ax-admin:%201"},
        {"baggage": "\x1b[2J=\u202e"},
    ],
)
def test_request__with_forged_or_enormous_headers_is_answered(ended, headers):
    """No error, and nothing of such a header gets into the span."""
    assert Client().get("/pay/x/", headers=headers).status_code == 200
    span = ended()["GET /pay/<str:name>/"]
    assert len(span.to_json()) < 5000
    assert not span.context.trace_state


def _passed_on(request, name):
    """What this project would tell whomever it asks."""
    return JsonResponse(carrier.to_map())


@pytest.mark.parametrize(("trusts", "kept_baggage"), [(True, "who=me"), (False, None)])
def test_request__of_a_stranger_leaves_its_baggage_behind(
    ended, monkeypatch, settings, trusts, kept_baggage
):
    """Where callers are not trusted, what they pack goes to nobody; their trace goes on."""
    settings.ZEROSTATE_MONITORING_TRACING_TRUST_CALLERS = trusts
    monkeypatch.setattr(urlpatterns[0], "callback", _passed_on)
    told = Client().get("/pay/x/", headers={"traceparent": PARENT, "baggage": "who=me"}).json()
    assert told.get("baggage") == kept_baggage
    assert told["traceparent"].split("-")[1] == TRACE


def test_baggage__cannot_break_out_of_its_header(ended, monkeypatch):
    """What was encoded is encoded again on its way out, or not at all."""
    monkeypatch.setattr(urlpatterns[0], "callback", _passed_on)
    for evil in ("a=%0d%0ax-admin:%201", "a=1%00", "a=" + "%41" * 2000):
        told = Client().get("/pay/x/", headers={"baggage": evil}).json()
        assert told.get("baggage", "").isprintable()
        assert len(told.get("baggage", "")) <= 8192
