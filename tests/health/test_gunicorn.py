"""gunicorn's master says that it leaves before it does."""

from __future__ import annotations

import os
import signal

import pytest

from tests.health.checks import PATIENCE, in_child
from tests.servers import wait_until
from zerostate_monitoring.health import process
from zerostate_monitoring.health.gunicorn import drain_first


class Arbiter:
    """gunicorn's master, which puts each signal into a queue."""

    def __init__(self):
        self.got = []

    def signal(self, number, frame):
        self.got.append(number)


@pytest.fixture
def arbiter(monkeypatch):
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGALRM)}
    monkeypatch.setattr(process, "leaving_together", [])
    yield Arbiter()
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number, handler in before.items():
        signal.signal(number, handler)


def test_drain_first__is_not_ready_then_ends(arbiter):
    """SIGTERM reaches gunicorn after the time; until then it has not got it."""
    drain_first(0.2)(arbiter)
    assert process.leaving() == ""
    os.kill(os.getpid(), signal.SIGTERM)
    wait_until(process.leaving, PATIENCE)
    wait_until(lambda: arbiter.got == [signal.SIGTERM], PATIENCE)


def test_drain_first__a_second_one_ends_at_once(arbiter):
    """An operator who does not want to wait sends it again."""
    drain_first(3600)(arbiter)
    os.kill(os.getpid(), signal.SIGTERM)
    wait_until(process.leaving, PATIENCE)
    assert arbiter.got == []
    os.kill(os.getpid(), signal.SIGTERM)
    wait_until(lambda: arbiter.got == [signal.SIGTERM], PATIENCE)


def test_drain_first__is_seen_by_children(arbiter):
    """A worker that was forked before knows of it."""
    drain_first(3600)(arbiter)
    told = in_child(process.leaving)
    os.kill(os.getpid(), signal.SIGTERM)
    wait_until(process.leaving, PATIENCE)
    assert told() == "the server got SIGTERM"


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_drain_first__refuses_no_time(seconds):
    """A configuration that would do nothing, or never end, is refused."""
    with pytest.raises(ValueError, match="above 0"):
        drain_first(seconds)
