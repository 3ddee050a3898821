"""Aggregations over the samples of a range."""

from __future__ import annotations

from typing import Final

from tests.promql.cases.case import Case

_DATA: Final = """
    x{k="a"} 100 1 2 4 7
    x{k="gap"} 100 _ 3 stale 5
    x{k="nan"} 100 NaN 2 NaN 1
    x{k="inf"} 100 Inf 2 -Inf 1
    x{k="one"} _ _ _ _ 8
    x{k="gone"} 9
"""


def _over(name: str, a: str, gap: str, nan: str, inf: str, one: str) -> Case:
    rows = {"a": a, "gap": gap, "nan": nan, "inf": inf, "one": one}
    kept = "x" if name.startswith(("first", "last")) else ""
    return Case(
        says=f"{name} of the samples behind the left border",
        query=f"{name}(x[4m])",
        data=_DATA,
        at=240,
        expected="\n".join(f'{kept}{{k="{k}"}} {value}' for k, value in rows.items()),
    )


def _wide(says: str, query: str, expected: str, data: str) -> Case:
    return Case(says=says, query=query, expected=expected, data=data, at=600)


CASES: Final = (
    _over("sum_over_time", "14", "8", "NaN", "NaN", "8"),
    _over("avg_over_time", "3.5", "4", "NaN", "NaN", "8"),
    _over("min_over_time", "1", "3", "1", "-Inf", "8"),
    _over("max_over_time", "7", "5", "2", "Inf", "8"),
    _over("count_over_time", "4", "2", "4", "4", "1"),
    _over("present_over_time", "1", "1", "1", "1", "1"),
    _over("stdvar_over_time", "5.25", "1", "NaN", "NaN", "0"),
    _over("stddev_over_time", repr(5.25**0.5), "1", "NaN", "NaN", "0"),
    _over("first_over_time", "1", "3", "NaN", "Inf", "8"),
    _over("last_over_time", "7", "5", "1", "1", "8"),
    Case(
        says="quantile_over_time lies between two samples",
        query="quantile_over_time(0.5, x[4m])",
        data=_DATA,
        at=240,
        expected="""
            {k="a"} 3
            {k="gap"} 4
            {k="nan"} NaN
            {k="inf"} 1.5
            {k="one"} 8
        """,
    ),
    _wide("NaN is the smallest", "quantile_over_time(0, x[10m])", "{} NaN", "x _ 3 NaN 2"),
    _wide("NaN is not the largest", "quantile_over_time(1, x[10m])", "{} 3", "x _ 3 NaN 2"),
    _wide("quantile_over_time of one sample", "quantile_over_time(0.3, x[10m])", "{} 4", "x _ 4"),
    *(
        Case(
            says=f"quantile_over_time at {q}",
            query=f"quantile_over_time({q}, x[4m])",
            data='x{k="a"} 1 2 3',
            at=120,
            expected=f'{{k="a"}} {value}',
            warning="between 0 and 1",
        )
        for q, value in (("-0.1", "-Inf"), ("1.1", "Inf"), ("NaN", "NaN"))
    ),
    Case(
        says="quantile_over_time at other places at other steps",
        query="quantile_over_time(scalar(q), x[2m])",
        data="x 1 2 3 4\nq 0 0.5 1 0.25",
        expected="{} 1 1.5 3 3.25",
    ),
    Case(says="quantile_over_time of nothing", query="quantile_over_time(9, nothing[5m])"),
    _wide("sums keep what cancels", "sum_over_time(x[10m])", "{} 2", "x _ 1 1e100 1 -1e100"),
    _wide("means keep what cancels", "avg_over_time(x[10m])", "{} 0.5", "x _ 1 1e100 1 -1e100"),
    _wide("means may be larger than sums", "avg_over_time(x[10m])", "{} 1.5e308", "x _ 1.5e308x3"),
    _wide("large sums are infinite", "sum_over_time(x[10m])", "{} Inf", "x _ 1.5e308x3"),
    _wide("the variance of a level is zero", "stdvar_over_time(x[10m])", "{} 0", "x 1e9x9"),
    _wide(
        "a variance far from zero",
        "stdvar_over_time(x[2m])",
        "{} 0.25",
        "x 1e8x8 100000000 100000001",
    ),
    Case(
        says="a range without samples has no answer at its steps",
        query="count_over_time(x[1m])",
        data="x 1 _ stale 4 5",
        expected="{} 1 _ _ 1 1 _",
    ),
    Case(
        says="the newest and the oldest sample keep their names",
        query="last_over_time(x[5m]) or on(__name__) first_over_time(y[5m])",
        data="x 1 2\ny 3 4",
        at=60,
        expected="x 2\ny 3",
    ),
    Case(
        says="two metrics with the same labels cannot both lose their names",
        query='sum_over_time({__name__=~"x|y"}[5m])',
        data="x 1\ny 2",
        error="vector cannot contain metrics with the same labelset",
    ),
    Case(
        says="absent_over_time is there where no sample is in the range",
        query='absent_over_time(x{k="a", l=~"b"}[2m])',
        data='x{k="a", l="b"} 1 _ _ _ stale 6',
        expected='{k="a"} _ _ 1 1 1 _ _ 1',
    ),
    Case(
        says="absent_over_time of a subquery has no labels",
        query='absent_over_time(nothing{k="a"}[2m:1m])',
        expected="{} 1 1",
    ),
)
