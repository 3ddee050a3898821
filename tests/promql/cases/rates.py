"""How series move: growth, resets, extrapolation to the borders, regression."""

from __future__ import annotations

from typing import Final

from tests.promql.cases.case import Case

_EVEN: Final = 'c_total{k="a"} 0+10x6'
"""One sample each 10 s, from 0 to 60 s."""


def _tens(says: str, query: str, expected: str, data: str = _EVEN, **others: float) -> Case:
    """Samples each 10 s, looked at after a minute."""
    return Case(
        says=says,
        query=query,
        expected=expected,
        data=data,
        every=10,
        at=others.get("at", 60),
    )


_EXTRAPOLATION: Final = (
    _tens(
        "both borders are near: the growth reaches the whole range",
        "increase(c_total[1m])",
        '{k="a"} 60',
    ),
    _tens(
        "the sample at the left border is not in the range",
        "increase(c_total[20s])",
        '{k="a"} 20',
    ),
    _tens(
        "a start that is far away is half a distance away",
        "increase(c_total[1m])",
        "{} 35",
        "c_total _ _ _ 100+10x3",
    ),
    _tens(
        "an end that is far away is half a distance away",
        "increase(c_total[1m])",
        "{} 35",
        "c_total 100+10x3",
    ),
    _tens(
        "a counter is not extended to below zero",
        "increase(c_total[30s])",
        "{} 22",
        "c_total _ 2 12 22",
        at=30,
    ),
    _tens(
        "a counter that does not grow is zero",
        "increase(c_total[30s])",
        "{} 0",
        "c_total _ 2 2 2",
        at=30,
    ),
    _tens(
        "what began below zero has no zero to begin at",
        "increase(c_total[30s])",
        "{} 30",
        "c_total _ -2 8 18",
        at=30,
    ),
    _tens("a gauge may go below zero", "delta(g[30s])", "{} 30", "g _ 2 12 22", at=30),
    _tens("one sample makes no growth", "increase(c_total[10s])", ""),
    _tens("one sample makes no difference", "delta(c_total[10s])", ""),
    _tens("one sample makes no rate", "rate(c_total[10s])", ""),
    _tens("rate is growth by seconds", "rate(c_total[1m])", '{k="a"} 1'),
    _tens(
        "a distance of up to a tenth more than the average is near",
        "increase(c_total[21s])",
        "{} 21",
        "c_total 100+10x6",
    ),
    _tens(
        "what was lost to resets is added",
        "increase(c_total[40s])",
        f"{{}} {25 * 40 / 30!r}",
        "c_total 0 10 20 5 15",
        at=40,
    ),
    _tens(
        "each of several resets is added",
        "increase(c_total[40s])",
        "{} 40",
        "c_total 100 110 10 20 10",
        at=40,
    ),
    _tens(
        "a reset before the range is none",
        "increase(c_total[30s])",
        "{} 30",
        "c_total 1000 10 20 30",
        at=30,
    ),
    _tens(
        "a gap and its marker do not hide a reset",
        "increase(c_total[40s])",
        "{} 40",
        "c_total 90 100 stale _ 30",
        at=40,
    ),
    _tens(
        "NaN makes NaN of a rate",
        "rate(c_total[40s])",
        "{} NaN",
        "c_total 0 10 20 NaN",
        at=30,
    ),
    _tens(
        "infinity grows without end",
        "rate(c_total[40s])",
        "{} Inf",
        "c_total 0 10 20 Inf",
        at=30,
    ),
    _tens("a gauge may fall", "delta(g[30s])", "{} -30", "g 9 8 -2 -12", at=30),
)

_LAST_TWO: Final = (
    _tens("irate looks at the last two", "irate(c_total[1m])", "{} 5", "c_total 0 0 1 2 3 4 54"),
    _tens(
        "irate after a reset counts from zero", "irate(c_total[1m])", "{} 0.7", "c_total 0+9x5 7"
    ),
    _tens("irate goes over a gap", "irate(c_total[1m])", "{} 1", "c_total 0 0 0 0 10 _ 30"),
    _tens("irate of one sample is nothing", "irate(c_total[10s])", ""),
    _tens("idelta looks at the last two", "idelta(g[1m])", "{} -50", "g 0 0 1 2 3 4 -46"),
    _tens("idelta of one sample is nothing", "idelta(g[10s])", ""),
)

_EVENTS: Final = (
    _tens("resets are falls", "resets(g[1m])", "{} 2", "g 9 1 5 3 3 4 0"),
    _tens("resets of one sample are none", "resets(g[10s])", "{} 0", "g 9 1 5 3 3 4 0"),
    _tens("resets are seen over gaps", "resets(g[1m])", "{} 1", "g 9 5 _ _ 3 3 4"),
    _tens("changes are other values", "changes(g[1m])", "{} 4", "g 9 1 5 3 3 4 0"),
    _tens("from NaN to NaN is no change", "changes(g[1m])", "{} 2", "g 1 1 NaN NaN NaN 2 2"),
    _tens("changes of one sample are none", "changes(g[10s])", "{} 0", "g 9 1 5 3 3 4 0"),
)

_LINES: Final = (
    _tens("deriv is the slope of the line", "deriv(g[1m])", "{} 0.5", "g 3+5x6"),
    _tens("deriv is that of least squares", "deriv(g[30s])", "{} 0.1", "g 7 1 5 3", at=30),
    _tens("deriv of a level is zero", "deriv(g[1m])", "{} 0", "g 7x6"),
    _tens(
        "deriv of infinities is no number",
        "deriv(g[1m])",
        "{} NaN",
        "g Inf Inf Inf Inf Inf Inf Inf",
    ),
    _tens("deriv of one sample is nothing", "deriv(g[10s])", "", "g 7x6"),
    _tens(
        "predict_linear goes on along the line",
        "predict_linear(g[1m], 100)",
        "{} 83",
        "g 3+5x6",
    ),
    _tens(
        "predict_linear begins at the step, not at the end of the range",
        "predict_linear(g[50s] offset 10s, 100)",
        "{} 83",
        "g 3+5x6",
    ),
    _tens(
        "predict_linear from a time behind @ reaches the step too",
        "predict_linear(g[50s] @ 50, 100)",
        "{} 83 113",
        "g 3+5x6",
    ),
    _tens("predict_linear of a level stays", "predict_linear(g[1m], 1e9)", "{} 7", "g 7x6"),
    _tens("predict_linear of one sample is nothing", "predict_linear(g[10s], 1)", "", "g 7x6"),
)

CASES: Final = (
    *_EXTRAPOLATION,
    *_LAST_TWO,
    *_EVENTS,
    *_LINES,
    Case(
        says="growth of what is called like no counter",
        query='rate({__name__=~"g|c_total"}[2m])',
        data='g{k="a"} 0 60 120\nc_total{k="b"} 0 60 120',
        at=120,
        expected='{k="a"} 1\n{k="b"} 1',
        info='"g" may be no counter',
    ),
    Case(
        says="growth of series that are not there says nothing",
        query="increase(g[2m])",
        data="g 0 60 120",
        at=3600,
    ),
    Case(
        says="two counters with the same labels cannot both lose their names",
        query='rate({__name__=~".+_total"}[2m])',
        data="a_total 0 1 2\nb_total 0 1 2",
        at=120,
        error="vector cannot contain metrics with the same labelset",
    ),
    Case(
        says="steps without two samples in their ranges have no rate",
        query="rate(c_total[2m])",
        data="c_total 0 60 120 stale _ _ 300 360",
        at=0,
        expected="{} _ 0.5 1 _ _ _ _ 1 _",
    ),
)
