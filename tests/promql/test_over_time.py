"""Aggregations over time."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from tests.promql.cases import over_time
from tests.promql.cases.case import STEP_MS, assert_same, check, given, storage, table
from zerostate_monitoring.promql import windows
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.query import parse


@given(over_time.CASES)
def test_over_time__gives_what_is_documented(case):
    """For each function: open at the left, without gaps and markers."""
    check(case)


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("sum", sum),
        ("avg", statistics.fmean),
        ("min", min),
        ("max", max),
        ("count", len),
        ("stdvar", statistics.pvariance),
        ("stddev", statistics.pstdev),
    ],
)
def test_over_time__agrees_with_lists(name, reference):
    """Any numbers, in any window."""

    @drawn(st.lists(st.integers(-1000, 1000), min_size=1, max_size=8), st.integers(1, 9))
    @settings(max_examples=30)
    def agrees(values, minutes):
        at = (len(values) - 1) * STEP_MS
        engine = Engine(storage(f"x {' '.join(map(str, values))}"))
        found = table(engine.instant(parse(f"{name}_over_time(x[{minutes}m])"), at))
        assert_same(found, {(): {at: float(reference(values[-minutes:]))}}, 1e-9)

    agrees()


def test_over_time__windows_laid_out_in_parts_give_the_same(monkeypatch):
    """What does not fit into memory at once is worked out part by part."""
    lines = [f'x{{k="{k}"}} {" ".join(str((n * k) % 7) for n in range(30))}' for k in range(5)]
    engine = Engine(storage("\n".join(lines)))
    query = parse("quantile_over_time(0.7, x[9m])")
    whole = table(engine.range(query, 0, 30 * STEP_MS, STEP_MS))
    monkeypatch.setattr(windows, "_CELLS", 20)
    assert table(engine.range(query, 0, 30 * STEP_MS, STEP_MS)) == whole
    assert np.isfinite([value for points in whole.values() for value in points.values()]).all()
