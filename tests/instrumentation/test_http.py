"""The middleware: every request once, however it ends, and no label by a stranger."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.exceptions import MiddlewareNotUsed
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import AsyncClient, Client, RequestFactory
from prometheus_client import REGISTRY as DEFAULT
from prometheus_client import generate_latest

from tests.instrumentation.test_records import samples, value
from zerostate_monitoring.instrumentation import http
from zerostate_monitoring.instrumentation.http import RequestMetricsMiddleware
from zerostate_monitoring.instrumentation.registry import REGISTRY

# Closing a response closes old connections to the database.
pytestmark = pytest.mark.django_db

MIDDLEWARE = ["zerostate_monitoring.instrumentation.http.RequestMetricsMiddleware"]


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.instrumentation.urls"
    settings.MIDDLEWARE = MIDDLEWARE


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def requests(path, status, method="GET"):
    return value("zerostate_http_requests_total", method=method, path=path, status=str(status))


def active():
    return {s: v for s, v in samples().items() if s[0] == "zerostate_http_requests_active"}


def test_request__is_counted_by_its_route(client):
    """The five families, with the route's pattern, the verb and the number of the status."""
    client.post("/plain/5", b"1234567", content_type="text/plain")
    labels: dict[str, str] = {"method": "POST", "path": "/plain/<int:number>"}
    assert value("zerostate_http_requests_total", **labels, status="201") == 1
    assert value("zerostate_http_request_duration_seconds_count", **labels) == 1
    assert value("zerostate_http_request_size_bytes_sum", **labels) == 7
    assert value("zerostate_http_response_size_bytes_sum", **labels) == 10
    assert active() == {}


def test_request__that_no_route_takes(client):
    """All of them are one path."""
    for number in range(5):
        client.get(f"/nowhere/{number}")
    assert requests("unmatched", 404) == 5


@pytest.mark.parametrize("path", ["/broken", "/breaking-stream"])
def test_request__that_breaks_ends(client, path):
    """An exception leaves no request active."""
    response = client.get(path)
    if response.streaming:
        with pytest.raises(LookupError):
            b"".join(response)
    assert requests(path, response.status_code) == 1
    assert active() == {}


def test_strangers__cannot_make_a_label(client):
    """10,000 invented methods and paths leave the page as it was."""
    client.get("/nowhere")
    client.generic("INVENTED", "/nowhere")
    before = generate_latest(REGISTRY).count(b"\n")
    for number in range(10_000):
        client.generic(f"X{number}", f"/nowhere/{number}")
    assert generate_latest(REGISTRY).count(b"\n") == before
    assert requests("unmatched", 404, method="other") == 10_001


def test_stream__is_counted_to_its_end(client):
    """The size is that of all parts, and the request is active until the last."""
    response = client.get("/stream")
    assert sum(active().values()) == 1
    assert b"".join(response) == b"abcde"
    assert value("zerostate_http_response_size_bytes_sum", method="GET", path="/stream") == 5
    assert active() == {}


def test_stream__that_the_client_leaves(client):
    """A server that closes an unfinished, or an unbegun, response ends the request."""
    for begun in (True, False):
        response = client.get("/stream")
        if begun:
            next(iter(response))
        response.close()
    assert requests("/stream", 200) == 2
    assert active() == {}


def test_excluded__routes_are_not_counted(client, settings):
    """Patterns of routes, as they stand on the page."""
    settings.ZEROSTATE_MONITORING_HTTP_EXCLUDED_ROUTES = ["/plain/*"]
    other = Client()
    other.get("/plain/1")
    other.get("/stream").close()
    assert requests("/plain/<int:number>", 201) == 0
    assert requests("/stream", 200) == 1
    assert active() == {}


def test_switched_off__is_not_there(settings):
    """ENABLED = False takes the middleware out of the chain."""
    settings.ZEROSTATE_MONITORING_ENABLED = False
    with pytest.raises(MiddlewareNotUsed):
        RequestMetricsMiddleware(lambda request: HttpResponse())


@pytest.mark.parametrize(
    ("path", "body"), [("/later", 5), ("/plain/1", 10), ("/async-stream", 5), ("/stream", 5)]
)
def test_async__counts_as_sync_does(path, body):
    """Under ASGI, with views and streams of both kinds."""

    async def ask():
        response: Any = await AsyncClient().post(path, b"1234567", content_type="text/plain")
        if response.streaming and response.is_async:
            return b"".join([part async for part in response])
        return b"".join(response)

    assert len(asyncio.run(ask())) == body
    found = {s[0]: v for s, v in samples().items() if ("method", "POST") in s[1]}
    assert found["zerostate_http_response_size_bytes_sum"] == body
    assert found["zerostate_http_request_size_bytes_sum"] == 7
    assert active() == {}


