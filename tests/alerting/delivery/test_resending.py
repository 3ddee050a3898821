"""Dead letters: sent again or closed."""

from __future__ import annotations

from tests.alerting.delivery.house import down, refused
from zerostate_monitoring.alerting.delivery.resending import (
    close,
    dead_letters,
    is_stale,
    judged,
    send_again,
)
from zerostate_monitoring.models import Attempt, Message


def dead(house, *names):
    house.route(house.receiver(), group_by=["n"])
    house.recorder.always["ops"] = refused(403)
    for name in names:
        house.fire(name)
    house.deliver()
    assert dead_letters().count() == len(names)
    del house.recorder.always["ops"]


def test_send_again__sends_the_same_bytes_with_the_same_key(house):
    """A new try of the frozen message; its entries and alerts follow."""
    dead(house, "1", "2")
    assert send_again(dead_letters(), house.now) == 2
    house.deliver(1)
    assert sorted(house.told) == [("ops", "1", "fired"), ("ops", "2", "fired")]
    keys = [key for _, key, _ in house.recorder.tries]
    assert len(keys) == 4
    assert len(set(keys)) == 2
    assert set(house.entries()) == {("ops", "fired", "sent")}
    assert Attempt.objects.count() == 4


def test_send_again__gives_it_as_long_as_a_new_one(house, settings):
    """An old dead letter is not given up at its first failure."""
    settings.ZEROSTATE_MONITORING_DELIVERY_GIVE_UP_SECONDS = 600
    dead(house, "1")
    house.now += house.now - house.now.replace(hour=0)
    send_again(dead_letters(), house.now)
    house.recorder.script["ops"] = [down()]
    house.deliver(1)
    assert Message.objects.order_by("pk").first().state == "due"


def test_send_again__composes_what_could_not_be_composed(house):
    """Such a message has no bytes: what it was to tell is due again."""
    receiver = house.receiver(config={"broken": True})
    house.route(receiver)
    house.fire("1")
    house.deliver()
    receiver.config = {}
    receiver.save()
    send_again(dead_letters(), house.now)
    house.deliver(1)
    assert house.told == [("ops", "1", "fired")]
    assert not dead_letters().exists()


def test_close__keeps_who_and_why(house):
    """A closed dead letter is no open one, and stays as it was."""
    dead(house, "1")
    assert close(dead_letters(), house.now, "ann", "told by phone") == 1
    message = Message.objects.get()
    assert (message.state, message.closed_by, message.comment) == ("dead", "ann", "told by phone")
    assert not dead_letters().exists()


def test_send_again__never_says_that_an_alert_fires_whose_end_was_told(house):
    """What came later stands: an old message is decided anew, and tells what is still so."""
    house.route(house.receiver())
    house.recorder.script["ops"] = [refused(403)]
    ended, fires = house.fire_many([{"n": "1"}, {"n": "2"}])
    house.deliver()
    house.resolve(ended)
    house.deliver(300)
    assert ("ops", "1", "resolved") in house.told
    told = len(house.told)
    send_again(dead_letters(), house.now)
    house.deliver(1)
    assert house.told[told:] == [("ops", "2", "fired")]
    assert Message.objects.order_by("pk").first().state == "superseded"
    states = {row[1:] for row in house.entries(alert=ended)}
    assert states == {("fired", "superseded"), ("resolved", "sent")}
    assert ("ops", "fired", "sent") in house.entries(alert=fires)


def test_send_again__knows_what_another_route_told_the_receiver(house):
    """An old word that it fires does not come after the end that came by the other route."""
    ops = house.receiver()
    slow = house.route(ops, is_continued=True, group_interval_seconds=300)
    fast = house.route(ops, group_interval_seconds=1)
    house.recorder.always["ops"] = refused(403)
    alert = house.fire("1")
    house.deliver()
    del house.recorder.always["ops"]
    send_again(dead_letters().filter(group__route=fast), house.now)
    house.deliver(1)
    house.resolve(alert)
    house.deliver(5)
    assert house.told == [("ops", "1", "fired"), ("ops", "1", "resolved")]
    send_again(dead_letters().filter(group__route=slow), house.now)
    house.deliver(1)
    house.deliver(300)
    assert house.told == [("ops", "1", "fired"), ("ops", "1", "resolved")]
    assert {state for *_, state in house.entries(alert=alert)} == {"sent", "superseded"}


def test_send_again__tells_nothing_that_has_ended_and_whose_end_nobody_tells(house):
    """A receiver that wants no word of ends would believe for ever that it fires."""
    house.route(house.receiver(send_resolved=False))
    house.recorder.script["ops"] = [refused(403)]
    alert = house.fire("1")
    house.deliver()
    house.resolve(alert)
    send_again(dead_letters(), house.now)
    house.deliver(300)
    assert house.told == []
    assert Message.objects.get().state == "superseded"


def test_send_again__tells_both_where_the_end_is_still_to_be_told(house):
    """A try may have arrived unanswered: what may be open over there is closed."""
    house.route(house.receiver())
    house.recorder.script["ops"] = [refused(403)]
    alert = house.fire("1")
    house.deliver()
    house.resolve(alert)
    send_again(dead_letters(), house.now)
    house.deliver(1)
    house.deliver(300)
    assert house.told == [("ops", "1", "fired"), ("ops", "1", "resolved")]


def test_send_again__does_not_wait_for_the_end_of_a_pause(house):
    """The receiver had asked for an hour; somebody knows better."""
    house.route(house.receiver(), group_by=["n"])
    house.recorder.script["ops"] = [refused(403), down(429, retry_after_seconds=3600)]
    house.fire("1")
    house.deliver()
    house.fire("2")
    house.deliver(40)
    send_again(dead_letters(), house.now)
    house.deliver(1)
    assert house.told == [("ops", "1", "fired")]


def agreed(expected):
    """One question for all says what is asked of each, and what is expected."""
    found = {one.pk: one.is_stale_now for one in judged(dead_letters())}
    assert found == {one.pk: is_stale(one) for one in dead_letters()}
    assert sorted(found.values()) == expected


def test_judged__of_what_is_still_so_and_of_what_has_ended_meanwhile(house):
    """Alone its letter is the truth; the next message of its group makes it old."""
    dead(house, "1", "2")
    agreed([False, False])
    house.resolve(Message.objects.order_by("pk").first().entries.get().alert)
    agreed([False, False])
    house.deliver(300)
    agreed([False, True])


def test_judged__of_an_end_that_nobody_will_tell(house):
    """A receiver that wants no word of ends would believe for ever that it fires."""
    house.route(house.receiver(send_resolved=False))
    house.recorder.script["ops"] = [refused(403)]
    alert = house.fire("1")
    house.deliver()
    agreed([False])
    house.resolve(alert)
    agreed([True])


def test_judged__of_what_could_not_be_composed(house):
    """It has no bytes that could be sent again."""
    house.route(house.receiver(config={"broken": True}))
    house.fire("1")
    house.deliver()
    agreed([True])


def test_judged__of_what_another_route_has_told_since(house):
    """The same receiver was told of the same alert by a later message of another group."""
    ops = house.receiver()
    house.route(ops, is_continued=True)
    house.route(ops, group_interval_seconds=1)
    house.recorder.always["ops"] = refused(403)
    alert = house.fire("1")
    house.deliver()
    del house.recorder.always["ops"]
    send_again(dead_letters().order_by("-pk")[:1], house.now)
    house.deliver(1)
    house.resolve(alert)
    house.deliver(5)
    agreed([True])
