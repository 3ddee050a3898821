"""Growth and slopes of series."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from tests.promql.cases import rates
from tests.promql.cases.case import STEP_MS, assert_same, check, given, storage, table
from zerostate_monitoring.promql.engine import Engine
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