@pytest.mark.parametrize(
    ("digits", "size"),
    [("9" * 300, 0), ("9" * 400, 0), ("1" * 14, 0), ("1" * 13, int("1" * 13)), ("-5", 0), ("x", 0)],
)
def test_length__that_cannot_be_is_not_believed(client, digits, size):
    """A client cannot put what it likes into the sum, and breaks no request."""
    assert client.get("/plain/1", CONTENT_LENGTH=digits).status_code == 201
    labels: dict[str, str] = {"method": "GET", "path": "/plain/<int:number>"}
    assert value("zerostate_http_request_size_bytes_sum", **labels) == size
    assert value("zerostate_http_request_size_bytes_count", **labels) == 1


@pytest.mark.parametrize("path", ["/plain/1", "/stream", "/file", "/nowhere"])
def test_head__sends_no_body(client, path):
    """What the view made is not what goes out."""
    b"".join(client.head(path))
    sizes = {s[0]: v for s, v in samples().items() if s[0].startswith("zerostate_http_response")}
    assert sizes.pop("zerostate_http_response_size_bytes_count") == 1
    assert "zerostate_http_response_size_bytes_sum" not in sizes


class Wrapper:
    """What a server gives to send a file by itself."""

    def __init__(self, file, block_size):
        self.file = file


def test_file__is_still_sent_by_the_server_itself():
    """The server's wrapper gets the file, and its end counts the file's length."""
    environ = {**RequestFactory().get("/file").META, "wsgi.file_wrapper": Wrapper}
    answer: Any = WSGIHandler()(environ, lambda *_: lambda part: None)
    assert isinstance(answer, Wrapper)
    assert sum(active().values()) == 1
    answer.file.close()
    assert requests("/file", 200) == 1
    assert value("zerostate_http_response_size_bytes_sum", method="GET", path="/file") == 12
    assert active() == {}


@pytest.mark.parametrize("family", ["_seconds", "_requests", "_request_size", "_response_size"])
@pytest.mark.parametrize("path", ["/plain/1", "/stream", "/file"])
def test_recording__that_fails_costs_no_request_anything(client, monkeypatch, caplog, family, path):
    """The answer is as without it; nothing is counted by half, and it is told once."""
    monkeypatch.setattr(http, family, None)
    monkeypatch.setattr(http, "_failures", itertools.count())
    for _ in range(3):
        assert b"".join(client.get(path))
    assert samples() == {}
    told = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.message for record in told] == ["request_not_counted"]


def test_recording__that_fails_before_the_view(client, monkeypatch):
    """The view is asked, and the request is counted, without the level."""
    monkeypatch.setattr(http, "_active", None)
    assert client.get("/plain/1").status_code == 201
    assert requests("/plain/<int:number>", 201) == 1


def scope(path):
    headers = [(b"host", b"testserver")]
    kind = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST"}
    return {**kind, "path": path, "query_string": b"", "headers": headers}


@pytest.mark.parametrize(("path", "status"), [("/hanging", 499), ("/endless", 200)])
def test_async__a_client_that_leaves_ends_the_request(path, status):
    """A disconnect while the view works, and one in the middle of a stream."""

    async def leave():
        communicator = ApplicationCommunicator(ASGIHandler(), scope(path))
        await communicator.send_input({"type": "http.request", "body": b"12345"})
        if path == "/endless":
            await communicator.receive_output(60)
            await communicator.receive_output(60)
        while not active():  # noqa: ASYNC110 - what is waited for is no event
            await asyncio.sleep(0.01)
        await communicator.send_input({"type": "http.disconnect"})
        await communicator.wait(60)

    asyncio.run(leave())
    assert requests(path, status, method="POST") == 1
    assert value("zerostate_http_request_size_bytes_sum", method="POST", path=path) == 5
    assert active() == {}


def test_safe_middleware__closes_the_hole_of_django_prometheus(client, settings):
    """Invented methods do not grow the page of django-prometheus either."""
    settings.MIDDLEWARE = [
        "django_prometheus.middleware.PrometheusBeforeMiddleware",
        "zerostate_monitoring.instrumentation.http.SafeAfterMiddleware",
    ]
    safe = Client(raise_request_exception=False)
    safe.generic("INVENTED", "/plain/1")
    safe.generic("INVENTED", "/broken")
    before = len(generate_latest(DEFAULT).splitlines())
    for number in range(50):
        safe.generic(f"X{number}", "/plain/1")
        safe.generic(f"X{number}", "/broken")
    assert len(generate_latest(DEFAULT).splitlines()) == before


@pytest.mark.parametrize("length", ["abc", "9" * 300, "9" * 400])
def test_safe_middleware__a_length_that_is_none(settings, length):
    """A Content-Length that cannot be is not an error page, and spoils no sum."""
    settings.MIDDLEWARE = ["zerostate_monitoring.instrumentation.http.SafeAfterMiddleware"]
    name = "django_http_requests_body_total_bytes_sum"
    before = DEFAULT.get_sample_value(name) or 0
    assert Client().get("/plain/1", CONTENT_LENGTH=length).status_code == 201
    assert DEFAULT.get_sample_value(name) == before
