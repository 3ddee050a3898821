"""Routes that are edited while alerts fire: who is told then, and who is not again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zerostate_monitoring.alerting.delivery import enqueuing, rerouting
from zerostate_monitoring.alerting.delivery.outbox import lock_groups
from zerostate_monitoring.alerting.delivery.printing import print_of
from zerostate_monitoring.alerting.delivery.rerouting import SETTLING, route_edited
from zerostate_monitoring.alerting.routing import load
from zerostate_monitoring.models import (
    AlertEvent,
    Mark,
    NotificationGroup,
    OutboxEntry,
    Receiver,
    Route,
    RouteStep,
    Silence,
)

SETTLED = SETTLING.total_seconds()


def told(house):
    """Who was told what, but for what was only listed again."""
    return [(name, notice) for name, _, notice in house.told]


def switch(receiver, *, enabled):
    """Disable a receiver, or enable it."""
    Receiver.objects.filter(pk=receiver.pk).update(enabled=enabled)


def test_route_added__tells_its_receiver_of_what_fires(house):
    """After the route's own wait, in one message; and each hears of the end, once."""
    house.route(house.receiver("a"), position=5, is_continued=True)
    alert = house.fire("1")
    house.deliver()
    house.route(house.receiver("b"), group_wait_seconds=30.0)
    house.deliver(5)
    assert told(house) == [("a", "fired")]
    house.deliver(30)
    assert told(house) == [("a", "fired"), ("b", "fired")]
    assert house.events(alert)[-2:] == ["rerouted", "sent"]
    house.deliver(SETTLED)
    house.resolve(alert)
    house.deliver(300)
    house.deliver(300)
    assert sorted(told(house)[2:]) == [("a", "resolved"), ("b", "resolved")]


def test_matchers__that_lead_elsewhere_tell_the_new_receiver_alone(house):
    """The old one is not told again, is not reminded any more, and hears of the end."""
    old = house.route(house.receiver("a"), position=5, repeat_interval_seconds=3600.0)
    house.route(house.receiver("b"), repeat_interval_seconds=3600.0)
    alert = house.fire("1", team="x")
    house.deliver()
    Route.objects.filter(pk=old.pk).update(matchers='team="y"')
    house.deliver(5)
    assert told(house) == [("a", "fired"), ("b", "fired")]
    house.deliver_until(lambda: len(house.told) == 4, step=600)
    assert told(house)[2:] == [("b", "repeated"), ("b", "repeated")]
    assert NotificationGroup.objects.get(receiver__name="a").flush_at is None
    house.resolve(alert)
    house.deliver(300)
    assert sorted(told(house)[4:]) == [("a", "resolved"), ("b", "resolved")]


def test_route__that_leads_back_reminds_again(house):
    """It was disabled for a while: what was due meanwhile comes at once, then all is as before."""
    route = house.route(house.receiver("a"), repeat_interval_seconds=3600.0)
    house.fire("1")
    house.deliver()
    Route.objects.filter(pk=route.pk).update(enabled=False)
    house.deliver_until(lambda: NotificationGroup.objects.get().flush_at is None, step=600)
    assert told(house) == [("a", "fired")]
    Route.objects.filter(pk=route.pk).update(enabled=True)
    house.deliver(5)
    assert told(house)[1:] == [("a", "repeated")]
    house.deliver(3500)
    assert len(house.told) == 2
    house.deliver(100)
    assert told(house)[1:] == [("a", "repeated"), ("a", "repeated")]


def test_other_route__to_the_same_receiver_tells_it_nothing_new(house):
    """It knows; reminders come by the route that told it, if that leads to it still."""
    ops = house.receiver("a")
    house.route(ops, repeat_interval_seconds=3600.0)
    house.fire("1")
    house.deliver()
    house.route(ops, position=5, is_continued=True)
    for _ in range(4):
        house.deliver(600)
    assert told(house) == [("a", "fired")]
    house.deliver(3600)
    assert told(house)[1:] == [("a", "repeated")]


def test_first_receiver__that_was_replaced(house):
    """The new first one is told; of several new ones in a route the first alone."""
    route = house.route(house.receiver("a"))
    house.fire("1")
    house.deliver()
    RouteStep.objects.all().delete()
    for position, name in enumerate("bc"):
        RouteStep.objects.create(route=route, position=position, receiver=house.receiver(name))
    house.deliver(5)
    assert told(house) == [("a", "fired"), ("b", "fired")]


def test_receiver__that_was_disabled_hands_on_what_fires(house):
    """And gets no reminders, which would be dead letters."""
    first = house.receiver("a")
    house.route(first, house.receiver("b"), repeat_interval_seconds=600.0)
    house.fire("1")
    house.deliver()
    first.enabled = False
    first.save()
    house.deliver(5)
    house.deliver(700)
    assert told(house) == [("a", "fired"), ("b", "fired"), ("b", "repeated")]
    assert not OutboxEntry.objects.filter(state="dead").exists()


def test_receiver__that_was_off_between_two_passes_is_told_of_what_fired_then(house):
    """Off, an alert, and on again: the routes are what they were, and yet it has to hear."""
    receiver, other = house.receiver("a"), house.receiver("b")
    house.route(receiver, position=1, is_continued=True)
    house.route(other, position=5)
    house.deliver()
    switch(receiver, enabled=False)
    house.fire("1")
    switch(receiver, enabled=True)
    house.deliver()
    house.deliver(SETTLED)
    assert sorted(told(house)) == [("a", "fired"), ("b", "fired")]


