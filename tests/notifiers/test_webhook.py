"""Webhooks: Alertmanager's JSON, and how a receiver knows who sent it."""

from __future__ import annotations

import base64
import time
from typing import Any

import orjson
import pytest

from tests.notifiers.batches import ANNOTATIONS, BASE, LABELS, alert, batch, on, target
from tests.packages import ROOT, blocks
from zerostate_monitoring.notifiers.base import DeliveryError
from zerostate_monitoring.notifiers.webhook import WebhookNotifier, fingerprint, signature

NOTIFIER = WebhookNotifier()


def send(receiver, composed=None, key="key-1", secrets=None, **config):
    to = target(secrets, url=f"{receiver.url}/hook", **config)
    return NOTIFIER.send(composed or NOTIFIER.compose(batch(), to), to, key=key, timeout=5)


def fields_of(secrets=None, **config):
    """Names of the fields with faults."""
    return [fault.field for fault in NOTIFIER.faults(target(secrets, **config))]


def test_compose__tells_no_end_of_what_fires_anew():
    """Labels name an alert in this format: two lines of one would be read as its end."""
    before, anew, other = alert(1, ended=60), alert(2, fingerprint=f"{1:016x}"), on("b", 3)
    payload = NOTIFIER.compose(batch(anew, other, before), target()).payload
    assert [one["status"] for one in payload["alerts"]] == ["firing", "firing"]
    payload = NOTIFIER.compose(batch(other, before), target()).payload
    assert [one["status"] for one in payload["alerts"]] == ["firing", "resolved"]


def test_compose__is_version_4_key_by_key():
    """One firing and one resolved alert, with what they have in common."""
    payload = NOTIFIER.compose(batch(on("a", 1), on("b", 2, ended=60)), target()).payload

    common = {name: value for name, value in LABELS.items() if name != "node"}
    assert payload == {
        "version": "4",
        "groupKey": '{}/{layer="p2p"}:{alertname="ZeroStateNodeErrorsHigh"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "on-call",
        "groupLabels": {"alertname": "ZeroStateNodeErrorsHigh"},
        "commonLabels": common,
        "commonAnnotations": ANNOTATIONS,
        "externalURL": BASE,
        "alerts": [
            {
                "status": "firing",
                "labels": {**LABELS, "node": "a"},
                "annotations": ANNOTATIONS,
                "startsAt": "2026-11-26T04:14:05Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": f"{BASE}/admin/zerostate_monitoring/alert/1/change/",
                "fingerprint": fingerprint({**LABELS, "node": "a"}),
            },
            {
                "status": "resolved",
                "labels": {**LABELS, "node": "b"},
                "annotations": ANNOTATIONS,
                "startsAt": "2026-11-26T04:14:05Z",
                "endsAt": "2026-11-26T04:15:05Z",
                "generatorURL": f"{BASE}/admin/zerostate_monitoring/alert/2/change/",
                "fingerprint": fingerprint({**LABELS, "node": "b"}),
            },
        ],
    }


def test_compose__is_resolved_when_all_are():
    """The status of the whole."""
    assert NOTIFIER.compose(batch(alert(ended=60)), target()).payload["status"] == "resolved"


def test_send__the_body_is_the_payload_and_the_key_goes_with_it(receiver):
    """Each try sends the same bytes."""
    composed = NOTIFIER.compose(batch(), target())
    thawed = type(composed)(composed.subject, orjson.loads(orjson.dumps(composed.payload)))

    answer = send(receiver, composed)
    send(receiver, thawed)

    assert (answer.status, answer.text) == (200, "ok")
    first, second = receiver.posted
    assert first.body == second.body
    assert first.json == composed.payload
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == "key-1"
    assert "Authorization" not in first.headers
    assert "X-Zerostate-Signature" not in first.headers


