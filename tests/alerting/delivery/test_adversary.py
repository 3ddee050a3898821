"""What operators, clocks and databases do between a transition and its receiver."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import DataError, OperationalError
from django.utils import timezone

from tests.alerting.delivery.house import down
from zerostate_monitoring.alerting import suppression
from zerostate_monitoring.alerting.acknowledging import acknowledge
from zerostate_monitoring.alerting.delivery import (
    flushing,
    freezing,
    leasing,
    posting,
    sending,
    sweeping,
)
from zerostate_monitoring.alerting.delivery.leasing import lease_time, take
from zerostate_monitoring.alerting.delivery.running import deliver
from zerostate_monitoring.models import (
    Alert,
    Attempt,
    Message,
    NotificationGroup,
    OutboxEntry,
    Receiver,
    Route,
    RouteStep,
)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(sending, "_RECORD_PAUSE_SECONDS", 0)


def break_first(monkeypatch, module, name, error, times=1):
    """Let a function of ``module`` break so many times before it works."""
    left, work = [error] * times, getattr(module, name)

    def breaking(*args, **options):
        if left:
            raise left.pop()
        return work(*args, **options)

    monkeypatch.setattr(module, name, breaking)


# -- operators -------------------------------------------------------------------


def test_route_deleted__before_the_flush_tells_all_the_same(house):
    """What stands in the outbox needs no route any more; its end is told, too."""
    route = house.route(house.receiver(), group_wait_seconds=30.0)
    alert = house.fire("1")
    route.delete()
    house.deliver(60)
    assert house.told == [("ops", "1", "fired")]
    house.resolve(alert)
    house.deliver(300)
    assert house.told[1:] == [("ops", "1", "resolved")]


@pytest.mark.parametrize("wait", [0.0, 30.0])
def test_receiver_deleted__its_alerts_go_by_the_routes_anew(house, wait):
    """Its entries go with it, told or not; somebody else is told of what fires."""
    old = house.receiver("old")
    route = house.route(old, group_wait_seconds=wait)
    alert, ended = house.fire_many([{"n": "1"}, {"n": "2"}])
    house.deliver()
    house.resolve(ended)
    RouteStep.objects.filter(receiver=old).update(receiver=house.receiver("new"))
    old.delete()
    house.deliver(wait + 300)
    assert [one for one in house.told if one[0] == "new"] == [("new", "1", "fired")]
    alert.refresh_from_db()
    assert not alert.is_unrouted
    assert Route.objects.get() == route


def test_receiver_deleted__and_no_other_leaves_the_alert_unrouted(house):
    """It is counted and shown in red; nothing is dropped in silence."""
    old = house.receiver("old")
    house.route(old)
    alert = house.fire("1")
    house.deliver()
    RouteStep.objects.all().delete()
    old.delete()
    house.deliver(300)
    alert.refresh_from_db()
    assert alert.is_unrouted


@pytest.mark.parametrize("together", [True, False])
def test_receivers_deleted__in_one_go_leave_no_alert_without_anybody(house, together):
    """Those that are deleted together are no others to each other."""
    for name in ("one", "two"):
        house.route(house.receiver(name), is_continued=True)
    alert = house.fire("1")
    house.deliver()
    RouteStep.objects.all().delete()
    house.route(house.receiver("new"))
    going = Receiver.objects.filter(name__in=["one", "two"])
    if together:
        going.delete()
    else:
        for receiver in going:
            receiver.delete()
    house.deliver(300)
    assert ("new", "1", "fired") in house.told
    alert.refresh_from_db()
    assert not alert.is_unrouted


def test_receiver_deleted__others_that_were_told_hear_nothing_new(house):
    """Only an alert that nobody else was to be told of needs somebody."""
    old = house.receiver("old")
    house.route(old, is_continued=True)
    house.route(house.receiver("other"))
    house.fire("1")
    house.deliver()
    RouteStep.objects.filter(receiver=old).delete()
    old.delete()
    house.deliver(300)
    assert [one for one in house.told if one[0] == "other"] == [("other", "1", "fired")]


def test_rule_deleted__after_the_message_was_frozen(house):
    """The frozen message leaves, and then the end, whose reason is the deletion."""
    house.now = timezone.now()
    house.route(house.receiver())
    house.recorder.script["ops"] = [down(429, retry_after_seconds=30)]
    alert = house.fire("1")
    house.deliver()
    house.rule.delete()
    house.deliver_until(lambda: len(house.told) == 2)
    assert house.told == [("ops", "1", "fired"), ("ops", "1", "resolved")]
    alert.refresh_from_db()
    assert alert.end_reason == "rule_deleted"


def test_acknowledged__and_then_ended_is_told(house):
    """Whoever was told that it fires learns the end, also while somebody has it."""
    house.route(house.receiver())
    alert = house.fire("1")
    house.deliver()
    assert acknowledge(alert, None, now=house.now)
    house.resolve(alert)
    house.deliver(300)
    assert house.told[-1] == ("ops", "1", "resolved")


def test_acknowledged__before_it_was_told_and_then_ended_tells_nobody(house):
    """Nobody was told, so there is nothing to take back; both entries say why."""
    house.route(house.receiver(), group_wait_seconds=30.0)
    alert = house.fire("1")
    assert acknowledge(alert, None, now=house.now)
    house.deliver(31)
    house.resolve(alert)
    house.deliver(300)
    assert house.told == []
    assert [row[1:] for row in house.entries()] == [
        ("fired", "suppressed"),
        ("resolved", "superseded"),
    ]


def test_configuration__that_was_changed_holds_from_the_next_try_on(house, monkeypatch):
    """The bytes are frozen, the address and its secrets are not."""
    seen = []
    send = house.recorder.send

    def look(composed, target, **options):
        seen.append(target.config.get("token"))
        return send(composed, target, **options)

    monkeypatch.setattr(house.recorder, "send", look)
    house.route(house.receiver(config={"token": "old"}))
    house.recorder.script["ops"] = [down()]
    house.fire("1")
    house.deliver()
    Receiver.objects.update(config={"token": "new"})
    house.deliver_until(lambda: house.told)
    assert seen == ["old", "new"]


# -- clocks ----------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [1, 60, 4000])
def test_clock__set_back_delays_and_loses_nothing(house, seconds):
    """What was frozen before is sent; what comes after is told in its order, once."""
    house.route(house.receiver())
    house.recorder.script["ops"] = [down()]
    alert = house.fire("1")
    house.deliver()
    house.now -= house.now - house.now.replace(hour=house.now.hour - 1)
    house.deliver(seconds)
    house.resolve(alert)
    house.deliver_until(lambda: len(house.told) == 2, step=60)
    assert house.told == [("ops", "1", "fired"), ("ops", "1", "resolved")]


def test_machine__that_slept_in_a_try_makes_another_one(house):
    """However long it slept: that it was not tried for so long is not the receiver's fault."""
    house.route(house.receiver())
    house.recorder.always["ops"] = down()
    house.fire("1")
    house.deliver()
    house.now += timedelta(seconds=10)
    assert take([Message.objects.get()], house.now)
    house.recorder.always.clear()
    house.deliver(7200)
    house.deliver_until(lambda: house.told, step=5, most=4)
    assert house.told == [("ops", "1", "fired")]


