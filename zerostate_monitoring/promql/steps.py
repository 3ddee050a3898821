"""The instants of an evaluation, and what all of its parts share."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np

from zerostate_monitoring.exceptions import QueryLimitError, QueryTimeoutError
from zerostate_monitoring.promql.data import AnyBlock, PatientStorage, Storage, Times
from zerostate_monitoring.promql.grids import Grid
from zerostate_monitoring.promql.nodes import Matcher, Span

MOST_TEXT: Final = 100_000_000
"""How many characters of labels one query may make."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query may take. ``samples`` counts all that are read, and all that are made.

    Prometheus's limit of 11,000 points leaves out the first one.
    """

    samples: int = 50_000_000
    series: int = 500_000
    steps: int = 11_001
    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Remark:
    """What Prometheus would say about a query: a warning or an information."""

    is_warning: bool
    text: str
    at: int
    """Position in the text of the query."""


class Answer(NamedTuple):
    """What a part of a query gave, with its remarks at positions from the part's start."""

    grid: Grid
    remarks: tuple[Remark, ...]


def foresee_text(characters: int) -> None:
    """Raise ``QueryLimitError`` if labels of so many characters are too many."""
    if characters > MOST_TEXT:
        raise QueryLimitError(f"labels would get more than {MOST_TEXT:,} characters of text")


@dataclass(slots=True)
class Budget:
    """What is left of the limits of one query."""

    limits: Limits
    now: Callable[[], float] = time.monotonic
    deadline: float = field(init=False)
    samples: int = 0
    text: int = 0

    def __post_init__(self) -> None:
        self.deadline = self.now() + self.limits.seconds

    def check_time(self) -> None:
        """Raise ``QueryTimeoutError`` if the time is over."""
        if self.now() > self.deadline:
            raise QueryTimeoutError(f"the query took longer than {self.limits.seconds:g} seconds")

    def foresee(self, samples: int) -> None:
        """Raise ``QueryLimitError`` if so many samples more are too many."""
        if self.samples + samples > self.limits.samples:
            raise QueryLimitError(
                f"the query would hold more than {self.limits.samples:,} samples in memory: "
                "ask for fewer series, a shorter range or a larger step"
            )

    def take_text(self, characters: int) -> None:
        """Count text of labels that was made; raise ``QueryLimitError`` past the limit."""
        self.text += characters
        foresee_text(self.text)

    def take(self, samples: int, series: int = 0) -> None:
        """Count samples that were read or made; raise ``QueryLimitError`` past a limit."""
        self.foresee(samples)
        self.samples += samples
        if series > self.limits.series:
            raise QueryLimitError(
                f"a selector finds {series:,} series, of which {self.limits.series:,} may be "
                "read: add matchers"
            )


class Read:
    """The storage, asked once for the same samples.

    Queries that are evaluated at the same instants share one.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage: Final = storage
        self._within: Final = storage.select_within if isinstance(storage, PatientStorage) else None
        self._found: dict[tuple[int, int, int], Found] = {}
        self._asked: list[tuple[Matcher, ...]] = []
        self._spans: dict[tuple[int, int, int], tuple[Times, int]] = {}
        self.shared: Final[dict[Hashable, Any]] = {}
        """What was worked out for whole blocks at one instant; see ``sharing``."""

    def select(
        self,
        matchers: tuple[Matcher, ...],
        start_ms: int,
        end_ms: int,
        check: Callable[[], None],
    ) -> Found:
        """Blocks with the samples of ``start_ms`` < t ≤ ``end_ms``, and perhaps others.

        A storage that can give up does so when ``check`` raises.
        """
        # By identity, for the content is long; what was asked is kept, so that ids stay theirs.
        key = (id(matchers), start_ms, end_ms)
        found = self._found.get(key)
        if found is None:
            self._asked.append(matchers)
            if self._within is None:
                blocks = self._storage.select(matchers, start_ms, end_ms)
            else:
                blocks = self._within(matchers, start_ms, end_ms, check)
            found = self._found[key] = self._counted(blocks, start_ms, end_ms)
        return found

    def _counted(self, blocks: Sequence[AnyBlock], start_ms: int, end_ms: int) -> Found:
        """The blocks that have samples in a span, and how much that is."""
        full, series, samples = [], 0, 0
        for block in blocks:
            rows, size = self._rows(block, start_ms, end_ms), len(block.series)
            if rows:
                full.append(block)
                series += size
                samples += size * rows
        return Found(full, series, samples)

    def _rows(self, block: AnyBlock, start_ms: int, end_ms: int) -> int:
        """How many times of a block lie in a span; parts of one whole have the same ones."""
        key = (id(block.times), start_ms, end_ms)
        known = self._spans.get(key)
        if known is None:
            low, high = block.times.searchsorted((start_ms, end_ms), side="right").tolist()
            # The times are kept, so that their id stays theirs.
            known = self._spans[key] = (block.times, max(high - low, 0))
        return known[1]


class Found(NamedTuple):
    """What a selector found, and how much that is; gaps count as samples."""

    blocks: Sequence[AnyBlock]
    series: int
    samples: int


@dataclass(slots=True)
class Steps:
    """Where an expression is evaluated: at ``times`` (N, ms), evenly apart.

    ``start_ms`` and ``end_ms`` are those of the whole query, which ``@ start()`` and
    ``@ end()`` name. ``keys`` are the query's (``Query.keys``), and ``answers`` what parts of
    this and other queries have given at the same instants, by those texts.
    """

    times: Times
    start_ms: int
    end_ms: int
    lookback_ms: int
    subquery_step_ms: int
    read: Read
    budget: Budget
    remarks: list[Remark] = field(default_factory=list)
    is_range: bool = False
    keys: Mapping[int, str] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.times)

    def at(self, times: Times, *, is_range: bool) -> Steps:
        """The same query at other instants."""
        return Steps(
            times,
            self.start_ms,
            self.end_ms,
            self.lookback_ms,
            self.subquery_step_ms,
            self.read,
            self.budget,
            self.remarks,
            is_range=is_range,
        )

    def first(self) -> Steps:
        """The first step alone."""
        return self.at(self.times[:1], is_range=False)

    def check_time(self) -> None:
        """Raise ``QueryTimeoutError`` if the time is over; the budget may be another by then."""
        self.budget.check_time()

    def warn(self, text: str, span: Span) -> None:
        """Say that the answer is probably not what was meant."""
        self._remark(Remark(True, text, span.start))

    def inform(self, text: str, span: Span) -> None:
        """Say what the asker may want to know."""
        self._remark(Remark(False, text, span.start))

    def _remark(self, remark: Remark) -> None:
        if remark not in self.remarks:
            self.remarks.append(remark)

    def repeat(self, remarks: Iterable[Remark], start: int) -> None:
        """Say again what was said of an equal part; ours begins at ``start``."""
        for remark in remarks:
            self._remark(Remark(remark.is_warning, remark.text, remark.at + start))

    def said_since(self, count: int, start: int) -> tuple[Remark, ...]:
        """What was said after the first ``count`` remarks, for ``repeat``."""
        return tuple([Remark(r.is_warning, r.text, r.at - start) for r in self.remarks[count:]])


def instants(start_ms: int, end_ms: int, step_ms: int) -> Times:
    """The steps from ``start_ms`` to at most ``end_ms``."""
    return np.arange(start_ms, end_ms + 1, step_ms, dtype=np.int64)
