"""What a flush tells, supersedes and suppresses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.alerting.delivery.house import down, refused
from zerostate_monitoring.alerting.acknowledging import acknowledge, unacknowledge
from zerostate_monitoring.alerting.delivery import flushing, resending
from zerostate_monitoring.models import Alert, Message, NotificationGroup, OutboxEntry
from zerostate_monitoring.models.words import EventKind


def test_flush__freezes_one_message_for_the_group(house):
    """Entries, payload and key stand before the first try, and the try sends them."""
    house.route(house.receiver())
    house.fire_many([{"n": "1"}, {"n": "2"}])
    house.deliver()
    message = Message.objects.get()
    assert house.recorder.taken == [("ops", message.key, message.payload)]
    assert len(message.key) == 64
    assert house.entries(message=message) == [("ops", "fired", "sent")] * 2


def test_fired_and_resolved__before_the_flush_tell_nobody(house):
    """Nobody was told, so there is nothing to take back."""
    house.route(house.receiver(), group_wait_seconds=30.0)
    alert = house.fire("1")
    house.resolve(alert)
    house.deliver(60)
    assert house.told == []
    assert [state for *_, state in house.entries()] == ["superseded", "superseded"]


def test_resolved__comes_after_its_fired(house):
    """Who was told is told the end, at the next flush of the group."""
    house.route(house.receiver())
    alert = house.fire("1")
    house.deliver()
    house.resolve(alert)
    house.deliver(10)
    assert house.told == [("ops", "1", "fired")]
    house.deliver(300)
    assert house.told[1:] == [("ops", "1", "resolved")]


def test_silenced__is_suppressed_once_and_told_when_the_silence_ends(house):
    """The trail says it once, however many receivers and flushes there are."""
    house.route(house.receiver("a"), is_continued=True)
    house.route(house.receiver("b"))
    house.silence("1", seconds=600)
    alert = house.fire("1")
    for _ in range(3):
        house.deliver(100)
    assert house.told == []
    assert house.events(alert) == ["firing", "suppressed"]
    assert {state for *_, state in house.entries()} == {"suppressed"}
    house.deliver(600)
    assert sorted(house.told) == [("a", "1", "fired"), ("b", "1", "fired")]
    assert house.events(alert) == ["firing", "suppressed", "unsuppressed", "sent", "sent"]


def test_silenced__that_ends_meanwhile_is_never_told(house):
    """An alert that fired and ended under a silence leaves entries that say so."""
    house.route(house.receiver())
    house.silence("1", seconds=600)
    alert = house.fire("1")
    house.deliver(10)
    house.resolve(alert)
    house.deliver(900)
    assert house.told == []
    assert house.entries() == [("ops", "fired", "suppressed"), ("ops", "resolved", "superseded")]


def test_resolved__is_told_under_a_silence(house):
    """Who was told that it fires learns the end; else it would fire there for ever."""
    house.route(house.receiver())
    alert = house.fire("1")
    house.deliver()
    house.silence("1", seconds=6000)
    house.resolve(alert)
    house.deliver(300)
    assert house.told[-1] == ("ops", "1", "resolved")


def test_repeat__after_its_interval_while_it_fires(house):
    """Told again after repeat_interval, and not again once it has ended."""
    house.route(house.receiver(), repeat_interval_seconds=3600.0)
    alert = house.fire("1")
    house.deliver()
    house.deliver(3590)
    assert len(house.told) == 1
    house.deliver(20)
    assert house.told[1:] == [("ops", "1", "repeated")]
    house.deliver(3620)
    assert len(house.told) == 3
    house.resolve(alert)
    house.deliver(300)
    house.deliver(7200)
    assert [notice for *_, notice in house.told[3:]] == ["resolved"]
    assert NotificationGroup.objects.get().flush_at is None


def test_repeat__not_while_acknowledged(house):
    """An acknowledged alert is told again when its acknowledgement ends."""
    house.route(house.receiver(), repeat_interval_seconds=600.0)
    alert = house.fire("1")
    house.deliver()
    alert.acknowledged_at = house.now
    alert.acknowledged_until = house.now + timedelta(hours=2)
    alert.save()
    for _ in range(10):
        house.deliver(600)
    assert len(house.told) == 1
    house.deliver(1300)
    assert house.told[1:] == [("ops", "1", "repeated")]


def test_news__name_what_still_fires(house):
    """A message that tells one end says that another alert of the group fires on."""
    house.route(house.receiver())
    first, _ = house.fire_many([{"n": "1"}, {"n": "2"}])
    house.deliver()
    house.resolve(first)
    house.deliver(300)
    payload = house.recorder.taken[-1][2]
    assert [alert[:2] for alert in payload["alerts"]] == [["2", "repeated"], ["1", "resolved"]]


def test_incident__is_the_same_when_it_ends(house):
    """PagerDuty closes what it has opened by this key."""
    house.route(house.receiver())
    alert = house.fire("1")
    house.deliver()
    house.resolve(alert)
    house.deliver(300)
    fired, resolved = (payload["incidents"] for *_, payload in house.recorder.taken)
    assert fired == resolved


def test_storm__names_a_hundred_and_counts_the_rest(house):
    """The most severe are named; those that are only counted say so."""
    house.route(house.receiver())
    found = [{"n": str(i), "severity": "warning"} for i in range(120)]
    house.fire_many([*found, {"n": "worst", "severity": "critical"}])
    house.deliver()
    payload = house.recorder.taken[0][2]
    assert len(payload["alerts"]) == 100
    assert payload["truncated"] == 21
    assert payload["alerts"][0][0] == "worst"
    counted = OutboxEntry.objects.filter(reason__startswith="The message counts it")
    assert counted.filter(state="sent").count() == 21


@pytest.fixture
def each(house, monkeypatch):
    """A receiver that hears of each alert by itself, three with each message."""
    monkeypatch.setattr(house.recorder, "max_alerts", 3)
    monkeypatch.setattr(house.recorder, "tells_each", True)
    return house.receiver()


def test_parts__tell_each_alert_of_a_storm_once(house, each):
    """The hundred-and-first alert has its event as the first has."""
    house.route(each)
    house.fire_many([{"n": str(n)} for n in range(20)])
    house.deliver()
    assert sorted(int(n) for _, n, _ in house.told) == list(range(20))
    assert [len(payload["alerts"]) for *_, payload in house.recorder.taken] == [3] * 6 + [2]
    assert len({key for _, key, _ in house.recorder.taken}) == 7
    assert {payload["truncated"] for *_, payload in house.recorder.taken} == {0}
    assert not OutboxEntry.objects.exclude(state="sent", reason="").exists()


def test_parts__are_retried_each_for_itself(house, each):
    """What was taken is not sent again because a later part was not."""
    house.route(each)
    house.fire_many([{"n": str(n)} for n in range(9)])
    house.recorder.script["ops"] = [None, down(), None]
    house.deliver()
    assert len(house.told) == 3
    house.deliver_until(lambda: not Message.objects.exclude(state="sent"))
    assert sorted(int(n) for _, n, _ in house.told) == list(range(9))
    tries = [key for _, key, _ in house.recorder.tries]
    assert [tries.count(key) for key in dict.fromkeys(tries)] == [1, 2, 1]


def test_parts__one_that_is_refused_holds_none_back_and_can_be_sent_again(house, each):
    """It is a dead letter of its own; sent again, it has the same bytes and key."""
    house.route(each)
    house.fire_many([{"n": str(n)} for n in range(9)])
    house.recorder.script["ops"] = [refused()]
    house.deliver()
    assert sorted(int(n) for _, n, _ in house.told) == list(range(3, 9))
    dead = Message.objects.get(state="dead")
    assert resending.send_again([dead], house.now) == 1
    house.deliver()
    assert house.recorder.tries[-1] == house.recorder.tries[0]
    assert not OutboxEntry.objects.exclude(state="sent").exists()


def test_parts__are_repeated_however_often_there_is_news(house, each):
    """An incident that somebody closed there by mistake must open again while the alert fires."""
    house.route(each, repeat_interval_seconds=3600.0)
    house.fire("0")
    house.deliver()
    for n in range(1, 9):
        house.fire(str(n))
        house.deliver(900)
    told = [(n, notice) for _, n, notice in house.told]
    assert told.count(("0", "repeated")) == 2
    assert [told.count((str(n), "fired")) for n in range(9)] == [1] * 9


def test_parts__begin_to_count_anew_where_nothing_fired_before(house, each):
    """The first word of an alert is not followed by its repetition at once."""
    house.route(each, repeat_interval_seconds=3600.0)
    house.resolve(house.fire("0"))
    first = house.fire("1")
    house.deliver()
    house.resolve(first)
    house.deliver(5000)
    for n in ("2", "3"):
        house.fire(n)
        house.deliver(600)
    told = [(n, notice) for _, n, notice in house.told]
    assert told == [("1", "fired"), ("1", "resolved"), ("2", "fired"), ("3", "fired")]
    house.deliver(3600)
    assert sorted(n for _, n, notice in house.told if notice == "repeated") == ["2", "3"]


def test_parts__say_what_is_new_and_nothing_else(house, each):
    """Of what fires as it did before there is no event; after the interval of repetition, one."""
    house.route(each, repeat_interval_seconds=3600.0)
    first = house.fire_many([{"n": str(n)} for n in range(4)])
    house.deliver()
    house.fire("new")
    house.resolve(first[0])
    house.deliver(300)
    assert house.told[4:] == [("ops", "new", "fired"), ("ops", "0", "resolved")]
    house.deliver(3600)
    again = [(n, notice) for _, n, notice in house.told[6:]]
    assert sorted(again) == [(n, "repeated") for n in ("1", "2", "3", "new")]
    assert OutboxEntry.objects.filter(notice="repeated", state="sent").count() == 4


def test_pending_again__is_not_told(house):
    """An alert whose rule got a longer ``for`` before it was told is told when it fires."""
    house.route(house.receiver(), group_wait_seconds=30.0)
    alert = house.fire("1")
    alert.state = "pending"
    alert.save()
    house.deliver(60)
    assert house.told == []
    alert.state = "firing"
    alert.save()
    house.say(EventKind.FIRING, alert)
    house.deliver(300)
    assert house.told == [("ops", "1", "fired")]


def test_not_composed__is_a_dead_letter_with_a_fallback(house):
    """A receiver that cannot be written to delays nobody."""
    house.route(house.receiver("broken", config={"broken": True}), house.receiver("mail"))
    house.fire("1")
    house.deliver()
    assert house.told == [("mail", "1", "fired")]
    dead = Message.objects.get(receiver_name="broken")
    assert (dead.state, dead.answer) == (
        "dead",
        "It could not be composed: ValueError: no such template",
    )


def test_claimed_group__is_left_to_its_worker(house):
    """One flush per group at a time; a claim whose worker is gone ends by itself."""
    house.route(house.receiver())
    house.fire("1")
    NotificationGroup.objects.update(
        claim_token="other", claimed_until=house.now + timedelta(seconds=60)
    )
    house.deliver(30)
    assert house.told == []
    house.deliver(31)
    assert house.told == [("ops", "1", "fired")]


def test_end__is_the_last_word_whatever_was_passed_on_after_it(house):
    """A fallback knows the alert, its end is due, and then another's failure passes it on."""
    first = house.receiver("a")
    house.route(
        first, house.receiver("b"), after={1: 60}, group_by=["n"], repeat_interval_seconds=900.0
    )
    alert = house.fire("1")
    house.deliver()
    house.deliver(61)
    assert [(who, notice) for who, _, notice in house.told] == [("a", "fired"), ("b", "escalated")]
    house.recorder.script["a"] = [down(429, retry_after_seconds=600), refused()]
    house.deliver(900)
    house.resolve(alert)
    house.deliver(200)
    house.deliver(460)
    house.deliver_until(lambda: not OutboxEntry.objects.filter(state__in=["due", "frozen"]))
    assert ("b", "1", "resolved") in house.told
    last = [(who, notice) for who, _, notice in house.told if who == "b"][-1]
    assert last == ("b", "resolved")


