"""Reading history: what a query selects, of a window that grows by what is new.

What was once read is not read again: a refresh fetches the columns that are new, and a query
that reaches further back than those before it fetches the blocks that it lacks, in one round
trip. Samples are unpacked for the metric names that are asked for, as far back as they are;
who has not been asked for a quarter of an hour is forgotten.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from zerostate_monitoring.exceptions import FrameError, StoreError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.bursts import uninterrupted
from zerostate_monitoring.promql.data import AnyBlock, Times
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.storage.errors import readable
from zerostate_monitoring.storage.head import NO_HISTORY, Head
from zerostate_monitoring.storage.panels import Panel, built
from zerostate_monitoring.storage.runs import (
    Closed,
    Run,
    Segment,
    Unpacked,
    covered,
    newest,
    times_of,
)
from zerostate_monitoring.storage.searching import found
from zerostate_monitoring.storage.selecting import Check, Condition, Conditions, unhurried
from zerostate_monitoring.storage.timeline import News, Position, Timeline

_FORGET_MS: Final = 15 * 60_000
_RUNS: Final = 2
_UNPACKED_BYTES: Final = 64 * 1024 * 1024

_Answers = dict[tuple[Condition, int, int], tuple[AnyBlock, ...]]


class History:
    """The window of one process. Threads take turns.

    Nothing changes between two refreshes but that more of the past may be fetched, so all
    queries between them see the same.
    """

    def __init__(self, timeline: Timeline) -> None:
        self._timeline: Final = timeline
        self._lock: Final = threading.RLock()
        self._conditions: Final = Conditions()
        self._unpacked: Final = Unpacked(_UNPACKED_BYTES)
        self._forget()

    def _forget(self) -> None:
        self.head: Head = NO_HISTORY
        self._position = Position()
        self._segments: list[Segment] = []
        self._times: Times = np.empty(0, dtype=np.int64)
        self._panels: dict[str, Panel] = {}
        self._asked: dict[str, int] = {}
        self._asked_before: dict[str, int] = {}
        self._turned = 0
        self._whole_from = 0
        self._answers: _Answers = {}
        self._spans: dict[tuple[int, int], tuple[int, int, Times]] = {}
        self._unpacked.clear()

    @property
    def nbytes(self) -> int:
        """Memory of what is unpacked, but for labels."""
        return sum(panel.nbytes for panel in self._panels.values())

    # -- bringing the window up to date ----------------------------------------

    def refresh(self, reach_ms: int = 0, *, since_ms: int | None = None) -> Head:
        """Fetch what is new, and on the way what is not known of the time after ``since_ms``.

        A process that begins may say instead how far before the newest column it reaches.

        Raises:
            StoreError: the store does not answer, or holds what this version cannot read.
        """
        with self._lock, readable():
            try:
                self._advance(reach_ms, since_ms)
            except FrameError:
                if not self._position.last:
                    raise
                # What it held may have come to an end before it came to read on.
                self._forget()
                self._advance(reach_ms, since_ms)
            except StoreError:
                # Nothing was read, so what is held is what it was.
                raise
            except BaseException:
                # What was read may stand here in half, and would be read again.
                self._forget()
                raise
            return self.head

    def _advance(self, reach_ms: int, since_ms: int | None) -> None:
        if since_ms is None:
            news = self._timeline.read(self._position, from_ms=-reach_ms)
            self._take(news, news.head.last - reach_ms)
            return
        before = self._oldest if self._lacks(since_ms) and self._may_hold(since_ms) else 0
        news = self._timeline.read(self._position, from_ms=max(since_ms, 1), to_ms=before)
        if before and news.continued:
            self._put_before(news, since_ms)
        self._take(news, since_ms)

    def _take(self, news: News, from_ms: int) -> None:
        if not news.continued:
            self._forget()
            self._segments = [*self._closed(news)]
        self._read(news)
        self.head = news.head
        self._position = news.after(self._position)
        if not news.continued:
            self._whole_from = from_ms
            self._times = times_of(self._segments)
        # Parts hold what was cut out of them: they are not for long, whether or not there is news.
        self._answers, self._spans = {}, {}
        if news.columns or not news.continued:
            self._turn()

    def _closed(self, news: News) -> Iterator[Segment]:
        for block in news.blocks:
            yield Closed(block, self._timeline.known(block.digests), self._unpacked)

    def _read(self, news: News) -> None:
        """Append columns to the open run, or to those that began since, and to the panels."""
        grown: list[tuple[Run, int]] = []
        for column in news.columns:
            if not column.before:
                self._segments.append(Run(self._timeline.known(column.digests)))
            run = self._segments[-1] if self._segments else None
            if not isinstance(run, Run):
                raise FrameError("a column without its run")
            if not grown or grown[-1][0] is not run:
                grown.append((run, len(run.rows)))
            run.read(column)
        for run, first in grown:
            self._times = np.concatenate([self._times, run.times[first:]])
            for panel in self._panels.values():
                panel.extend(run, first)

    def _turn(self) -> None:
        """Let go of runs that have ended, and of what nobody has asked for of late."""
        runs = [one for one in self._segments if isinstance(one, Run)]
        if len(runs) > _RUNS:
            self._segments = [*runs[-_RUNS:]]
            self._whole_from = int(runs[-_RUNS].times[0]) - 1
            parts = [part for run in runs[-_RUNS:] for part in run.parts.values()]
            self._timeline.forget_parts({part.digest for part in parts})
            self._unpacked.clear()
        if self.head.last - self._turned >= _FORGET_MS:
            self._turned = self.head.last
            self._asked_before, self._asked = self._asked, {}
            self._panels = dict(self._kept())
        rows = max([covered(self._segments), *map(len, self._panels.values())])
        self._times = self._times[len(self._times) - rows :]

    def _kept(self) -> Iterator[tuple[str, Panel]]:
        for name, panel in self._panels.items():
            rows = self._asked_before.get(name, 0)
            if rows:
                panel.shrink(rows + 1)
                yield name, panel.renewed() if panel.is_worn else panel

    # -- reaching back -----------------------------------------------------------

    def _reach(self, start_ms: int) -> int:
        """How many of the newest columns lie after ``start_ms``; fetches what is not known."""
        if self._lacks(start_ms):
            self._fetch(start_ms)
        return int(len(self._times) - np.searchsorted(self._times, start_ms, side="right"))

    def _fetch(self, start_ms: int) -> None:
        """Put the blocks after ``start_ms`` before the segments, unless they are there."""
        if not self._may_hold(start_ms):
            return
        with readable():
            start = max(start_ms, 1)
            news = self._timeline.read(self._position, from_ms=start, to_ms=self._oldest)
            if news.continued:
                self._put_before(news, start_ms)
            else:
                self._take(news, start_ms)

    def _put_before(self, news: News, start_ms: int) -> None:
        self._segments = [*self._closed(news), *self._segments]
        self._whole_from = start_ms
        times = times_of(self._segments)
        if len(times) > len(self._times):
            self._times = times

    def _lacks(self, start_ms: int) -> bool:
        return not len(self._times) or start_ms < self._times[0]

    def _may_hold(self, start_ms: int) -> bool:
        """Whether the store may have blocks after ``start_ms`` that are not among the segments."""
        return start_ms < self._whole_from and self.head.first < self._oldest

    @property
    def _oldest(self) -> int:
        return int(self._segments[0].times[0]) if self._segments else 0

    def _panel(self, name: str, rows: int, start_ms: int) -> Panel:
        """The panel of a name, with at least the newest ``rows`` columns where there are any."""
        self._asked[name] = max(rows, self._asked.get(name, 0))
        panel = self._panels.get(name)
        if panel is not None and len(panel) >= rows:
            return panel
        self._fetch(start_ms)
        segments = list(newest(self._segments, rows))
        panel = self._panels[name] = built(name, segments, panel)
        return panel

    # -- what a query asks for ----------------------------------------------------

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[AnyBlock]:
        """All series that meet ``matchers`` with samples of start_ms < t ≤ end_ms; see Storage.

        Raises:
            StoreError: what reaches further back than before could not be fetched, or read.
            QueryError: a matcher is no regular expression.
        """
        return self.select_within(matchers, start_ms, end_ms, unhurried)

    def select_within(
        self, matchers: Sequence[Matcher], start_ms: int, end_ms: int, check: Check
    ) -> Sequence[AnyBlock]:
        """``select`` for one whose time ends: then ``check`` raises, and so does this."""
        with self._lock, readable():
            check()
            condition, keep = self._conditions.of(tuple(matchers))
            key = (condition, start_ms, end_ms)
            blocks = self._answers.get(key)
            if blocks is None:
                window = self._answers
                with uninterrupted():
                    blocks = tuple(self._blocks(condition, start_ms, end_ms, check, keep=keep))
                if window is not self._answers:
                    # What had to be fetched was of another window: that alone is looked at.
                    self._panels.clear()
                    blocks = tuple(self._blocks(condition, start_ms, end_ms, check, keep=keep))
                if keep:
                    self._answers[key] = blocks
            return blocks

    def label_sets_within(
        self, matchers: Sequence[Matcher], start_ms: int, end_ms: int, check: Check
    ) -> set[Labels]:
        """The series that have a sample, or end, at start_ms < t ≤ end_ms; see ``found``."""
        with self._lock, readable():
            check()
            condition, _ = self._conditions.of(tuple(matchers))
            self._fetch(start_ms)
            return found(self._segments, condition, (start_ms, end_ms), check)

    def _blocks(
        self, condition: Condition, start_ms: int, end_ms: int, check: Check, *, keep: bool
    ) -> Iterator[AnyBlock]:
        first, last, times = self._span(start_ms, end_ms)
        if first <= last:
            return
        for name in self._names(condition, check):
            check()
            panel = self._panel(name, first, start_ms)
            choice = panel.choose(condition, check, keep=keep)
            if len(choice.series):
                yield panel.block(choice, times, first, last)

    def _span(self, start_ms: int, end_ms: int) -> tuple[int, int, Times]:
        """The rows of a span, counted from the newest row's end, and their times."""
        span = self._spans.get((start_ms, end_ms))
        if span is None:
            first = self._reach(start_ms)
            size = len(self._times)
            last = int(size - np.searchsorted(self._times, end_ms, side="right"))
            span = first, last, self._times[size - first : size - last]
            self._spans[start_ms, end_ms] = span
        return span

    def _names(self, condition: Condition, check: Check) -> Iterable[str]:
        if condition.name in self._panels:
            return (condition.name,)
        every = [*(segment.names for segment in self._segments), self._panels]
        if condition.name is not None:
            return (condition.name,) if any(condition.name in one for one in every) else ()
        return condition.named(sorted({name for one in every for name in one}), check)
