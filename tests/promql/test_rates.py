"""Growth and slopes of series."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from tests.promql.cases import rates
from tests.promql.cases.case import STEP_MS, assert_same, check, given, storage, table
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.promql.query import parse

counts = st.lists(st.integers(0, 100), min_size=2, max_size=12)


@given(rates.CASES)
def test_rates__gives_what_is_documented(case):
    """For each function, borders, resets, gaps and values that are no numbers."""
    check(case)


def asked(values, query):
    """All samples of the answer at the time of the last value."""
    engine = Engine(storage(f"c_total {' '.join(map(str, values))}"))
    return table(engine.instant(parse(query), (len(values) - 1) * STEP_MS))


@drawn(counts, st.integers(2, 10))
@settings(max_examples=30)
def test_rates__rate_is_increase_by_seconds(values, minutes):
    """Whatever was lost or extended."""
    rate = asked(values, f"rate(c_total[{minutes}m]) * {minutes * 60}")
    assert_same(rate, asked(values, f"increase(c_total[{minutes}m])"))


@drawn(counts)
@settings(max_examples=30)
def test_rates__a_counter_never_falls(values):
    """Its growth is at least that since the last reset, and its events are those of a list."""
    found = asked(values, "increase(c_total[1h])")
    assert found[()][(len(values) - 1) * STEP_MS] >= max(0, values[-1] - values[0])
    pairs = list(itertools.pairwise(values))
    at = (len(values) - 1) * STEP_MS
    assert asked(values, "resets(c_total[1h])") == {(): {at: sum(b < a for a, b in pairs)}}
    assert asked(values, "changes(c_total[1h])") == {(): {at: sum(b != a for a, b in pairs)}}


@pytest.mark.parametrize("series", [1, 3])
def test_rates__many_windows_of_sparse_series(series):
    """Series with samples at times of their own are as they are alone."""
    lines = [
        f'c_total{{k="{k}"}} ' + " ".join("_" if n % (k + 2) else str(n) for n in range(60))
        for k in range(series)
    ]
    query = parse("increase(c_total[17m])")
    together = table(Engine(storage("\n".join(lines))).range(query, 0, 3_600_000, STEP_MS))
    alone = {}
    for line in lines:
        alone |= table(Engine(storage(line)).range(query, 0, 3_600_000, STEP_MS))
    assert together == alone


def exactly(query, *samples, at):
    """The only value of ``query`` at ``at`` over one series ``x`` of (ms, value)."""
    times, values = zip(*samples, strict=True)
    storage = MemoryStorage([((("__name__", "x"),), times, values)])
    (sample,) = Engine(storage).instant(parse(query), at).value.samples
    return sample.value


@pytest.mark.parametrize(
    ("first", "last", "grown"),
    [(41_079, 50_089, 26.0), (41_058, 50_078, 20.0)],
)
def test_rates__a_border_at_the_limit_falls_where_it_does_in_prometheus(first, last, grown):
    """It is 1.1 times the distance between the samples away, as floats have it."""
    samples = ((first, 100), (last, 110))
    assert exactly("increase(x[60s])", *samples, at=60_000) == grown
    assert exactly("rate(x[60s])", *samples, at=60_000) == pytest.approx(grown / 60, rel=1e-15)
    assert exactly("delta(x[60s])", *samples, at=60_000) == grown


@pytest.mark.parametrize("reach", ["1h", "1d", "1y"])
def test_rates__lose_nothing_in_a_long_range(reach):
    """Milliseconds between samples are what they are, however far away the border is."""
    now = 1_700_000_000_000
    samples = ((now - 14, 1.0), (now - 13, 4.0), (now - 6, 11.0))
    assert exactly(f"irate(x[{reach}])", *samples[:2], at=now) == 3000
    # Half a distance before the first sample, and all of the time behind the last.
    assert exactly(f"increase(x[{reach}])", (now - 13, 1.0), (now - 6, 2.0), at=now) == (
        pytest.approx(1 + 1 / 2 + 6 / 7, rel=1e-15)
    )


@pytest.mark.parametrize("height", [0.0, 1e9, -1e15, 4e15])
def test_deriv__of_large_values_that_differ_by_little(height):
    """The slope is theirs, whatever they stand on; the line ends where they do."""
    samples = [(15_000 * k, height + 3 * k) for k in range(21)]
    slope = exactly("deriv(x[5m])", *samples[1:], at=300_000)
    assert slope == pytest.approx(0.2, rel=1e-14)
    ahead = exactly("predict_linear(x[5m], 60)", *samples[1:], at=300_000)
    assert ahead == pytest.approx(height + 72, rel=1e-15, abs=1e-12)


def test_deriv__of_values_whose_difference_is_infinite():
    """Nothing is moved that would be infinite by it."""
    values = [-1e308, 1e308] + [0.0] * 19
    slope = exactly("deriv(x[5m])", *((50 * k, y) for k, y in enumerate(values)), at=1000)
    # Of x the mean is 0.5 s, and the squares of what it is off that add up to 1.925.
    assert slope == pytest.approx((0.05 * 1e308) / 1.925, rel=1e-12)


def test_rates__resets_are_added_one_by_one():
    """What they add up to alone is infinite here, and no number beside an infinite difference."""
    falling = [
        (15_000 * n, value) for n, value in enumerate([-1e308, -1.1e308, -1.2e308, 1e308], 1)
    ]
    assert exactly("increase(x[2m])", *falling, at=60_000) == math.inf
