"""Quantiles and fractions of classic histograms."""

from __future__ import annotations

import math

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from tests.promql.cases import histograms
from tests.promql.cases.case import STEP_MS, assert_same, check, given, storage, table
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.query import parse

BOUNDS = ("0.5", "1", "2.5", "+Inf")
counts = st.lists(st.integers(0, 20), min_size=len(BOUNDS), max_size=len(BOUNDS))


def of(rows):
    """An engine over one histogram with so many new observations in each of its buckets."""
    sums = [[sum(row[: n + 1]) for row in rows] for n in range(len(BOUNDS))]
    lines = [
        f'h{{le="{bound}"}} {" ".join(map(str, row))}'
        for bound, row in zip(BOUNDS, sums, strict=True)
    ]
    return Engine(storage("\n".join(lines)))


def asked(engine, query):
    """The value at time 0."""
    return table(engine.instant(parse(query), 0))[()][0]


@given(histograms.CASES)
def test_histograms__gives_what_is_documented(case):
    """Borders, bounds in odd spellings, buckets that fall, lack, or come and go."""
    check(case)


@drawn(counts, st.floats(1e-6, 1), st.floats(1e-6, 1))
@settings(max_examples=60)
def test_histograms__quantiles_grow_with_their_rank(row, one, other):
    """And lie between zero and the highest bound."""
    engine = of([row])
    low, high = (asked(engine, f"histogram_quantile({q!r}, h)") for q in sorted((one, other)))
    if sum(row):
        assert 0 <= low <= high + 1e-12
        assert high <= 2.5
    else:
        assert math.isnan(low)


@drawn(counts.filter(any), st.floats(0.01, 2.4))
@settings(max_examples=60)
def test_histograms__a_fraction_undoes_a_quantile(row, bound):
    """The quantile of the share below a bound is that bound, if its bucket is not empty."""
    engine = of([row])
    share = asked(engine, f"histogram_fraction(-Inf, {bound!r}, h)")
    bucket = row[sum(bound > float(end) for end in BOUNDS)]
    if bucket and 0 < share < 1:
        assert asked(engine, f"histogram_quantile({share!r}, h)") == pytest.approx(bound)


@drawn(st.lists(counts, min_size=1, max_size=4))
@settings(max_examples=30)
def test_histograms__fractions_add_up(rows):
    """Two shares that meet are the share of both, at every step."""
    engine = of(rows)

    def shares(query):
        return table(engine.range(parse(query), 0, (len(rows) - 1) * STEP_MS, STEP_MS))

    parts = "histogram_fraction(-Inf, 0.7, h) + histogram_fraction(0.7, 2, h)"
    assert_same(shares(parts), shares("histogram_fraction(-Inf, 2, h)"), 1e-9)


def test_histograms__each_bound_that_is_none_is_told():
    """Once each, however many buckets have it; the rest of the buckets count."""
    rows = 'b{le="x"} 1\nb{le="x", k="2"} 1\nb{le=""} 1\nb{le="1"} 1\nb{le="+Inf"} 2'
    for query in ("histogram_quantile(0.5, b)", "histogram_fraction(0, 1, b)"):
        warnings = Engine(storage(rows)).instant(parse(query), 0).warnings
        assert sorted(one.split("but ")[1].split()[0] for one in warnings) == ['""', '"x"']