def test_freeze__waits_for_whoever_ends_an_alert(house, monkeypatch):
    """An alert that ends between the decision and its storing is not told that it fires."""
    house.route(house.receiver())
    alert = house.fire("1")
    compose = flushing._compose

    def ends_meanwhile(*args):
        monkeypatch.setattr(flushing, "_compose", compose)
        Alert.objects.update(state="resolved", ended_at=house.now)
        return compose(*args)

    monkeypatch.setattr(flushing, "_compose", ends_meanwhile)
    house.deliver()
    assert not Message.objects.exists()
    house.say(EventKind.RESOLVED, alert)
    house.deliver()
    assert house.told == []
    assert {state for *_, state in house.entries()} == {"superseded"}


@pytest.mark.parametrize("by", ["time", "hand"])
def test_acknowledged__is_told_again_when_nobody_has_it_any_more(house, by):
    """Whether its time is over or somebody gave it up: at once, not at the next repetition."""
    house.route(house.receiver(), repeat_interval_seconds=86400.0)
    alert = house.fire("1")
    house.deliver()
    until = house.now + timedelta(hours=1) if by == "time" else None
    assert acknowledge(alert, None, until=until, now=house.now)
    house.deliver(1800)
    assert len(house.told) == 1
    if by == "hand":
        assert unacknowledge(alert, None, now=house.now)
    house.deliver(1860)
    house.deliver(300)
    assert house.told[1:] == [("ops", "1", "repeated")]
    house.deliver(600)
    assert len(house.told) == 2


