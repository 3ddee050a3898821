"""A body is a notification, or is refused with the field named."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alerting.incoming.messages import END, message, told
from zerostate_monitoring.alerting.incoming import Notification, PayloadError, read


def body(*alerts, **fields):
    return json.dumps(message(*alerts, **fields)).encode()


def test_read__takes_what_alertmanager_sends():
    """Times to the microsecond; Go's zero time is none."""
    found = read(body(told(), told("resolved", node="b"), truncatedAlerts=3))
    firing, resolved = found.alerts
    assert (found.receiver, found.truncated) == ("zerostate", 3)
    assert (firing.name, firing.labels["node"]) == ("NodeDown", "a")
    assert firing.started_at == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert firing.ended_at is None
    assert resolved.ended_at == datetime(2026, 5, 1, 11, 0, 0, 123456, tzinfo=UTC)
    assert firing.fingerprint != resolved.fingerprint


def test_read__a_firing_alert_has_no_end():
    """Alertmanager sets one that lies ahead, until which it believes the last word."""
    (one,) = read(body(told(end=END))).alerts
    assert one.ended_at is None


def test_read__times_have_zones():
    """Whatever zone the server has."""
    (one,) = read(body(told(start="2026-05-01T12:00:00.5+02:00"))).alerts
    assert one.started_at == datetime(2026, 5, 1, 10, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"\xff", "JSON"),
        (b"[]", "object"),
        (body(version="3"), 'version: this is "3"'),
        (body(version=4), "version: this is 4"),
        (b"{}", "version: this is null"),
        (body(alerts={}), "alerts: "),
        (body(truncatedAlerts="x"), "truncatedAlerts: "),
        (body(truncatedAlerts=True), "truncatedAlerts: "),
        (body("x"), "alerts[0]: "),
        (body(told(), {**told(), "status": "odd"}), "alerts[1].status: "),
        (body({**told(), "labels": []}), "alerts[0].labels: "),
        (body({**told(), "labels": {"alertname": 1}}), "alerts[0].labels: "),
        (body({**told(), "labels": {}}), "alerts[0].labels.alertname: "),
        (body(told(alertname="x" * 201)), "alerts[0].labels.alertname: "),
        (body(told(**{f"l{n}": "" for n in range(101)})), "are more than 100"),
        (body({**told(), "annotations": {"a": None}}), "alerts[0].annotations: "),
        (body(told(start="yesterday")), "alerts[0].startsAt: "),
        (body(told(start="2026-02-30T00:00:00Z")), "alerts[0].startsAt: there is no such time"),
        (body({**told(), "startsAt": None}), "alerts[0].startsAt: "),
        (body(told("resolved", end="0001-01-01T00:00:00Z")), "alerts[0].endsAt: "),
        (body({**told("resolved"), "endsAt": 5}), "alerts[0].endsAt: "),
    ],
)
def test_read__says_what_is_wrong(given, field):
    """With the field, so that an operator finds it."""
    with pytest.raises(PayloadError) as caught:
        read(given)
    assert field in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from([*message()]), JSON),
    st.dictionaries(st.sampled_from([*told()]), JSON),
)
def test_read__no_body_breaks_it(outer, inner):
    """Whatever stands in a field, it is read or refused."""
    document = {**message({**told(), **inner}), **outer}
    with suppress(PayloadError):
        assert isinstance(read(json.dumps(document).encode()), Notification)


@given(st.binary(max_size=200))
def test_read__no_bytes_break_it(given):
    """No input is an error of ours."""
    with pytest.raises(PayloadError):
        read(given)
