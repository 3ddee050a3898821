"""Alerts that walk all the way, to servers that record what PagerDuty and Slack would be told."""

from __future__ import annotations

import pytest

from tests.notifiers.receiver import fake_receiver
from zerostate_monitoring.models import Message, OutboxEntry, Receiver
from zerostate_monitoring.notifiers.secrets import seal

KEY = "0123456789abcdef0123456789abcdef"
TAKEN = (202, b'{"status":"success","message":"Event processed","dedup_key":"x"}')


@pytest.fixture
def server():
    with fake_receiver() as running:
        yield running


@pytest.fixture
def pagerduty(house, server):
    """A route to an integration of PagerDuty."""
    server.answer(TAKEN)
    row = Receiver.objects.create(
        name="pager",
        kind="pagerduty",
        config={"url": f"{server.url}/v2/enqueue"},
        secret=seal({"routing_key": KEY}),
    )
    house.route(row)
    return server


def told(server):
    return [(one.json["event_action"], one.json["dedup_key"]) for one in server.posted]


def test_pagerduty__what_fired_is_resolved_under_its_key(house, pagerduty):
    """Whatever became of texts, value and rule between; the next time is another incident."""
    alert = house.fire(severity="critical")
    house.deliver(5)
    alert.annotations, alert.value = {"summary": "other words"}, 0.0
    house.rule.expr = "up < 1"
    house.rule.save()
    house.resolve(alert)
    house.deliver(300)

    (fired, key), (resolved, same) = told(pagerduty)
    assert (fired, resolved) == ("trigger", "resolve")
    assert key == same
    assert pagerduty.posted[0].json["routing_key"] == KEY
    assert pagerduty.posted[0].json["payload"]["severity"] == "critical"

    house.fire(severity="critical")
    house.deliver(300)
    assert told(pagerduty)[2][0] == "trigger"
    assert told(pagerduty)[2][1] != key


def test_pagerduty__a_repeated_try_is_the_same_event(house, pagerduty):
    """Byte for byte: PagerDuty takes it for the same incident."""
    pagerduty.answer((500, b""), TAKEN)
    house.fire()
    house.deliver(5)
    house.deliver_until(lambda: len(pagerduty.posted) > 1)

    first, second = pagerduty.posted
    assert first.body == second.body
    assert house.message().state == "sent"


def test_pagerduty__each_of_a_hundred_and_fifty_alerts_has_its_event(house, pagerduty):
    """And its own key, under which it is resolved; PagerDuty was away in the middle."""
    pagerduty.answer(*[TAKEN] * 50, (503, b""), TAKEN)
    alerts = house.fire_many([{"n": str(n)} for n in range(150)])
    house.deliver(5)
    assert house.message().state == "due"
    house.deliver_until(lambda: not Message.objects.exclude(state="sent"))

    fired = {key for action, key in told(pagerduty) if action == "trigger"}
    assert len(fired) == 150
    # What was taken was not sent again: ten of the twenty of the message that broke off.
    assert len(told(pagerduty)) == 150 + 11
    house.resolve(*alerts)
    house.deliver_until(lambda: not OutboxEntry.objects.exclude(state="sent"))
    assert {key for action, key in told(pagerduty) if action == "resolve"} == fired
    assert len(told(pagerduty)) == 150 + 11 + 150


def test_slack__fires_and_resolves(house, server):
    """One message each; the webhook's path is in no row."""
    row = Receiver.objects.create(
        name="channel", kind="slack", secret=seal({"url": f"{server.url}/services/T0/B0/secret9"})
    )
    house.route(row)
    alert = house.fire(severity="warning")
    house.deliver(5)
    house.resolve(alert)
    house.deliver(300)

    fired, resolved = (one.json for one in server.posted)
    assert fired["text"].startswith("[FIRING warning] Down n=1")
    assert resolved["text"].startswith("[RESOLVED after 5s] Down n=1")
    assert {one.path for one in server.posted} == {"/services/T0/B0/secret9"}
    assert "secret9" not in str(house.message().payload)
