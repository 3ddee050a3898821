"""Series of a test in memory: those that are given, and those that rules write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import AnyBlock, Block, Series, is_stale
from zerostate_monitoring.promql.matchers import meets_all
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.rules.sequences import STALE, read_series, read_values
from zerostate_monitoring.rules.unit_tests import InputSeries

Points = list[tuple[int, float]]


class Table:
    """A storage. Times are milliseconds, values as samples have them."""

    def __init__(self) -> None:
        self._points: Final[dict[Labels, Points]] = {}
        self._blocks: Final[dict[Labels, Block]] = {}
        self._written: Final[dict[object, frozenset[Labels]]] = {}

    def give(self, series: Iterable[InputSeries], interval_ms: int, start_ms: int = 0) -> None:
        """Add series of a test.

        Raises:
            RuleFileError: one cannot be read, or stands twice.
        """
        for one in series:
            labels = read_series(one.series)
            if labels in self._points:
                raise RuleFileError([f"“{one.series}” stands twice."])
            values = read_values(one.values)
            self._points[labels] = [
                (start_ms + place * interval_ms, value)
                for place, value in enumerate(values)
                if value is not None
            ]

    def write(self, writer: object, at_ms: int, samples: Iterable[tuple[Labels, float]]) -> None:
        """Add what a rule gives at ``at_ms``; what it gave before and gives no longer ends."""
        given = dict(samples)
        ended = self._written.get(writer, frozenset()) - given.keys()
        for labels, value in (*given.items(), *((labels, STALE) for labels in ended)):
            self._points.setdefault(labels, []).append((at_ms, value))
            self._blocks.pop(labels, None)
        self._written[writer] = frozenset(given)

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[AnyBlock]:
        """See ``Storage``."""
        meets = meets_all(matchers)
        return [self._block(labels) for labels in self._points if meets(labels)]

    def _block(self, labels: Labels) -> Block:
        if labels not in self._blocks:
            self._blocks[labels] = _block(labels, self._points[labels])
        return self._blocks[labels]


def _block(labels: Labels, points: Points) -> Block:
    times = np.array([at for at, _ in points], np.int64)
    values = np.array([[value] for _, value in points], np.float64).reshape(-1, 1)
    stale = is_stale(values)
    return Block(Series([labels]), times, values, ~stale, stale)
