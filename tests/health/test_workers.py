"""What workers say of themselves in the store, and what that tells."""

from __future__ import annotations

import pytest

from tests.health.checks import Clock
from zerostate_monitoring.health import workers
from zerostate_monitoring.health.pulse import Life
from zerostate_monitoring.health.states import Status
from zerostate_monitoring.health.workers import LATE_SECONDS, Pulse, judge_workers

NOW = 10_000.0
QUEUES = ["collect", "evaluate"]


def one(name="w1", *, at=NOW - 1, queues=("collect", "evaluate"), state="ready", role="worker"):
    return Pulse(name, role, state, at, tuple(queues))


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        ([one()], Status.HEALTHY, "1 workers take all queues"),
        ([one(queues=["collect"]), one("w2", queues=["evaluate"])], Status.HEALTHY, "2 workers"),
        ([one(queues=["collect"])], Status.UNHEALTHY, "no worker takes evaluate"),
        ([], Status.UNHEALTHY, "no worker has ever said"),
        ([one(role="beat")], Status.UNHEALTHY, "no worker has ever said"),
        ([one(at=NOW - LATE_SECONDS - 1)], Status.UNHEALTHY, "has for 46 s said"),
        ([one(state="starting")], Status.UNHEALTHY, "no worker has for 1 s said"),
        ([one(state="draining")], Status.UNHEALTHY, "no worker takes"),
        ([one(state="draining"), one("w2")], Status.HEALTHY, "2 workers"),
        ([one(at=NOW + 3600)], Status.DEGRADED, "clocks run ahead of this host's: w1"),
    ],
)
def test_judge_workers__by_what_they_said(said, status, words):
    """Each queue needs a worker that said of late that it takes it; the future is not fresh."""
    found = judge_workers(said, QUEUES, NOW)
    assert found.status is status
    assert words in found.message


def test_tell__is_read_and_forgotten(store):
    """A note per process; one that said nothing for an hour is let go of."""
    clock = Clock(NOW)
    workers.tell(Life("worker", "w@h", "ready", ("collect",)), clock())
    workers.tell(Life("beat", "b@h", "ready"), clock() - 5000)
    assert {p.name: p.queues for p in workers.pulses()} == {"w@h": ("collect",), "b@h": ()}
    workers.forget_old(clock())
    assert [p.name for p in workers.pulses()] == ["w@h"]


def test_pulses__of_another_version_are_left_out(store):
    """What is not understood is not guessed at."""
    store.note(workers.NOTE, {"w": {"at": "yesterday", "queues": []}, "x": {"queues": 3}})
    assert workers.pulses() == []
