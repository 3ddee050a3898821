"""Which cases of Prometheus's test scripts ask for more than PromQL as it is by default."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from tests.promql.script import Eval
from tests.promql.sequences import Native
from tests.promql.vocabulary import OF_NATIVES
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Expr,
    Function,
    MatrixSelector,
    Paren,
    Subquery,
    Unary,
    VectorSelector,
    children,
)

NATIVE: Final = "native histograms"
DELAYED: Final = "feature flag: promql-delayed-name-removal"
STARTS: Final = "feature flag: use-start-timestamps"

FUNCTIONS: Final = (
    "double_exponential_smoothing",
    "end",
    "histogram_quantiles",
    "info",
    "mad_over_time",
    "max_of",
    "min_of",
    "range",
    "sort_by_label",
    "sort_by_label_desc",
    "start",
    "start_timestamp",
    "step",
    "ts_of_first_over_time",
    "ts_of_last_over_time",
    "ts_of_max_over_time",
    "ts_of_min_over_time",
)
"""What Prometheus 3.14 calls experimental."""
AGGREGATIONS: Final = ("limitk", "limit_ratio")

_STRING: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`")
_AT_END: Final = re.compile(r"@\s*(?:start|end)\s*\(\s*\)")
_BRACES: Final = re.compile(r"\{[^{}]*\}")
_WORDS: Final = {
    "fill modifiers": re.compile(r"\bfill(?:_left|_right)?\s*\("),
    "extended range selectors": re.compile(r"\b(?:anchored|smoothed)\b"),
}


def excluded(text: str) -> str | None:
    """The name of something in the query that is experimental, or for native histograms alone.

    ``None`` if there is nothing. Only what our parser refuses is asked for it.
    """
    bare = _BRACES.sub("", _AT_END.sub("", _STRING.sub('""', text)))
    for name, pattern in _WORDS.items():
        if pattern.search(bare):
            return f"experimental: {name}"
    for name in FUNCTIONS:
        if re.search(rf"\b{name}\s*\(", bare, re.IGNORECASE):
            return f"experimental: {name}()"
    for name in AGGREGATIONS:
        if re.search(rf"\b{name}\b", bare, re.IGNORECASE):
            return f"experimental: {name}"
    if re.search(rf"\b(?:{'|'.join(OF_NATIVES)})\s*\(", bare, re.IGNORECASE):
        return f"{NATIVE}: their functions"
    return None


def expects_native(case: Eval) -> bool:
    """Whether a native histogram is part of the expected answer."""
    return any(isinstance(value, Native) for _, row in case.series.values() for value in row)


def selectors(expr: Expr) -> Iterator[VectorSelector]:
    """All selectors of a query."""
    if isinstance(expr, VectorSelector):
        yield expr
    for child in children(expr):
        yield from selectors(child)


AT_UNSAFE: Final = {
    *("days_in_month", "day_of_month", "day_of_week", "day_of_year", "hour", "minute", "month"),
    *("end", "predict_linear", "range", "start", "step", "time", "timestamp", "year"),
}
"""Functions whose values depend on when they are asked, whatever ``@`` says."""


def functions(expr: Expr) -> Iterator[Function]:
    """All functions of a query."""
    if isinstance(expr, Call):
        yield expr.function
    for child in children(expr):
        yield from functions(child)


def pinned(expr: Any, at_ms: int) -> Any:
    """The query with ``@`` at every selector and subquery that has none."""
    match expr:
        case VectorSelector():
            return replace(expr, at=at_ms if expr.at is None else expr.at)
        case MatrixSelector():
            return replace(expr, selector=pinned(expr.selector, at_ms))
        case Subquery(at=None):
            return replace(expr, at=at_ms)
        case Paren() | Unary():
            return replace(expr, expr=pinned(expr.expr, at_ms))
        case Binary():
            sides = {"left": pinned(expr.left, at_ms), "right": pinned(expr.right, at_ms)}
            return replace(expr, **sides)
        case Aggregation():
            parameter = None if expr.parameter is None else pinned(expr.parameter, at_ms)
            return replace(expr, expr=pinned(expr.expr, at_ms), parameter=parameter)
        case Call():
            return replace(expr, arguments=tuple(pinned(a, at_ms) for a in expr.arguments))
    return expr


BY_FLAG: Final[Mapping[str, Mapping[str, tuple[int, ...]]]] = {
    DELAYED: {
        "histograms": (1158, 1163, 1168, 1179, 1184, 1189, 1200, 1205, 1210, 1223, 1228, 1233),
        "name_label_dropping": (59, 64, 69, 74, 89, 115, 119, 123),
        "type_and_unit": (77, 92, 222, 237),
    },
    STARTS: {
        "start_timestamps": (
            *(8, 13, 18, 24, 42, 66, 74, 82, 144, 169, 189, 207, 210, 213, 217, 234, 240),
            *(246, 259, 276, 284, 289, 305),
        ),
    },
}
"""By file, the lines of the cases that Prometheus 3.14 itself does not pass without a flag.

Its own runner says so, with an engine that has the options of a server without any flag.
"""


def flag(name: str, line: int) -> str | None:
    """The flag without which Prometheus itself does not pass this case of its script."""
    for reason, files in BY_FLAG.items():
        if line in files.get(name, ()):
            return reason
    return None
