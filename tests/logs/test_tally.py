"""Counts of events until somebody fetches them."""

from __future__ import annotations

import os
import threading

from zerostate_monitoring.logs.tally import LONGEST_NAME, MOST, TALLY, Tally


def test_fetch__gives_each_event_once():
    """What was fetched is gone."""
    tally = Tally()
    tally.seen("a", "info")
    tally.seen("a", "info")
    tally.dropped("a", "info")
    assert tally.fetch() == ({("a", "info"): 2}, {("a", "info", "sampling"): 1})
    assert tally.fetch() == ({}, {})


def test_threads__lose_nothing():
    """Many count while one fetches."""
    tally, total, stop = Tally(), [0], threading.Event()

    def fetch():
        while not stop.is_set():
            total[0] += sum(tally.fetch()[0].values())

    def count():
        for _ in range(5000):
            tally.seen("a", "info")

    counting = [threading.Thread(target=count) for _ in range(4)]
    fetching = threading.Thread(target=fetch)
    for thread in (fetching, *counting):
        thread.start()
    for thread in counting:
        thread.join()
    stop.set()
    fetching.join()
    assert total[0] + sum(tally.fetch()[0].values()) == 20_000


def test_wake__until_somebody_will_fetch():
    """The publisher is woken once; and may itself log meanwhile."""
    tally, woken = Tally(), []

    def wake():
        woken.append(1)
        tally.seen("publisher", "warning")
        return len(woken) == 3

    tally.attach(wake)
    for _ in range(10):
        tally.seen("a", "info")
    assert len(woken) == 3
    tally.begin_anew()
    tally.seen("a", "info")
    assert len(woken) == 4


def test_event__within_an_event_does_not_hang():
    """What ends an object may log while its thread counts."""
    tally = Tally()
    with tally._lock:
        tally.seen("a", "info")
    assert tally.fetch()[0] == {("a", "info"): 1}


def test_name__is_short():
    """A logger's name is a label's value."""
    tally = Tally()
    tally.seen("x" * 10_000, "info")
    [(name, _)] = tally.fetch()[0]
    assert name == "x" * LONGEST_NAME


def test_loggers__without_end_are_counted_together():
    """Nothing is lost, and memory is bounded where nobody fetches."""
    tally = Tally()
    for number in range(MOST + 500):
        tally.seen(f"logger.{number}", "info")
    seen, _ = tally.fetch()
    assert len(seen) == MOST + 1
    assert seen["other", "info"] == 500


def test_fork__begins_anew():
    """A child tells nothing that its parent tells."""
    TALLY.seen("parent", "info")
    with TALLY._lock:
        child = os.fork()
        if child == 0:
            # The parent's lock is held here, and must not be waited for.
            os._exit(len(TALLY.fetch()[0]))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    TALLY.fetch()
