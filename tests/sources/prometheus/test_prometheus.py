"""A server is asked within a deadline and a size, and believed in nothing."""

from __future__ import annotations

import json
import ssl
import time
from urllib.parse import parse_qs

import pytest
import trustme

from tests.sources.nodes.server import Handler, fake_node
from zerostate_monitoring.exceptions import (
    ConfigurationError,
    QueryError,
    QuerySyntaxError,
    QueryTimeoutError,
    SourceError,
)
from zerostate_monitoring.promql.querier import Options, Window
from zerostate_monitoring.querying import querier
from zerostate_monitoring.sources.prometheus.querier import RemoteQuerier, close_connections

QUERY = "/api/v1/query"


@pytest.fixture
def remote(node, settings, monkeypatch):
    """The querier of the settings, and a server that takes forms."""
    forms = []

    def do_post(self):
        length = int(self.headers["Content-Length"])
        forms.append(parse_qs(self.rfile.read(length).decode()))
        self.do_GET()

    monkeypatch.setattr(Handler, "do_POST", do_post, raising=False)
    settings.ZEROSTATE_MONITORING_PROMETHEUS_URL = node.url + "/"
    settings.ZEROSTATE_MONITORING_PROMETHEUS_TIMEOUT_SECONDS = 5
    node.extra["forms"] = forms
    yield querier()
    close_connections()


def answers(node, document, path=QUERY, **how):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    how = {"kind": "application/json", **how}
    node.answers[path] = lambda handler: handler.reply(body, **how)


def success(kind, result, **more):
    return {"status": "success", "data": {"resultType": kind, "result": result}, **more}


def failure(kind, message):
    return {"status": "error", "errorType": kind, "error": message}


def refused(kind, remote):
    with pytest.raises(SourceError) as caught:
        remote.instant("up", 0)
    assert caught.value.kind == kind, caught.value
    return str(caught.value)


def test_settings__choose_who_answers(remote, settings):
    """With an address the server, else this app's engine."""
    assert isinstance(remote, RemoteQuerier)
    settings.ZEROSTATE_MONITORING_PROMETHEUS_URL = ""
    assert not isinstance(querier(), RemoteQuerier)


def test_question__has_all_that_was_asked(remote, node):
    """As a form, for queries may be longer than an address."""
    answers(node, success("vector", []))
    remote.instant("up", 1500, Options(2.0, 60_000))
    assert node.extra["forms"] == [
        {"query": ["up"], "time": ["1.500"], "timeout": ["2.000"], "lookback_delta": ["60.000"]}
    ]
    answers(node, success("matrix", []), "/api/v1/query_range")
    remote.range("up", -1, 1000, 15_000)
    asked = node.extra["forms"][1]
    assert (asked["start"], asked["end"], asked["step"]) == (["-0.001"], ["1.000"], ["15.000"])
    answers(node, {"status": "success", "data": []}, "/api/v1/labels")
    remote.label_names((), Window(1, 2), 5)
    assert node.extra["forms"][2] == {"start": ["0.001"], "end": ["0.002"], "limit": ["6"]}


def test_question__without_any_time_is_over_at_once(remote, node):
    """As this app's own engine answers it; nobody is asked."""
    for ask in (lambda o: remote.instant("up", 0, o), lambda o: remote.range("up", 0, 1, 1, o)):
        with pytest.raises(QueryTimeoutError):
            ask(Options(0.0))
    assert node.extra["forms"] == []


