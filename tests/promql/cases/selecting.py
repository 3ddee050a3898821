"""Selectors: matchers, look-back, stale markers, offset and @; what is absent."""

from __future__ import annotations

from typing import Final

from tests.promql.cases.case import Case

_LABELS: Final = """
    x{job="api", zone="eu"} 1
    x{job="db"} 2
    x{job="a.i"} 3
    y{job="api"} 4
"""


def _matched(query: str, *found: str) -> Case:
    lines = [line for line in _LABELS.strip().splitlines() if any(one in line for one in found)]
    return Case(says=query, query=query, data=_LABELS, expected="\n".join(lines))


_MATCHERS: Final = (
    _matched('x{job="api"}', "eu"),
    _matched('x{job!="api"}', "db", "a.i"),
    _matched('x{job=~"a.*"}', "eu", "a.i"),
    _matched('x{job=~"a"}'),
    _matched('x{job!~"a.*"}', "db"),
    _matched('x{zone=""}', "db", "a.i"),
    _matched('x{zone!=""}', "eu"),
    _matched('x{zone=~".*"}', "x{"),
    _matched('x{zone=~"eu|"}', "x{"),
    _matched('x{job=~"(?i)API"}', "eu"),
    _matched('{job="api"}', "eu", "y"),
    _matched('{__name__=~"x|y", job="api"}', "eu", "y"),
    _matched('{"y"}', "y"),
    _matched('x{job=~"a.*", zone="eu", job!="db"}', "eu"),
    _matched("z"),
)


def _x(
    says: str, query: str, expected: str, data: str = "x 1 2 3 4 5 6 7 8 9", at: float = 0
) -> Case:
    return Case(says=says, query=query, expected=expected, data=data, at=at)


_TIME: Final = (
    _x("look-back is five minutes, open at the left", "x", "x 1 1 1 1 1 _", "x 1"),
    _x("look-back ends just before five minutes", "x", "x 1 _", "x 1", 299.999),
    _x("a marker ends a series at once", "x", "x 1 _ _ 4", "x 1 stale _ 4"),
    _x(
        "look-back over the gaps of one of two series",
        "x",
        'x{k="a"} 1 _ 7\nx{k="b"} 5 6 7',
        'x{k="a"} 1 _ _ _ _ _ 7\nx{k="b"} 1 2 3 4 5 6 7',
        240,
    ),
    _x("a gap does not", "x", "x 1 1 1 4", "x 1 _ _ 4"),
    _x("NaN is a value", "x", "x 1 NaN NaN 4", "x 1 NaN _ 4"),
    _x("offset looks back", "x offset 2m", "x _ _ 1 2 3"),
    _x("a negative offset looks ahead", "x offset -2m", "x 3 4 5 6 7"),
    _x("@ fixes the time", "x @ 180", "x 4 4 4"),
    _x("@ with an offset", "x @ 180 offset 1m", "x 3 3"),
    _x("offset before @", "x offset 1m @ 180", "x 3 3"),
    _x("@ before all samples", "x @ -1", ""),
    _x("ranges may be offset", "sum_over_time(x[2m] offset 1m)", "{} _ 1 3 5 7"),
    _x("ranges may look ahead", "sum_over_time(x[2m] offset -1m)", "{} 3 5 7"),
    _x("ranges may be fixed", "sum_over_time(x[2m] @ 180)", "{} 7 7 7"),
    _x("fixed values with others", "x - x @ 60", "{} -1 0 1"),
    _x("fixed expressions are the same at all steps", "vector(1) + sum(x @ 60)", "{} 3 3 3"),
)

_TIMESTAMPS: Final = (
    _x("timestamp is that of the sample", "timestamp(x)", "{} 0 0 120 120", "x 1 _ 3"),
    _x("timestamp in parentheses, too", "timestamp((x))", "{} 0 0 120", "x 1 _ 3"),
    _x(
        "timestamp of what was worked out is the step", "timestamp(x + 0)", "{} 0 60 120", "x 1 _ 3"
    ),
    _x(
        "timestamp with an offset is that of the sample",
        "timestamp(x offset 1m)",
        "{} _ 0 0 120",
        "x 1 _ 3",
    ),
    _x("timestamp of an ended series is nothing", "timestamp(x)", "{} 0 _", "x 1 stale"),
    _x("timestamp of a fixed time", "timestamp(x @ 60)", "{} 0 0", "x 1 _ 3"),
)

_ABSENT: Final = (
    _x("absent is there where nothing is", "absent(x)", "{} _ 1 1 _", "x 1 stale _ 4"),
    _x(
        "absent has the labels that were asked for", 'absent(z{a="1", b=~"2", c!="3"})', '{a="1"} 1'
    ),
    _x(
        "absent has no label that was asked for twice",
        'absent(z{a="1", a="2", b="3"})',
        '{b="3"} 1',
    ),
    _x("absent has no label that was doubted", 'absent(z{a!="3", a="1", b="3"})', '{b="3"} 1'),
    _x("absent has no label that a pattern follows", 'absent(z{a="19", a=~"1."})', "{} 1"),
    _x("absent has a label that follows a pattern", 'absent(z{a=~"1.", a="19"})', '{a="19"} 1'),
    _x("absent leaves out the name", 'absent({__name__="z", a="1"})', '{a="1"} 1'),
    _x("absent of an expression has no labels", 'absent(sum(z{a="1"}))', "{} 1"),
    _x("absent of what is there is nothing", "absent(x)", ""),
    _x("absent of absent", "absent(absent(z))", ""),
)

_SUBQUERIES: Final = (
    _x("a subquery has steps of its own", "sum_over_time(x[3m:1m])", "{} 6 9 12", at=120),
    _x("their times are multiples of the step", "count_over_time(x[4m:3m])", "{} 2 1 1 2", at=180),
    _x("a subquery is open at the left", "count_over_time(x[2m:1m])", "{} 1 2 2"),
    _x(
        "a subquery without a step has that of the engine",
        "count_over_time(x[3m:])",
        "{} 3 3",
        at=180,
    ),
    _x("a subquery finer than the samples", "count_over_time(x[1m:10s])", "{} 6 6", at=60),
    _x("a subquery may be offset", "sum_over_time(x[2m:1m] offset 1m)", "{} _ 1 3 5"),
    _x("a subquery may be fixed", "sum_over_time(x[2m:1m] @ 120)", "{} 5 5"),
    _x("a subquery of a number", "sum_over_time(vector(2)[3m:1m])", "{} 6 6"),
    _x("a subquery of a growth", "max_over_time(deriv(x[2m])[4m:1m])", f"{{}} {1 / 60!r}", at=300),
    _x(
        "a subquery in a subquery",
        "sum_over_time(sum_over_time(x[2m:1m])[2m:1m])",
        "{} 8 12",
        at=120,
    ),
    _x("a subquery of ended series", "sum_over_time(x[3m:1m])", "{} 1 1 1 4", "x 1 stale _ 4"),
    _x("time goes on in a subquery", "sum_over_time(vector(time())[3m:1m])", "{} 180", at=120),
    _x("@ stays fixed in a subquery", "sum_over_time((x @ 60)[3m:1m])", "{} 6 6", at=120),
)

CASES: Final = (*_MATCHERS, *_TIME, *_TIMESTAMPS, *_ABSENT, *_SUBQUERIES)
