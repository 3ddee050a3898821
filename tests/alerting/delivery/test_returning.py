"""A clock that ran ahead and came back: nothing waits for a time that is no more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.alerting.delivery.house import down
from zerostate_monitoring.alerting.delivery import returning
from zerostate_monitoring.alerting.delivery.flushing import CLAIM
from zerostate_monitoring.alerting.delivery.leasing import lease_time, take
from zerostate_monitoring.alerting.delivery.returning import bring_back
from zerostate_monitoring.alerting.signals import alert_fired
from zerostate_monitoring.models import (
    AlertEvent,
    Attempt,
    Heartbeat,
    Message,
    NotificationGroup,
    OutboxEntry,
    ReceiverState,
    Tally,
)

HOURS = timedelta(hours=3)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def database_clock(monkeypatch):
    """The database's clock goes like this host's, unless a test says otherwise."""
    monkeypatch.setattr(returning, "latest", lambda now: now)


@pytest.fixture
def ahead(house):
    """The clock runs ahead; what it gives brings it back."""
    house.now += HOURS

    def comes_back():
        house.now -= HOURS
        house.deliver(5)

    return comes_back


def brought_back():
    """How many rows there were, so far."""
    row = Tally.objects.filter(name="clock").first()
    return row.totals['["delivery"]'] if row else 0


def test_entry__that_waits_for_its_flush_does_not_wait_until_then(house, ahead):
    """Its route's wait is over already, if one counts from the time when it fired."""
    house.route(house.receiver(), group_wait_seconds=30.0)
    house.fire("1")
    ahead()
    assert house.told == [("ops", "1", "fired")]
    assert brought_back() == 1


def test_message__that_failed_is_tried_again(house, ahead):
    """With the same bytes and key, and as long as others are."""
    house.route(house.receiver())
    house.recorder.script["ops"] = [down()]
    house.fire("1")
    house.deliver()
    ahead()
    assert house.told == [("ops", "1", "fired")]
    first, again = house.recorder.tries
    assert first == again
    assert Message.objects.get().created_at <= house.now


def test_message__from_before_that_failed_meanwhile_is_tried_again(house):
    """Its try says when that was."""
    house.route(house.receiver())
    house.recorder.script["ops"] = [down(retry_after_seconds=60.0, status=429), down()]
    house.fire("1")
    house.deliver()
    house.deliver(1800)
    house.now -= timedelta(seconds=1735)
    house.deliver(5)
    assert house.told == [("ops", "1", "fired")]


def test_message__that_a_receiver_asked_to_wait_for_still_waits(house):
    """No clock was wrong: an hour is what it may ask for."""
    house.route(house.receiver())
    house.recorder.script["ops"] = [down(retry_after_seconds=3600.0, status=429)]
    house.fire("1")
    house.deliver()
    house.deliver(60)
    assert (house.told, brought_back()) == ([], 0)


def test_lease__of_a_worker_that_is_gone_ends_after_its_time(house, ahead):
    """Counted from now on: whoever sends it may be about to record the answer."""
    house.route(house.receiver())
    house.recorder.always["ops"] = down()
    house.fire("1")
    house.deliver()
    message = Message.objects.get()
    Message.objects.update(next_try_at=house.now)
    assert take([message], house.now)
    house.recorder.always.clear()
    ahead()
    message.refresh_from_db()
    assert message.lease_until == house.now + lease_time()
    assert house.told == []
    house.deliver(lease_time().total_seconds() - 1)
    assert Message.objects.get().state == "leased"
    house.deliver_until(lambda: house.told, step=3, most=10)


def test_end__is_told_after_the_interval_of_now(house, ahead):
    """The last flush was then, and is taken for one of now."""
    house.route(house.receiver(), group_interval_seconds=300.0)
    alert = house.fire("1")
    house.deliver()
    ahead()
    house.resolve(alert)
    house.deliver(300)
    house.deliver(5)
    assert house.told == [("ops", "1", "fired"), ("ops", "1", "resolved")]


def test_repetition__counts_from_now(house, ahead):
    """Neither at once, nor three hours late."""
    house.route(house.receiver(), repeat_interval_seconds=3600.0)
    house.fire("1")
    house.deliver()
    ahead()
    house.deliver(3500)
    assert len(house.told) == 1
    house.deliver(100)
    assert house.told[1:] == [("ops", "1", "repeated")]


