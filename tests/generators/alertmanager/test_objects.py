"""The AlertmanagerConfig: what the file says, in the operator's words, and no secret in it."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given

from tests.generators.alertmanager.hostile import definitions
from tests.generators.alertmanager.operator import faults
from tests.generators.alertmanager.test_document import receiver, route
from zerostate_monitoring.generators import kubernetes
from zerostate_monitoring.generators.alertmanager.document import document_of
from zerostate_monitoring.generators.alertmanager.objects import (
    SECRET,
    config_object,
    config_of,
)
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.models import Inhibition, MaintenanceWindow
from zerostate_monitoring.notifiers.secrets import seal

OPTIONS = ExportOptions(address="web.zerostate.svc:8000", alertmanager_version="0.34")


@pytest.fixture(autouse=True)
def _nobody_evaluates(settings):
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    settings.ZEROSTATE_MONITORING_DELIVERY_REFUSED_NETWORKS = ()


def window(name, **fields):
    times = {"weekdays": [0, 5], "start_time": "22:00", "end_time": "23:30"}
    MaintenanceWindow.objects.create(
        name=name, kind="weekly", matchers='node="a"', **times, **fields
    )


def of_secret(key):
    return {"name": SECRET, "key": key}


@given(found=definitions())
def test_spec__is_taken_whatever_the_rows_hold(found):
    """Names, forms and types are the operator's; each receiver that is led to is there."""
    made = config_of(found, OPTIONS)
    assert list(faults(made.spec)) == []
    json.dumps(made.spec)
    names = [each["name"] for each in made.spec["receivers"]]
    assert len(set(names)) == len(names)
    windows = {each["name"] for each in made.spec.get("muteTimeIntervals", ())}
    for each in routes_of(made.spec["route"]):
        assert each.get("receiver", names[0]) in names
        assert set(each.get("muteTimeIntervals", ())) <= windows


def routes_of(found):
    yield found
    for each in found.get("routes", ()):
        yield from routes_of(each)


@given(found=definitions())
def test_spec__names_each_secret_that_the_file_has_in_a_file(found):
    """Every key that is named is told with what it holds, and every one that is told is named."""
    made = config_of(found, OPTIONS)
    named = set(keys_of(made.spec))
    assert named <= set(made.keys)
    files = document_of(found, OPTIONS).files
    assert {path.rpartition("/")[2] for path in files} <= set(made.keys)


def keys_of(found):
    if isinstance(found, dict):
        if set(found) == {"name", "key"}:
            yield found["key"]
        found = list(found.values())
    if isinstance(found, list):
        for each in found:
            yield from keys_of(each)


def test_faults__are_found():
    """The check can fail: a name in the file's words, a wrong form, a number for a text."""
    wrong = {
        "route": {"group_by": [], "groupWait": "1 s", "receiver": ""},
        "receivers": [{"name": 1}],
    }
    assert len(list(faults(wrong))) == 4


@pytest.mark.django_db
def test_receivers__of_each_kind(settings):
    """Files of secrets become keys of one Secret; what is no secret stays where it is."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_HOST_USER = "mail.example", "ann"
    settings.EMAIL_HOST_PASSWORD, settings.EMAIL_USE_TLS = "pw", True
    receiver("a mail", kind="email", config={"recipients": ["a@x.example"]})
    receiver("b chat", kind="slack", config={"channel": "#ops"}, secret=seal({"token": "t"}))
    receiver("c hook", kind="slack", config={}, secret=seal({"url": "https://s.example/x"}))
    receiver("d page", kind="pagerduty", config={}, secret=seal({"routing_key": "r" * 32}))
    receiver(
        "e login",
        config={"url": "https://h.example/x", "username": "bob"},
        secret=seal({"password": "pw"}),
    )
    receiver("f secret", config={}, secret=seal({"secret_url": "https://h.example/s"}))
    made = config_object(OPTIONS)
    assert list(faults(made.spec)) == []
    found = {each["name"]: each for each in made.spec["receivers"]}
    (mail,) = found["a mail"]["emailConfigs"]
    assert (mail["requireTLS"], mail["authPassword"]) == (True, of_secret("smtp-password"))
    (chat,) = found["b chat"]["slackConfigs"]
    assert chat["apiURL"] == of_secret("b-chat.api-url")
    assert chat["httpConfig"]["authorization"]["credentials"] == of_secret("b-chat.token")
    assert found["c hook"]["slackConfigs"][0]["apiURL"] == of_secret("c-hook.url")
    assert found["d page"]["pagerdutyConfigs"][0]["routingKey"] == of_secret("d-page.routing-key")
    (login,) = found["e login"]["webhookConfigs"]
    assert login["httpConfig"]["basicAuth"] == {
        "username": of_secret("e-login.username"),
        "password": of_secret("e-login.password"),
    }
    assert found["f secret"]["webhookConfigs"][0]["urlSecret"] == of_secret("f-secret.url")
    assert made.keys["e-login.username"] == "the name bob"
    assert made.keys["b-chat.api-url"] == "the address https://slack.com/api/chat.postMessage"


@pytest.mark.django_db
def test_routes__matchers_and_times():
    """Matchers in parts, as they are written in the file; windows of UTC, and no others."""
    route("one", receiver("a"), matchers='severity="critical"\nnode=~"edge-.*"', is_continued=True)
    Inhibition.objects.create(
        name="i", source_matchers="severity=critical", target_matchers="layer=p2p", equal=["node"]
    )
    window("nights", zone="UTC")
    window("berlin", zone="Europe/Berlin")
    made = config_object(OPTIONS)
    (to_app, others) = made.spec["route"]["routes"]
    assert (to_app["groupBy"], to_app["continue"]) == (["..."], True)
    (one,) = others["routes"]
    assert one["matchers"] == [
        {"name": "severity", "matchType": "=", "value": "critical"},
        {"name": "node", "matchType": "=~", "value": "(?s:edge-.*)"},
    ]
    assert [each["muteTimeIntervals"] for each in one["routes"]] == [["nights"]]
    assert [each["name"] for each in made.spec["muteTimeIntervals"]] == ["nights"]
    assert [said for said in made.said if "knows UTC alone" in said]
    assert {"name": "layer", "matchType": "=", "value": "p2p"} in [
        each for rule in made.spec["inhibitRules"] for each in rule["targetMatch"]
    ]


@pytest.mark.django_db
def test_object__stands_among_those_of_the_cluster(monkeypatch):
    """With the Secret's keys in its head, and what the operator must be told."""
    monkeypatch.setattr(kubernetes, "_dashboards", lambda options: {})
    text = kubernetes.files(OPTIONS)["alertmanager.yaml"]
    found = yaml.safe_load(text)
    assert (found["apiVersion"], found["kind"]) == (
        "monitoring.coreos.com/v1alpha1",
        "AlertmanagerConfig",
    )
    assert "webhook-token: ZEROSTATE_MONITORING_WEBHOOK_TOKEN" in text
    assert "alertmanagerConfigMatcherStrategy" in text.replace("\n#   ", " ")
    assert list(faults(found["spec"])) == []
