"""Whatever stands in an alert, and wherever a receiver leads: each kind on its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core import mail

from tests.notifiers.batches import LABELS, alert, batch, target
from zerostate_monitoring.notifiers import KINDS
from zerostate_monitoring.notifiers.base import DeliveryError
from zerostate_monitoring.notifiers.heartbeat import call
from zerostate_monitoring.notifiers.subjects import LONGEST

# Loading its plug-ins, apprise imports what later Pythons have no more.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

LONG = "n" * 10_240
FIRE = "\U0001f525\U0001f468\u200d\U0001f469\u200d\U0001f467"
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>"
BREAK = "x\r\nBcc: evil@example.org\r\n\r\nevil\u2028\u2029\x85\0"
TEXTS = {"long": LONG, "emoji": FIRE, "markup": MARKUP, "line breaks": BREAK}
KEY = "0123456789abcdef0123456789abcdef"
SENT = ("email", "webhook", "slack", "pagerduty", "apprise")


@pytest.fixture(autouse=True)
def _any_scheme(settings):
    settings.ZEROSTATE_MONITORING_APPRISE_SCHEMES = ["json"]


@pytest.fixture
def server(receiver):
    receiver.answer((200, b"ok"))
    return receiver


def to(kind: str, base: str) -> Any:
    """A receiver of this kind at a server."""
    return {
        "email": target(recipients=["ops@example.org"]),
        "webhook": target(url=base),
        "slack": target({"url": base}),
        "pagerduty": target({"routing_key": KEY}, url=base),
        "apprise": target({"url": base.replace("http://", "json://")}),
    }[kind]


def send(kind: str, base: str, text: str) -> Any:
    """Everything in the alert says ``text``."""
    labels = {**LABELS, "alertname": text, "severity": text, "node": text, "a": "b"}
    told = dict.fromkeys(("summary", "description", "runbook_url", "note"), text)
    one = alert(labels=labels, annotations=told, expr=text)
    notifier, where = KINDS[kind], to(kind, base)
    message = batch(one, receiver=text[:100], group_key=text, group_labels={"node": text})
    composed = notifier.compose(message, where)
    return composed, notifier.send(composed, where, key="k", timeout=5)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("kind", SENT)
def test_send__anything_in_labels_is_taken(server, kind, text):
    """One message, one line of subject, a body of a sane size that can be read and kept."""
    composed, _ = send(kind, server.url, text)

    assert composed.subject.isprintable()
    assert len(composed.subject) <= LONGEST
    kept = json.dumps(composed.payload)
    assert "\\u0000" not in kept
    assert len(kept) < 512 * 1024
    if kind == "email":
        (sent,) = mail.outbox
        message = sent.message()
        assert message["Bcc"] is None
        assert message["To"] == "ops@example.org"
        assert len(message.as_bytes()) < 512 * 1024
    else:
        (posted,) = server.posted
        assert posted.json
        assert "Bcc" not in posted.headers


def test_webhook__keeps_texts_whole(server):
    """It speaks to programs: nothing is cut or escaped but what JSON escapes."""
    send("webhook", server.url, FIRE + MARKUP + LONG)
    assert server.posted[0].json["alerts"][0]["labels"]["node"] == FIRE + MARKUP + LONG


def test_pagerduty__long_labels_leave_room_for_the_others(server):
    """One label of 10 kB does not push another out of the details."""
    send("pagerduty", server.url, LONG)
    details = server.posted[0].json["payload"]["custom_details"]
    assert "a=b" in details["Labels"]
    assert len(details["Labels"]) <= 1_000


@pytest.mark.parametrize("kind", [kind for kind in SENT if kind != "email"])
def test_send__a_redirect_is_not_followed(server, kind):
    """Neither to the metadata service nor back to where it came from."""
    for there in ("http://169.254.169.254/latest/meta-data/", f"{server.url}/again"):
        server.posted.clear()
        server.answer((307, b"", {"Location": there}))
        with pytest.raises(DeliveryError):
            send(kind, server.url, "x")
        assert len(server.posted) == 1


@pytest.mark.parametrize("kind", [kind for kind in SENT if kind != "email"])
@pytest.mark.parametrize(
    "base",
    ["http://169.254.169.254/", "http://[::ffff:169.254.169.254]/", "http://2852039166/"],
)
def test_faults__the_metadata_service_is_no_receiver(kind, base):
    """In none of the ways in which its address is written, when saved and when sent."""
    assert KINDS[kind].faults(to(kind, base))
    with pytest.raises(DeliveryError) as caught:
        send(kind, base, "x")
    assert caught.value.is_permanent


@pytest.mark.parametrize("kind", [kind for kind in SENT if kind != "email"])
def test_faults__a_file_is_no_receiver(kind):
    """Nor anything else that is not http."""
    where = to(kind, "http://127.0.0.1/")
    for side in (where.config, where.secrets):
        if "url" in side:
            side["url"] = "file:///etc/passwd"
    assert [fault.field for fault in KINDS[kind].faults(where)] == ["url"]


def test_heartbeat__goes_where_messages_may_go(server):
    """No redirect, no metadata service, no file; and its path is in no error."""
    assert call(f"{server.url}/ping/s3cret", timeout=5).status == 200
    assert server.posted[0].path == "/ping/s3cret"
    server.answer((302, b"", {"Location": f"{server.url}/again"}))
    for url in (
        f"{server.url}/ping/s3cret",
        "http://169.254.169.254/s3cret",
        "http://2852039166/s3cret",
        "file:///s3cret",
    ):
        with pytest.raises(DeliveryError) as caught:
            call(url, timeout=5)
        assert "s3cret" not in str(caught.value)
    assert len(server.posted) == 2
