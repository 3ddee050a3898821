"""The samples of one metric name over the window, as the engine reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import AnyBlock, Block, Floats, Mask, Part, Series, Times
from zerostate_monitoring.storage.packing import ABSENT
from zerostate_monitoring.storage.runs import Numbers, Segment
from zerostate_monitoring.storage.selecting import Check, Condition

Places = slice | Numbers
_EVERY: Final = slice(None)
_SPARE_ROWS: Final = 8
_SPARE_SHARE: Final = 16
_MOST_CHOICES: Final = 5_000
_MOST_CHOSEN: Final = 4_000_000
"""Series in all choices of a panel together: some 16 bytes for each."""
_MOST_WHOLES: Final = 32


@dataclass(frozen=True, slots=True)
class Choice:
    """Some of a panel's series."""

    series: Series
    places: Places


class Choices:
    """What conditions have chosen, within bounds."""

    def __init__(self) -> None:
        self._known: dict[Condition, Choice] = {}
        self._size = 0

    def __len__(self) -> int:
        return len(self._known)

    def get(self, condition: Condition) -> Choice | None:
        """What the condition has chosen, where it is known."""
        return self._known.get(condition)

    def keep(self, condition: Condition, choice: Choice) -> None:
        """Know it from now on; where there is too much, nothing else."""
        self._size += len(choice.series)
        if len(self._known) >= _MOST_CHOICES or self._size > _MOST_CHOSEN:
            self._known.clear()
            self._size = len(choice.series)
        self._known[condition] = choice


