"""How long to wait before the next try."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.alerting.delivery.backoff import (
    BASE_SECONDS,
    CAP_SECONDS,
    LONGEST_ASKED_SECONDS,
    backoff,
    next_wait,
)


@given(st.integers(1, 10_000), st.text())
def test_backoff__is_jitter_below_a_bound_that_doubles(tries, seed):
    """Never longer than the cap; the same seed gives the same wait."""
    wait = backoff(tries, seed)
    assert 0 <= wait <= min(CAP_SECONDS, BASE_SECONDS * 2 ** min(tries - 1, 20))
    assert wait == backoff(tries, seed)


def test_backoff__differs_between_messages():
    """Those that failed together are not tried together."""
    assert len({round(backoff(5, str(n)), 3) for n in range(100)}) > 90


@given(st.integers(1, 20), st.floats(-10, 1e6), st.sampled_from([429, 503]))
def test_retry_after__is_a_bound_from_below(tries, asked, status):
    """What the receiver asks for is kept, within reason."""
    wait = next_wait(tries, "k", status, asked)
    assert min(max(asked, 0), LONGEST_ASKED_SECONDS) <= wait
    assert wait <= LONGEST_ASKED_SECONDS + BASE_SECONDS


@given(st.integers(1, 20), st.sampled_from([None, 500, 502]))
def test_retry_after__counts_with_429_and_503_alone(tries, status):
    """Elsewhere the header means something else."""
    assert next_wait(tries, "k", status, 1000.0) == backoff(tries, "k")
