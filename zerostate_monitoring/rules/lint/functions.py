"""Functions: do they suit the metrics that they are given?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zerostate_monitoring.promql.durations import format_duration
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    Number,
    Paren,
    Subquery,
    VectorSelector,
)
from zerostate_monitoring.promql.operators import COMPARISONS
from zerostate_monitoring.promql.tree import unwrapped
from zerostate_monitoring.rules.label_flow import labels_of, selected_metrics
from zerostate_monitoring.rules.lint.findings import (
    Code,
    Finding,
    Subject,
    error,
    parts,
    warning,
)
from zerostate_monitoring.rules.schema import Metric, MetricType

_OF_COUNTERS: Final = frozenset({"rate", "increase", "irate"})
_OF_GAUGES: Final = {"delta": "increase", "idelta": "increase", "deriv": "rate"}
_MAY_PREDICT: Final = {"predict_linear": "rate"}
_NEEDS_TWO: Final = frozenset({*_OF_COUNTERS, *_OF_GAUGES, *_MAY_PREDICT, "changes", "resets"})
_QUANTILES: Final = frozenset({"histogram_quantile", "histogram_fraction"})
_KEEPS_COUNTING: Final = frozenset({"sum", "max", "min", "avg"})


def check(subject: Subject) -> Iterator[Finding]:
    """What is wrong with functions and their arguments."""
    for node in parts(subject.expr):
        if isinstance(node, Call):
            yield from _range(subject, node)
            yield from _rate_of_sum(subject, node)
            yield from _quantile(subject, node)
        elif isinstance(node, Binary) and node.op in COMPARISONS:
            yield from _raw_counter(subject, node)


# -- counters and gauges ---------------------------------------------------------


def _range(subject: Subject, call: Call) -> Iterator[Finding]:
    matrix = next((a for a in call.arguments if isinstance(unwrapped(a), MatrixSelector)), None)
    matrix = unwrapped(matrix) if matrix is not None else None
    if not isinstance(matrix, MatrixSelector):
        return
    for metric in selected_metrics(matrix.selector, subject.schema) or ():
        yield from _suits(call, metric)
        yield from _long_enough(subject, call, matrix, metric)


def _suits(call: Call, metric: Metric) -> Iterator[Finding]:
    name = call.function.name
    if name in _OF_COUNTERS and metric.type is MetricType.GAUGE:
        instead = "deriv" if name == "rate" else "delta"
        yield error(
            Code.RATE_OF_GAUGE,
            f"{metric.name} is a gauge, which {name}() takes for a counter: each fall counts as a "
            f"reset. Use {instead}() for its change.",
            call.span,
        )
    instead = _OF_GAUGES.get(name) or _MAY_PREDICT.get(name, "")
    if instead and metric.type.counts:
        yield error(
            Code.DELTA_OF_COUNTER,
            f"{metric.name} is a counter, which falls to 0 at a restart; {name}() does not know "
            f"that. Use {instead}().",
            call.span,
        )


def _long_enough(
    subject: Subject, call: Call, matrix: MatrixSelector, metric: Metric
) -> Iterator[Finding]:
    interval = metric.interval_s or subject.interval_s
    if call.function.name not in _NEEDS_TWO or not interval:
        return
    if matrix.range_ms < 2000 * interval:
        range_, least = format_duration(matrix.range_ms), format_duration(int(4000 * interval))
        yield warning(
            Code.SHORT_RANGE,
            f"{metric.name} has a sample every {format_duration(int(1000 * interval))}, so "
            f"{range_} may hold fewer than the two that {call.function.name}() needs. Take "
            f"{least} or more.",
            matrix.span,
        )


def _rate_of_sum(subject: Subject, call: Call) -> Iterator[Finding]:
    if call.function.name not in _OF_COUNTERS:
        return
    for argument in call.arguments:
        inner = unwrapped(argument)
        summed = unwrapped(inner.expr) if isinstance(inner, Subquery) else None
        if isinstance(summed, Aggregation) and _counter_in(subject, summed.expr):
            yield warning(
                Code.RATE_OF_SUM,
                f"{call.function.name}() of a {summed.op} of counters: when one of them restarts "
                "the whole looks like a reset. Write it the other way round: "
                f"{summed.op}({call.function.name}(…)).",
                call.span,
            )


def _counter_in(subject: Subject, expr: Expr) -> Metric | None:
    expr = unwrapped(expr)
    while isinstance(expr, Aggregation) and expr.op in _KEEPS_COUNTING:
        expr = unwrapped(expr.expr)
    if not isinstance(expr, VectorSelector):
        return None
    metrics = selected_metrics(expr, subject.schema) or ()
    return next((metric for metric in metrics if metric.type.counts), None)


def _raw_counter(subject: Subject, node: Binary) -> Iterator[Finding]:
    for side, other in ((node.left, node.right), (node.right, node.left)):
        metric = _counter_in(subject, side)
        if metric is not None and isinstance(unwrapped(other), Number):
            yield warning(
                Code.RAW_COUNTER,
                f"{metric.name} is a counter: it passes every threshold some day, and falls to 0 "
                f"at a restart. Compare increase({metric.name}[…]) or rate() instead.",
                node.span,
            )


# -- histograms --------------------------------------------------------------------


def _quantile(subject: Subject, call: Call) -> Iterator[Finding]:
    name = call.function.name
    if name not in _QUANTILES:
        return
    argument = call.arguments[-1]
    if labels_of(argument, subject.schema).may_have("le"):
        return
    inner = argument
    while isinstance(inner, Paren):
        inner = inner.expr
    hint = "Name the series that end in _bucket."
    if isinstance(inner, Aggregation):
        hint = f"Keep it in the {inner.op}: {inner.op} by (le, …)."
    yield error(
        Code.QUANTILE_WITHOUT_LE,
        f"{name}() needs the label le, which its argument does not have, so it gives nothing. "
        f"{hint}",
        argument.span,
    )
