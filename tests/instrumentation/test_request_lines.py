"""Lines of requests and their ids: in, through, and back."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseServerError
from django.test import AsyncClient, Client, RequestFactory
from django.urls import path

from tests.logs.conftest import Written
from zerostate_monitoring.logs import logging_settings
from zerostate_monitoring.logs.context import current
from zerostate_monitoring.logs.once import OnceFilter

pytestmark = pytest.mark.django_db

logger = logging.getLogger("tests.requests")


def seen(request, n):
    """Who asks, then a line."""
    user = request.user.is_authenticated
    logger.info("in_the_view")
    return HttpResponse(json.dumps([user, current()]))


def unseen(request, **kwargs):
    return HttpResponse("x")


def broken(request):
    raise LookupError("token=abc123")


def refused(request):
    raise PermissionDenied("no member of guild-7")


def gone(request):
    return HttpResponseServerError("x")


urlpatterns = [
    path("seen/<int:n>", seen),
    path("unseen", unseen),
    path("broken", broken),
    path("refused", refused),
    path("gone", gone),
    path("reset/<uidb64>/<token>/", unseen),
]


@pytest.fixture
def lines(settings: Any, monkeypatch):
    """Lines of a site with the middleware first."""
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [
        "zerostate_monitoring.instrumentation.request_lines.RequestLinesMiddleware",
        *settings.MIDDLEWARE,
    ]
    written = Written("json")
    [handler] = written.logger.handlers
    names = ("tests.requests", "django_structlog", "django.request", "zerostate_monitoring")
    [once] = logging_settings()["loggers"]["django.request"]["filters"]
    assert logging_settings()["filters"][once] == {"()": f"{OnceFilter.__module__}.OnceFilter"}
    monkeypatch.setattr(logging.getLogger("django.request"), "filters", [OnceFilter()])
    for name in names:
        monkeypatch.setattr(logging.getLogger(name), "handlers", [handler])
        monkeypatch.setattr(logging.getLogger(name), "propagate", False)
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
    logging.getLogger().manager._clear_cache()  # type: ignore[attr-defined]
    yield written
    logging.getLogger().manager._clear_cache()  # type: ignore[attr-defined]
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def of(lines, event):
    [line] = [line for line in lines.lines if line["event"] == event]
    return line


def test_ids__that_are_sane_are_taken_bound_and_returned(client, lines):
    """The same in every line of the request, and in the answer."""
    sent = {"X-Request-ID": "abc-123", "X-Correlation-ID": "order:7"}
    response = client.get("/seen/5", headers=sent)

    assert {name: response[name] for name in sent} == sent
    ids = [(line["request_id"], line["correlation_id"]) for line in lines.lines]
    assert ids == [("abc-123", "order:7")] * 3


@pytest.mark.parametrize("evil", ["a b", "x" * 129, "a\x1b[31m", "", "a\tb", "<script>"])
def test_ids__that_are_not_are_made(client, lines, evil):
    """Nothing of what was sent comes back, or into a line."""
    response = client.get("/unseen", headers={"X-Request-ID": evil, "X-Correlation-ID": evil})

    assert len(response["X-Request-ID"]) == 36
    assert response["X-Correlation-ID"] == response["X-Request-ID"]
    assert not evil or json.dumps(evil)[1:-1] not in lines.text


def test_line__says_how_it_ended(client, lines):
    """Method, path, route, status, time, size, who; never the query."""
    client.get("/seen/5?token=s3cret", headers={"User-Agent": "me\x1b[2J" + "x" * 1000})

    line = of(lines, "request_finished")
    assert (line["method"], line["path"], line["route"]) == ("GET", "/seen/5", "seen/<int:n>")
    assert (line["status"], line["level"], line["client_ip"]) == (200, "info", "127.0.0.1")
    assert line["response_size"] > 0
    assert line["duration_ms"] >= 0
    assert line["user_agent"].startswith("me\\x1b[2J")
    assert len(line["user_agent"]) < 220
    assert "s3cret" not in lines.text


@pytest.mark.parametrize(("address", "level"), [("/unseen", "info"), ("/nowhere", "warning")])
def test_level__by_status(client, lines, address, level):
    """4xx is a warning."""
    client.get(address)
    assert of(lines, "request_finished")["level"] == level


def test_line__of_an_error(client, lines):
    """5xx is an error, with the exception, the same ids, and no secret."""
    response = client.get("/broken")

    line = of(lines, "request_failed")
    assert (line["status"], line["level"]) == (500, "error")
    assert line["error_type"] == "builtins.LookupError"
    assert {one["request_id"] for one in lines.lines} == {response["X-Request-ID"]}
    assert "abc123" not in lines.text


def test_path__loses_what_its_route_calls_a_token(client, lines):
    """Whoever reads the log cannot set somebody's password by the link of a mail."""
    client.get("/reset/MQ/c2x7-f00ba4/")
    assert "c2x7-f00ba4" not in lines.text
    assert of(lines, "request_finished")["path"] == "/reset/MQ/[redacted]/"
    assert of(lines, "request_started")["path"] == "/reset/MQ/[redacted]/"


