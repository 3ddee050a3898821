"""A worker or a beat says in a file that it runs."""

from __future__ import annotations

import json
import threading
import time

import pytest

from tests.health.checks import PATIENCE
from tests.servers import wait_until
from zerostate_monitoring.health import pulse
from zerostate_monitoring.health.pulse import DRAINING, READY, STALE_SECONDS, STARTING, Life, Pulse

WORKER = Life("worker", "w@h", READY, ("celery",))


def told(**changed):
    return json.dumps({"name": "w@h", "state": READY, "tick": 100.0, **changed})


@pytest.mark.parametrize(
    ("text", "tick", "live", "ready"),
    [
        (told(), 101.0, True, True),
        (told(), 100.0 + STALE_SECONDS, True, True),
        (told(), 100.1 + STALE_SECONDS, False, False),
        (told(state=STARTING), 101.0, True, False),
        (told(state=DRAINING), 101.0, True, False),
        (told(), 50.0, False, False),
        (told(tick="soon"), 101.0, False, False),
        (told(tick=None), 101.0, False, False),
        (told(tick=float("nan")), 101.0, False, False),
        ("", 101.0, False, False),
        ("[]", 101.0, False, False),
        ("7", 101.0, False, False),
        (told()[:20], 101.0, False, False),
    ],
)
def test_judge__by_age_and_state(text, tick, live, ready):
    """Live while it goes on writing; ready while it takes messages; never by a broken file."""
    assert pulse.judge(text, "live", tick).passes is live
    assert pulse.judge(text, "ready", tick).passes is ready


def test_read__what_was_written(tmp_path):
    """A file that is written now is fresh, and nothing lies beside it."""
    file = tmp_path / "pulse"
    pulse.write(file, WORKER, time.monotonic())
    assert pulse.read(file, "ready").passes
    assert [path.name for path in tmp_path.iterdir()] == ["pulse"]
    assert not pulse.read(tmp_path / "none", "live").passes
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    assert "cannot be read" in pulse.read(tmp_path / "bytes", "live").reason


def test_read__the_hosts_clock_says_nothing(tmp_path, monkeypatch):
    """Time is set by a year: who lives is alive, and who is dead is dead."""
    file = tmp_path / "pulse"
    for jump in (-31_536_000, 31_536_000):
        monkeypatch.setattr(time, "time", lambda jump=jump: 1.7e9 + jump)
        pulse.write(file, WORKER, time.monotonic())
        assert pulse.read(file, "live").passes
        pulse.write(file, WORKER, time.monotonic() - STALE_SECONDS - 1)
        assert not pulse.read(file, "live").passes


def test_pulse__says_at_once_again_and_again_and_what_changed():
    """A new state is told soon, though the interval is an hour; a short one repeats."""
    said, often = [], []
    made = Pulse()
    try:
        made.become(Life("worker", "w", STARTING), (3600.0, said.append), (0.01, often.append))
        wait_until(lambda: said and len(often) > 3, PATIENCE)
        made.become(WORKER)
        wait_until(lambda: said[-1] == WORKER, PATIENCE)
        assert [life.state for life in said] == [STARTING, READY]
    finally:
        made.end()


def test_pulse__one_saying_that_hangs_holds_no_other_up():
    """The store may take its time: the file is written by a thread of its own."""
    opened, often = threading.Event(), []
    made = Pulse()

    def hang(life):
        opened.wait(PATIENCE)

    try:
        made.become(WORKER, (1.0, hang), (0.01, often.append))
        wait_until(lambda: len(often) > 5, PATIENCE)
    finally:
        opened.set()
        made.end()
