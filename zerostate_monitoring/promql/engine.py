"""The engine: queries in, typed answers out."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import Final

import numpy as np

from zerostate_monitoring.exceptions import (
    QueryError,
    QueryLimitError,
    QuerySyntaxError,
    QueryTimeoutError,
)
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import (
    Matrix,
    Result,
    Run,
    Sample,
    Scalar,
    Storage,
    Text,
    Vector,
)
from zerostate_monitoring.promql.deadline import watched
from zerostate_monitoring.promql.evaluating import scalar, string, vector, windows_of
from zerostate_monitoring.promql.grids import Grid
from zerostate_monitoring.promql.nodes import ValueType
from zerostate_monitoring.promql.preparing import prepare
from zerostate_monitoring.promql.query import Query
from zerostate_monitoring.promql.spelling import line_and_column
from zerostate_monitoring.promql.steps import Budget, Limits, Read, Remark, Steps, instants
from zerostate_monitoring.promql.windows import Windows

LOOKBACK_MS: Final = 300_000
SUBQUERY_STEP_MS: Final = 60_000

_NO_LIMITS: Final = Limits()


class Engine:
    """Evaluates queries over a storage.

    Args:
        storage: where the samples come from.
        lookback_ms: how old the newest sample of a series may be to count as present.
        subquery_step_ms: the step of a subquery that names none.
        limits: what one query may take.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        lookback_ms: int = LOOKBACK_MS,
        subquery_step_ms: int = SUBQUERY_STEP_MS,
        limits: Limits = _NO_LIMITS,
    ) -> None:
        self._storage: Final = storage
        self._lookback_ms: Final = lookback_ms
        self._subquery_step_ms: Final = subquery_step_ms
        self._limits: Final = limits

    def instant(self, query: Query, at_ms: int) -> Result:
        """Answer a query at one instant (ms since 1970).

        Raises:
            QueryError: it has no answer; the message says why.
        """
        query = query.resolved()
        steps = self._steps(at_ms, at_ms, 1, Read(self._storage))
        # Infinite and undefined numbers are values here as they are in Prometheus.
        with np.errstate(all="ignore"), watched(steps.budget.check_time):
            return _told(query, steps, _instant(query, steps))

    def range(self, query: Query, start_ms: int, end_ms: int, step_ms: int) -> Result:
        """Answer a query at every ``step_ms`` from ``start_ms`` to ``end_ms``, as a matrix.

        Raises:
            QueryError: it has no answer, or the range is none; the message says why.
        """
        if step_ms <= 0:
            raise QuerySyntaxError("the step must be a positive duration")
        if end_ms < start_ms:
            raise QuerySyntaxError("the end of the range lies before its start")
        if query.type not in {ValueType.SCALAR, ValueType.VECTOR}:
            raise QuerySyntaxError(
                f"a range query wants a scalar or an instant vector, this is a {query.type}"
            )
        if (end_ms - start_ms) // step_ms >= self._limits.steps:
            raise QueryLimitError(
                f"the range has more than {self._limits.steps:,} steps: use a larger step"
            )
        query = query.resolved(step_ms, end_ms - start_ms)
        steps = self._steps(start_ms, end_ms, step_ms, Read(self._storage))
        with np.errstate(all="ignore"), watched(steps.budget.check_time):
            return _told(query, steps, _range(query, steps))

    def many(
        self, queries: Iterable[Query], at_ms: int, *, seconds: float = math.inf
    ) -> list[Result | QueryError]:
        """Answer many queries at one instant; what they have in common is done once.

        One that has no answer gives its error in its place, and costs no other anything.
        Those whose turn has not come after ``seconds`` are not begun.
        """
        shared = self._steps(at_ms, at_ms, 1, Read(self._storage))
        queries = tuple(queries)
        until = time.monotonic() + seconds
        with np.errstate(all="ignore"), watched(shared.check_time):
            prepare(shared, queries)
            return [self._one_of_many(query, shared, until) for query in queries]

    def _one_of_many(self, query: Query, shared: Steps, until: float) -> Result | QueryError:
        if time.monotonic() > until:
            return QueryTimeoutError("those before it took all the time that there was")
        # The time that is watched is that of the query whose turn it is.
        shared.budget = Budget(self._limits)
        steps = shared.at(shared.times, is_range=False)
        steps.remarks = []
        try:
            query = query.resolved()
            steps.answers, steps.keys = shared.answers, query.keys
            return _told(query, steps, _instant(query, steps))
        except QueryError as error:
            return error

    def _steps(self, start_ms: int, end_ms: int, step_ms: int, read: Read) -> Steps:
        return Steps(
            instants(start_ms, end_ms, step_ms),
            start_ms,
            end_ms,
            self._lookback_ms,
            self._subquery_step_ms,
            read,
            Budget(self._limits),
            is_range=start_ms != end_ms,
        )


