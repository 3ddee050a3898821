"""What one group has recorded: its runs, and each name's samples as a matrix.

A group is evaluated at its own instants, so it has timestamps of its own. A series that its
newest evaluation does not give, and the one before did, ends there; unless its rule was in
error and said nothing: then nothing stands there, neither a sample nor an end.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import Final

import numpy as np

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import NAME, AnyBlock, Block, Mask, Part, Series, Times
from zerostate_monitoring.storage.entries import Column
from zerostate_monitoring.storage.packing import ABSENT, Bits, canonical, pack_row
from zerostate_monitoring.storage.panels import Choice
from zerostate_monitoring.storage.parts import Part as Table
from zerostate_monitoring.storage.parts import name_of
from zerostate_monitoring.storage.records import mark_of
from zerostate_monitoring.storage.runs import Run
from zerostate_monitoring.storage.selecting import Check, Condition

SILENT: Final = np.uint64(0x7FF0000000000003)
"""What stands where a series has no sample because its rule was in error. No producer says it."""

RUN_COLUMNS: Final = 20
RUN_MS: Final = 10 * 60_000
"""A run ends after so many columns or so long, so that little is lost when its beginning is."""

_EVERY: Final = slice(None)
_MOST_CHOICES: Final = 1000


class Sheet:
    """The samples of one name, from the first run on that has the name."""

    def __init__(self, name: str, runs: Iterable[Run], before: Sheet | None) -> None:
        shown = list(_from_first(name, runs))
        labels = list(dict.fromkeys(one for run in shown for one in run.labels(name)))
        self.series: Final = _series(labels, before)
        self.choices: Final[dict[Hashable, Choice]] = (
            before.choices if before and before.series is self.series else {}
        )
        times = [run.times for run in shown]
        bits = _bits(name, shown, self.series)
        # A table names it before a row has it only where the name is new in the middle of a run.
        begin = _first_row(bits)
        self.times: Final[Times] = np.concatenate(times)[begin:]
        self.block: Final = _block(self.series, self.times, bits[begin:])
        self._parts: dict[tuple[int, int], Block] = {}

    def select(self, condition: Condition, span: tuple[int, int], check: Check) -> AnyBlock | None:
        """The series that meet a condition, with their samples of the span (start, end]."""
        choice = self._choose(condition, check)
        first, last = self.times.searchsorted(span, side="right").tolist()
        if not len(choice.series) or first >= last:
            return None
        whole = self._between(first, last)
        if isinstance(choice.places, slice):
            return whole
        return Part(choice.series, whole, choice.places)

    def _between(self, first: int, last: int) -> Block:
        block = self.block
        if first == 0 and last == len(self.times):
            return block
        found = self._parts.get((first, last))
        if found is None:
            rows = slice(first, last)
            found = self._parts[first, last] = Block(
                block.series,
                block.times[rows],
                block.values[rows],
                None if block.present is None else block.present[rows],
                None if block.stale is None else block.stale[rows],
            )
        return found

    def _choose(self, condition: Condition, check: Check) -> Choice:
        if not condition.tests:
            return Choice(self.series, _EVERY)
        known = self.choices.get(condition)
        if known is None:
            if len(self.choices) >= _MOST_CHOICES:
                self.choices.clear()
            places = np.array([*condition.chosen(self.series.labels, check)], dtype=np.intp)
            series = Series([self.series.labels[place] for place in places.tolist()])
            known = self.choices[condition] = Choice(series, places)
        return known


class Lane:
    """What one group has recorded."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.mark = b""
        """What the newest entry is known by; empty where it is not known."""
        self._sheets: dict[str, Sheet] = {}
        self._old_sheets: dict[str, Sheet] = {}

    @property
    def last(self) -> int:
        """The newest slot (ms); 0 for none."""
        return self.runs[-1].last if self.runs else 0

    def interval(self, default: int) -> int:
        """How often it is evaluated (ms), as far as can be seen."""
        slots = np.concatenate([run.times for run in self.runs[-2:]])
        return int(np.diff(slots).min()) if len(slots) > 1 else default

    @property
    def names(self) -> Collection[str]:
        """The names that it has recorded."""
        return {name for run in self.runs for name in run.names}

    # -- growing ---------------------------------------------------------------

    def take(self, column: Column, tables: Iterable[Table]) -> None:
        """Take a column. One whose run is not here is left out.

        Raises:
            FrameError: it is damaged.
        """
        self.mark = mark_of(column)
        if not column.before:
            run = Run(tuple(tables))
            run.read(column)
            self.runs.append(run)
        elif self.last == column.before:
            self.runs[-1].read(column)
        else:
            self.runs = []
        self._turn()

    def forget_before(self, first: int) -> None:
        """Let go of runs that ended before the slot ``first`` (ms)."""
        if self.runs and self.runs[0].last < first:
            self.runs = [run for run in self.runs if run.last >= first]
            self._turn()

    def lose(self) -> None:
        """Forget what cannot be read on, after an entry that cannot be read."""
        self.runs, self.mark = [], b""
        self._turn()

    def _turn(self) -> None:
        self._old_sheets.update(self._sheets)
        self._sheets = {}

    # -- reading ---------------------------------------------------------------

    def sheet(self, name: str) -> Sheet:
        """The samples of a name that it has recorded."""
        found = self._sheets.get(name)
        if found is None:
            found = Sheet(name, self.runs, self._old_sheets.pop(name, None))
            self._sheets[name] = found
        return found

    def newest(self) -> Iterator[tuple[Labels, float]]:
        """The samples of the newest slot."""
        if self.runs:
            run = self.runs[-1]
            for name in run.names:
                row = run.bits(name, len(run.rows) - 1)[0]
                there = np.flatnonzero(_there(row)).tolist()
                labels, values = run.labels(name), row.view(np.float64)
                yield from ((labels[place], float(values[place])) for place in there)

    # -- the next column -------------------------------------------------------

    def next(
        self, slot: int, samples: Mapping[Labels, float], silent: Collection[str]
    ) -> tuple[Column, dict[bytes, Table]]:
        """The column of a slot as an entry, with the tables that it names."""
        run = self.runs[-1] if self.runs else None
        quiet = list(_quiet(run, samples, silent)) if run else []
        if run is None or len(run.rows) >= RUN_COLUMNS or slot - int(run.times[0]) >= RUN_MS:
            tables = list(_tables([*samples, *quiet]))
            fresh = Run(tables)
            row = _row(fresh.index, fresh.size, samples, quiet)
            return fresh.column(slot, row, ()), {table.digest: table for table in tables}
        added = [labels for labels in samples if labels not in run.index]
        places = {**run.index, **{labels: run.size + n for n, labels in enumerate(added)}}
        row = _row(places if added else run.index, run.size + len(added), samples, quiet)
        return Column(slot, run.last, len(row), (), tuple(added), pack_row(row, run.rows[-1])), {}


