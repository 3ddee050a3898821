"""Tries, and what comes of each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.alerting.delivery.house import down, refused
from zerostate_monitoring.alerting.delivery import leasing, posting, sending
from zerostate_monitoring.alerting.delivery.posting import Outcome
from zerostate_monitoring.alerting.delivery.recording import record
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import AlertEvent, Attempt, Message, Receiver, ReceiverState
from zerostate_monitoring.notifiers.base import Answer


def outcomes():
    return list(Attempt.objects.order_by("pk").values_list("outcome", flat=True))


def test_try__is_written_before_and_its_answer_after(house, monkeypatch):
    """While a try is made its row stands without an end; the answer is kept."""
    seen = []
    house.route(house.receiver())
    send = house.recorder.send

    def look(*args, **options):
        seen.append(list(Attempt.objects.values_list("outcome", "message__state")))
        return send(*args, **options)

    monkeypatch.setattr(house.recorder, "send", look)
    house.fire("1")
    house.deliver()
    assert seen == [[("started", "leased")]]
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.status, attempt.answer) == ("sent", 200, "ok")


def test_failure__is_tried_again_with_the_same_bytes(house):
    """The key and payload of each try are those of the first."""
    house.route(house.receiver())
    house.recorder.script["ops"] = [down(), down(503)]
    house.fire("1")
    house.deliver_until(lambda: house.told)
    assert outcomes() == ["failed", "failed", "sent"]
    assert len({(key, str(payload)) for _, key, payload in house.recorder.tries}) == 1
    assert house.message().attempts == 3


def test_retry_after__is_honoured(house):
    """429 with a time is not tried before it."""
    house.route(house.receiver())
    house.recorder.script["ops"] = [down(429, retry_after_seconds=120)]
    house.fire("1")
    house.deliver()
    house.deliver(119)
    assert len(house.recorder.tries) == 1
    house.deliver(4)
    assert house.told == [("ops", "1", "fired")]


def test_retry_after__holds_for_all_messages_to_the_receiver(house):
    """It asked to be left alone: its other messages do not go to it before, others' do."""
    house.route(house.receiver(), group_by=["n"], is_continued=True)
    house.route(house.receiver("other"), group_by=["n"])
    house.recorder.script["ops"] = [down(429, retry_after_seconds=50)]
    house.fire("1")
    house.deliver()
    house.fire("2")
    for _ in range(4):
        house.deliver(12)
    tries = [name for name, *_ in house.recorder.tries]
    assert (tries.count("ops"), tries.count("other")) == (1, 2)
    house.deliver(5)
    assert {n for name, n, _ in house.told if name == "ops"} == {"1", "2"}


@pytest.mark.parametrize(("seconds", "told"), [(30, 0), (1800, 1)])
def test_retry_after__that_is_long_tells_the_fallback_at_once(house, seconds, told):
    """Half an hour without a word is too long; a moment is waited for."""
    house.route(house.receiver("busy"), house.receiver("next"))
    house.recorder.script["busy"] = [down(429, retry_after_seconds=seconds)]
    house.fire("1")
    house.deliver()
    house.deliver(5)
    house.deliver(5)
    assert house.told == [("next", "1", "fired")] * told


def test_permanent__is_a_dead_letter_at_once(house):
    """What will never be taken is not tried again, and its alerts say so."""
    house.route(house.receiver())
    house.recorder.script["ops"] = [refused(404)]
    alert = house.fire("1")
    house.deliver()
    house.deliver(300)
    assert outcomes() == ["refused"]
    assert house.message().state == "dead"
    assert house.entries() == [("ops", "fired", "dead")]
    assert house.events(alert) == ["firing", "dead"]


def test_exhausted__is_a_dead_letter(house, settings):
    """A message is given up after DELIVERY_GIVE_UP_SECONDS."""
    settings.ZEROSTATE_MONITORING_DELIVERY_GIVE_UP_SECONDS = 600
    house.route(house.receiver())
    house.recorder.always["ops"] = down()
    house.fire("1")
    house.deliver_until(lambda: house.message().state == "dead")
    assert outcomes()[-1] == "given up"
    assert house.now - house.message().created_at >= timedelta(seconds=600)


def test_dead_fired__does_not_hold_back_resolved(house):
    """The end is told after a fired that died: it may have arrived."""
    house.route(house.receiver())
    house.recorder.script["ops"] = [refused()]
    alert = house.fire("1")
    house.deliver()
    house.resolve(alert)
    house.deliver(300)
    assert house.told == [("ops", "1", "resolved")]


