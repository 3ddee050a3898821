"""Who is to be told, written in the transaction of the transition."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zerostate_monitoring.models import NotificationGroup, OutboxEntry
from zerostate_monitoring.models.words import EventKind


def test_fired__goes_to_the_first_step_of_each_route(house):
    """The steps after it wait for a failure or an escalation."""
    first, second, other = (house.receiver(name) for name in ("a", "b", "c"))
    house.route(first, second, matchers='n="1"', is_continued=True)
    house.route(other)
    house.fire("1")
    assert house.entries() == [("a", "fired", "due"), ("c", "fired", "due")]


def test_group__waits_then_follows_its_interval(house):
    """A new group is flushed after group_wait; one that was flushed, after group_interval."""
    house.route(house.receiver(), group_wait_seconds=30.0, group_interval_seconds=300.0)
    house.fire("1")
    group = NotificationGroup.objects.get()
    assert group.flush_at == house.now + timedelta(seconds=30)
    house.deliver(30)
    flushed = house.now
    house.now += timedelta(seconds=10)
    house.fire("2")
    group.refresh_from_db()
    assert group.flush_at == flushed + timedelta(seconds=300)


def test_group__is_made_of_its_labels(house):
    """Alerts that share the labels of group_by are one message, and the others are not."""
    house.route(house.receiver(), group_by=["zone"])
    house.fire_many([{"n": "1", "zone": "a"}, {"n": "2", "zone": "a"}, {"n": "3", "zone": "b"}])
    house.deliver()
    assert len(house.recorder.taken) == 2
    assert NotificationGroup.objects.count() == 2


def test_resolved__goes_only_to_who_knows(house):
    """A receiver that was not told that it fired is not told that it ended."""
    alert = house.fire("1")
    house.route(house.receiver())
    house.resolve(alert)
    assert house.entries() == []
    assert alert.is_unrouted
    assert house.events(alert) == ["firing", "unrouted", "resolved"]


def test_resolved__follows_the_alert_where_it_went(house):
    """It goes to who was told, though the routes have changed since."""
    route = house.route(house.receiver("old"))
    alert = house.fire("1")
    house.deliver()
    route.delete()
    house.route(house.receiver("new"))
    house.resolve(alert)
    house.deliver()
    house.deliver(300)
    assert house.told == [("old", "1", "fired"), ("old", "1", "resolved")]


def test_resolved__not_wanted(house):
    """A receiver without send_resolved has an entry that says so, and no message."""
    house.route(house.receiver(send_resolved=False))
    alert = house.fire("1")
    house.deliver()
    house.resolve(alert)
    house.deliver(600)
    assert house.told == [("ops", "1", "fired")]
    assert house.entries()[-1] == ("ops", "resolved", "superseded")


@pytest.mark.parametrize("kind", [EventKind.EXPIRED, EventKind.RESOLVED])
def test_end__of_an_alert_that_was_told(house, kind):
    """One that was pending again when it ended is taken back as well."""
    house.route(house.receiver())
    alert = house.fire("1")
    house.deliver()
    house.say(kind, alert)
    assert house.entries()[-1] == ("ops", "resolved", "due")


def test_observed__is_not_sent_and_says_why(house):
    """While a rule is observed its alerts are suppressed; after that they are told."""
    house.route(house.receiver())
    house.rule.observing_until = house.now + timedelta(hours=1)
    house.rule.save()
    alert = house.fire("1")
    assert house.entries() == [("ops", "fired", "suppressed")]
    assert OutboxEntry.objects.get().reason == "observing"
    house.deliver(60)
    assert house.told == []
    house.deliver(3600)
    assert house.told == [("ops", "1", "fired")]
    assert house.events(alert) == ["firing", "suppressed", "unsuppressed", "sent"]


def test_unrouted__is_marked_and_told_when_a_route_comes(house):
    """An alert that nobody hears of says so; the first route that takes it ends that."""
    alert = house.fire("1")
    alert.refresh_from_db()
    assert alert.is_unrouted
    house.deliver(5)
    house.route(house.receiver())
    house.deliver(5)
    alert.refresh_from_db()
    assert not alert.is_unrouted
    assert house.told == [("ops", "1", "fired")]


def test_alert_about_a_receiver__never_goes_to_it(house):
    """What says that mail is broken is not sent by mail."""
    house.route(house.receiver("mail"), house.receiver("pager"))
    house.fire("1", receiver="mail")
    house.deliver()
    assert house.told == [("pager", "1", "fired")]


def test_enqueue__takes_as_many_queries_for_one_as_for_many(house):
    """A storm costs no more round trips than one alert."""
    house.route(house.receiver(), group_by=["zone"])

    def queries(count):
        alerts = house.fire_many([{"n": str(i), "zone": str(i % 7)} for i in range(count)])
        with CaptureQueriesContext(
            connection,
        ) as fired:
            house.say(EventKind.FIRING, *alerts)
        with CaptureQueriesContext(connection) as ended:
            house.say(EventKind.RESOLVED, *alerts)
        return len(fired) - count, len(ended) - count

    assert queries(1) == queries(60)
