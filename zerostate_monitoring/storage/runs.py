"""A run: columns over one table of series that only grows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import Times
from zerostate_monitoring.storage.entries import Block, Column, sections_of
from zerostate_monitoring.storage.packing import ABSENT, Bits, pack_row, unpack_row
from zerostate_monitoring.storage.parts import Part, name_of

Numbers = npt.NDArray[np.intp]


class Segment(Protocol):
    """Neighbouring columns that can be read name by name."""

    @property
    def times(self) -> Times:
        """The slots (ms) of its columns."""

    @property
    def names(self) -> Collection[str]:
        """The metric names of its series."""

    def labels(self, name: str) -> Sequence[Labels]:
        """The series of a name; the same object while they are the same."""

    def bits(self, name: str, first: int = 0) -> Bits:
        """Their samples (T, S) from the ``first`` column on."""


class Run:
    """A run that is written or read column by column."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts: Final = {part.name: part for part in parts}
        self._starts: Final = dict(
            zip(self.parts, accumulate((p.size for p in parts), initial=0), strict=False)
        )
        self.base: Final = sum(part.size for part in parts)
        self.added: Final[list[Labels]] = []
        self._added: Final[dict[str, list[int]]] = defaultdict(list)
        self._names: Final = set(self.parts)
        self._slots: list[int] = []
        self.rows: Final[list[Bits]] = []
        self._times: Times | None = None
        self._labels: Final[dict[str, tuple[Labels, ...]]] = {}

    @property
    def size(self) -> int:
        """How many series the table has."""
        return self.base + len(self.added)

    @property
    def times(self) -> Times:
        """The slots (ms) of its columns."""
        if self._times is None or len(self._times) != len(self._slots):
            self._times = np.array(self._slots, dtype=np.int64)
        return self._times

    @property
    def last(self) -> int:
        """The newest slot (ms)."""
        return self._slots[-1] if self._slots else 0

    @property
    def names(self) -> Collection[str]:
        """The metric names of its series."""
        return self._names

    @cached_property
    def index(self) -> dict[Labels, int]:
        """The number of each series; made once and kept up."""
        every = (labels for part in self.parts.values() for labels in part.labels)
        found = {labels: number for number, labels in enumerate(every)}
        found.update(zip(self.added, range(self.base, self.size), strict=True))
        return found

    def number(self, labels: Labels) -> int:
        """The number of a series, which is added if it is new."""
        found = self.index.get(labels)
        if found is None:
            found = self.index[labels] = self.size
            self._add(labels)
        return found

    def _add(self, labels: Labels) -> None:
        name = name_of(labels)
        self._names.add(name)
        self._added[name].append(self.size)
        self._labels.pop(name, None)
        self.added.append(labels)

    def labels(self, name: str) -> tuple[Labels, ...]:
        """The series of a name; the same object while they are the same."""
        part = self.parts.get(name)
        more = self._added.get(name, ())
        if part is not None and not more:
            return part.labels
        if name not in self._labels:
            own = part.labels if part else ()
            self._labels[name] = (*own, *[self.added[number - self.base] for number in more])
        return self._labels[name]

    def places(self, name: str) -> Numbers:
        """The numbers of the series of a name, in the order of their labels."""
        start, part = self._starts.get(name, 0), self.parts.get(name)
        own = np.arange(start, start + (part.size if part else 0), dtype=np.intp)
        return np.concatenate([own, np.array(self._added.get(name, ()), dtype=np.intp)])

    def bits(self, name: str, first: int = 0) -> Bits:
        """The samples (T, S) of a name from the ``first`` column on."""
        rows, part = self.rows[first:], self.parts.get(name)
        start = self._starts.get(name, 0)
        size = part.size if part else 0
        more = np.array(self._added.get(name, ()), dtype=np.intp)
        block = np.full((len(rows), size + len(more)), ABSENT)
        for line, row in zip(block, rows, strict=True):
            line[:size] = row[start : start + size]
            there = more[more < len(row)]
            line[size : size + len(there)] = row[there]
        return block

    # -- growing ---------------------------------------------------------------

    def read(self, column: Column) -> None:
        """Take a column that follows on the last.

        Raises:
            FrameError: the column is damaged.
        """
        row = unpack_row(column.body, column.size, self.rows[-1] if column.before else None)
        if "index" in self.__dict__:
            self.index.update(zip(column.added, range(self.size, column.size), strict=True))
        for labels in column.added:
            self._add(labels)
        self.take(column.slot, row)

    def take(self, slot: int, row: Bits) -> None:
        """Take the samples at ``slot`` (ms), one for each series of the table."""
        self._slots.append(slot)
        self.rows.append(row)

    def column(self, slot: int, row: Bits, added: Sequence[Labels]) -> Column:
        """The next column as an entry; ``added`` are the series that are new with it."""
        before = self.rows[-1] if self.rows else None
        digests = () if self.rows else tuple(part.digest for part in self.parts.values())
        body = pack_row(row, before)
        return Column(slot, self.last, len(row), digests, tuple(added), body)

    # -- its end ---------------------------------------------------------------

    def closed(self) -> tuple[Block, Mapping[bytes, Part]]:
        """The run as a block, with its parts."""
        parts = [self.part(name) for name in sorted(self.names)]
        sections = tuple(sections_of(parts, (self.bits(part.name) for part in parts)))
        digests = tuple(part.digest for part in parts)
        block = Block(self.times, digests, sections)
        return block, {part.digest: part for part in parts}

    def part(self, name: str) -> Part:
        """All series of a name that the run has seen."""
        if name in self._added or name not in self.parts:
            return Part.of(name, self.labels(name))
        return self.parts[name]

    def present(self) -> npt.NDArray[np.bool_]:
        """Which series of the table the newest column has."""
        there: npt.NDArray[np.bool_] = self.rows[-1] != ABSENT
        return there