Value = Scalar | Text | Vector | Matrix


def _told(query: Query, steps: Steps, value: Value) -> Result:
    # Who came too late says so, even with an answer.
    steps.budget.check_time()
    if not steps.remarks:
        return Result(value)
    return Result(
        value,
        _texts(query, steps.remarks, warnings=True),
        _texts(query, steps.remarks, warnings=False),
    )


def _instant(query: Query, steps: Steps) -> Value:
    at_ms = steps.start_ms
    match query.type:
        case ValueType.SCALAR:
            return Scalar(at_ms, float(scalar(steps, query.expr)[0]))
        case ValueType.STRING:
            return Text(at_ms, string(query.expr))
        case ValueType.MATRIX:
            parts = windows_of(steps, query.expr)
            return _matrix(run for part in parts for run in _window_runs(part))
    return Vector(at_ms, tuple(_samples(vector(steps, query.expr))))


def _range(query: Query, steps: Steps) -> Value:
    if query.type is ValueType.SCALAR:
        return Matrix((Run((), steps.times, scalar(steps, query.expr)),))
    return _matrix(_grid_runs(vector(steps, query.expr), steps))


def _samples(grid: Grid) -> Iterable[Sample]:
    labels, values = grid.series.labels, grid.values[0]
    if grid.present is None:
        return map(Sample, labels, values.tolist())
    (places,) = grid.present[0].nonzero()
    if not len(places):
        return ()
    return [
        Sample(labels[place], value)
        for place, value in zip(places.tolist(), values[places].tolist(), strict=True)
    ]


def _grid_runs(grid: Grid, steps: Steps) -> Iterable[Run]:
    values = np.ascontiguousarray(grid.values.T)
    if grid.present is None:
        return map(lambda own, column: Run(own, steps.times, column), grid.series.labels, values)
    present = np.ascontiguousarray(grid.present.T)
    return [
        Run(own, steps.times[mask], column[mask])
        for own, column, mask in zip(grid.series.labels, values, present, strict=True)
        if mask.any()
    ]


def _window_runs(windows: Windows) -> Iterable[Run]:
    """The samples of the only window themselves."""
    times, values, present = windows.sample_times, windows.values, windows.present
    for place, own in enumerate(windows.block.series.labels):
        column = values[:, place]
        if present is None:
            if len(times):
                yield Run(own, times, column)
        elif present[:, place].any():
            yield Run(own, times[present[:, place]], column[present[:, place]])


def _matrix(runs: Iterable[Run]) -> Matrix:
    return Matrix(tuple(sorted(runs, key=_by_labels)))


def _by_labels(run: Run) -> Labels:
    return run.labels


def _texts(query: Query, remarks: Iterable[Remark], *, warnings: bool) -> tuple[str, ...]:
    """Each text once, at the last place where it was said, as Prometheus has it."""
    word = "warning" if warnings else "info"
    places = {remark.text: remark.at for remark in remarks if remark.is_warning is warnings}
    return tuple(
        f"PromQL {word}: {text} ({line_and_column(query.text, at)})" for text, at in places.items()
    )