def test_message__costs_few_queries(house, django_assert_max_num_queries):
    """From its entry to its answer, with those that begin and end transactions."""
    house.route(house.receiver(), group_by=["n"])
    house.fire_many([{"n": str(n)} for n in range(30)])
    with django_assert_max_num_queries(30 * 4 + 70):
        house.deliver()
    assert len(house.told) == 30


def test_resolved__comes_after_the_fired_of_another_route_to_the_same_receiver(house, monkeypatch):
    """Order is kept for each alert and receiver, not for each group alone."""
    ops = house.receiver()
    stuck = house.route(ops, is_continued=True, group_interval_seconds=300)
    house.route(ops, group_interval_seconds=1)
    send, down_for = house.recorder.send, {stuck.pk}

    def sending(composed, target, *, key, timeout):
        if Message.objects.get(key=key).group.route_id in down_for:
            raise down()
        return send(composed, target, key=key, timeout=timeout)

    monkeypatch.setattr(house.recorder, "send", sending)
    alert = house.fire("1")
    house.deliver()
    house.resolve(alert)
    house.deliver(5)
    assert house.told == [("ops", "1", "fired")]
    down_for.clear()
    house.deliver_until(lambda: len(house.told) == 4)
    assert [notice for *_, notice in house.told] == ["fired", "fired", "resolved", "resolved"]
    assert not OutboxEntry.objects.exclude(state="sent").exists()
