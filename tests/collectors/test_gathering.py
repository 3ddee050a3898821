"""Threads fetch, the caller takes in: everything once, bounded, and errors end it."""

from __future__ import annotations

import threading

import pytest

from zerostate_monitoring.collectors.gathering import Gathering


def run(work, take, count, size=1, **how):
    """Do so many jobs, numbered from 0, whose results count as ``size`` bytes each."""
    gathering: Gathering[int, int] = Gathering(work, lambda result: size, **how)
    gathering.run(range(count), take)


def test_results__come_once_each_in_the_callers_thread():
    """Every job's result is taken once, by the thread that called; None is left out."""
    taken: list[int] = []
    threads: set[int] = set()

    def take(batch):
        taken.extend(batch)
        threads.add(threading.get_ident())

    run(lambda job: None if job % 5 == 0 else job, take, 500, threads=8)
    assert sorted(taken) == [job for job in range(500) if job % 5]
    assert threads == {threading.get_ident()}


def test_nothing_to_do__takes_nothing():
    """No job, no batch."""
    batches: list[list[int]] = []
    run(lambda job: job, batches.append, 0, threads=2)
    assert batches == []


def test_held_bytes__are_bounded():
    """Threads wait with what they have while too much is held."""
    batches: list[list[int]] = []
    run(lambda job: job, batches.append, 200, size=10, threads=4, held_bytes=50)
    assert sum(map(len, batches)) == 200
    assert max(map(len, batches)) <= 5


def test_error_of_the_taker__begins_no_further_job():
    """A store that is away does not wait for the rest of the chunk."""
    done: list[int] = []

    def work(job):
        done.append(job)
        return job

    def take(batch):
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        run(work, take, 1000, threads=2, held_bytes=2)
    assert len(done) < 10


def test_error_of_a_job__is_raised():
    """A fault of the code is not swallowed by a thread."""
    with pytest.raises(ZeroDivisionError):
        run(lambda job: 1 // job, lambda batch: None, 10, threads=2)


def test_slow_job__does_not_hold_up_the_others(monkeypatch):
    """What there is goes out while one job still runs."""
    monkeypatch.setattr("zerostate_monitoring.collectors.gathering._FLUSH_SECONDS", 0.01)
    seen: list[int] = []
    others = threading.Event()

    def work(job):
        if job == 0:
            assert others.wait(10)
        return job

    def take(batch):
        seen.extend(batch)
        if len(seen) == 9:
            others.set()

    run(work, take, 10, threads=2)
    assert seen[-1] == 0