@pytest.mark.parametrize(
    ("address", "level"),
    [("/broken", "error"), ("/gone", "error"), ("/refused", "warning"), ("/nowhere", "warning")],
)
def test_answer__is_told_of_once(client, lines, address, level):
    """Django's own line would count an error twice; its reason stands in ours."""
    client.get(address)
    [line] = [line for line in lines.lines if line["level"] in {"warning", "error"}]
    assert (line["level"], line["path"]) == (level, address)
    reason = "PermissionDenied: no member of guild-7"
    assert line.get("reason") == (reason if address == "/refused" else None)


def test_answer__of_what_stands_before_the_middleware_is_django_s(lines):
    """A request that never came here has no line of ours: Django's is kept."""
    django = logging.getLogger("django.request")
    extra = {"status_code": 500, "request": RequestFactory().get("/x")}
    django.error("Internal Server Error: %s", "/x", extra=extra)
    django.error("something else")
    assert [line["event"] for line in lines.lines] == [
        "Internal Server Error: /x",
        "something else",
    ]


def test_user__is_named_once_a_view_has_asked(client, lines, django_assert_num_queries):
    """In its lines from then on; a session is not read for a line."""
    user = User.objects.create_user("who")
    client.force_login(user)

    client.get("/seen/1")
    assert of(lines, "in_the_view")["user_id"] == str(user.pk)
    assert of(lines, "request_finished")["user_id"] == str(user.pk)

    lines.stream.truncate(0)
    lines.stream.seek(0)
    with django_assert_num_queries(0):
        client.get("/unseen")
    assert "user_id" not in of(lines, "request_finished")


def test_context__does_not_outlive_its_request(client, lines):
    """What one request has bound is in no line of the next."""
    first = json.loads(client.get("/seen/1").content)[1]
    structlog.contextvars.bind_contextvars(guild="left over")
    second = json.loads(client.get("/seen/1").content)[1]

    assert "guild" not in second
    assert first["request_id"] != second["request_id"]
    assert current() == {}


def test_client__behind_a_trusted_proxy(client, lines, settings):
    """As it says who asks; a proxy that is not trusted is itself the client."""
    forwarded = {"X-Forwarded-For": "203.0.113.9, 10.0.0.5"}
    client.get("/unseen", headers=forwarded, REMOTE_ADDR="10.0.0.5")
    settings.ZEROSTATE_MONITORING_TRUSTED_PROXIES = ["10.0.0.0/8"]
    client.get("/unseen", headers=forwarded, REMOTE_ADDR="10.0.0.5")

    found = [one["client_ip"] for one in lines.lines if one["event"] == "request_finished"]
    assert found == ["10.0.0.5", "203.0.113.9"]


def test_async__the_same(lines):
    """A project that runs asynchronously has the same lines."""

    async def ask():
        client = AsyncClient(raise_request_exception=False)
        return await client.get("/unseen", headers={"X-Request-ID": "async-1"})

    response = asyncio.run(ask())

    assert response["X-Request-ID"] == "async-1"
    assert of(lines, "request_finished")["request_id"] == "async-1"


@pytest.mark.parametrize("address", ["/seen/5", "/nowhere", "/broken"])
def test_lines__of_a_traced_request_name_its_trace(client, lines, ended, settings, address):
    """The request's own, and what Django says once its span is over."""
    settings.MIDDLEWARE = [
        "zerostate_monitoring.instrumentation.http.RequestMetricsMiddleware",
        *settings.MIDDLEWARE,
    ]
    client.get(address)
    (trace,) = {format(span.context.trace_id, "032x") for span in ended().values()}
    assert len(lines.lines) >= 2
    assert {line["trace_id"] for line in lines.lines} == {trace}
