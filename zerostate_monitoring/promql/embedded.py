"""The engine of this app as a ``Querier``, over any storage."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final, Protocol, TypeVar, runtime_checkable

import numpy as np

from zerostate_monitoring.exceptions import QueryError, QueryTimeoutError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import AnyBlock, Result, Storage
from zerostate_monitoring.promql.engine import LOOKBACK_MS, Engine
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.promql.querier import (
    ALWAYS,
    DEFAULT,
    Described,
    Found,
    Matchers,
    Options,
    Window,
)
from zerostate_monitoring.promql.query import Query, parse
from zerostate_monitoring.promql.steps import Budget, Limits, Read

Item = TypeVar("Item", Labels, str)

_NO_LIMITS: Final = Limits()


@runtime_checkable
class Expectant(Protocol):
    """A storage of one question that wants to know it first, and may have something to say."""

    def expect(self, query: Query, start_ms: int, end_ms: int, lookback_ms: int) -> None:
        """Be told what will be asked: a query without computed durations."""

    def warnings(self) -> tuple[str, ...]:
        """What is to be said about what was selected."""


@runtime_checkable
class Searchable(Protocol):
    """A storage that knows its series without their samples."""

    def label_sets_within(
        self, matchers: Sequence[Matcher], start_ms: int, end_ms: int, check: Callable[[], None]
    ) -> Collection[Labels]:
        """The series that have a sample, or end, at start_ms < t ≤ end_ms.

        ``check`` is called now and then, and raises when the time is over.
        """


def nothing_described() -> Described:
    """What is known of families where nobody knows anything."""
    return Described({})


class EmbeddedQuerier:
    """A ``Querier`` that evaluates here.

    ``described`` says what is known of families; it is asked once for a question.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        limits: Limits = _NO_LIMITS,
        described: Callable[[], Described] = nothing_described,
    ) -> None:
        self._storage: Final = storage
        self._limits: Final = limits
        self._described: Final = described

    def instant(self, text: str, at_ms: int, options: Options = DEFAULT) -> Result:
        """See ``Querier``."""
        query = parse(text)
        engine = self._engine(options)
        self._expect(query, at_ms, at_ms, 0, options)
        return self._remarked(engine.instant(query, at_ms))

    def range(
        self, text: str, start_ms: int, end_ms: int, step_ms: int, options: Options = DEFAULT
    ) -> Result:
        """See ``Querier``."""
        query = parse(text)
        engine = self._engine(options)
        self._expect(query, start_ms, end_ms, step_ms, options)
        return self._remarked(engine.range(query, start_ms, end_ms, step_ms))

    def series(
        self, selectors: Sequence[Matchers], window: Window = ALWAYS, limit: int = 0
    ) -> Found[Labels]:
        """See ``Querier``."""
        return self._some(self._label_sets(selectors, window), limit)

    def label_names(
        self, selectors: Sequence[Matchers] = (), window: Window = ALWAYS, limit: int = 0
    ) -> Found[str]:
        """See ``Querier``."""
        sets = self._label_sets(selectors or ((),), window)
        return self._some({name for labels in sets for name, _ in labels}, limit)

    def label_values(
        self, name: str, selectors: Sequence[Matchers] = (), window: Window = ALWAYS, limit: int = 0
    ) -> Found[str]:
        """See ``Querier``."""
        sets = self._label_sets(selectors or ((),), window)
        values = {value for labels in sets for label, value in labels if label == name}
        return self._some(values, limit)

    def metadata(self, metric: str = "", limit: int = 0) -> Described:
        """See ``Querier``."""
        described = self._described()
        families = described.families
        names = sorted({metric} & families.keys() if metric else families)
        chosen = names[: limit + 1] if limit else names
        return replace(described, families={name: families[name] for name in chosen})

    def _engine(self, options: Options) -> Engine:
        seconds = self._limits.seconds
        if options.timeout_seconds is not None:
            seconds = min(seconds, options.timeout_seconds)
        if seconds <= 0:
            raise QueryTimeoutError("the query timed out before it began")
        return Engine(
            self._storage,
            lookback_ms=_lookback_ms(options),
            limits=replace(self._limits, seconds=seconds),
        )

    def _label_sets(self, selectors: Iterable[Matchers], window: Window) -> set[Labels]:
        budget, found = Budget(self._limits), set[Labels]()
        start_ms, end_ms = window.start_ms - 1, window.end_ms
        for matchers in selectors:
            if isinstance(self._storage, Searchable):
                check = budget.check_time
                sets = self._storage.label_sets_within(matchers, start_ms, end_ms, check)
                budget.take(len(sets), len(sets))
                found.update(sets)
                continue
            series = 0
            read = Read(self._storage)
            for block in read.select(matchers, start_ms, end_ms, budget.check_time).blocks:
                budget.check_time()
                series += len(block.series)
                budget.take(len(block.series) * len(block.times), series)
                found.update(_within(block, window))
        budget.check_time()
        return found

    def _expect(
        self, query: Query, start_ms: int, end_ms: int, step_ms: int, options: Options
    ) -> None:
        if not isinstance(self._storage, Expectant):
            return
        try:
            query = query.resolved(step_ms, end_ms - start_ms)
        except QueryError:
            return  # The engine says it, too.
        self._storage.expect(query, start_ms, end_ms, _lookback_ms(options))

    def _remarked(self, result: Result) -> Result:
        said = self._warnings()
        return replace(result, warnings=(*result.warnings, *said)) if said else result

    def _some(self, items: set[Item], limit: int) -> Found[Item]:
        found = sorted(items)
        return Found(tuple(found[: limit + 1] if limit else found), self._warnings())

    def _warnings(self) -> tuple[str, ...]:
        return self._storage.warnings() if isinstance(self._storage, Expectant) else ()


def _lookback_ms(options: Options) -> int:
    return LOOKBACK_MS if options.lookback_ms is None else options.lookback_ms


def _within(block: AnyBlock, window: Window) -> Iterable[Labels]:
    """The series of ``block`` that have a sample, or end, in the window."""
    rows = (block.times >= window.start_ms) & (block.times <= window.end_ms)
    if not rows.any():
        return ()
    if block.present is None:
        return block.series.labels
    seen = block.present[rows].any(axis=0)
    if block.stale is not None:
        seen = seen | block.stale[rows].any(axis=0)
    return [block.series.labels[place] for place in np.flatnonzero(seen).tolist()]
