"""What rules see at their slot beyond what is stored by then.

Rules of a group see what rules before them gave at the same slot, and everyone sees what this
process knows at first hand: that the store is away cannot be read from the store.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from zerostate_monitoring.exceptions import QueryError, StoreError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import (
    NAME,
    AnyBlock,
    Block,
    Floats,
    Mask,
    PatientStorage,
    Series,
    Storage,
)
from zerostate_monitoring.promql.matchers import meets_all
from zerostate_monitoring.promql.nodes import Matcher

Samples = Iterable[tuple[Labels, float]]


def _at_leisure() -> None:
    """For those who have time."""


class Overlay:
    """A ``Storage`` over another one, with samples more at one instant.

    ``known`` are series without labels that this process knows itself, by their names. Who
    cannot read ``base`` once is not made to wait for it again: each question that needs it is
    answered with the same error.
    """

    def __init__(self, base: Storage, at_ms: int, known: Mapping[str, float]) -> None:
        self._base: Final = base
        self._within: Final = base.select_within if isinstance(base, PatientStorage) else None
        self._at_ms: Final = at_ms
        self._known: Final = known
        self._away: QueryError | None = None
        self._samples: dict[str, dict[Labels, float]] = {
            name: {((NAME, name),): value} for name, value in known.items()
        }
        self._rewritten: set[str] = set()
        self._ended: dict[str, set[Labels]] = {}

    def add(
        self, samples: Samples, rewritten: Collection[str] = (), ended: Iterable[Labels] = ()
    ) -> None:
        """Let later questions see ``samples``, and that ``ended`` have ended at the instant.

        So have series with one of the names ``rewritten`` that are not among the samples.
        """
        self._rewritten.update(rewritten)
        for labels in ended:
            self._ended.setdefault(dict(labels).get(NAME, ""), set()).add(labels)
        for labels, value in samples:
            self._samples.setdefault(dict(labels).get(NAME, ""), {})[labels] = value

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[AnyBlock]:
        """See ``Storage``.

        Raises:
            QueryError: the storage beneath does not answer.
        """
        return self.select_within(matchers, start_ms, end_ms, _at_leisure)

    def select_within(
        self,
        matchers: Sequence[Matcher],
        start_ms: int,
        end_ms: int,
        check: Callable[[], None],
    ) -> Sequence[AnyBlock]:
        """``select`` for one whose time ends: then ``check`` raises."""
        name = _name_of(matchers)
        stored = self._stored(name, matchers, start_ms, end_ms, check)
        if not start_ms < self._at_ms <= end_ms:
            return stored
        samples = self._matching(name, matchers, check)
        if not samples and not self._may_end(name):
            return stored
        return tuple(self._joined(stored, samples))

    def _stored(
        self,
        name: str | None,
        matchers: Sequence[Matcher],
        start_ms: int,
        end_ms: int,
        check: Callable[[], None],
    ) -> Sequence[AnyBlock]:
        try:
            if self._away is not None:
                raise self._away
            return self._asked(matchers, start_ms, end_ms, check)
        except StoreError as error:
            self._away = QueryError(f"history cannot be read: {error}")
        except QueryError:
            if self._away is None:
                raise
        if name in self._known:
            return ()
        raise self._away

    def _asked(
        self,
        matchers: Sequence[Matcher],
        start_ms: int,
        end_ms: int,
        check: Callable[[], None],
    ) -> Sequence[AnyBlock]:
        if self._within is None:
            return self._base.select(matchers, start_ms, end_ms)
        return self._within(matchers, start_ms, end_ms, check)

    def _matching(
        self, name: str | None, matchers: Sequence[Matcher], check: Callable[[], None]
    ) -> dict[Labels, float]:
        names = self._samples if name is None else {name} & self._samples.keys()
        if not names:
            return {}
        meets = meets_all(matchers, check)
        return {
            labels: value
            for one in names
            for labels, value in self._samples[one].items()
            if meets(labels)
        }

    def _may_end(self, name: str | None) -> bool:
        names = self._rewritten | self._ended.keys()
        return bool(names) if name is None else name in names

    def _ends(self, labels: Labels) -> bool:
        name = dict(labels).get(NAME, "")
        return name in self._rewritten or labels in self._ended.get(name, ())

    def _joined(
        self, stored: Sequence[AnyBlock], samples: dict[Labels, float]
    ) -> Iterator[AnyBlock]:
        left = dict(samples)
        for block in stored:
            own = [left.pop(labels, None) for labels in block.series.labels]
            ended = [
                value is None and self._ends(labels)
                for value, labels in zip(own, block.series.labels, strict=True)
            ]
            changes = any(ended) or any(value is not None for value in own)
            yield _with_row(block, self._at_ms, own, ended) if changes else block
        if left:
            times = np.array([self._at_ms], dtype=np.int64)
            yield Block(Series(left), times, np.array([list(left.values())]))


def _name_of(matchers: Sequence[Matcher]) -> str | None:
    """The one name of what is selected, if it can only be one."""
    for matcher in matchers:
        if matcher.name == NAME and matcher.op == "=":
            return matcher.value
    return None


def _with_row(
    block: AnyBlock, at_ms: int, own: Sequence[float | None], ended: Sequence[bool]
) -> Block:
    """The block with these samples and ends at ``at_ms``, where others keep what they have."""
    place = int(np.searchsorted(block.times, at_ms))
    is_new = place == len(block.times) or block.times[place] != at_ms
    values, present, stale = _masks(block)
    times = block.times
    if is_new:
        times = np.insert(times, place, at_ms)
        values = np.insert(values, place, 0.0, axis=0)
        present, stale = (np.insert(one, place, False, axis=0) for one in (present, stale))
    columns = np.array([value is not None for value in own])
    gone: Mask = np.array(ended, dtype=np.bool_) & ~present[place]
    values[place, columns] = [value for value in own if value is not None]
    present[place, columns] = True
    stale[place, columns] = False
    stale[place, gone] = True
    return Block(block.series, times, values, present, stale if stale.any() else None)


def _masks(block: AnyBlock) -> tuple[Floats, Mask, Mask]:
    shape = block.values.shape
    values = block.values.copy()
    present = np.ones(shape, np.bool_) if block.present is None else block.present.copy()
    stale = np.zeros(shape, np.bool_) if block.stale is None else block.stale.copy()
    return values, present, stale
