"""Answers of others as series, so that an operation can be done over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tests.promql.answers import Answer, Ask
from zerostate_monitoring.promql.data import NAME, AnyBlock, Block, Series, Storage
from zerostate_monitoring.promql.nodes import Matcher


class Given:
    """A storage with answers beside its series: each is selected by a name of its own.

    Their labels stay as they are, so that an operation sees what it would have seen.
    """

    def __init__(self, storage: Storage, answers: Mapping[str, Answer], ask: Ask) -> None:
        self._storage = storage
        self._blocks = {name: _blocks(answer, ask) for name, answer in answers.items()}

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[AnyBlock]:
        """See ``Storage``."""
        for matcher in matchers:
            if matcher.name == NAME and matcher.value in self._blocks:
                return self._blocks[matcher.value]
        return self._storage.select(matchers, start_ms, end_ms)


def _blocks(answer: Answer, ask: Ask) -> list[Block]:
    """One block, with the end of each series wherever it has nothing."""
    if not answer.rows:
        return []
    steps = range(ask.start_ms, ask.end_ms + 1, ask.step_ms) if ask.step_ms else (ask.start_ms,)
    times = sorted({*steps, *(at for _, points in answer.rows for at, _ in points)})
    rows = {at: row for row, at in enumerate(times)}
    values = np.full((len(times), len(answer.rows)), np.nan)
    present = np.zeros(values.shape, np.bool_)
    for column, (_, points) in enumerate(answer.rows):
        for at, value in points:
            values[rows[at], column], present[rows[at], column] = value, True
    series = Series(labels for labels, _ in answer.rows)
    return [Block(series, np.array(times, np.int64), values, present, ~present)]
