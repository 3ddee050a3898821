"""A storage of all: the timeline, what is recorded, and behind them the long tier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import AnyBlock, PatientStorage
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.storage.history import History
from zerostate_monitoring.storage.kept import SLOT_MS
from zerostate_monitoring.storage.recorded import Recorded
from zerostate_monitoring.storage.selecting import Check, unhurried
from zerostate_monitoring.storage.uniting import (
    Blocks,
    joined,
    labels_of,
    present_in,
    thinned,
    without,
)


class NoLongTier:
    """In place of the long tier for who wants to know of the present alone."""

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Blocks:
        """Nothing."""
        return ()

    def select_within(
        self, matchers: Sequence[Matcher], start_ms: int, end_ms: int, check: Check
    ) -> Blocks:
        """Nothing."""
        return ()


class Reaching:
    """A storage of all: timeline and recorded series where they reach, the long tier before.

    A series that stands on the page and is recorded, too, is the page's. Where both what is
    recorded and the long tier are read, what is recorded stands every five minutes, too: sums
    and means of a long time weigh all of it alike.
    """

    def __init__(
        self, history: History, kept: PatientStorage, recorded: Recorded | None = None
    ) -> None:
        self.history: Final = history
        self.recorded: Final = recorded
        self._kept: Final = kept

    def refresh(self, since_ms: int) -> None:
        """Fetch what is new of both; see ``History.refresh``."""
        head = self.history.refresh(since_ms=since_ms)
        if self.recorded is not None:
            self.recorded.refresh(head.recorded)

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[AnyBlock]:
        """All series that meet ``matchers``, each in one block; see ``Storage``."""
        return self.select_within(matchers, start_ms, end_ms, unhurried)

    def select_within(
        self, matchers: Sequence[Matcher], start_ms: int, end_ms: int, check: Check
    ) -> Sequence[AnyBlock]:
        """``select`` for one whose time ends: then ``check`` raises, and so does this."""
        page = self.history.select_within(matchers, start_ms, end_ms, check)
        recorded = self._recorded(matchers, start_ms, end_ms, check)
        if page and recorded:
            recorded = without(recorded, labels_of(page))
        if not self._reaches_beyond(matchers, start_ms, is_recorded=bool(recorded)):
            return (*page, *recorded)
        check()
        kept = self._kept.select_within(matchers, start_ms, end_ms, check)
        if not kept:
            return (*page, *recorded)
        first = self.history.head.first or end_ms + 1
        return tuple(self._all(page, recorded, kept, first))

    def _recorded(
        self, matchers: Sequence[Matcher], start_ms: int, end_ms: int, check: Check
    ) -> Blocks:
        if self.recorded is None:
            return ()
        return self.recorded.select_within(matchers, start_ms, end_ms, check)

    def _reaches_beyond(
        self, matchers: Sequence[Matcher], start_ms: int, *, is_recorded: bool
    ) -> bool:
        """Whether the long tier may have what comes before."""
        first = self.history.head.first
        if not first or start_ms < first - 1:
            return True
        begins = self.recorded.begins(matchers) if self.recorded and is_recorded else None
        return begins is not None and (begins - 1) // SLOT_MS * SLOT_MS > start_ms

    def label_sets_within(
        self, matchers: Sequence[Matcher], start_ms: int, end_ms: int, check: Check
    ) -> set[Labels]:
        """The series that have a sample, or end, in the span, wherever they are kept."""
        series = self.history.label_sets_within(matchers, start_ms, end_ms, check)
        recorded = self._recorded(matchers, start_ms, end_ms, check)
        for block in recorded:
            series.update(_seen(block))
        if self._reaches_beyond(matchers, start_ms, is_recorded=bool(recorded)):
            check()
            for block in self._kept.select_within(matchers, start_ms, end_ms, check):
                series.update(_seen(block))
        return series

    @staticmethod
    def _all(page: Blocks, recorded: Blocks, kept: Blocks, first: int) -> Iterator[AnyBlock]:
        """Kept samples of a series that stands elsewhere, too, stand for the time before it."""
        yield from without(kept, labels_of([*page, *recorded]))
        for block in page:
            yield _with(kept, block, first)
        for block in recorded:
            whole = _with(kept, block, int(block.times[0]))
            yield block if whole is block else thinned(whole, SLOT_MS)


def _with(kept: Blocks, block: AnyBlock, first: int) -> AnyBlock:
    for older in kept:
        block = joined(older, block, first)
    return block


def _seen(block: AnyBlock) -> Iterator[Labels]:
    there = present_in(block)
    if block.stale is not None:
        there = there | block.stale
    for place in np.flatnonzero(there.any(axis=0)).tolist():
        yield block.series.labels[place]