def _quiet(run: Run, samples: Mapping[Labels, float], silent: Collection[str]) -> Iterator[Labels]:
    """The series of rules in error, which neither go on nor end."""
    if not silent:
        return
    row = run.rows[-1]
    for labels, place in run.index.items():
        is_here = place < len(row) and row[place] != ABSENT and labels not in samples
        if is_here and _is_of(labels, silent):
            yield labels


def _is_of(labels: Labels, rules: Collection[str]) -> bool:
    """Whether a series comes from one of these rules, which are named by what they give."""
    pairs = dict(labels)
    return pairs[NAME] in rules or pairs.get("alertname") in rules


def _row(
    places: Mapping[Labels, int], size: int, samples: Mapping[Labels, float], quiet: list[Labels]
) -> Bits:
    row = np.full(size, ABSENT)
    at = np.fromiter(map(places.__getitem__, samples), np.intp, len(samples))
    row[at] = canonical(np.fromiter(samples.values(), np.float64, len(samples)))
    row[[places[labels] for labels in quiet]] = SILENT
    return row


def _tables(series: Iterable[Labels]) -> Iterator[Table]:
    by_name: dict[str, list[Labels]] = {}
    for labels in series:
        by_name.setdefault(name_of(labels), []).append(labels)
    for name in sorted(by_name):
        yield Table.of(name, sorted(by_name[name]))


# -- sheets ----------------------------------------------------------------------


def _from_first(name: str, runs: Iterable[Run]) -> Iterator[Run]:
    begun = False
    for run in runs:
        begun = begun or name in run.names
        if begun:
            yield run


def _series(labels: list[Labels], before: Sheet | None) -> Series:
    """The series; the same object as before where they are the same."""
    if before is None:
        return Series(labels)
    old, wanted = before.series.labels, set(labels)
    if len(old) == len(wanted) and wanted.issuperset(old):
        return before.series
    known = set(old)
    return Series(
        [*[one for one in old if one in wanted], *[one for one in labels if one not in known]]
    )


def _bits(name: str, runs: list[Run], series: Series) -> Bits:
    index = {labels: place for place, labels in enumerate(series.labels)}
    bits = np.full((sum(len(run.rows) for run in runs), len(series)), ABSENT)
    row = 0
    for run in runs:
        places = [index[labels] for labels in run.labels(name)]
        bits[row : row + len(run.rows), places] = run.bits(name)
        row += len(run.rows)
    return bits


def _there(bits: Bits) -> Mask:
    there: Mask = (bits != ABSENT) & (bits != SILENT)
    return there


def _first_row(bits: Bits) -> int:
    return int(np.argmax(_there(bits).any(axis=1))) if bits.size else 0


def _block(series: Series, times: Times, bits: Bits) -> Block:
    present, silent = _there(bits), bits == SILENT
    stale: Mask = np.zeros(bits.shape, dtype=bool)
    living = present
    if silent.any():
        living = present.copy()
        for row in range(1, len(bits)):
            living[row] |= silent[row] & living[row - 1]
    stale[1:] = living[:-1] & ~living[1:]
    return Block(
        series,
        times,
        np.where(present, bits.view(np.float64), 0.0),
        None if present.all() else present,
        stale if stale.any() else None,
    )
