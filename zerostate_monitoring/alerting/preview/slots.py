"""What an expression gave at each slot of the past."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from zerostate_monitoring.exceptions import QueryError, QueryLimitError, QueryTimeoutError
from zerostate_monitoring.promql.data import Matrix, Run, Sample, Scalar, Vector
from zerostate_monitoring.promql.nodes import Expr, Subquery, VectorSelector, children
from zerostate_monitoring.promql.querier import Options, Querier
from zerostate_monitoring.promql.query import Query

Slot = tuple[int, Sequence[Sample] | QueryError]
"""An instant of evaluation in ms, and what the expression gave there."""

MOST_INSTANTS: Final = 500


@dataclass(frozen=True, slots=True)
class Span:
    """Slots in ms: the first, the last, how far apart; they are asked ``offset_ms`` earlier."""

    start_ms: int
    end_ms: int
    step_ms: int
    offset_ms: int = 0

    @property
    def steps(self) -> int:
        """How many there are."""
        return (self.end_ms - self.start_ms) // self.step_ms + 1

    @property
    def instants(self) -> range:
        """All of them."""
        return range(self.start_ms, self.end_ms + 1, self.step_ms)


def slots(
    asked: Querier, query: Query, span: Span, seconds: float
) -> tuple[Iterator[Slot], tuple[str, ...]]:
    """What ``query`` gave at each slot of ``span``, and what is to be said about it.

    One question for all slots. Where that gives something else than a question for each slot
    does, each is asked for itself: where the expression names its range, and where it has no
    answer at some slot, which would leave all without one.

    Raises:
        MonitoringError: there is no answer; the message says why.
    """
    if _knows_its_range(query):
        return _instants(asked, query, span, seconds), ()
    first, last = span.start_ms - span.offset_ms, span.end_ms - span.offset_ms
    try:
        answer = asked.range(query.text, first, last, span.step_ms, Options(seconds))
    except (QueryLimitError, QueryTimeoutError):
        raise
    except QueryError:
        return _instants(asked, query, span, seconds), ()
    runs = answer.value.runs if isinstance(answer.value, Matrix) else ()
    return _by_slot(runs, span), answer.warnings


def _by_slot(runs: Iterable[Run], span: Span) -> Iterator[Slot]:
    """The answer of a range query as instant queries would have given it."""
    found: dict[int, list[Sample]] = {}
    for run in runs:
        for at_ms, value in zip(run.times.tolist(), run.values.tolist(), strict=True):
            found.setdefault(at_ms + span.offset_ms, []).append(Sample(run.labels, value))
    for at_ms in span.instants:
        yield at_ms, found.get(at_ms, ())


def _knows_its_range(query: Query) -> bool:
    """Whether it says ``start()``, ``end()``, ``step()`` or ``range()``."""
    return query.resolved(1, 1) is not query or _is_tied(query.expr)


def _is_tied(node: Expr) -> bool:
    if isinstance(node, VectorSelector | Subquery) and isinstance(node.at, str):
        return True
    return any(map(_is_tied, children(node)))


def _instants(asked: Querier, query: Query, span: Span, seconds: float) -> Iterator[Slot]:
    """Each slot for itself, which takes longer."""
    if span.steps > MOST_INSTANTS:
        raise QueryLimitError(_too_many(span.steps))
    deadline = time.monotonic() + seconds
    return iter(
        [(at, _instant(asked, query, at - span.offset_ms, deadline)) for at in span.instants]
    )


def _instant(
    asked: Querier, query: Query, at_ms: int, deadline: float
) -> Sequence[Sample] | QueryError:
    try:
        left = max(deadline - time.monotonic(), 0)
        value = asked.instant(query.text, at_ms, Options(left)).value
    except QueryTimeoutError:
        raise
    except QueryError as error:
        return error
    if isinstance(value, Scalar):
        return (Sample((), value.value),)
    return value.samples if isinstance(value, Vector) else ()


def _too_many(n: int) -> str:
    return (
        f"This expression can only be asked slot by slot, and {n:,} slots are too many: "
        "choose a shorter time."
    )
