"""A chunk ends within its interval, and nodes that answer are served first."""

from __future__ import annotations

import heapq

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.collectors.budget import Budget


def budget(**changes):
    values = {"interval": 15.0, "timeout": 5.0, "threads": 32}
    return Budget.of(0.0, **{**values, **changes})


def test_node_that_answered__gets_its_whole_timeout():
    """However many wait; but none is begun that would not have its time."""
    assert budget().seconds(0.0, answered=True, waiting=200) == 5.0
    assert budget().seconds(8.5, answered=True, waiting=200) == 5.0
    assert budget().seconds(9.5, answered=True, waiting=1) is None


def test_other_nodes__share_what_is_left():
    """Many get little each, few get the timeout."""
    assert budget().seconds(0.0, answered=False, waiting=216) == 2.0
    assert budget().seconds(0.0, answered=False, waiting=20) == 5.0
    assert budget().seconds(10.0, answered=False, waiting=1) == 3.5
    assert budget().seconds(0.0, answered=False, waiting=10_000) == 0.5
    assert budget().seconds(13.4, answered=False, waiting=1) is None


def test_timeout_longer_than_the_interval__is_cut():
    """A node is begun while it has a third of the chunk's time."""
    long = budget(timeout=60.0)
    assert long.seconds(0.0, answered=True, waiting=1) == 13.5
    assert long.seconds(9.0, answered=True, waiting=1) == 4.5
    assert long.seconds(9.1, answered=True, waiting=1) is None


@given(
    st.floats(0.1, 300), st.floats(0.01, 300), st.integers(1, 64),
    st.integers(0, 500), st.integers(0, 500),
)  # fmt: skip
def test_chunk__ends_within_its_interval_even_if_all_nodes_hang(
    interval, timeout, threads, answered, others
):
    """Each node that is begun uses up all it may; the last one ends in time."""
    plan = budget(interval=interval, timeout=timeout, threads=threads)
    free = [0.0] * threads
    for number in range(answered + others):
        waiting = answered + others - number
        now = heapq.heappop(free)
        seconds = plan.seconds(now, answered=number < answered, waiting=waiting)
        assert seconds is None or seconds > 0
        heapq.heappush(free, now + (seconds or 0.0))
    assert max(free) <= interval