def test_alert__from_before_the_first_pass_is_led_by_the_routes_of_now(house):
    """As when the delivery's worker is started last, and receivers were set up meanwhile."""
    receiver, other = house.receiver("a"), house.receiver("b")
    house.route(other, position=5, is_continued=True)
    house.fire("1")
    house.route(receiver, is_continued=True)
    house.deliver()
    assert sorted(told(house)) == [("a", "fired"), ("b", "fired")]


def test_fallback__that_was_told_before_is_not_told_as_first(house):
    """Whatever the reason was, it has heard of the alert."""
    route = house.route(house.receiver("a"), house.receiver("b"), after={1: 60.0})
    house.fire("1")
    house.deliver()
    house.deliver(61)
    assert told(house) == [("a", "fired"), ("b", "escalated")]
    RouteStep.objects.filter(route=route, position=0).delete()
    house.deliver(5)
    assert len(house.told) == 2


def test_alert__that_is_held_back_is_told_when_it_is_free(house):
    """The new receiver learns of it then, like the old one."""
    house.route(house.receiver("a"), is_continued=True, position=5)
    silence = house.silence("1", seconds=600)
    house.fire("1")
    house.deliver()
    house.route(house.receiver("b"))
    house.deliver(5)
    assert house.told == []
    Silence.objects.filter(pk=silence.pk).update(ends_at=house.now)
    house.deliver(5)
    assert sorted(told(house)) == [("a", "fired"), ("b", "fired")]


def test_alert__that_fired_by_the_old_routes_at_the_same_time_is_found_later(house, monkeypatch):
    """A transaction that had read the routes before the edit, and was written after it was seen.

    What it says of its routes may be overwritten by the pass that saw the new ones.
    """
    monkeypatch.setattr(enqueuing, "notice", lambda routing: None)
    house.route(house.receiver("a"), position=5, is_continued=True)
    house.deliver()
    added = house.route(house.receiver("b"))
    house.deliver(5)
    Route.objects.filter(pk=added.pk).update(enabled=False)
    house.fire("1")
    Route.objects.filter(pk=added.pk).update(enabled=True)
    house.deliver(5)
    assert told(house) == [("a", "fired")]
    house.deliver(SETTLED)
    assert told(house) == [("a", "fired"), ("b", "fired")]
    assert Mark.objects.get().at is None


def test_pass__that_is_killed_is_made_again(house, monkeypatch):
    """What was seen is marked when it is done."""
    house.route(house.receiver("a"), position=5, is_continued=True)
    house.fire_many([{"n": str(n)} for n in range(3)])
    house.deliver()
    house.route(house.receiver("b"), group_by=["n"])
    tell, calls = rerouting._tell, []

    def killed(*args):
        calls.append(args)
        if len(calls) == 2:
            raise SystemExit
        return tell(*args)

    monkeypatch.setattr(rerouting, "_tell", killed)
    with pytest.raises(SystemExit):
        route_edited(house.now)
    house.deliver(5)
    assert sorted(n for name, n, _ in house.told if name == "b") == ["0", "1", "2"]


def test_two_workers__tell_it_once(house, monkeypatch):
    """The second one finds what the first has written, once it has the group."""
    house.route(house.receiver("a"), position=5, is_continued=True)
    house.fire("1")
    house.deliver()
    house.route(house.receiver("b"))
    lock, nested = lock_groups, []

    def slow(places):
        if not nested:
            nested.append(1)
            assert route_edited(house.now) == 1
        return lock(places)

    monkeypatch.setattr(rerouting, "lock_groups", slow)
    assert route_edited(house.now) == 0
    assert AlertEvent.objects.filter(kind="rerouted").count() == 1
    house.deliver(5)
    assert told(house) == [("a", "fired"), ("b", "fired")]


def test_alert__that_ended_meanwhile_is_not_told(house, monkeypatch):
    """Neither its beginning nor its end."""
    house.route(house.receiver("a"), position=5, is_continued=True)
    alert = house.fire("1")
    house.deliver()
    house.route(house.receiver("b"))
    lock = lock_groups

    def ends(places):
        house.resolve(alert)
        return lock(places)

    monkeypatch.setattr(rerouting, "lock_groups", ends)
    assert route_edited(house.now) == 0
    house.deliver(300)
    assert told(house) == [("a", "fired"), ("a", "resolved")]


def test_routes__as_they_were_cost_three_queries(house, django_assert_max_num_queries):
    """However many alerts fire; times of routes are no reason to look at them."""
    route = house.route(house.receiver("a"))
    house.fire_many([{"n": str(n)} for n in range(20)])
    house.deliver()
    house.deliver(SETTLED)
    before = print_of(load())
    Route.objects.filter(pk=route.pk).update(group_interval_seconds=9, group_by=["n"], name="new")
    assert print_of(load()) == before
    with django_assert_max_num_queries(3):
        assert route_edited(house.now + timedelta(days=1)) == 0


def test_first_pass__takes_the_routes_as_they_are(house):
    """An installation that was brought up to date tells nobody of what has fired long since."""
    house.route(house.receiver("a"))
    house.fire("1")
    OutboxEntry.objects.all().delete()
    Mark.objects.all().delete()
    assert route_edited(house.now) == 0
    assert not OutboxEntry.objects.exists()