def test_order__a_message_waits_for_those_before_it(house):
    """The end is not tried while the beginning is not ended."""
    house.route(house.receiver(), group_interval_seconds=0.0)
    house.recorder.script["ops"] = [down(429, retry_after_seconds=100)]
    alert = house.fire("1")
    house.deliver()
    house.resolve(alert)
    house.deliver(10)
    assert [m.state for m in Message.objects.order_by("pk")] == ["due", "due"]
    assert len(house.recorder.tries) == 1
    house.deliver(100)
    house.deliver(1)
    assert house.told == [("ops", "1", "fired"), ("ops", "1", "resolved")]


def test_broken_notifier__is_a_failure_that_passes(house):
    """An exception that no notifier should raise is a failed try, with its text."""
    house.route(house.receiver("broken"), group_by=["n"], is_continued=True)
    house.route(house.receiver("mail"))
    house.recorder.script["broken"] = [KeyError("oops")]
    house.fire("1")
    house.deliver()
    assert house.told == [("mail", "1", "fired")]
    assert Attempt.objects.get(outcome="failed").answer == "KeyError: 'oops'"


def test_lost_lease__is_swept_and_sent_again_with_the_same_key(house):
    """A worker that ended in a try leaves one that is marked lost; the next has the same key."""
    house.route(house.receiver(), group_wait_seconds=0.0)
    house.recorder.script["ops"] = [SystemExit()]
    house.fire("1")
    with pytest.raises(SystemExit):
        house.deliver()
    assert outcomes() == ["started"]
    house.deliver(leasing.lease_time().total_seconds() - 1)
    assert house.told == []
    house.deliver(1)
    assert outcomes() == ["lost", "sent"]
    assert len({key for _, key, _ in house.recorder.tries}) == 1


def test_overtaken_lease__records_its_try_and_nothing_else(house):
    """Whoever lost the lease cannot end a message that another one sends."""
    house.route(house.receiver(), group_wait_seconds=0.0)
    house.recorder.script["ops"] = [down(429, retry_after_seconds=60)]
    house.fire("1")
    house.deliver()
    (lease,) = leasing.take([house.message()], house.now)
    Message.objects.update(lease_token="another")
    assert record([Outcome(lease, 1.0, answer=Answer("ok", 200))], house.now) == ["too late"]
    assert house.message().state == "leased"
    assert house.entries() == [("ops", "fired", "frozen")]
    assert outcomes() == ["failed", "too late"]


def test_take__gives_a_message_to_one(house):
    """Two workers that saw the same message: one has it."""
    house.route(house.receiver())
    house.recorder.script["ops"] = [down(429, retry_after_seconds=60)]
    house.fire("1")
    house.deliver()
    message = house.message()
    assert [lease.message for lease in leasing.take([message], house.now)] == [message]
    assert leasing.take([message], house.now) == []


def test_take__leaves_out_what_another_worker_has(house):
    """Of several messages those that are left, each with its own try."""
    house.route(house.receiver(), group_by=["n"])
    house.recorder.always["ops"] = down(429, retry_after_seconds=60)
    house.fire_many([{"n": str(n)} for n in range(3)])
    house.deliver()
    messages = list(Message.objects.order_by("pk"))
    Attempt.objects.all().delete()
    leasing.take(messages[1:2], house.now)
    leases = leasing.take(messages, house.now)
    assert [lease.message for lease in leases] == [messages[0], messages[2]]
    assert sorted(Attempt.objects.values_list("message", flat=True)) == [m.pk for m in messages]


def test_lost_lease__among_others_is_recorded_for_itself(house, monkeypatch):
    """Several answers are written down at once; one that came too late spoils no other."""
    house.route(house.receiver(), group_by=["n"])
    house.fire_many([{"n": str(n)} for n in range(3)])
    send = house.recorder.send

    def sending(composed, target, *, key, timeout):
        if composed.payload["alerts"][0][0] == "1":
            Message.objects.filter(key=key).update(lease_token="another")
        return send(composed, target, key=key, timeout=timeout)

    monkeypatch.setattr(house.recorder, "send", sending)
    house.deliver()
    assert sorted(Message.objects.values_list("state", flat=True)) == ["leased", "sent", "sent"]
    assert sorted(outcomes()) == ["sent", "sent", "too late"]


def test_answers__of_several_messages_stand_with_each(house):
    """What is written at once is not mixed up."""
    house.route(house.receiver(), group_by=["n"])
    house.recorder.script["ops"] = [Answer(f"number {n}", 200 + n) for n in range(4)]
    house.fire_many([{"n": str(n)} for n in range(4)])
    house.deliver()
    for message in Message.objects.all():
        made = message.tries.get()
        assert (message.answer, message.status) == (made.answer, made.status)
        said = AlertEvent.objects.get(kind="sent", detail__message=message.pk).detail
        assert (said["answer"], said["status"]) == (message.answer, message.status)
    found = Message.objects.order_by("status").values_list("answer", flat=True)
    assert list(found) == [f"number {n}" for n in range(4)]


