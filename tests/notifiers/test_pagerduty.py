"""PagerDuty: what fired under a key is resolved under the same."""

from __future__ import annotations

import json

import pytest

from tests.notifiers.batches import LABELS, alert, batch, on, samples, target
from zerostate_monitoring.notifiers.base import DeliveryError
from zerostate_monitoring.notifiers.pagerduty import PagerDutyNotifier

NOTIFIER = PagerDutyNotifier()
KEY = "0123456789abcdef0123456789abcdef"
TAKEN = b'{"status":"success","message":"Event processed","dedup_key":"x"}'


@pytest.fixture
def receiver(receiver):
    receiver.answer((202, TAKEN))
    return receiver


def to(receiver):
    return target({"routing_key": KEY}, url=f"{receiver.url}/v2/enqueue")


def send(receiver, *alerts, **changes):
    composed = NOTIFIER.compose(batch(*alerts, **changes), to(receiver))
    return NOTIFIER.send(composed, to(receiver), key="k", timeout=5)


def error_of(receiver, *alerts):
    with pytest.raises(DeliveryError) as caught:
        send(receiver, *alerts)
    return caught.value


def told(receiver):
    """What arrived: (action, key) of each event."""
    return [(one.json["event_action"], one.json["dedup_key"]) for one in receiver.posted]


def test_send__fire_and_resolve_have_the_same_key(receiver):
    """The key is fixed at firing, whatever value and texts are by then."""
    send(receiver, alert(incident="alert-7"))
    send(receiver, alert(incident="alert-7", ended=600, value=0.01, annotations={}))

    assert told(receiver) == [("trigger", "alert-7"), ("resolve", "alert-7")]


def test_send__each_alert_is_an_event_of_its_own(receiver):
    """Several alerts of one message are several incidents, over one connection."""
    answer = send(receiver, on("a", 1), on("b", 2), on("c", 3, ended=60))

    assert told(receiver) == [
        ("trigger", "incident-1"),
        ("trigger", "incident-2"),
        ("resolve", "incident-3"),
    ]
    assert (answer.status, answer.text) == (202, "Event processed")


def test_send__an_event_has_what_version_2_wants(receiver):
    """Key of the integration, summary, source, severity, time, links."""
    send(receiver, alert(samples=samples()))

    event = receiver.posted[0].json
    assert event["routing_key"] == KEY
    payload = event["payload"]
    assert payload["summary"] == (
        "ZeroStateNodeErrorsHigh node=edge-3: Node edge-3 refuses 42% of its messages"
    )
    assert (payload["source"], payload["severity"]) == ("edge-3", "critical")
    assert payload["timestamp"] == "2026-11-26T04:14:05Z"
    assert (payload["class"], payload["component"]) == ("ZeroStateNodeErrorsHigh", "p2p")
    assert payload["custom_details"]["Value"] == "0.42, fires above 0.2"
    assert event["client_url"] == "https://ops.example/admin/zerostate_monitoring/alert/1/change/"
    assert event["links"][0] == {
        "href": "https://ops.example/runbooks/node-errors",
        "text": "What to do",
    }


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("critical", "critical"), ("warning", "warning"), ("info", "info"), ("page", "error")],
)
def test_compose__severities(ours, theirs):
    """PagerDuty knows four; all else is an error."""
    payload = NOTIFIER.compose(batch(alert(labels={**LABELS, "severity": ours})), target()).payload
    assert payload["events"][0]["payload"]["severity"] == theirs


def test_compose__holds_no_secret():
    """The integration's key is added when it is sent."""
    payload = NOTIFIER.compose(batch(), target({"routing_key": KEY})).payload
    assert KEY not in json.dumps(payload)


def test_compose__a_test_leaves_no_incident_open(receiver):
    """It is resolved at once, and says that it is a test."""
    send(receiver, alert(incident="t"), purpose="test")

    assert told(receiver) == [("trigger", "t"), ("resolve", "t")]
    assert receiver.posted[0].json["payload"]["summary"].startswith("This is a test.")


def test_send__a_batch_that_broke_off_is_sent_whole_and_doubles_nothing(receiver):
    """The same keys again: PagerDuty takes them for the same incidents."""
    receiver.answer((202, TAKEN), (500, b""), (202, TAKEN))

    error = error_of(receiver, on("a", 1), on("b", 2), on("c", 3))
    assert not error.is_permanent
    send(receiver, on("a", 1), on("b", 2), on("c", 3))

    keys = [key for _, key in told(receiver)]
    assert keys == ["incident-1", "incident-2", "incident-1", "incident-2", "incident-3"]


def test_send__an_event_that_is_refused_for_good_does_not_hold_back_others(receiver):
    """The others arrive; the refusal is told with PagerDuty's words."""
    refusal = (
        b'{"status":"invalid event","message":"Event object is invalid","errors":["too long"]}'
    )
    receiver.answer((202, TAKEN), (400, refusal), (202, TAKEN))

    error = error_of(receiver, on("a", 1), on("b", 2), on("c", 3))

    assert len(receiver.posted) == 3
    assert (error.is_permanent, error.status) == (True, 400)
    assert "Event object is invalid: too long" in str(error)


def test_send__429_waits(receiver):
    """PagerDuty throttles per integration."""
    receiver.answer((429, b"", {"Retry-After": "60"}))

    error = error_of(receiver)

    assert (error.is_permanent, error.retry_after_seconds) == (False, 60)


def test_compose__long_texts_stay_within_the_bounds():
    """Summary 1,024 characters, key 255."""
    long = alert(incident="i" * 400, annotations={"summary": "s" * 5_000})
    event = NOTIFIER.compose(batch(long), target()).payload["events"][0]
    assert len(event["payload"]["summary"]) <= 1_024
    assert len(event["dedup_key"]) <= 255


def test_faults__the_key_has_32_characters():
    """A key of the older API is found out when it is saved."""
    good = target({"routing_key": KEY})
    assert NOTIFIER.faults(good) == []
    assert [one.field for one in NOTIFIER.faults(target())] == ["routing_key"]
    assert [one.field for one in NOTIFIER.faults(target({"routing_key": "x"}))] == ["routing_key"]
    bad = target({"routing_key": KEY}, url="ftp://x")
    assert [one.field for one in NOTIFIER.faults(bad)] == ["url"]
