"""The webhook's door: who may tell, how much, and what is answered."""

from __future__ import annotations

import json

import pytest
from django.db import DataError, OperationalError
from django.test import Client

from tests.alerting.incoming.messages import message, told
from zerostate_monitoring.api import alertmanager
from zerostate_monitoring.instrumentation.registry import REGISTRY
from zerostate_monitoring.models import Alert, AlertEvent

pytestmark = pytest.mark.django_db

PATH = "/monitoring/api/v1/alertmanager/webhook"
TOKEN = "t0ken"


@pytest.fixture
def opened(settings):
    settings.ZEROSTATE_MONITORING_WEBHOOK_TOKEN = TOKEN
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    return settings


def send(body=None, token=TOKEN, method="post", **headers):
    client = Client(enforce_csrf_checks=True, headers={"authorization": f"Bearer {token}"})
    data = json.dumps(message(told())) if body is None else body
    return getattr(client, method)(PATH, data, content_type="application/json", **headers)


def test_webhook__takes_a_message(opened):
    """And says what it did; a second time there is nothing to do."""
    answer = send()
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json()["status"] == "success"
    assert answer.json()["data"]["fired"] == 1
    assert send().json()["data"] == {
        "fired": 0,
        "resolved": 0,
        "unchanged": 1,
        "truncated": 0,
        "without_rule": 1,
    }
    assert Alert.objects.count() == 1


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", "tökén"])
def test_token__a_wrong_one_is_refused(opened, token):
    """401, and nothing is written."""
    answer = send(token=token)
    assert (answer.status_code, answer.json()["errorType"]) == (401, "unauthorized")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert not Alert.objects.exists()


def test_token__none_is_refused(opened, client):
    """The API's token or a session do not open it."""
    opened.ZEROSTATE_MONITORING_API_TOKEN = "other"
    assert client.post(PATH, "{}", content_type="application/json").status_code == 401
    assert send(token="other").status_code == 401


def test_token__unset_closes_it(opened):
    """And the answer names the setting; no token is right."""
    opened.ZEROSTATE_MONITORING_WEBHOOK_TOKEN = ""
    for token in ("", TOKEN):
        answer = send(token=token)
        assert answer.status_code == 404
        assert "ZEROSTATE_MONITORING_WEBHOOK_TOKEN" in answer.json()["error"]


def test_evaluate__where_rules_are_evaluated_nothing_is_taken(opened):
    """409, which Alertmanager does not try again; with the setting that changes it."""
    opened.ZEROSTATE_MONITORING_EVALUATE = True
    answer = send()
    assert answer.status_code == 409
    assert "ZEROSTATE_MONITORING_EVALUATE = False" in answer.json()["error"]
    assert not Alert.objects.exists()


def test_enabled__switched_off_it_is_to_be_tried_again(opened):
    """503."""
    opened.ZEROSTATE_MONITORING_ENABLED = False
    assert send().status_code == 503


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_method__is_post(opened, method):
    """405 with what is allowed."""
    answer = send("", method=method)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("", "JSON"),
        ("{", "JSON"),
        (json.dumps(message(version="5")), "version"),
        (json.dumps(message({"status": "firing"})), "alerts[0].labels"),
    ],
)
def test_body__that_is_no_message_is_refused(opened, body, field):
    """400 with the field."""
    answer = send(body)
    assert (answer.status_code, answer.json()["errorType"]) == (400, "bad_data")
    assert field in answer.json()["error"]


def test_body__too_large_is_refused(opened):
    """413 for ten megabytes, said or not said before."""
    large = json.dumps(message(told(node="x" * 10_000_000)))
    assert send(large).status_code == 413
    assert send(large, CONTENT_LENGTH="100").status_code in {400, 413}
    assert not Alert.objects.exists()


def test_body__more_than_is_announced_is_counted(opened, rf):
    """What is read is bounded, whatever a header says."""
    opened.ZEROSTATE_MONITORING_API_MAX_BYTES = 1000
    request = rf.post(
        PATH,
        json.dumps(message(told(node="x" * 2000))),
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {TOKEN}",
    )
    request.META["CONTENT_LENGTH"] = ""
    assert alertmanager.receive(request).status_code == 413


def test_database__away_is_to_be_tried_again(opened, monkeypatch):
    """503: Alertmanager keeps the message."""

    def away(given):
        raise OperationalError("gone")

    monkeypatch.setattr(alertmanager, "apply", away)
    assert send().status_code == 503


def test_zeros__are_left_out_wherever_they_stand(opened):
    """PostgreSQL keeps none, and one message that it refuses would hold back all that follow."""
    one = {**told(node="a\0b", **{"x\0y": "z"}), "generatorURL": "http://a\0/"}
    one["annotations"] = {"summary\0": "gone\0"}
    assert send(json.dumps(message(one, receiver="zero\0state"))).json()["data"]["fired"] == 1
    row = Alert.objects.get()
    assert (row.labels["node"], row.labels["xy"]) == ("ab", "z")
    assert row.annotations == {"summary": "gone"}
    detail = AlertEvent.objects.get().detail
    assert (detail["receiver"], detail["url"]) == ("zerostate", "http://a/")


def test_database__that_cannot_keep_it_is_not_asked_again(opened, monkeypatch):
    """400, which Alertmanager does not try again."""

    def unkept(given):
        raise DataError("no such text")

    monkeypatch.setattr(alertmanager, "apply", unkept)
    answer = send()
    assert (answer.status_code, answer.json()["errorType"]) == (400, "bad_data")


def test_order__the_end_may_come_first(opened):
    """What resolved before it fired is one alert that is over, and stays it."""
    outcomes = [
        send(json.dumps(message(told(word)))).json()["data"] for word in ("resolved", "firing")
    ]
    assert [(one["fired"], one["resolved"], one["unchanged"]) for one in outcomes] == [
        (1, 1, 0),
        (0, 0, 1),
    ]
    assert Alert.objects.get().state == "resolved"


def counted(name, **labels):
    return REGISTRY.get_sample_value(f"zerostate_monitoring_alertmanager_{name}_total", labels) or 0


def test_answers__are_counted(opened):
    """Messages by status, alerts by what became of them; also those that were left out."""
    words = ("fired", "resolved", "unchanged", "truncated", "without_rule")
    before = [counted("alerts", outcome=word) for word in words]
    statuses = [counted("messages", status=status) for status in ("200", "401", "400")]
    send(json.dumps(message(told(), told("resolved", node="b"), truncatedAlerts=7)))
    send()
    send(token="wrong")
    send("{")
    after = [counted("alerts", outcome=word) for word in words]
    assert [b - a for a, b in zip(before, after, strict=True)] == [2, 1, 1, 7, 3]
    now = [counted("messages", status=status) for status in ("200", "401", "400")]
    assert [b - a for a, b in zip(statuses, now, strict=True)] == [2, 1, 1]


def test_errors__are_told_and_logged(opened, monkeypatch, caplog):
    """What nobody foresaw is an answer, too."""

    def broken(given):
        raise KeyError("x")

    monkeypatch.setattr(alertmanager, "apply", broken)
    assert send().status_code == 500
    assert "webhook_broken" in caplog.text