def test_escalation__counts_from_now(house, ahead):
    """Nobody acknowledges what was told then."""
    house.route(house.receiver("a"), house.receiver("b"), after={1: 600.0})
    house.fire("1")
    house.deliver()
    ahead()
    house.deliver(500)
    assert [name for name, *_ in house.told] == ["a"]
    house.deliver(101)
    assert [name for name, *_ in house.told] == ["a", "b"]


def test_receiver__that_failed_then_is_probed_now(house, ahead):
    """And its last success is none of the future."""
    house.route(house.receiver())
    house.recorder.script["ops"] = [down()] * 3
    house.fire("1")
    for _ in range(3):
        house.deliver(10)
    assert ReceiverState.objects.get().failing_since is not None
    house.now -= timedelta(seconds=40)
    ahead()
    house.deliver_until(lambda: house.told, step=5, most=4)
    assert house.told == [("ops", "1", "fired")]
    state = ReceiverState.objects.get()
    assert (state.failing_since, state.probe_at) == (None, None)


def test_receiver__without_failures_gets_none(house, ahead):
    """What is none stays none, on each database."""
    house.route(house.receiver())
    house.fire("1")
    house.deliver()
    ahead()
    state = ReceiverState.objects.get()
    assert (state.failing_since, state.probe_at) == (None, None)
    assert state.last_success_at == house.now


def test_claim__of_a_flush_ends(house, ahead):
    """Its worker, if there is one, has lost it to whoever comes first."""
    house.route(house.receiver(), group_wait_seconds=60.0)
    house.now -= HOURS
    house.fire("1")
    until = house.now + HOURS + CLAIM
    NotificationGroup.objects.update(claimed_until=until, claim_token="x")
    house.now += HOURS + 60 * SECOND
    ahead()
    assert house.told == [("ops", "1", "fired")]


def test_signal__that_broke_is_sent_again(house, ahead):
    """Within the time that any of them may wait."""
    calls = []

    def listens(**options):
        calls.append(options["key"])
        if len(calls) == 1:
            raise ValueError("no")

    alert_fired.connect(listens)
    try:
        house.route(house.receiver())
        house.fire("1")
        house.deliver()
        ahead()
    finally:
        alert_fired.disconnect(listens)
    assert len(calls) == 2
    assert AlertEvent.objects.get(kind="firing").announced_at == house.now


def test_heartbeat__of_the_future_is_no_sign_of_life(house, ahead):
    """Nobody outside is told that all is well until a canary of now has arrived."""
    then = house.now
    Heartbeat.objects.create(arrived_at=then, slot_at=then, tried_at=then, called_at=then)
    ahead()
    row = Heartbeat.objects.get()
    assert (row.arrived_at, row.slot_at) == (None, None)
    assert (row.tried_at, row.called_at) == (house.now, house.now)


def test_slow_host__changes_nothing(house, ahead, monkeypatch):
    """By the database's clock it is not the future."""
    house.route(house.receiver(), group_wait_seconds=30.0)
    house.fire("1")
    then = house.now
    monkeypatch.setattr(returning, "latest", lambda now: then)
    ahead()
    assert (house.told, brought_back()) == ([], 0)
    assert NotificationGroup.objects.get().flush_at == then + 30 * SECOND


def test_clock__that_is_right_costs_no_row(house):
    """Waits, repetitions, tries and leases of a day, all of them where they belong."""
    route = house.route(house.receiver(), house.receiver("b"), repeat_interval_seconds=4 * 3600.0)
    route.group_wait_seconds, route.group_interval_seconds = 300.0, 3600.0
    route.save()
    house.recorder.script["ops"] = [down(), down(retry_after_seconds=3000.0, status=503), down()]
    for number in range(30):
        house.fire(str(number))
        house.deliver(600)
        take([message], house.now) if (
            message := Message.objects.filter(state="due").first()
        ) else 0
        house.deliver(1000)
        assert bring_back(house.now) == 0
    assert Attempt.objects.count() > 10
    assert OutboxEntry.objects.filter(notice="repeated").exists()
    assert brought_back() == 0
