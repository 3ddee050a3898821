"""Slack: its words decide what becomes of a message."""

from __future__ import annotations

import json

import pytest

from tests.notifiers.batches import ANNOTATIONS, LABELS, alert, batch, on, samples, target
from zerostate_monitoring.notifiers.base import DeliveryError
from zerostate_monitoring.notifiers.slack import SlackNotifier, escaped, linked

NOTIFIER = SlackNotifier()


def hook(receiver):
    return target({"url": f"{receiver.url}/services/T0123/B0123/abcdefghijkl"})


def bot(receiver):
    return target({"token": "xoxb-12345678"}, channel="C01", api_url=f"{receiver.url}/api")


def send(to, *alerts):
    return NOTIFIER.send(NOTIFIER.compose(batch(*alerts), to), to, key="k", timeout=5)


def error_of(to):
    with pytest.raises(DeliveryError) as caught:
        send(to)
    return caught.value


def fields_of(secrets=None, **config):
    return [fault.field for fault in NOTIFIER.faults(target(secrets, **config))]


def test_send__a_webhook_gets_text_and_an_attachment_for_each_alert(receiver):
    """Coloured by severity, green for what is over."""
    answer = send(hook(receiver), on("a", 1, samples=samples()), on("b", 2, ended=60))

    assert (answer.text, answer.status) == ("ok", 200)
    body = receiver.posted[0].json
    assert body["text"].startswith("[FIRING critical] ZeroStateNodeErrorsHigh node=a,b")
    assert [one["color"] for one in body["attachments"]] == ["#d92d20", "#2da44e"]
    assert "channel" not in body
    text = json.dumps(body, ensure_ascii=False)
    assert "0.42, fires above 0.2" in text
    assert "▁" in text
    assert "<https://ops.example/runbooks/node-errors|What to do>" in text


def test_send__a_bot_posts_to_its_channel_with_its_token(receiver):
    """The token is in the header and nowhere else."""
    receiver.answer((200, b'{"ok":true,"channel":"C01","ts":"1.2"}'))

    assert send(bot(receiver)).text == "ok"

    [posted] = receiver.posted
    assert posted.headers["Authorization"] == "Bearer xoxb-12345678"
    assert posted.json["channel"] == "C01"
    assert b"xoxb" not in posted.body


@pytest.mark.parametrize(
    ("status", "words", "is_permanent"),
    [
        (200, b"<html>please log in</html>", False),
        (200, b"", False),
        (400, b"invalid_payload", True),
        (403, b"invalid_token", True),
        (404, b"no_service", True),
        (410, b"channel_is_archived", True),
        (500, b"rollup_error", False),
    ],
)
def test_send__only_ok_of_a_webhook_is_ok(receiver, status, words, is_permanent):
    """A page of a proxy that answers 200 has posted nothing."""
    receiver.answer((status, words))

    error = error_of(hook(receiver))

    assert error.is_permanent == is_permanent
    assert "abcdefghijkl" not in str(error)


@pytest.mark.parametrize(
    ("words", "is_permanent"),
    [
        (b'{"ok":false,"error":"channel_not_found"}', True),
        (b'{"ok":false,"error":"invalid_auth"}', True),
        (b'{"ok":false,"error":"ratelimited"}', False),
        (b'{"ok":false,"error":"internal_error"}', False),
        (b"garbage", False),
    ],
)
def test_send__a_bot_is_refused_with_status_200(receiver, words, is_permanent):
    """The word in the answer counts."""
    receiver.answer((200, words))

    error = error_of(bot(receiver))

    assert error.is_permanent == is_permanent


def test_send__429_waits_as_long_as_slack_says(receiver):
    """For webhooks and bots."""
    receiver.answer((429, b"", {"Retry-After": "30"}))
    assert error_of(hook(receiver)).retry_after_seconds == 30
    assert error_of(bot(receiver)).retry_after_seconds == 30


def test_compose__nothing_in_a_label_mentions_anybody_or_is_a_link():
    """Labels come from outside; they stay text."""
    labels = {**LABELS, "node": "<!channel> & <http://evil.example|x>"}
    told = {**ANNOTATIONS, "summary": "<!here>", "runbook_url": "javascript:alert(1)"}
    payload = NOTIFIER.compose(batch(alert(labels=labels, annotations=told)), target()).payload

    shown = payload["text"] + json.dumps([one["blocks"] for one in payload["attachments"]])
    assert "<!" not in shown
    assert "<http://evil" not in shown
    assert "javascript" not in shown
    assert "&lt;!channel&gt; &amp;" in shown


def test_compose__stays_within_slacks_bounds():
    """At most 50 blocks, texts of 3,000 characters, fields of 2,000, ten of them."""
    told = {f"note{n}": "x" * 5_000 for n in range(30)} | {"summary": "y" * 9_000}
    many = [on(f"n{n}", n, annotations=told) for n in range(60)]
    payload = NOTIFIER.compose(batch(*many, truncated=5), target()).payload

    blocks = [block for one in payload["attachments"] for block in one.get("blocks", ())]
    assert len(blocks) <= 50
    assert all(len(block["text"]["text"]) <= 3_000 for block in blocks if "text" in block)
    fields = [block["fields"] for block in blocks if "fields" in block]
    assert all(len(some) <= 10 for some in fields)
    assert all(len(one["text"]) <= 2_000 for some in fields for one in some)
    assert "and 45 more: https://ops.example" in payload["attachments"][-1]["text"]


def test_linked__an_address_cannot_end_its_link():
    """Neither by a bar nor by a bracket."""
    assert linked("https://a.example/?x=|>", "a|b>") == "<https://a.example/?x=%7C&gt;|a¦b&gt;>"
    assert linked("", "<b>") == escaped("<b>") == "&lt;b&gt;"


def test_faults__a_webhook_or_a_bot():
    """One of them, whole."""
    good = "https://hooks.slack.com/services/T/B/x"
    assert fields_of({"url": good}) == []
    assert fields_of({"token": "xoxb-1"}, channel="C01") == []
    assert fields_of() == ["url"]
    assert fields_of({"url": good, "token": "xoxb-1"}, channel="C01") == ["token"]
    assert fields_of({"token": "xoxb-1"}) == ["channel"]
    assert fields_of({"token": "a b"}, channel="C01") == ["token"]
    assert fields_of({"url": "http://169.254.169.254/"}) == ["url"]
    assert fields_of({"token": "x"}, channel="C01", api_url="file:///x") == ["api_url"]