def test_question__carries_the_token(node, settings, remote):
    """In the header alone."""
    settings.ZEROSTATE_MONITORING_PROMETHEUS_TOKEN = "s3cret"
    answers(node, success("vector", []))
    querier().instant("up", 0)
    path, headers = node.requests[-1]
    assert headers["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in path


def test_label_name__cannot_leave_its_place(remote, node):
    """Slashes and questions in a name are escaped."""
    answers(node, {"status": "success", "data": ["x"]}, "/api/v1/label/a%2F..%3Fb/values")
    assert remote.label_values("a/..?b").items == ("x",)


def test_native_histograms__are_left_out_and_named(remote, node):
    """They are no numbers."""
    histogram = {"metric": {"a": "b"}, "histogram": [0, {"count": "1", "sum": "1"}]}
    number = {"metric": {"__name__": "up"}, "value": [0, "1"]}
    answers(node, success("vector", [histogram, number], warnings=["w"], infos=["i"]))
    result = remote.instant("up", 0)
    assert [sample.labels for sample in result.value.samples] == [(("__name__", "up"),)]
    assert result.warnings[0] == "w"
    assert "native histograms" in result.warnings[1]
    assert result.infos == ("i",)


@pytest.mark.parametrize(
    ("status", "document", "error"),
    [
        (422, failure("execution", "many-to-many"), QueryError),
        (503, failure("timeout", "query timed out"), QueryTimeoutError),
        (
            400,
            failure("bad_data", 'invalid parameter "query": 1:5: parse error: x'),
            QuerySyntaxError,
        ),
        (400, failure("bad_data", "exceeded maximum resolution"), QuerySyntaxError),
        (400, failure("bad_data", "99999999999:9: parse error: x"), QuerySyntaxError),
        (500, failure("internal", "disk"), SourceError),
        (503, failure("unavailable", "starting"), SourceError),
        (200, {"status": "perhaps"}, SourceError),
    ],
)
def test_errors__keep_their_kind(remote, node, status, document, error):
    """Whoever asks handles them as this app's own."""
    answers(node, document, status=status)
    with pytest.raises(error) as caught:
        remote.instant("up +", 0)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("document", "status", "kind"),
    [
        (b"<html>", 200, "error"),
        (b"<html>", 502, "error"),
        (b"[]", 200, "error"),
        (b"{}", 404, "missing"),
        (b"{}", 401, "unauthorized"),
        (b"{}", 403, "unauthorized"),
        (success("vector", "abc"), 200, "invalid"),
        (success("vector", [{"metric": {}, "value": [0, "x"]}]), 200, "invalid"),
        (success("matrix", [{"metric": {}, "values": []}]), 200, "invalid"),
        (success("vector", [{"metric": [], "value": [1e400, "1"]}]), 200, "error"),
        (success("moon", []), 200, "invalid"),
        ({"status": "success"}, 200, "invalid"),
        ({"status": "success", "data": None, "warnings": 5}, 200, "invalid"),
    ],
)
def test_answers__that_are_none(remote, node, document, status, kind):
    """Nothing that a server sends is an error of ours."""
    answers(node, document, status=status)
    refused(kind, remote)


def test_server__that_says_nothing(remote, node, settings):
    """Waited for within the timeout."""
    settings.ZEROSTATE_MONITORING_PROMETHEUS_TIMEOUT_SECONDS = 0.3
    node.answers[QUERY] = lambda handler: node.stopped.wait(30)
    before = time.monotonic()
    refused("timeout", querier())
    assert time.monotonic() - before < 4


def test_server__that_is_away(settings):
    """Refused at once."""
    settings.ZEROSTATE_MONITORING_PROMETHEUS_URL = "http://127.0.0.1:1"
    refused("refused", querier())


def test_answer__that_is_too_large(remote, node, settings):
    """Not read to its end."""
    settings.ZEROSTATE_MONITORING_PROMETHEUS_MAX_BYTES = 1000
    answers(node, b" " * 5000)
    refused("too_large", querier())


def test_redirect__is_not_followed(remote, node):
    """A token goes where it belongs."""
    answers(node, b"", status=302, Location="http://elsewhere.example/")
    refused("redirect", remote)
    assert len(node.requests) == 1


def test_connection__that_was_closed_is_opened_anew(remote, node):
    """Between two questions a server may close; the second is asked once more."""

    def answer_and_close(handler):
        handler.reply(json.dumps(success("vector", [])).encode())
        handler.close_connection = True

    node.answers[QUERY] = answer_and_close
    for _ in range(3):
        assert remote.instant("up", 0).value.samples == ()


def test_tls__by_the_authority_of_the_settings(settings, tmp_path, monkeypatch):
    """A server whose authority is not known is not asked."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    body = json.dumps({"status": "success", "data": {}}).encode()
    with fake_node(context) as node:
        settings.ZEROSTATE_MONITORING_PROMETHEUS_URL = node.url
        node.answers["/api/v1/metadata?metric=&limit="] = lambda handler: handler.reply(body)
        with pytest.raises(SourceError) as caught:
            querier().metadata()
        assert caught.value.kind == "tls"
        settings.ZEROSTATE_MONITORING_PROMETHEUS_CA_FILE = str(tmp_path / "ca.pem")
        assert querier().metadata().families == {}
        close_connections()
    settings.ZEROSTATE_MONITORING_PROMETHEUS_CA_FILE = str(tmp_path / "none.pem")
    with pytest.raises(ConfigurationError, match="PROMETHEUS_CA_FILE"):
        querier()