def test_message__whose_workers_all_die_is_given_up(house):
    """It may be what they die of: after its time it is a dead letter, which somebody looks at."""
    house.route(house.receiver())
    house.recorder.always["ops"] = down()
    house.fire("1")
    house.deliver()
    for _ in range(3):
        house.now += timedelta(seconds=1300)
        Message.objects.filter(state="due").update(next_try_at=house.now)
        take([Message.objects.get()], house.now)
        house.now += lease_time()
        sweeping.sweep(house.now)
    assert Message.objects.get().state == "dead"
    assert [one.outcome for one in Attempt.objects.order_by("pk")] == ["failed", *["lost"] * 3]


# -- rows and databases ----------------------------------------------------------


def test_flush__that_breaks_delays_no_other_group(house, monkeypatch):
    """One group cannot be read, nor both together; the other one is told in the same pass."""
    house.route(house.receiver(), group_by=["n"])
    house.fire_many([{"n": "1"}, {"n": "2"}])
    break_first(monkeypatch, flushing, "read", ValueError("no such row"), 2)
    house.deliver()
    assert len(house.told) == 1
    house.deliver(61)
    assert sorted(n for _, n, _ in house.told) == ["1", "2"]


def test_message__that_the_database_does_not_take_is_a_dead_letter(house, monkeypatch):
    """It is shown, and the fallback is told; the group is not flushed in vain for ever."""
    house.route(house.receiver("a"), house.receiver("b"))
    house.fire("1")
    break_first(monkeypatch, flushing, "freeze", DataError("invalid byte sequence"))
    house.deliver()
    dead = Message.objects.get(receiver_name="a")
    assert dead.state == "dead"
    assert "could not be stored: DataError: invalid byte sequence" in dead.answer
    assert house.told == [("b", "1", "fired")]


