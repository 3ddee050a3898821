"""Checks run side by side, once at a time, and nobody waits for one that hangs."""

from __future__ import annotations

import logging
import sys
import threading
from dataclasses import replace

import pytest

from tests.health.checks import PATIENCE, Clock, Gate, in_child, made
from tests.servers import wait_until
from zerostate_monitoring.health import healthy, unhealthy, unknown
from zerostate_monitoring.health.running import Runner, runner
from zerostate_monitoring.health.states import Status


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def wall():
    return Clock(5000.0)


@pytest.fixture
def asking(clock, wall):
    return Runner(clock, wall)


def only(components):
    (found,) = components
    return found


def settled(asking, check):
    """The component once the check has answered."""
    return only(asking.ask([check], PATIENCE))


def test_ask__gives_what_the_check_says_in_their_order(asking):
    """Each component has its outcome, when it was found, and how long that took."""
    first = made("b", lambda: healthy("fine", n=1))
    second = made("a", lambda: unhealthy("broken"))
    one, two = asking.ask([first, second], PATIENCE)
    assert (one.name, one.status, one.outcome.metadata) == ("b", Status.HEALTHY, {"n": 1})
    assert (two.name, two.status, two.outcome.message) == ("a", Status.UNHEALTHY, "broken")
    assert one.at == 5000.0


def test_ask__side_by_side(asking):
    """Two checks that wait for each other both answer: neither runs after the other."""
    both = threading.Barrier(2, timeout=PATIENCE)

    def meet():
        both.wait()
        return healthy()

    found = asking.ask([made("a", meet), made("b", meet)], PATIENCE)
    assert [c.status for c in found] == [Status.HEALTHY, Status.HEALTHY]


def test_ask__tells_an_answer_again_for_a_second(asking, clock):
    """Within a second nobody is asked twice; after it once more."""
    gate = Gate()
    gate.open.set()
    check = made("a", gate)
    for _ in range(5):
        asking.ask([check], PATIENCE)
    assert gate.asked == 1
    clock.now += 1.01
    asking.ask([check], PATIENCE)
    assert gate.asked == 2


def test_ask__a_hanging_check_is_begun_once(asking, clock):
    """However often somebody asks, it costs one thread; it is unknown, then said to hang."""
    gate = Gate()
    check = made("a", gate)
    try:
        found = only(asking.ask([check], 0.0))
        assert (found.status, found.outcome.message) == (Status.UNKNOWN, "has not answered yet")
        clock.now += 7.0
        for _ in range(20):
            found = only(asking.ask([check], 0.0))
        assert found.status is Status.UNHEALTHY
        assert "hung for 7.0 s; its timeout is 2 s" in found.outcome.message
        assert found.seconds == 7.0
        assert gate.asked == 1
    finally:
        gate.open.set()


def test_ask__does_not_wait_again_for_what_hung_before(asking, clock):
    """Only what was begun within the budget is waited for: an hour's budget ends at once."""
    gate = Gate()
    check = made("a", gate)
    try:
        asking.ask([check], 0.0)
        clock.now += 3601.0
        # Would wait until the gate's own patience ended, and fail there.
        assert only(asking.ask([check], 3600.0)).status is Status.UNHEALTHY
    finally:
        gate.open.set()


def test_ask__a_hanging_check_costs_the_others_nothing(asking, clock):
    """Those that answer are told though one hangs."""
    gate = Gate()
    try:
        asking.ask([made("hangs", gate)], 0.0)
        clock.now += PATIENCE + 1.0
        hanging, fine = asking.ask([made("hangs", gate), made("fine", healthy)], PATIENCE)
        assert hanging.status is Status.UNHEALTHY
        assert fine.status is Status.HEALTHY
    finally:
        gate.open.set()


def test_ask__while_it_is_asked_again_the_last_answer_stands(asking, clock):
    """A slow answer leaves no hole; one that is too old says nothing any more."""
    gate = Gate()
    gate.open.set()
    check = made("a", gate, timeout=10.0)
    assert settled(asking, check).status is Status.HEALTHY
    gate.open.clear()
    gate.begun.clear()
    try:
        clock.now += 5.0
        assert only(asking.ask([check], 0.0)).status is Status.HEALTHY
        clock.now += 6.5
        assert only(asking.ask([check], 0.0)).outcome.message != "through"
    finally:
        gate.open.set()


def test_ask__an_answer_after_the_timeout_is_no_good_answer(asking, clock):
    """It came, but later than somebody could wait for."""

    def slow():
        clock.now += 3.0
        return healthy()

    found = settled(asking, made("a", slow))
    assert found.status is Status.UNHEALTHY
    assert "answered after 3.0 s" in found.outcome.message


