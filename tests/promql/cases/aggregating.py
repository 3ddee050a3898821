"""Aggregations over groups of series."""

from __future__ import annotations

from typing import Final

from tests.promql.cases.case import Case

_DATA: Final = """
    x{job="api", n="1"} 1 NaN Inf 1
    x{job="api", n="2"} 3 2 -Inf stale
    x{job="api", n="3"} 8 5 1 stale
    x{job="db", n="1"} 5 stale 7 9
"""
"""At each of four steps: numbers, NaN, infinities, and a group of one."""


def _by_job(name: str, api: str, db: str, parameter: str = "", warning: str = "") -> Case:
    return Case(
        says=f"{parameter}{name} by a label".replace(", ", " "),
        query=f"{name} by (job) ({parameter}x)",
        data=_DATA,
        expected=f'{{job="api"}} {api}\n{{job="db"}} {db}',
        warning=warning,
    )


_REDUCTIONS: Final = (
    _by_job("sum", "12 NaN NaN 1", "5 _ 7 9"),
    _by_job("avg", "4 NaN NaN 1", "5 _ 7 9"),
    _by_job("min", "1 2 -Inf 1", "5 _ 7 9"),
    _by_job("max", "8 5 Inf 1", "5 _ 7 9"),
    _by_job("count", "3 3 3 1", "1 _ 1 1"),
    _by_job("group", "1 1 1 1", "1 _ 1 1"),
    _by_job("stdvar", f"{26 / 3!r} NaN NaN 0", "0 _ 0 0"),
    _by_job("stddev", f"{(26 / 3) ** 0.5!r} NaN NaN 0", "0 _ 0 0"),
    _by_job("quantile", "2 NaN -Inf 1", "5 _ 7 9", "0.25, "),
    _by_job("quantile", "-Inf -Inf -Inf -Inf", "-Inf _ -Inf -Inf", "-1, ", "between 0 and 1"),
    _by_job("quantile", "Inf Inf Inf Inf", "Inf _ Inf Inf", "2, ", "between 0 and 1"),
    _by_job("quantile", "NaN NaN NaN NaN", "NaN _ NaN NaN", "NaN, ", "between 0 and 1"),
)


def _grouped(says: str, query: str, expected: str) -> Case:
    return Case(says=says, query=query, data=_DATA, expected=expected)


_GROUPS: Final = (
    _grouped("no clause makes one group", "count(x)", "{} 4 3 4 2"),
    _grouped("an empty clause makes one group", "count by () (x)", "{} 4 3 4 2"),
    _grouped(
        "a clause that leaves out names the rest",
        "count without (n) (x)",
        '{job="api"} 3 3 3 1\n{job="db"} 1 _ 1 1',
    ),
    _grouped(
        "leaving out nothing drops the name alone",
        "sum without () (x)",
        """
            {job="api", n="1"} 1 NaN Inf 1
            {job="api", n="2"} 3 2 -Inf _
            {job="api", n="3"} 8 5 1 _
            {job="db", n="1"} 5 _ 7 9
        """,
    ),
    _grouped(
        "by the name keeps it",
        "count by (__name__, job) (x)",
        'x{job="api"} 3 3 3 1\nx{job="db"} 1 _ 1 1',
    ),
    _grouped("by a label that nothing has", "count by (zone) (x)", "{} 4 3 4 2"),
    _grouped("of nothing comes nothing", "sum(nothing)", ""),
)


def _values(says: str, query: str, data: str, expected: str) -> Case:
    return Case(says=says, query=query, data=data, expected=expected)


_NUMBERS: Final = (
    _values(
        "sums keep what cancels",
        "sum(x)",
        'x{n="1"} 1\nx{n="2"} 1e100\nx{n="3"} 1\nx{n="4"} -1e100',
        "{} 2",
    ),
    _values(
        "means keep what cancels",
        "avg(x)",
        'x{n="1"} 1\nx{n="2"} 1e100\nx{n="3"} 1\nx{n="4"} -1e100',
        "{} 0.5",
    ),
    _values(
        "means may be larger than sums",
        "avg(x) + 0 * sum(y)",
        'x{n="1"} 1.5e308\nx{n="2"} 1.5e308\ny 1',
        "{} 1.5e308",
    ),
    _values("a variance far from zero", "stdvar(x)", 'x{n="1"} 1e9\nx{n="2"} 1000000002', "{} 1"),
    _values("the smallest of NaN is NaN", "min(x)", 'x{n="1"} NaN\nx{n="2"} NaN', "{} NaN"),
    _values("the largest of NaN is NaN", "max(x)", 'x{n="1"} NaN\nx{n="2"} NaN', "{} NaN"),
    _values(
        "NaN is the smallest of a quantile", "quantile(0, x)", 'x{n="1"} NaN\nx{n="2"} 1', "{} NaN"
    ),
    _values(
        "a quantile that changes from step to step",
        "quantile(scalar(q), x)",
        'x{n="1"} 1 1 1\nx{n="2"} 3 3 3\nq 0 0.5 1',
        "{} 1 2 3",
    ),
)