def test_lock__in_the_flush_is_waited_for(house, monkeypatch):
    """A database that is locked makes no dead letter: the group is flushed when it is free."""
    house.route(house.receiver())
    house.fire("1")
    break_first(monkeypatch, flushing, "freeze", OperationalError("database is locked"))
    house.deliver()
    assert not Message.objects.exists()
    assert NotificationGroup.objects.get().claim_token
    house.deliver(61)
    assert house.told == [("ops", "1", "fired")]


def test_outcome__is_recorded_in_spite_of_a_lock(house, monkeypatch):
    """What was taken is written down as sent, not sent again."""
    house.route(house.receiver())
    house.fire("1")
    break_first(monkeypatch, sending, "record", OperationalError("database is locked"), 2)
    house.deliver()
    assert house.message().state == "sent"
    house.deliver(300)
    assert house.told == [("ops", "1", "fired")]


def test_outcome__that_cannot_be_recorded_costs_no_other_one(house, monkeypatch):
    """The one is sent again when its lease ends, as after a kill; the others are sent once."""
    house.route(house.receiver(), group_by=["n"])
    house.fire_many([{"n": str(n)} for n in range(4)])
    # All together, then one for itself three times.
    break_first(monkeypatch, sending, "record", OperationalError("database is locked"), 4)
    house.deliver()
    assert Message.objects.filter(state="sent").count() == 3
    house.deliver(leasing.lease_time().total_seconds())
    assert len(house.told) == 5
    assert not Message.objects.exclude(state="sent").exists()
    assert Attempt.objects.filter(outcome="lost").count() == 1


def test_lease__that_breaks_leaves_what_is_under_way_to_be_recorded(house, monkeypatch):
    """The pass ends, and the answers of its tries are written down."""
    house.route(house.receiver(), group_by=["n"])
    house.fire_many([{"n": str(n)} for n in range(6)])
    take, taken, under_way = leasing.take, [], []

    def run(work):
        under_way.append(work) if taken[0] and not under_way[2:] else work()
        taken[0].append(work)

    def second_breaks(*args):
        taken.append([])
        if len(taken) == 2:
            for work in under_way:
                work()
            raise OperationalError("database is locked")
        return take(*args)

    monkeypatch.setattr(posting, "run", run)
    monkeypatch.setattr(sending, "take", second_breaks)
    house.deliver()
    assert under_way
    assert len(house.told) == Message.objects.filter(state="sent").count() >= sending.PER_RECEIVER
    house.deliver(5)
    assert sorted(n for _, n, _ in house.told) == list("012345")


def test_sweep__of_one_message_that_breaks_goes_on_to_the_next(house, monkeypatch):
    """Two leases have ended; one cannot be taken back, the other one is."""
    house.route(house.receiver(), group_by=["n"])
    house.recorder.always["ops"] = down(429, retry_after_seconds=600)
    house.fire_many([{"n": "1"}, {"n": "2"}])
    house.deliver()
    assert len(leasing.take(list(Message.objects.all()), house.now)) == 2
    break_first(monkeypatch, sweeping, "postpone", ValueError("odd"))
    del house.recorder.always["ops"]
    house.deliver(leasing.lease_time().total_seconds())
    assert Message.objects.filter(state="leased").count() == 1
    house.deliver_until(partial(has_told, house, 2))
    assert sorted(house.told) == [("ops", "1", "fired"), ("ops", "2", "fired")]