def test_ask__recovers(asking, clock):
    """What hung and answers again is healthy with the next question."""
    gate = Gate()
    check = made("a", gate)
    asking.ask([check], 0.0)
    clock.now += 100.0
    assert only(asking.ask([check], 0.0)).status is Status.UNHEALTHY
    gate.open.set()

    def healthy_again():
        clock.now += 2.0
        return only(asking.ask([check], PATIENCE)).status is Status.HEALTHY

    wait_until(healthy_again, PATIENCE)
    assert gate.asked >= 2


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_ask__a_clock_that_jumps_changes_no_age(asking, clock, wall, jump):
    """The host's time is set by a day: what is cached stays so, and nothing hangs or is late."""
    gate = Gate()
    gate.open.set()
    check = made("a", gate)
    settled(asking, check)
    wall.now += jump
    found = only(asking.ask([check], 0.0))
    assert (found.status, gate.asked) == (Status.HEALTHY, 1)
    clock.now += 1.01
    found = settled(asking, check)
    assert (found.status, found.seconds, found.at) == (Status.HEALTHY, 0.0, 5000.0 + jump)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: sys.exit("no"), "SystemExit: no"),
        (lambda: 1 / 0, "ZeroDivisionError"),
        (lambda: None, "gave NoneType, and not an Outcome"),
        (lambda: True, "gave bool"),
    ],
)
def test_ask__a_broken_check_is_unhealthy_and_costs_nobody_else(asking, ask, words, caplog):
    """An exception or a strange answer is told, and logged with the component's name."""
    caplog.set_level(logging.CRITICAL)
    broken, fine = asking.ask([made("a", ask), made("b", healthy)], PATIENCE)
    assert broken.status is Status.UNHEALTHY
    assert words in broken.outcome.message
    assert fine.status is Status.HEALTHY


def test_ask__without_threads_says_so(asking, monkeypatch):
    """Where the system gives no thread the answer is one, and the next may be better."""

    def refuse(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        found = only(asking.ask([made("a", healthy)], 0.0))
    assert found.status is Status.UNHEALTHY
    assert "can't start new thread" in found.outcome.message


def test_ask__logs_changes_alone(asking, clock, caplog):
    """Ten times the same is one line; back to healthy is another."""
    caplog.set_level(logging.WARNING)
    said = [unhealthy("away")]
    check = made("changing", lambda: said[0])
    for _ in range(10):
        clock.now += 1.01
        asking.ask([check], PATIENCE)
    said[0] = healthy()
    clock.now += 1.01
    asking.ask([check], PATIENCE)

    def lines():
        # A line is written after the answer, for nobody waits for it: a test before this one may
        # have left its own to be written now.
        found = [r for r in caplog.records if r.msg == "health_changed"]
        return [(r.was, getattr(r, "is")) for r in found if r.component == "changing"]

    wait_until(lambda: len(lines()) > 1, PATIENCE)
    assert lines() == [("unknown", "unhealthy"), ("unhealthy", "healthy")]


def test_ask__logs_nothing_of_what_nobody_can_judge(asking, caplog):
    """A process that begins does not tell of each component that it is as unknown as before."""
    found = only(asking.ask([made("never", lambda: unknown("no number"))], PATIENCE))
    assert found.status is Status.UNKNOWN
    assert only(asking.ask([made("later", lambda: unhealthy("away"))], PATIENCE))

    def told():
        # Others are what a test before this one has left to be written now.
        found = [r.component for r in caplog.records if r.msg == "health_changed"]
        return [name for name in found if name in {"never", "later"}]

    wait_until(told, PATIENCE)
    assert told() == ["later"]


def test_ask__tells_what_was_answered_long_ago(asking, clock):
    """It is no answer any more, but whoever asks once at night sees it."""
    gate = Gate(healthy("all 3 answer"))
    gate.open.set()
    check = made("a", gate)
    asking.ask([check], PATIENCE)
    gate.open.clear()
    clock.now += 40
    found = only(asking.ask([check], 0.0))
    assert found.status is Status.UNKNOWN
    assert found.outcome.message == "has not answered yet; 40 s ago it was healthy: all 3 answer"
    gate.open.set()


def test_ask__a_time_that_hangs_holds_nobody_up(asking, clock):
    """Functions that give times are a project's, too: they are called where checks are."""
    gate = threading.Event()

    def hang():
        assert gate.wait(PATIENCE)
        return 1.0

    check = replace(made("a", healthy), timeout=hang, keep=hang)
    found, fine = asking.ask([check, made("b", healthy)], 0.0)
    assert found.status is Status.UNKNOWN
    clock.now += 10
    found, fine = asking.ask([check, made("b", healthy)], PATIENCE / 10_000)
    assert "hung for 10.0 s" in found.outcome.message
    gate.set()
    wait_until(lambda: only(asking.ask([check], 1.0)).status is not Status.UNKNOWN, PATIENCE)
    assert fine.name == "b"


def test_runner__is_the_processes_own():
    """A forked child has no thread of its parent's, so it begins anew."""
    mine = runner()
    assert runner() is mine
    assert in_child(lambda: "own" if runner() is not mine else "the parent's")() == "own"
