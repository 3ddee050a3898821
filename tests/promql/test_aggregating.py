"""Aggregations over groups of series."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from tests.promql.cases import aggregating
from tests.promql.cases.case import STEP_MS, assert_same, check, given, storage, table
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.query import parse

columns = st.lists(
    st.lists(st.integers(-1000, 1000) | st.just("stale"), min_size=3, max_size=3),
    min_size=1,
    max_size=7,
)


def engine(rows):
    """One series for each row, in three groups."""
    lines = [f'x{{n="{n}", g="{n % 3}"}} {" ".join(map(str, row))}' for n, row in enumerate(rows)]
    return Engine(storage("\n".join(lines)))


def asked(rows, query):
    """The answers at all three steps."""
    return table(engine(rows).range(parse(query), 0, 2 * STEP_MS, STEP_MS))


@given(aggregating.CASES)
def test_aggregating__gives_what_is_documented(case):
    """For each operation, its grouping, its parameter, and values that are no numbers."""
    check(case)


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("sum", sum),
        ("avg", statistics.fmean),
        ("min", min),
        ("max", max),
        ("count", len),
        ("group", lambda _: 1),
        ("stdvar", statistics.pvariance),
        ("stddev", statistics.pstdev),
    ],
)
def test_aggregating__agrees_with_lists(name, reference):
    """Of any numbers that stand at a step."""

    @drawn(columns)
    @settings(max_examples=25)
    def agrees(rows):
        expected = {}
        for step in range(3):
            found = [row[step] for row in rows if row[step] != "stale"]
            if found:
                expected[step * STEP_MS] = float(reference(found))
        assert_same(asked(rows, f"{name}(x)"), {(): expected} if expected else {}, 1e-9)

    agrees()


@drawn(columns)
@settings(max_examples=25)
def test_aggregating__groups_add_up(rows):
    """Sums and counts of disjoint groups are those of all."""
    for name in ("sum", "count"):
        assert_same(asked(rows, f"sum({name} by (g) (x))"), asked(rows, f"{name}(x)"), 1e-9)


@drawn(columns, st.integers(0, 8))
@settings(max_examples=25)
def test_aggregating__topk_and_bottomk_share_out(rows, k):
    """The k largest and the other smallest are all that there are."""
    total = asked(rows, "count(x)").get((), {})
    found = asked(rows, f"topk({k}, x)")
    for step, size in total.items():
        chosen = [points[step] for points in found.values() if step in points]
        values = [row[step // STEP_MS] for row in rows if row[step // STEP_MS] != "stale"]
        assert sorted(chosen) == sorted(values)[len(values) - min(k, int(size)) :]
    assert asked(rows, "topk(99, x)") == asked(rows, "bottomk(99, x)") == asked(rows, "x")


def test_aggregating__the_parameter_of_a_fixed_vector_is_read_once():
    """As in Prometheus: where ``@`` fixes what is chosen from, the first step decides."""
    rows = [[1, 1, 1], [2, 2, 2]]
    found = asked(rows, "topk(1 + time() / 60, x @ 0)")
    assert len(found) == 1


def test_aggregating__many_groups_of_many_sizes():
    """Quantiles of groups of any size are those of each alone."""
    rows = [(size, n) for size in range(1, 12) for n in range(size)]
    lines = [f'x{{size="{size}", n="{n}"}} {n * 7 % 5}' for size, n in rows]
    whole = Engine(storage("\n".join(lines)))
    found = table(whole.instant(parse("quantile by (size) (0.3, x)"), 0))
    for size in range(1, 12):
        alone = f'label_replace(quantile(0.3, x{{size="{size}"}}), "size", "{size}", "", "")'
        (own,) = table(whole.instant(parse(alone), 0)).items()
        assert found[own[0]] == own[1]


@pytest.mark.parametrize("op", ["topk", "bottomk"])
def test_aggregating__k_has_prometheus_s_bound(op):
    """The float64 before the last one below 2⁶³ is the largest that it takes."""
    rows = [[1, 2, 3]]
    assert asked(rows, f"{op}(9223372036854773760, x)") == asked(rows, "x")
    with pytest.raises(QueryError, match="out of range"):
        asked(rows, f"{op}(9223372036854774784, x)")