def test_group__that_is_lost_meanwhile_costs_no_other_one(house, monkeypatch):
    """A claim that ended while messages were composed: what was frozen with it is not lost."""
    house.route(house.receiver(), group_by=["n"])
    house.fire_many([{"n": "1"}, {"n": "2"}])
    freeze, tried = freezing.freeze, []

    def lost(flushes, now):
        tried.append(len(flushes))
        if len(tried) == 1:
            NotificationGroup.objects.filter(labels={"n": "1"}).update(claim_token="another")
        return freeze(flushes, now)

    monkeypatch.setattr(flushing, "freeze", lost)
    house.deliver()
    assert tried == [2, 1, 1]
    assert house.told == [("ops", "2", "fired")]
    assert NotificationGroup.objects.get(labels={"n": "1"}).claim_token == "another"
    house.deliver(61)
    assert sorted(n for _, n, _ in house.told) == ["1", "2"]


def test_alert__that_ends_meanwhile_holds_back_no_other_group(house, monkeypatch):
    """Its group decides anew, the others are told now."""
    house.route(house.receiver(), group_by=["n"])
    first, _ = house.fire_many([{"n": "1"}, {"n": "2"}])
    freeze, done = freezing.freeze, []

    def ends(flushes, now):
        if not done:
            done.append(Alert.objects.filter(pk=first.pk).update(state="resolved"))
        return freeze(flushes, now)

    monkeypatch.setattr(flushing, "freeze", ends)
    house.deliver()
    assert house.told == [("ops", "2", "fired")]
    assert set(house.entries(alert=first)) == {("ops", "fired", "superseded")}
    assert not NotificationGroup.objects.exclude(claim_token="").exists()


def has_told(house, count):
    return len(house.told) == count


def test_flapping__is_told_to_its_last_word(house):
    """It ends and fires anew between two flushes: one message tells both, and what fires stays."""
    house.route(house.receiver())
    first = house.fire("1")
    house.deliver()
    house.resolve(first)
    second = house.fire("1")
    house.deliver(300)
    notices = [(pk, notice) for *_, p in house.recorder.taken for _, notice, pk in p["alerts"]]
    assert (first.pk, "resolved") in notices
    assert (second.pk, "fired") in notices
    assert not OutboxEntry.objects.exclude(state="sent").exists()
    assert Alert.objects.filter(state="firing").get() == second


# -- time ------------------------------------------------------------------------


class TimeIsOverError(Exception):
    """As a worker's time limit is told: an exception like any other."""


def test_time_limit__in_a_composition_makes_no_dead_letter(house, monkeypatch):
    """The message is no worse for it: the group is flushed when its claim has ended."""
    house.route(house.receiver())
    house.fire("1")
    break_first(monkeypatch, house.recorder, "compose", TimeIsOverError())
    with pytest.raises(TimeIsOverError):
        deliver(house.now, clock=lambda: house.now, stops=(TimeIsOverError,))
    assert not Message.objects.exists()
    house.deliver(61)
    assert house.told == [("ops", "1", "fired")]


def test_pictures__that_take_long_hold_no_message_back(house, monkeypatch):
    """A store that hangs costs some seconds once, not once per group."""
    asked = []

    def hang(alerts, now):
        asked.append(now)
        clock[0] += 2
        return {}

    clock = [0.0]
    monkeypatch.setattr(flushing, "pasts_of", hang)
    monkeypatch.setattr(flushing, "monotonic", lambda: clock[0])
    monkeypatch.setattr(house.recorder, "tells_past", True)
    house.route(house.receiver(), group_by=["n"])
    house.fire_many([{"n": str(n)} for n in range(20)])
    house.deliver()
    assert len(house.told) == 20
    assert len(asked) == 2


def test_flush__ends_with_the_time_of_the_pass(house):
    """What was frozen is sent before more is frozen."""
    house.route(house.receiver(), group_by=["n"])
    house.fire_many([{"n": str(n)} for n in range(5)])
    over = iter([False, False, True])
    reason_for = suppression.load(house.now).reason_for
    assert flushing.flush_due(house.now, reason_for, is_over=lambda: next(over)) == 2
    assert Message.objects.count() == 2