_CHOSEN: Final = """
    x{job="a", n="1"} 1 NaN
    x{job="a", n="2"} 3 NaN
    x{job="a", n="3"} 2 6
    x{job="b", n="4"} 9 stale
"""


def _chosen(says: str, query: str, expected: str, *, ordered: bool = False) -> Case:
    return Case(says=says, query=query, data=_CHOSEN, expected=expected, ordered=ordered)


_CHOICES: Final = (
    _chosen(
        "topk keeps all labels, the largest first",
        "topk(2, x)",
        'x{job="b", n="4"} 9\nx{job="a", n="2"} 3',
        ordered=True,
    ),
    _chosen(
        "bottomk keeps all labels, the smallest first",
        "bottomk(2, x)",
        'x{job="a", n="1"} 1\nx{job="a", n="3"} 2',
        ordered=True,
    ),
    _chosen(
        "topk of each group",
        "topk by (job) (1, x)",
        'x{job="a", n="2"} 3 _\nx{job="b", n="4"} 9 _\nx{job="a", n="3"} _ 6',
    ),
    _chosen("topk takes NaN last", "topk(1, x)", 'x{job="b", n="4"} 9 _\nx{job="a", n="3"} _ 6'),
    _chosen(
        "bottomk takes NaN last", "bottomk(1, x)", 'x{job="a", n="1"} 1 _\nx{job="a", n="3"} _ 6'
    ),
    _chosen("topk of none", "topk(0, x)", ""),
    _chosen("topk of fewer than none", "topk(-3, x)", ""),
    _chosen("topk of less than one", "topk(0.9, x)", ""),
    _chosen("topk of a part more", "topk(1.9, x)", 'x{job="b", n="4"} 9'),
    _chosen(
        "topk of more than there are",
        "topk(9, x)",
        """
            x{job="b", n="4"} 9 _
            x{job="a", n="2"} 3 NaN
            x{job="a", n="3"} 2 6
            x{job="a", n="1"} 1 NaN
        """,
    ),
    Case(
        says="topk of another number at each step",
        query="topk(scalar(k), x)",
        data='x{n="1"} 1 1 1\nx{n="2"} 2 2 2\nk 1 0 2',
        expected='x{n="1"} _ _ 1\nx{n="2"} 2 _ 2',
    ),
    Case(says="topk of NaN is refused", query="topk(NaN, x)", data="x 1", error="not a number"),
    Case(says="topk of infinity is refused", query="topk(Inf, x)", data="x 1", error="out of rang"),
    Case(says="bottomk of 1e300 is refused", query="bottomk(1e300, x)", data="x 1", error="1e+300"),
)

_COUNTED: Final = """
    x{job="a", n="1"} 1 1.5
    x{job="a", n="2"} 1 -0
    x{job="a", n="3"} 1e21 NaN
    x{job="b", n="4"} 1 -Inf
"""

_COUNTS: Final = (
    Case(
        says="count_values spells numbers without exponents",
        query='count_values("value", x)',
        data=_COUNTED,
        expected="""
            {value="1"} 3 _
            {value="1000000000000000000000"} 1 _
            {value="1.5"} _ 1
            {value="-0"} _ 1
            {value="NaN"} _ 1
            {value="-Inf"} _ 1
        """,
    ),
    Case(
        says="count_values of each group",
        query='count_values by (job) ("value", x)',
        data=_COUNTED,
        expected="""
            {job="a", value="1"} 2
            {job="a", value="1000000000000000000000"} 1
            {job="b", value="1"} 1
        """,
    ),
    Case(
        says="count_values sets the label anew that it groups by",
        query='count_values without (n) ("job", x)',
        data=_COUNTED,
        expected='{job="1"} 3\n{job="1000000000000000000000"} 1',
    ),
    Case(
        says="count_values into a label in UTF-8",
        query='count_values("the.value", x)',
        data="x 7",
        expected='{"the.value"="7"} 1',
    ),
    Case(says="count_values of nothing", query='count_values("value", nothing)'),
)

CASES: Final = (*_REDUCTIONS, *_GROUPS, *_NUMBERS, *_CHOICES, *_COUNTS)
