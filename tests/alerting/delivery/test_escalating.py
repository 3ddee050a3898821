"""Nobody acknowledges: the next receiver is told."""

from __future__ import annotations

from tests.alerting.delivery.house import down
from zerostate_monitoring.models import Message


def escalated(house):
    return [told for told in house.told if told[2] == "escalated"]


def test_escalation__after_the_step_before_was_told(house):
    """Each step is told so long after the one before it, once."""
    a, b, c = (house.receiver(name) for name in "abc")
    house.route(a, b, c, after={1: 300, 2: 600})
    alert = house.fire("1")
    house.deliver()
    house.deliver(299)
    assert escalated(house) == []
    house.deliver(2)
    house.deliver(5)
    assert escalated(house) == [("b", "1", "escalated")]
    house.deliver(600)
    house.deliver(5)
    assert escalated(house) == [("b", "1", "escalated"), ("c", "1", "escalated")]
    assert house.events(alert).count("escalated") == 2


def test_escalation__stops_when_somebody_acknowledges(house):
    """An acknowledged alert stays where it is."""
    house.route(house.receiver("a"), house.receiver("b"), after={1: 300})
    alert = house.fire("1")
    house.deliver()
    alert.acknowledged_at = house.now
    alert.save()
    house.deliver(1000)
    assert escalated(house) == []


def test_escalation__not_of_a_silenced_alert(house):
    """What is silenced meanwhile goes no further while it is."""
    house.route(house.receiver("a"), house.receiver("b"), after={1: 300})
    house.fire("1")
    house.deliver()
    house.silence("1", seconds=1000)
    house.deliver(500)
    assert escalated(house) == []
    house.deliver(600)
    assert escalated(house) == [("b", "1", "escalated")]


def test_escalation__not_without_a_time(house):
    """A step without a time is for failures only."""
    house.route(house.receiver("a"), house.receiver("b"))
    house.fire("1")
    house.deliver()
    house.deliver(100_000)
    assert escalated(house) == []


def test_escalation__past_a_step_that_is_for_failures_only(house):
    """It counts from the first that was told, and from the one that stood in for it."""
    a, b, c = (house.receiver(name) for name in "abc")
    house.route(a, b, c, after={2: 600})
    house.fire("1")
    house.deliver()
    house.deliver(599)
    assert escalated(house) == []
    house.deliver(2)
    house.deliver(5)
    assert escalated(house) == [("c", "1", "escalated")]
    house.recorder.always["a"] = down(404)
    house.fire("2")
    house.deliver_until(lambda: ("b", "2", "fired") in house.told, step=5)
    house.deliver(590)
    assert len(escalated(house)) == 1
    house.deliver(15)
    house.deliver(5)
    assert escalated(house)[1:] == [("c", "2", "escalated")]


def test_escalation__after_the_first_was_disabled(house):
    """Who is next stays next, at its time; and nobody is told twice."""
    a, b, c = (house.receiver(name) for name in "abc")
    house.route(a, b, c, after={1: 300, 2: 600})
    house.fire("1")
    house.deliver()
    a.enabled = False
    a.save()
    house.deliver(301)
    house.deliver(5)
    assert escalated(house) == [("b", "1", "escalated")]
    house.deliver(500)
    assert len(escalated(house)) == 1
    house.deliver(101)
    house.deliver(5)
    house.deliver(5000)
    assert escalated(house) == [("b", "1", "escalated"), ("c", "1", "escalated")]


def test_escalation__comes_back_once_to_who_stands_twice(house):
    """And it keeps no other from being told."""
    a, b = house.receiver("a"), house.receiver("b")
    house.route(a, b, a, after={1: 300, 2: 600})
    house.fire("1")
    house.deliver()
    house.deliver(301)
    house.deliver(5)
    assert escalated(house) == [("b", "1", "escalated")]
    for _ in range(3):
        house.deliver(2000)
    assert escalated(house) == [("b", "1", "escalated"), ("a", "1", "escalated")]


def test_resolved__goes_to_all_that_were_told(house):
    """Whoever was called is told that it is over."""
    house.route(house.receiver("a"), house.receiver("b"), after={1: 300})
    alert = house.fire("1")
    house.deliver()
    house.deliver(301)
    house.resolve(alert)
    house.deliver(400)
    assert {told for told in house.told if told[2] == "resolved"} == {
        ("a", "1", "resolved"),
        ("b", "1", "resolved"),
    }
    assert not Message.objects.exclude(state="sent").exists()
