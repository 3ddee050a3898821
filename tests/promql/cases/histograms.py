"""Quantiles and fractions of classic histograms."""

from __future__ import annotations

from typing import Final

from tests.promql.cases.case import Case

_EVEN: Final = """
    h_bucket{le="1"} 10
    h_bucket{le="2"} 20
    h_bucket{le="4"} 30
    h_bucket{le="+Inf"} 40
"""


def _buckets(*pairs: tuple[str, object]) -> str:
    return "\n".join(f'h_bucket{{le="{bound}"}} {count}' for bound, count in pairs)


def _quantile(
    says: str, q: str, expected: object, data: str = _EVEN, *, warning: str = "", info: str = ""
) -> Case:
    return Case(
        says=says,
        query=f"histogram_quantile({q}, h_bucket)",
        expected="" if expected is None else f"{{}} {expected}",
        data=data,
        warning=warning,
        info=info,
    )


_QUANTILES: Final = (
    _quantile("a quantile lies on a line inside its bucket", "0.375", 1.5),
    _quantile("the first bucket begins at zero", "0.125", 0.5),
    _quantile("the highest bucket gives its lower bound", "0.9", 4),
    _quantile("the quantile 1 is the highest finite bound", "1", 4),
    _quantile("the quantile 0 is the lower bound of the first bucket", "0", 0),
    _quantile("below 0", "-1", "-Inf", warning="between 0 and 1"),
    _quantile("above 1", "2", "Inf", warning="between 0 and 1"),
    _quantile("no number", "NaN", "NaN", warning="between 0 and 1"),
    _quantile(
        "a first bucket that ends below zero gives its bound",
        "0.1",
        -1,
        _buckets(("-1", 10), ("2", 20), ("+Inf", 20)),
    ),
    _quantile(
        "a first bucket that ends at zero gives zero",
        "0.1",
        0,
        _buckets(("0", 10), ("2", 20), ("+Inf", 20)),
    ),
    _quantile(
        "an empty first bucket that ends at zero gives zero",
        "0",
        0,
        _buckets(("0", 0), ("2", 20), ("+Inf", 20)),
    ),
    _quantile(
        "an empty first bucket that ends above zero gives nothing that is a number",
        "0",
        "NaN",
        _buckets(("1", 0), ("2", 20), ("+Inf", 20)),
    ),
    _quantile("no observations", "0.5", "NaN", _buckets(("1", 0), ("+Inf", 0))),
    _quantile("no bucket without end", "0.5", "NaN", _buckets(("1", 1), ("2", 2))),
    _quantile("a single bucket", "0.5", "NaN", _buckets(("+Inf", 2))),
    _quantile(
        "a bound spelled in two ways is one bucket",
        "0.5",
        1.5,
        _buckets(("1", 10), ("2", 10), ("2.0", 20), ("+Inf", 40)),
    ),
    _quantile(
        "counts that fall are raised",
        "0.5",
        1,
        _buckets(("1", 10), ("2", 5), ("4", 20), ("+Inf", 20)),
        info="raised",
    ),
    _quantile(
        "counts that fall by rounding alone are raised in silence",
        "0.5",
        0.5,
        _buckets(("1", "1"), ("2", "0.9999999999999999"), ("+Inf", 1)),
    ),
    _quantile(
        "what is no bound is left out with a warning",
        "0.375",
        1.5,
        _EVEN + '    h_bucket{le="much"} 3\n    h_bucket{k="none"} 3',
        warning='"le"',
    ),
    _quantile(
        "a bound with a blank is none",
        "0.375",
        1.5,
        _EVEN + '    h_bucket{le=" 3"} 3',
        warning='"le"',
    ),
    _quantile(
        "a bound beyond all floats is none",
        "0.375",
        1.5,
        _EVEN + '    h_bucket{le="1e999"} 3',
        warning='"le"',
    ),
    _quantile(
        "a bound may be hexadecimal",
        "0.375",
        1.5,
        _buckets(("0x1p0", 10), ("0X2P+0", 20), ("4", 30), ("inf", 40)),
    ),
    Case(says="a quantile of nothing", query="histogram_quantile(0.5, nothing)"),
    Case(
        says="quantiles of histograms with other bounds and gaps",
        query="histogram_quantile(scalar(q), h_bucket)",
        data="""
            q 0.5 0.25 0.5
            h_bucket{k="a", le="2"} 5 5 5
            h_bucket{k="a", le="+Inf"} 10 10 stale
            h_bucket{k="b", le="1"} 5 stale _
            h_bucket{k="b", le="4"} 10 10 10
            h_bucket{k="b", le="+Inf"} 10 10 10
        """,
        expected='{k="a"} 2 1 NaN\n{k="b"} 1 1 2',
    ),
    Case(
        says="two metrics with the same labels cannot both lose their names",
        query='histogram_quantile(0.5, {__name__=~"._bucket"})',
        data='a_bucket{le="+Inf"} 1\na_bucket{le="1"} 1\nb_bucket{le="+Inf"} 1\nb_bucket{le="1"} 1',
        error="vector cannot contain metrics with the same labelset",
    ),
)


def _fraction(
    says: str, bounds: str, expected: object, data: str = _EVEN, warning: str = ""
) -> Case:
    return Case(
        says=says,
        query=f"histogram_fraction({bounds}, h_bucket)",
        expected=f"{{}} {expected}",
        data=data,
        warning=warning,
    )


_FRACTIONS: Final = (
    _fraction("a fraction between two bounds", "1, 4", 0.5),
    _fraction("a fraction on lines inside of buckets", "0.5, 3", 0.5),
    _fraction("a fraction below all", "-Inf, 1", 0.25),
    _fraction("a fraction above the highest bound", "4, Inf", 0.25),
    _fraction("a fraction of all", "-Inf, Inf", 1),
    _fraction("a fraction below zero is none", "-5, 0", 0),
    _fraction("a fraction between crossed bounds is none", "4, 1", 0),
    _fraction("a fraction from no number", "NaN, 1", "NaN"),
    _fraction("a fraction of no observations", "0, 1", "NaN", _buckets(("1", 0), ("+Inf", 0))),
    _fraction("a fraction without the last bucket", "0, 1", "NaN", _buckets(("1", 1), ("2", 2))),
    _fraction(
        "a fraction with what is no bound",
        "1, 4",
        0.5,
        _EVEN + '    h_bucket{le="much"} 3',
        warning='"le"',
    ),
)

CASES: Final = (*_QUANTILES, *_FRACTIONS)
