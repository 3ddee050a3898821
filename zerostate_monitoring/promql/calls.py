"""The functions: evaluated arguments in, an instant vector out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql import dates, elementwise, histograms, over_time, rates
from zerostate_monitoring.promql.arguments import Arguments, Function
from zerostate_monitoring.promql.data import NAME, Series
from zerostate_monitoring.promql.grids import Grid, beside, drop_names, empty, refuse_repeated
from zerostate_monitoring.promql.label_sets import unnamed, value_of, with_label
from zerostate_monitoring.promql.matchers import compile_matcher
from zerostate_monitoring.promql.nodes import Expr, Matcher, MatrixSelector, Span, VectorSelector
from zerostate_monitoring.promql.quantiles import check_quantiles
from zerostate_monitoring.promql.relabelling import label_join, label_replace
from zerostate_monitoring.promql.sharing import applied, over_range
from zerostate_monitoring.promql.steps import Steps
from zerostate_monitoring.promql.windows import Windows

_COUNTER_SUFFIXES: Final = ("_total", "_sum", "_count", "_bucket")


# -- one sample at a time ------------------------------------------------------


def _plain(change: elementwise.Values) -> Function:
    def function(steps: Steps, arguments: Arguments) -> Grid:
        grid = arguments.vector(0)
        return drop_names(grid.with_values(change(grid.values)))

    return function


def _date(part: elementwise.Values) -> Function:
    def function(steps: Steps, arguments: Arguments) -> Grid:
        if not len(arguments):
            seconds = np.floor_divide(steps.times, 1000).astype(np.float64)
            return elementwise.vector_of(part(seconds))
        grid = arguments.vector(0)
        return drop_names(grid.with_values(part(grid.values)))

    return function


def _clamp(steps: Steps, arguments: Arguments) -> Grid:
    low, high = arguments.numbers(1)[:, None], arguments.numbers(2)[:, None]
    return drop_names(elementwise.clamp(arguments.vector(0), low, high))


def _clamp_min(steps: Steps, arguments: Arguments) -> Grid:
    low = arguments.numbers(1)[:, None]
    return drop_names(elementwise.clamp(arguments.vector(0), low, np.full(low.shape, np.inf)))


def _clamp_max(steps: Steps, arguments: Arguments) -> Grid:
    high = arguments.numbers(1)[:, None]
    return drop_names(elementwise.clamp(arguments.vector(0), np.full(high.shape, -np.inf), high))


def _round(steps: Steps, arguments: Arguments) -> Grid:
    grid = arguments.vector(0)
    nearest = arguments.numbers(1)[:, None] if len(arguments) > 1 else np.ones((1, 1))
    return drop_names(grid.with_values(elementwise.round_to(grid.values, nearest)))


def _vector(steps: Steps, arguments: Arguments) -> Grid:
    return elementwise.vector_of(arguments.numbers(0))


def _timestamp(steps: Steps, arguments: Arguments) -> Grid:
    # What a selector finds keeps its own times: those are read before this is called.
    grid = arguments.vector(0)
    if isinstance(arguments.nodes[0], VectorSelector):
        return drop_names(grid)
    seconds = np.broadcast_to((steps.times / 1000)[:, None], grid.values.shape)
    return drop_names(grid.with_values(seconds))


# -- order and labels ----------------------------------------------------------


def _sort(*, descending: bool) -> Function:
    def function(steps: Steps, arguments: Arguments) -> Grid:
        grid = arguments.vector(0)
        if steps.is_range:
            text = "a range query is ordered by labels: sorting has no effect"
            steps.warn(text, arguments.whole)
        if len(steps) > 1:
            return grid
        values = -grid.values[0] if descending else grid.values[0]
        return grid.columns(np.argsort(values, kind="stable"))

    return function


def _label_replace(steps: Steps, arguments: Arguments) -> Grid:
    target, template, source, pattern = arguments.texts(1)
    return label_replace(steps.budget, arguments.vector(0), target, template, source, pattern)


def _label_join(steps: Steps, arguments: Arguments) -> Grid:
    target, separator, *sources = arguments.texts(1)
    return label_join(steps.budget, arguments.vector(0), target, separator, sources)


# -- histograms ----------------------------------------------------------------


def _histogram_quantile(steps: Steps, arguments: Arguments) -> Grid:
    q, grid, span = arguments.numbers(0), arguments.vector(1), arguments.span(1)
    check_quantiles(steps, q, arguments.span(0))
    _warn_of_bounds(steps, grid, span)
    found, forced = histograms.read(grid, histograms.quantile_reading(q))
    if forced.any():
        text = "buckets of a histogram hold less than the ones before them, and were raised"
        steps.inform(text, span)
    return found


def _histogram_fraction(steps: Steps, arguments: Arguments) -> Grid:
    lower, upper, grid = arguments.numbers(0), arguments.numbers(1), arguments.vector(2)
    _warn_of_bounds(steps, grid, arguments.span(2))
    return histograms.read(grid, histograms.fraction_reading(lower, upper))[0]


def _warn_of_bounds(steps: Steps, grid: Grid, span: Span) -> None:
    others = histograms.buckets_of(grid.series).others
    if not len(others):
        return
    standing = np.flatnonzero(np.asarray(grid.mask[:, others].any(axis=0)))
    labels = grid.series.labels
    bounds = (value_of(labels[others[at]], histograms.BUCKET) for at in standing)
    for bound in dict.fromkeys(bounds):
        steps.warn(f'the label "le" of a bucket is no number but "{bound}"', span)


# -- what is not there ---------------------------------------------------------


def _absent(steps: Steps, arguments: Arguments) -> Grid:
    return _missing(steps, arguments.nodes[0], arguments.vector(0))


def _absent_over_time(steps: Steps, arguments: Arguments) -> Grid:
    parts = [applied(over_time.present_over_time, windows) for windows in arguments.windows(0)]
    return _missing(steps, arguments.nodes[0], beside(parts, len(steps)))


def _missing(steps: Steps, looked_for: Expr, grid: Grid) -> Grid:
    """1 at the steps without any sample, under the labels that were asked for."""
    gone = ~np.asarray(grid.mask.any(axis=1))[:, None]
    if not gone.any():
        return empty(len(steps))
    return Grid(Series([_asked_for(looked_for)]), np.ones((len(steps), 1)), gone)


def _asked_for(node: Expr) -> Labels:
    """The labels that a selector names by one equality each, which nothing said later doubts.

    Prometheus looks for what is taken away from the others' findings last.
    """
    if isinstance(node, MatrixSelector):
        node = node.selector
    if not isinstance(node, VectorSelector):
        return ()
    labels: Labels = ()
    seen: set[str] = set()
    for matcher in sorted(node.matchers, key=_takes_away):
        if matcher.name == NAME:
            continue
        equal = matcher.op == "=" and matcher.name not in seen
        labels = with_label(labels, matcher.name, matcher.value if equal else "")
        if equal:
            seen.add(matcher.name)
    return labels


def _takes_away(matcher: Matcher) -> bool:
    return matcher.op in {"!=", "!~"} and compile_matcher(matcher)("")


# -- ranges --------------------------------------------------------------------


def _over_range(name: str, function: Callable[[Windows], Grid]) -> Function:
    def called(steps: Steps, arguments: Arguments) -> Grid:
        parts = [over_range(steps, function, windows) for windows in arguments.windows(0)]
        grid = beside(parts, len(steps))
        if name in _COUNTED:
            _doubt_counters(steps, grid, arguments.span(0))
        return refuse_repeated(grid) if name in _NAMED else _of_ranges(grid)

    return called


def _of_ranges(grid: Grid) -> Grid:
    return refuse_repeated(grid.with_series(unnamed(grid.series)))


def _doubt_counters(steps: Steps, grid: Grid, span: Span) -> None:
    """Say so where a growth is asked of what does not look like a counter."""
    for name in _doubtful_names(grid.series):
        named = [value_of(own, NAME) == name for own in grid.series.labels]
        if grid.present is None or grid.present[:, named].any():
            steps.inform(
                f'"{name}" may be no counter: its name does not end in _total, _sum, _count '
                "or _bucket",
                span,
            )


def _doubtful_names(series: Series) -> tuple[str, ...]:
    def work() -> tuple[str, ...]:
        names = {value_of(own, NAME) for own in series.labels}
        return tuple(sorted(n for n in names if n and not n.endswith(_COUNTER_SUFFIXES)))

    return series.kept("doubtful names", work)


def _predict_linear(steps: Steps, arguments: Arguments) -> Grid:
    ahead = arguments.numbers(1)
    parts = [
        applied(lambda w: rates.predict_linear(w, ahead), windows)
        for windows in arguments.windows(0)
    ]
    return _of_ranges(beside(parts, len(steps)))


def _quantile_over_time(steps: Steps, arguments: Arguments) -> Grid:
    q = arguments.numbers(0)
    parts = [
        applied(lambda w: over_time.quantile_over_time(w, q), windows)
        for windows in arguments.windows(1)
    ]
    grid = beside(parts, len(steps))
    if grid.mask.any():
        check_quantiles(steps, q, arguments.span(0))
    return _of_ranges(grid)


OVER_RANGES: Final[Mapping[str, Callable[[Windows], Grid]]] = {
    "avg_over_time": over_time.avg_over_time,
    "changes": rates.changes,
    "count_over_time": over_time.count_over_time,
    "delta": rates.delta,
    "deriv": rates.deriv,
    "first_over_time": over_time.first_over_time,
    "idelta": rates.idelta,
    "increase": rates.increase,
    "irate": rates.irate,
    "last_over_time": over_time.last_over_time,
    "max_over_time": over_time.max_over_time,
    "min_over_time": over_time.min_over_time,
    "present_over_time": over_time.present_over_time,
    "rate": rates.rate,
    "resets": rates.resets,
    "stddev_over_time": over_time.stddev_over_time,
    "stdvar_over_time": over_time.stdvar_over_time,
    "sum_over_time": over_time.sum_over_time,
}
"""Functions of a range and nothing else."""

_COUNTED: Final = frozenset({"increase", "rate"})
_NAMED: Final = frozenset({"first_over_time", "last_over_time"})


FUNCTIONS: Final[Mapping[str, Function]] = {
    **{name: _over_range(name, function) for name, function in OVER_RANGES.items()},
    **{name: _plain(change) for name, change in elementwise.PLAIN.items()},
    **{name: _date(part) for name, part in dates.DATES.items()},
    "absent": _absent,
    "absent_over_time": _absent_over_time,
    "clamp": _clamp,
    "clamp_max": _clamp_max,
    "clamp_min": _clamp_min,
    "histogram_fraction": _histogram_fraction,
    "histogram_quantile": _histogram_quantile,
    "label_join": _label_join,
    "label_replace": _label_replace,
    "predict_linear": _predict_linear,
    "quantile_over_time": _quantile_over_time,
    "round": _round,
    "sort": _sort(descending=False),
    "sort_desc": _sort(descending=True),
    "timestamp": _timestamp,
    "vector": _vector,
}
