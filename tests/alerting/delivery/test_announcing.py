"""Signals to the project's own code."""

from __future__ import annotations

from contextlib import contextmanager

from zerostate_monitoring.alerting.signals import (
    alert_acknowledged,
    alert_fired,
    alert_resolved,
)
from zerostate_monitoring.models import AlertEvent
from zerostate_monitoring.models.words import EventKind


@contextmanager
def listening(signal, receive):
    signal.connect(receive, weak=False)
    try:
        yield
    finally:
        signal.disconnect(receive)


def test_signals__tell_each_event_once_where_nothing_fails(house):
    """Fired, acknowledged and resolved, each with its alert, event and key."""
    heard = []

    def receive(sender, alert, event, key, **kwargs):
        heard.append((event.kind, alert.pk, key))

    signals = (alert_fired, alert_acknowledged, alert_resolved)
    for signal in signals:
        signal.connect(receive, weak=False)
    try:
        alert = house.fire("1")
        AlertEvent.objects.create(alert=alert, kind=EventKind.ACKNOWLEDGED, at=house.now)
        house.deliver(5)
        house.resolve(alert)
        house.deliver(5)
        house.deliver(600)
    finally:
        for signal in signals:
            signal.disconnect(receive)
    assert [kind for kind, *_ in heard] == ["firing", "acknowledged", "resolved"]
    assert {pk for _, pk, _ in heard} == {alert.pk}
    assert len({key for *_, key in heard}) == 3


def test_signal__whose_receiver_raises_is_sent_again(house, caplog):
    """It is logged and tried again with the same key, and delays no message."""
    house.route(house.receiver())
    heard = []

    def receive(sender, key, **kwargs):
        heard.append(key)
        if len(heard) < 3:
            raise ValueError("not now")

    with listening(alert_fired, receive):
        house.fire("1")
        house.deliver()
        assert house.told == [("ops", "1", "fired")]
        house.deliver_until(lambda: len(heard) == 3, most=50)
        house.deliver(600)
    assert len(heard) == 3
    assert len(set(heard)) == 1
    assert "signal_receiver_failed" in caplog.text


def test_signal__is_given_up_after_some_tries(house):
    """A receiver that always raises is not called for ever."""
    heard = []

    def receive(sender, key, **kwargs):
        heard.append(key)
        raise ValueError("never")

    with listening(alert_fired, receive):
        house.fire("1")
        for _ in range(30):
            house.deliver(100)
    assert len(heard) == 5
    assert not AlertEvent.objects.filter(kind="firing", announced_at=None).exists()


def test_signal__not_for_what_is_only_observed(house):
    """Code that acts on alerts does not act on those of a rule that is tried out."""
    heard = []
    with listening(alert_fired, lambda **kwargs: heard.append(kwargs)):
        alert = house.fire("1")
        alert.observed = True
        alert.save()
        house.deliver(5)
    assert heard == []


def test_signals__without_listeners_leave_nothing_behind(house):
    """What nobody hears does not pile up."""
    house.fire("1")
    house.deliver(5)
    assert not AlertEvent.objects.filter(kind="firing", announced_at=None).exists()
