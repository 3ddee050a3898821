"""Writing history: what stands at a slot becomes a column of the timeline."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from zerostate_monitoring.exceptions import FrameError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import Floats
from zerostate_monitoring.storage.entries import Block
from zerostate_monitoring.storage.packing import ABSENT, Bits, canonical
from zerostate_monitoring.storage.parts import Part, name_of
from zerostate_monitoring.storage.runs import Numbers, Run, translated
from zerostate_monitoring.storage.timeline import (
    RUN_COLUMNS,
    Addition,
    Bounds,
    Outcome,
    Position,
    Timeline,
)

logger = logging.getLogger(__name__)

_DEAD_ROWS: Final = 8
_DEAD_SHARE: Final = 0.25


class Piece(NamedTuple):
    """Series with their values.

    ``source`` stands for the series: equal objects have equal labels in the same order,
    which ``labels`` gives (with names, sorted) when they are not known yet.
    """

    source: object
    labels: Callable[[], Sequence[Labels]]
    values: Floats


class Recorder:
    """Appends columns. It holds the run that is open, as any other writer left it."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline: Final = timeline
        self._lock: Final = threading.Lock()
        self._forget()

    def record(self, slot: int, pieces: Callable[[], Iterable[Piece]], bounds: Bounds) -> Outcome:
        """Append the column of ``slot`` (ms).

        ``pieces`` is asked only if the slot is free. Of series that stand twice the first
        is taken.

        Raises:
            StoreError: the store does not answer, or is full.
        """
        with self._lock:
            if slot == self._position.last:
                return Outcome.TAKEN
            try:
                return self._record(slot, pieces, bounds)
            except BaseException:
                # Whatever is held may be half of what it should be.
                self._forget()
                raise

    def _record(self, slot: int, pieces: Callable[[], Iterable[Piece]], bounds: Bounds) -> Outcome:
        if not self._catch_up(slot):
            return Outcome.TAKEN
        found = list(pieces())
        outcome = self._append(slot, found, bounds)
        if outcome in {Outcome.BEHIND, Outcome.FUTURE}:
            logger.info("history_read_anew", extra={"reason": outcome.value})
            if self._catch_up(slot):
                outcome = self._append(slot, found, bounds)
        return outcome

    def _forget(self) -> None:
        self._position = Position()
        self._run: Run | None = None
        self._numbers: WeakKeyDictionary[object, Numbers] = WeakKeyDictionary()

    # -- what others have written ----------------------------------------------

    def _catch_up(self, slot: int) -> bool:
        """Read what was appended by others; whether ``slot`` is still to be had."""
        try:
            self._read_on()
        except FrameError as error:
            # Another version's, or damaged: a new run rests on nothing of it.
            logger.warning("history_not_readable", extra={"error": str(error)})
            self._run = None
            head = self._timeline.head()
            self._position = Position(head.epoch, head.last)
        # A column that lies ahead was made by a clock that ran ahead; the store decides.
        return self._position.last != slot

    def _read_on(self) -> None:
        try:
            self._read()
        except FrameError:
            if not self._position.last:
                raise
            # Runs on the way may be gone, with their series; the open one may be whole.
            self._forget()
            self._read()

    def _read(self) -> None:
        before = self._run
        news = self._timeline.read(self._position, from_ms=float("inf"))
        if not news.continued:
            self._begin(None)
        for column in news.columns:
            if not column.before:
                self._begin(Run(self._timeline.known(column.digests)))
            if self._run is not None:
                self._run.read(column)
        if self._run is not None and self._run.last != news.head.last:
            self._begin(None)
        if self._run is not before:
            parts = self._run.parts.values() if self._run else ()
            self._timeline.forget_parts({part.digest for part in parts})
        self._position = news.after(self._position)

    def _begin(self, run: Run | None) -> None:
        self._renumber(self._run, run)
        self._run = run

    def _renumber(self, before: Run | None, run: Run | None) -> None:
        """Bring the numbers of known sources to the table of another run."""
        known, self._numbers = self._numbers, WeakKeyDictionary()
        if before is None or run is None:
            return
        moved = translated(before, run)
        for source, numbers in known.items():
            places = moved[numbers]
            if (places >= 0).all():
                self._numbers[source] = places

    # -- the next column -------------------------------------------------------

    def _append(self, slot: int, pieces: Sequence[Piece], bounds: Bounds) -> Outcome:
        block: Block | None = None
        old: Sequence[bytes] = ()
        parts: Mapping[bytes, Part] = {}
        run = self._run
        if run is None or len(run.rows) >= RUN_COLUMNS:
            if run is not None:
                block, parts = run.closed()
                old = [part.digest for part in run.parts.values()]
            before, (run, more) = run, _next_run(run, pieces)
            self._renumber(before, run)
            parts = {**parts, **more}
        outcome = self._append_to(run, slot, pieces, bounds, (block, old, parts))
        if outcome is not Outcome.OK:
            self._forget()
        return outcome

    def _append_to(
        self,
        run: Run,
        slot: int,
        pieces: Sequence[Piece],
        bounds: Bounds,
        closing: tuple[Block | None, Sequence[bytes], Mapping[bytes, Part]],
    ) -> Outcome:
        known = len(run.added)
        row = self._row(run, pieces)
        column = run.column(slot, row, run.added[known:])
        block, old, parts = closing
        addition = Addition(column=column, block=block, parts=parts, old_parts=old)
        outcome, self._position = self._timeline.append(self._position, addition, bounds)
        if outcome is Outcome.OK:
            run.take(slot, row)
            if self._run is not run:
                self._timeline.parts = {part.digest: part for part in run.parts.values()}
            self._run = run
        return outcome

    def _row(self, run: Run, pieces: Sequence[Piece]) -> Bits:
        numbers = [self._numbers_of(run, piece) for piece in pieces]
        row = np.full(run.size, ABSENT)
        if pieces:
            values = np.concatenate([piece.values for piece in pieces])
            # Backwards, for of two values the last stays.
            row[np.concatenate(numbers)[::-1]] = canonical(values)[::-1]
        return row

    def _numbers_of(self, run: Run, piece: Piece) -> Numbers:
        found = self._numbers.get(piece.source)
        if found is None:
            found = np.array([run.number(labels) for labels in piece.labels()], dtype=np.intp)
            self._numbers[piece.source] = found
        return found


def _next_run(run: Run | None, pieces: Sequence[Piece]) -> tuple[Run, dict[bytes, Part]]:
    """The run that follows: over the same series, but for names of which many have left."""
    parts = list(_living(run)) if run else list(_parts_of(pieces))
    parts.sort(key=lambda part: part.name)
    return Run(parts), {part.digest: part for part in parts}


def _parts_of(pieces: Sequence[Piece]) -> Iterator[Part]:
    by_name: dict[str, dict[Labels, None]] = defaultdict(dict)
    for piece in pieces:
        for labels in piece.labels():
            by_name[name_of(labels)][labels] = None
    for name, series in by_name.items():
        yield Part.of(name, tuple(series))


def _living(run: Run) -> Iterator[Part]:
    for name in run.names:
        part = run.part(name)
        here = run.bits(name, len(run.rows) - 1)[0] != ABSENT
        dead = len(here) - int(here.sum())
        if dead <= _DEAD_ROWS + _DEAD_SHARE * len(here):
            yield part
        elif here.any():
            alive = zip(part.labels, here.tolist(), strict=True)
            yield Part.of(name, [labels for labels, there in alive if there])