def test_failing__after_three_in_a_row_its_messages_go_on_and_it_is_probed(house):
    """The fallback is told at once, the receiver by one try at a time, until it works again."""
    house.route(house.receiver("bad"), house.receiver("good"), group_by=["n"])
    house.recorder.always["bad"] = down()
    house.fire("1")
    house.deliver_until(
        lambda: ReceiverState.objects.filter(
            receiver__name="bad", failing_since__isnull=False
        ).exists(),
        step=10,
    )
    assert len(house.recorder.tries) == 3
    house.fire_many([{"n": str(n)} for n in range(2, 12)])
    house.deliver(1)
    house.deliver(1)
    assert {n for receiver, n, _ in house.told if receiver == "good"} == set(map(str, range(1, 12)))
    before = len(house.recorder.tries)
    for _ in range(60):
        house.deliver(1)
    probes = [name for name, *_ in house.recorder.tries[before:] if name == "bad"]
    assert 1 <= len(probes) <= 12
    del house.recorder.always["bad"]
    house.deliver_until(lambda: not Message.objects.exclude(state="sent").exists())
    assert sorted(n for receiver, n, _ in house.told if receiver == "bad") == sorted(
        map(str, range(1, 12))
    )
    state = ReceiverState.objects.get(receiver__name="bad")
    assert (state.failing_since, state.failures_in_a_row) == (None, 0)


def test_fallback__is_never_the_receiver_that_failed(house):
    """It goes along the route, past all that have failed with it, and ends."""
    a, b, c = (house.receiver(name) for name in "abc")
    house.route(a, b, a, c)
    for name in "abc":
        house.recorder.script[name] = [refused()]
    house.fire("1")
    house.deliver()
    assert [name for name, *_ in house.recorder.tries] == ["a", "b", "c"]
    chain = Message.objects.order_by("pk")
    assert [m.instead_of.receiver_name if m.instead_of else "" for m in chain] == ["", "a", "b"]


def test_fallback__of_an_alert_that_has_ended_is_not_told(house):
    """Nobody is woken for what is over; the dead letter shows it."""
    house.route(house.receiver("a"), house.receiver("b"))
    house.recorder.script["a"] = [down(429, retry_after_seconds=30), refused()]
    alert = house.fire("1")
    house.deliver()
    house.resolve(alert)
    house.deliver(40)
    assert house.told == []
    assert house.entries(receiver__name="b") == [("b", "fired", "superseded")]


def test_disabled_and_deleted__receivers_leave_dead_letters(house):
    """A receiver that is gone holds nothing back; its route's next one is told."""
    gone = house.receiver("gone")
    house.route(gone, house.receiver("next"), group_by=["n"])
    house.recorder.always["gone"] = down(429, retry_after_seconds=900)
    house.fire("1")
    house.deliver()
    Receiver.objects.filter(pk=gone.pk).update(enabled=False)
    house.deliver(1)
    house.deliver(1)
    assert house.told == [("next", "1", "fired")]
    assert Message.objects.get(receiver=gone).answer == "The receiver is disabled."


def test_others__are_sent_to_while_one_hangs(house, monkeypatch):
    """A try that does not come back is given up, and delays no other receiver."""
    house.route(house.receiver("hangs"), is_continued=True)
    house.route(house.receiver("works"))
    post = posting.post

    def some(lease, receiver, done):
        if receiver.name != "hangs":
            post(lease, receiver, done)

    monkeypatch.setattr(posting, "post", some)
    monkeypatch.setattr(sending, "_GRACE_SECONDS", 0.0)
    settings_timeout = 0.2
    monkeypatch.setattr(
        type(conf), "DELIVERY_TIMEOUT_SECONDS", property(lambda _: settings_timeout)
    )
    house.fire("1")
    house.deliver()
    assert house.told == [("works", "1", "fired")]
    assert outcomes() == ["failed", "sent"]


def test_others__hear_of_what_fires_while_one_hangs(house, monkeypatch):
    """One worker alone: a new alert is flushed and sent while the try before is waited for."""
    house.route(house.receiver("hangs"), matchers='n="1"')
    house.route(house.receiver("works"))
    post, waiting, seen = posting.post, [], []

    def some(lease, receiver, done):
        if receiver.name == "hangs":
            waiting.append(lease)
            house.fire("2")
            return
        seen.append(Message.objects.get(receiver__name="hangs").state)
        post(lease, receiver, done)
        done.put(posting.Outcome(waiting.pop(), 1.0, error=down()))

    monkeypatch.setattr(posting, "post", some)
    monkeypatch.setattr(sending, "_LOOK_SECONDS", 0.01)
    house.fire("1")
    house.deliver()
    assert house.told == [("works", "2", "fired")]
    assert seen == ["leased"]
