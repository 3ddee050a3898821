"""What was known of a rule's data at each slot of the past: which producers were silent, and when.

History tells which pages there were, which series stood on them, and which producers gave theirs.
What rows say (which collectors and families are switched on, who feeds what) is as it is now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from zerostate_monitoring.alerting.nodata import judge_past
from zerostate_monitoring.alerting.preview.slots import Span
from zerostate_monitoring.alerting.producers import Producers, newest_row
from zerostate_monitoring.alerting.verdicts import OK, Verdict
from zerostate_monitoring.exposition.columns import PRODUCER_UP
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.words import Health
from zerostate_monitoring.promql.data import NAME, AnyBlock, Storage, Times
from zerostate_monitoring.promql.engine import LOOKBACK_MS
from zerostate_monitoring.promql.nodes import Matcher

_UNKNOWN: Final = frozenset({Health.NO_DATA, Health.STALE})


class Hindsight(Producers):
    """Of one rule, over a span of slots; each name is looked for once.

    Raises:
        StoreError: the store, or the database behind it, does not answer.
    """

    def __init__(self, rule: Rule, span: Span, seen: Storage | None = None) -> None:
        self._rule: Final = rule
        self._span: Final = span
        self._blocks: Final[dict[str, Sequence[AnyBlock]]] = {}
        super().__init__(span.end_ms, seen)
        # Why a collector could not give a family is known of its last run alone.
        self.runs = {name: replace(run, absent={}) for name, run in self.runs.items()}
        self._pages: Final[Times] = self._page_times()

    def verdict_now(self) -> Verdict:
        """What is said of the rule at the last slot."""
        return self._at(self._span.end_ms)

    def is_missed(self, slot_ms: int) -> bool:
        """Whether there was no page from this slot to the next: nothing was evaluated then."""
        if not self._pages.size:
            return False  # Of a history without producers nothing is known.
        first, after = np.searchsorted(self._pages, (slot_ms, slot_ms + self._span.step_ms))
        return bool(first == after)

    def verdict(self, slot_ms: int) -> Verdict:
        """What was known at a slot: that there were no data, or nothing against evaluating."""
        found = self._at(slot_ms - self._span.offset_ms)
        return found if found.health in _UNKNOWN else OK

    def _at(self, at_ms: int) -> Verdict:
        self.at_ms = at_ms
        self._up = self._ups()
        return judge_past(self._rule, self)

    def _newest(self, name: str) -> Iterator[tuple[Labels, float]]:
        for block in self._found(name):
            yield from newest_row(block, self.at_ms - LOOKBACK_MS, self.at_ms)

    def _found(self, name: str) -> Sequence[AnyBlock]:
        if name not in self._blocks:
            span, matcher = self._span, Matcher(NAME, "=", name)
            start_ms = span.start_ms - span.offset_ms - LOOKBACK_MS
            self._blocks[name] = self._storage.select([matcher], start_ms, span.end_ms)
        return self._blocks[name]

    def _page_times(self) -> Times:
        found = [block.times for block in self._found(PRODUCER_UP)]
        return np.unique(np.concatenate(found)) if found else np.array([], dtype=np.int64)