def translated(before: Run, run: Run) -> Numbers:
    """The number in ``run`` of each series of ``before``; -1 for one that it lacks."""
    found = np.full(before.size, -1, dtype=np.intp)
    for name in before.names:
        old, new = before.labels(name), run.labels(name)
        places = run.places(name)
        if old == new:
            found[before.places(name)] = places
        elif new:
            index = dict(zip(new, places.tolist(), strict=True))
            found[before.places(name)] = [index.get(labels, -1) for labels in old]
    return found


class Closed:
    """A closed run, whose samples are unpacked section by section as they are asked for.

    ``keep`` remembers what was unpacked, for as long as it likes.
    """

    def __init__(self, block: Block, parts: Sequence[Part], keep: Unpacked) -> None:
        self.times: Final = block.times
        self._block: Final = block
        self._keep: Final = keep
        self._parts: Final = {part.name: part for part in parts}
        self._places: Final = dict(_places(block, parts))
        self._of_section: Final = _grouped(block, parts)

    @property
    def names(self) -> Collection[str]:
        """The metric names of its series."""
        return self._parts

    def labels(self, name: str) -> Sequence[Labels]:
        """The series of a name."""
        part = self._parts.get(name)
        return part.labels if part else ()

    def bits(self, name: str, first: int = 0) -> Bits:
        """The samples (T, S) of a name from the ``first`` column on."""
        if name not in self._parts:
            return np.empty((len(self.times) - first, 0), dtype=np.uint64)
        section, start = self._places[name]
        block = self._keep.get((self._block, section))
        if block is None:
            block = self._block.read(section, self._of_section[section])
            self._keep.put((self._block, section), block)
        return block[first:, start : start + self._parts[name].size]


class Unpacked:
    """The sections that were unpacked last, up to a number of bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._most: Final = most_bytes
        self._size = 0
        self._held: dict[tuple[int, int], tuple[Block, Bits]] = {}

    def get(self, key: tuple[Block, int]) -> Bits | None:
        """A section, if it is still here."""
        found = self._held.get((id(key[0]), key[1]))
        return found[1] if found else None

    def put(self, key: tuple[Block, int], bits: Bits) -> None:
        """Remember a section; the oldest make room. The block is held, so its id stays its own."""
        self._held[id(key[0]), key[1]] = (key[0], bits)
        self._size += bits.nbytes
        while self._size > self._most and len(self._held) > 1:
            self._size -= self._held.pop(next(iter(self._held)))[1].nbytes

    def clear(self) -> None:
        """Forget all."""
        self._held.clear()
        self._size = 0


def _grouped(block: Block, parts: Sequence[Part]) -> list[Sequence[Part]]:
    ends = list(accumulate(count for count, _ in block.sections))
    return [parts[end - count : end] for end, (count, _) in zip(ends, block.sections, strict=True)]


def _places(block: Block, parts: Sequence[Part]) -> Iterator[tuple[str, tuple[int, int]]]:
    for section, group in enumerate(_grouped(block, parts)):
        start = 0
        for part in group:
            yield part.name, (section, start)
            start += part.size


def times_of(segments: Sequence[Segment]) -> Times:
    """The columns of all segments, one after the other."""
    none = np.empty(0, dtype=np.int64)
    return np.concatenate([none, *[segment.times for segment in segments]])


def covered(segments: Sequence[Segment]) -> int:
    """How many columns segments have."""
    return sum(len(segment.times) for segment in segments)


def newest(segments: Sequence[Segment], rows: int) -> Iterator[tuple[Segment, int]]:
    """The segments that hold the newest ``rows`` columns, with the first column of each."""
    beyond = covered(segments) - rows
    for segment in segments:
        size = len(segment.times)
        if beyond < size:
            yield segment, max(beyond, 0)
        beyond -= size
