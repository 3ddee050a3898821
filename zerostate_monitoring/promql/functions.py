"""The functions and aggregations of PromQL, and those that are refused by name.

Source: ``promql/parser/functions.go`` of Prometheus 3.14.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zerostate_monitoring.promql.nodes import Function, ValueType

_SCALAR, _STRING, _VECTOR, _MATRIX = (
    ValueType.SCALAR,
    ValueType.STRING,
    ValueType.VECTOR,
    ValueType.MATRIX,
)

_OF_A_VECTOR: Final = (
    "abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad "
    "sgn sin sinh sort sort_desc sqrt tan tanh timestamp"
)
_OF_A_VECTOR_OR_NOW: Final = (
    "day_of_month day_of_week day_of_year days_in_month hour minute month year"
)
_OF_A_RANGE: Final = (
    "absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta "
    "increase irate last_over_time max_over_time min_over_time present_over_time rate resets "
    "stddev_over_time stdvar_over_time sum_over_time"
)
_OTHERS: Final = (
    Function("clamp", (_VECTOR, _SCALAR, _SCALAR), _VECTOR),
    Function("clamp_max", (_VECTOR, _SCALAR), _VECTOR),
    Function("clamp_min", (_VECTOR, _SCALAR), _VECTOR),
    Function("histogram_fraction", (_SCALAR, _SCALAR, _VECTOR), _VECTOR),
    Function("histogram_quantile", (_SCALAR, _VECTOR), _VECTOR),
    Function("label_join", (_VECTOR, _STRING, _STRING, _STRING), _VECTOR, repeats=True),
    Function("label_replace", (_VECTOR, _STRING, _STRING, _STRING, _STRING), _VECTOR),
    Function("pi", (), _SCALAR),
    Function("predict_linear", (_MATRIX, _SCALAR), _VECTOR),
    Function("quantile_over_time", (_SCALAR, _MATRIX), _VECTOR),
    Function("round", (_VECTOR, _SCALAR), _VECTOR, optional=1),
    Function("scalar", (_VECTOR,), _SCALAR),
    Function("time", (), _SCALAR),
    Function("vector", (_SCALAR,), _VECTOR),
)


def _all() -> Iterator[Function]:
    yield from (Function(name, (_VECTOR,), _VECTOR) for name in _OF_A_VECTOR.split())
    yield from (
        Function(name, (_VECTOR,), _VECTOR, optional=1) for name in _OF_A_VECTOR_OR_NOW.split()
    )
    yield from (Function(name, (_MATRIX,), _VECTOR) for name in _OF_A_RANGE.split())
    yield from _OTHERS


FUNCTIONS: Final = {function.name: function for function in _all()}
"""All functions that a query may use, by name."""

_AGGREGATIONS: Final = (
    "sum avg min max count group stddev stdvar topk bottomk quantile count_values"
)
AGGREGATIONS: Final = frozenset(_AGGREGATIONS.split())
PARAMETERS: Final = {
    "topk": _SCALAR,
    "bottomk": _SCALAR,
    "quantile": _SCALAR,
    "count_values": _STRING,
}
"""The type of an aggregation's first argument, for those that have two."""

_EXPERIMENTAL: Final = (
    "double_exponential_smoothing end histogram_quantiles info mad_over_time max_of min_of range "
    "sort_by_label sort_by_label_desc start start_timestamp step ts_of_first_over_time "
    "ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time"
)
EXPERIMENTAL: Final = frozenset(_EXPERIMENTAL.split())
EXPERIMENTAL_AGGREGATIONS: Final = frozenset({"limitk", "limit_ratio"})
NATIVE_HISTOGRAMS_ONLY: Final = frozenset(
    f"histogram_{name}" for name in ("avg", "count", "stddev", "stdvar", "sum")
)


def refusal(name: str) -> str | None:
    """Why Prometheus's function or aggregation ``name`` is refused; ``None`` if it is not."""
    if name in EXPERIMENTAL | EXPERIMENTAL_AGGREGATIONS:
        return f"{name}() is experimental in Prometheus and not available here."
    if name in NATIVE_HISTOGRAMS_ONLY:
        return (
            f"{name}() works on native histograms alone, which are not stored here. "
            "Classic histograms have series ending in _count, _sum and _bucket."
        )
    return None