def test_send__is_signed_so_that_the_documented_check_accepts_it(receiver):
    """Time and body are signed; another body, time or secret is found out."""
    (check,) = [one for one in blocks(ROOT / "docs" / "receivers.md") if one.name == "check"]
    documented: dict[str, Any] = {}
    exec(check.text, documented)
    is_genuine = documented["is_genuine"]
    send(receiver, secrets={"signing_secret": "s3cret"})

    [posted] = receiver.posted
    assert is_genuine("s3cret", posted.headers, posted.body)
    assert not is_genuine("other", posted.headers, posted.body)
    assert not is_genuine("s3cret", posted.headers, posted.body + b" ")
    later = str(int(posted.headers["X-Zerostate-Timestamp"]) + 1)
    assert not is_genuine("s3cret", {**posted.headers, "X-Zerostate-Timestamp": later}, posted.body)
    stale = str(int(time.time()) - 600)
    signed = signature("s3cret", stale, posted.body)
    old = {"X-Zerostate-Timestamp": stale, "X-Zerostate-Signature": signed}
    assert not is_genuine("s3cret", old, posted.body)


def test_send__bearer_token_and_basic_authentication(receiver):
    """Either goes as the header says."""
    send(receiver, secrets={"token": "t0ken"})
    send(receiver, secrets={"password": "pä:ss"}, username="me")

    bearer, basic = (posted.headers["Authorization"] for posted in receiver.posted)
    assert bearer == "Bearer t0ken"
    assert base64.b64decode(basic.removeprefix("Basic ")).decode() == "me:pä:ss"


def test_send__a_secret_address_is_posted_to_and_not_shown(receiver):
    """Its path is left out of what the receiver said."""
    receiver.answer((404, b"nothing at /hook-0123456789"))
    to = target({"secret_url": f"{receiver.url}/hook-0123456789"})

    with pytest.raises(DeliveryError) as caught:
        NOTIFIER.send(NOTIFIER.compose(batch(), to), to, key="k", timeout=5)

    assert receiver.posted[0].path == "/hook-0123456789"
    assert "0123456789" not in str(caught.value)
    assert caught.value.is_permanent


@pytest.mark.parametrize(
    ("status", "headers", "is_permanent", "wait"),
    [
        (400, {}, True, None),
        (401, {}, True, None),
        (302, {"Location": "http://169.254.169.254/"}, True, None),
        (429, {"Retry-After": "17"}, False, 17),
        (500, {}, False, None),
        (503, {"Retry-After": "3"}, False, 3),
    ],
)
def test_send__statuses(receiver, status, headers, is_permanent, wait):
    """What the delivery does next follows from status and ``Retry-After``."""
    receiver.answer((status, b"no", headers))

    with pytest.raises(DeliveryError) as caught:
        send(receiver)

    error = caught.value
    assert (error.status, error.is_permanent) == (status, is_permanent)
    assert error.retry_after_seconds == wait
    assert len(receiver.posted) == 1


def test_faults__what_cannot_work_is_found_before_it_is_saved():
    """By field."""
    good = "https://hooks.example/x"
    assert fields_of(url=good) == []
    assert fields_of({"secret_url": good, "signing_secret": "x"}) == []
    assert fields_of() == ["url"]
    assert fields_of({"secret_url": good}, url=good) == ["secret_url"]
    assert fields_of(url="file:///etc/passwd") == ["url"]
    assert fields_of({"secret_url": "http://169.254.169.254/"}) == ["secret_url"]
    assert fields_of({"token": "a b"}, url=good) == ["token"]
    assert fields_of({"token": "x"}, url=good, username="me") == ["username"]
    assert fields_of({"password": "x"}, url=good) == ["username"]
    assert fields_of(url=good, username="a:b") == ["username"]
    assert fields_of(url=good, tokn="x") == ["tokn"]
    assert fields_of(url=good, token="x") == ["token"]
    assert fields_of(url=7) == ["url"]


def test_fingerprint__is_alertmanagers():
    """Measured on Alertmanager 0.25: a label set, and the empty one."""
    assert fingerprint({}) == "cbf29ce484222325"
    assert fingerprint({"alertname": "A", "node": "x"}) == fingerprint(
        {"node": "x", "alertname": "A"}
    )
    assert fingerprint({"a": "bc"}) != fingerprint({"ab": "c"})