class Panel:
    """All series of one name, from some column on to the newest, as a dense matrix.

    Rows are columns of the timeline. They are appended in place while there is room, so that
    what was handed out stays as it was.
    """

    def __init__(self, name: str, before: Panel | None = None) -> None:
        self.name: Final = name
        self.series: Series = before.series if before else Series(())
        self._index: dict[Labels, int] = before.index if before else {}
        self.choices: Choices = before.choices if before else Choices()
        self._labels: Sequence[Labels] | None = None
        self._places: Places = _EVERY
        self._values = np.empty((0, len(self.series)))
        self._present: Mask = np.empty(self._values.shape, dtype=bool)
        self._begin = self._end = 0
        self._gaps = False
        self._wholes: dict[tuple[int, int], Block] = {}

    def __len__(self) -> int:
        return self._end - self._begin

    # -- growing ---------------------------------------------------------------

    def extend(self, segment: Segment, first: int = 0) -> None:
        """Append the columns of ``segment`` from its ``first`` on."""
        self._wholes.clear()
        labels = segment.labels(self.name)
        bits = segment.bits(self.name, first)
        self._meet(labels)
        self._room(len(bits))
        rows = slice(self._end, self._end + len(bits))
        present = bits != ABSENT
        self._values[rows, self._places] = bits.view(np.float64)
        self._present[rows, self._places] = present
        self._end = rows.stop
        self._gaps = self._gaps or len(labels) < len(self.series) or not present.all()

    def reserve(self, rows: int) -> None:
        """Make room for so many columns at once."""
        self._remake(rows + _SPARE_ROWS + rows // _SPARE_SHARE, len(self.series), len(self.series))

    @property
    def index(self) -> dict[Labels, int]:
        """Where each series stands; made when series come or go, which most windows never see."""
        if len(self._index) < len(self.series):
            self._index = dict(zip(self.series.labels, range(len(self.series)), strict=True))
        return self._index

    def _meet(self, labels: Sequence[Labels]) -> None:
        """See that there is a place for each of these series."""
        if labels is self._labels:
            return
        self._labels = labels
        if not len(self.series):
            if labels:
                self._widen(labels)
            self._places = _EVERY
            return
        index = self.index
        new = [one for one in labels if one not in index]
        if new:
            self._index = index = {
                **index,
                **dict(zip(new, range(len(index), len(index) + len(new)), strict=True)),
            }
            self._widen((*self.series.labels, *new))
        places = np.fromiter(map(index.__getitem__, labels), np.intp, len(labels))
        same = len(places) == len(self.series) and (places == np.arange(len(places))).all()
        self._places = _EVERY if same else places

    def _widen(self, labels: Sequence[Labels]) -> None:
        rows, old = len(self), self._values.shape[1]
        self._gaps = self._gaps or rows > 0
        self.series = Series(labels)
        self.choices = Choices()
        self._remake(max(rows, len(self._values)), len(labels), old)

    def _room(self, rows: int) -> None:
        if self._end + rows > len(self._values):
            size = len(self) + rows
            spare = _SPARE_ROWS + size // _SPARE_SHARE if len(self) else 0
            self._remake(size + spare, len(self.series), len(self.series))

    def _remake(self, rows: int, width: int, old: int) -> None:
        held = slice(self._begin, self._end)
        values = np.zeros((rows, width))
        present = np.zeros((rows, width), dtype=bool)
        size = len(self)
        values[:size, :old] = self._values[held]
        present[:size, :old] = self._present[held]
        self._values, self._present = values, present
        self._begin, self._end = 0, size

    # -- shrinking -------------------------------------------------------------

    def shrink(self, rows: int) -> None:
        """Keep at most the newest ``rows`` columns."""
        self._wholes.clear()
        self._begin = max(self._begin, self._end - rows)

    @property
    def is_worn(self) -> bool:
        """Whether more than half of its series have no sample any more."""
        if not self._gaps or not len(self):
            return False
        seen = self._present[self._begin : self._end].any(axis=0)
        return 2 * int(seen.sum()) < len(self.series)

    def renewed(self) -> Panel:
        """The same without series that have no sample any more."""
        held = slice(self._begin, self._end)
        seen = np.flatnonzero(self._present[held].any(axis=0))
        panel = Panel(self.name)
        panel.series = Series([self.series.labels[place] for place in seen])
        panel._values = self._values[held][:, seen]
        panel._present = self._present[held][:, seen]
        panel._end = len(self)
        panel._gaps = not panel._present.all()
        return panel

    @property
    def nbytes(self) -> int:
        """Memory of the samples."""
        return self._values.nbytes + self._present.nbytes

    # -- reading ---------------------------------------------------------------

    def choose(self, condition: Condition, check: Check, *, keep: bool = True) -> Choice:
        """The series that meet a condition; they are known the next time if it is to ``keep``."""
        if not condition.tests:
            return Choice(self.series, _EVERY)
        known = self.choices.get(condition)
        choice = known or self._chosen(condition, check)
        if keep and known is None:
            self.choices.keep(condition, choice)
        return choice

    def _chosen(self, condition: Condition, check: Check) -> Choice:
        found = list(condition.chosen(self.series.labels, check))
        if len(found) == len(self.series):
            return Choice(self.series, _EVERY)
        series = Series([self.series.labels[place] for place in found])
        if found and found[-1] - found[0] + 1 == len(found):
            return Choice(series, slice(found[0], found[-1] + 1))
        return Choice(series, np.array(found, dtype=np.intp))

    def block(self, choice: Choice, times: Times, first: int, last: int) -> AnyBlock:
        """The chosen series in the rows [first, last), counted from the newest row's end.

        ``times`` are the slots of these rows. Where the panel does not reach back so far, its
        own rows are all that there is. Queries of one slot get parts of one block.
        """
        if first > len(self):
            times = times[first - max(len(self), last) :]
            first = last + len(times)
        whole = self._wholes.get((first, last))
        if whole is None:
            # Each may have masks of its own, and where nobody records nothing clears them.
            if len(self._wholes) >= _MOST_WHOLES:
                self._wholes.clear()
            whole = self._wholes[first, last] = self._whole(times, first, last)
        if choice.places is _EVERY:
            return whole
        return Part(choice.series, whole, choice.places)

    def _whole(self, times: Times, first: int, last: int) -> Block:
        begin, end = self._end - first, self._end - last
        values: Floats = self._values[begin:end]
        present: Mask = self._present[begin:end]
        if not self._gaps or present.all():
            return Block(self.series, times, values)
        stale = _stale(self._present[max(begin - 1, self._begin) : end], len(times))
        return Block(self.series, times, values, present, stale)


def _stale(present: Mask, rows: int) -> Mask | None:
    """Where a series is not, that was there one column before."""
    stale: npt.NDArray[np.bool_] = np.zeros((rows, present.shape[1]), dtype=bool)
    ended = present[:-1] & ~present[1:]
    stale[rows - len(ended) :] = ended
    return stale if ended.any() else None


def built(name: str, segments: Sequence[tuple[Segment, int]], before: Panel | None) -> Panel:
    """A panel of segments, each from some column on; ``before`` lends it its series."""
    panel = Panel(name, before)
    panel.reserve(sum(len(segment.times) - first for segment, first in segments))
    for segment, first in segments:
        panel.extend(segment, first)
    return panel
