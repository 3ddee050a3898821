"""What all processes counted together, fetched only where it changed."""

from __future__ import annotations

import contextlib
import logging
import math
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from zerostate_monitoring.frames.exemplar import Exemplar
from zerostate_monitoring.frames.frame import PackedFrame
from zerostate_monitoring.frames.schema import Schema
from zerostate_monitoring.storage.keys import Keys
from zerostate_monitoring.storage.publication import TotalFamily
from zerostate_monitoring.storage.samples import Matrix, samples_of, samples_per_row, schema_of

logger = logging.getLogger(__name__)

PROCESS: Final = "process:"
"""What the names of the producers begin with that speak for all processes."""

# format, versions of values, labels and exemplars, rows, birth, tag of the last row; written
# by entry.lua.
_ENTRY: Final = struct.Struct("<BQQQIQ8s")
_FORMAT: Final = 1
NEVER: Final = math.inf
"""When totals end."""
_BATCH: Final = 64
_VALUES_KEY: Final = 3
_BOTH_LIVE_MS: Final = 150_000
"""Two forms of a family whose last declarations are no further apart are both in use."""

Get = Callable[[Sequence[bytes]], Iterator[bytes | None]]
Run = Callable[[Sequence[bytes], Sequence[Any]], Any]


class _Entry(NamedTuple):
    values: int
    labels: int
    exemplars: int
    rows: int
    born: int
    tag: bytes

    @classmethod
    def read(cls, packed: bytes) -> _Entry:
        """The entry of these bytes.

        Raises:
            ValueError: they are of another format.
        """
        _check(packed)
        return cls(*_ENTRY.unpack(packed)[1:])


def _check(packed: bytes) -> None:
    if len(packed) != _ENTRY.size or packed[0] != _FORMAT:
        raise ValueError(f"totals of unknown format {packed[:1]!r}")


@dataclass(frozen=True, slots=True)
class Held:
    """A family's totals as they were fetched, by these keys; ``known`` are its entry's bytes."""

    known: bytes
    keys: tuple[bytes, ...]
    entry: _Entry
    family: TotalFamily
    labels: list[bytes]
    taken: npt.NDArray[np.intp]
    schema: Schema
    packed: PackedFrame

    def with_values(self, known: bytes, numbers: bytes, at: float) -> Held:
        """The same series with other values.

        Raises:
            ValueError: there are not as many.
        """
        family, labels, taken, schema = self.family, self.labels, self.taken, self.schema
        values = _values(family, self.entry.rows, labels, taken, numbers)
        packed = PackedFrame(schema.digest, values, at, (), self.packed.exemplars)
        return Held(known, self.keys, _Entry.read(known), family, labels, taken, schema, packed)


class Expected(NamedTuple):
    """Families, and what ``read.lua`` needs to give their values."""

    families: list[str]
    keys: list[bytes]
    args: list[Any]


class Totals:
    """Keep what was fetched of the totals; one per reader, under the reader's lock."""

    def __init__(self, keys: Keys, run: Run) -> None:
        self._keys: Final = keys
        self._run: Final = run
        self._held: dict[str, Held] = {}
        self._hidden: frozenset[str] = frozenset()
        self._moving: list[str] = []
        self.skipped = 0

    def forget(self) -> None:
        """Another store has other totals."""
        self._held, self._moving = {}, []

    def items(self) -> Iterator[tuple[str, Held]]:
        """The families, each as a producer of its own; of several forms of one the newest."""
        for family_id, held in self._held.items():
            if family_id not in self._hidden:
                yield PROCESS + family_id, held

    def expected(self) -> Expected:
        """What changed last time, and so is likely to have changed again.

        Given once: where it does not come, the next question is a smaller one.
        """
        moving, self._moving = self._moving[:_BATCH], []
        held = [(family_id, self._held[family_id]) for family_id in moving]
        args = [part for family_id, one in held for part in (family_id, one.known)]
        return Expected(moving, [one.keys[_VALUES_KEY] for _, one in held], args)

    def refresh(
        self,
        versions: Mapping[bytes, bytes],
        declared: Mapping[bytes, bytes],
        at: float,
        early: Mapping[str, bytes | None],
    ) -> bool:
        """Bring what is held to ``versions``; whether anything changed.

        ``early`` are values of the same moment, of families of which nothing else is new.
        """
        entries = dict(self._entries(versions))
        stale = {
            i: e for i, e in entries.items() if i not in self._held or self._held[i].known != e
        }
        changed = bool(stale) or len(entries) != len(self._held)
        fetched = dict(self._moved(stale, early, at))
        missing = [i for i in stale if i not in fetched]
        for start in range(0, len(missing), _BATCH):
            fetched.update(self._fetched(missing[start : start + _BATCH], at))
        kept = {i: held for i, held in self._held.items() if i in entries}
        self._held, self._moving = {**kept, **fetched}, list(fetched)
        before, self._hidden = self._hidden, older_forms(self._held, declared)
        return changed or before != self._hidden

    def _entries(self, versions: Mapping[bytes, bytes]) -> Iterator[tuple[str, bytes]]:
        self.skipped = 0
        for name, packed in versions.items():
            try:
                _check(packed)
                yield name.decode("utf-8", "replace"), packed
            except ValueError as error:
                self._skip(name.decode("utf-8", "replace"), error)

    def _skip(self, family_id: str, error: Exception) -> None:
        self.skipped += 1
        logger.warning("total_skipped", extra={"family": family_id, "error": str(error)})

    def _moved(
        self, stale: Mapping[str, bytes], early: Mapping[str, bytes | None], at: float
    ) -> Iterator[tuple[str, Held]]:
        for family_id, known in stale.items():
            before, numbers = self._held.get(family_id), early.get(family_id)
            if before is not None and numbers is not None:
                with contextlib.suppress(ValueError):  # it is fetched whole, and skipped there
                    yield family_id, before.with_values(known, numbers, at)

    def _fetched(self, stale: Sequence[str], at: float) -> Iterator[tuple[str, Held]]:
        """Families as one step of the store sees them: values and labels fit."""
        keys, args = [self._keys.totals], list[Any]()
        for family_id in stale:
            before = self._held.get(family_id)
            keys += _names(self._keys, family_id) if before is None else before.keys
            args += (family_id, b"" if before is None else before.known)
        answer = self._run(keys, args)
        for place, family_id in enumerate(stale):
            try:
                yield family_id, self._made(family_id, answer[place * 6 : place * 6 + 6], at)
            except (ValueError, TypeError, IndexError) as error:
                self._skip(family_id, error)

    def _made(self, family_id: str, answer: Sequence[Any], at: float) -> Held:
        known, numbers, document, first, fresh, exemplars = answer
        entry, before = _Entry.read(known), self._held.get(family_id)
        if before is None or document:
            family = TotalFamily.read(document)
            labels = [*(before.labels[:first] if before else ()), *fresh]
            taken = np.flatnonzero([text != b"" for text in labels])
            schema = schema_of(family, [labels[row] for row in taken])
        else:
            family, labels = before.family, before.labels
            taken, schema = before.taken, before.schema
        values = _values(family, entry.rows, labels, taken, numbers)
        found = _exemplars(exemplars, family, taken, before, entry)
        packed = PackedFrame(schema.digest, values, at, (), found)
        keys = before.keys if before else _names(self._keys, family_id)
        return Held(known, keys, entry, family, labels, taken, schema, packed)


def _names(keys: Keys, family_id: str) -> tuple[bytes, ...]:
    own = keys.total(family_id)
    return own.document, own.labels, own.tags, own.values, own.exemplars


def _values(
    family: TotalFamily,
    rows: int,
    labels: Sequence[bytes],
    taken: npt.NDArray[np.intp],
    numbers: bytes,
) -> Matrix:
    """The values of all samples, without the rows that are free."""
    matrix = np.frombuffer(numbers, dtype="<f8").reshape(-1, family.width)[:rows]
    if len(matrix) != len(labels):
        raise ValueError(f"{len(matrix)} rows of numbers, {len(labels)} of labels")
    return samples_of(family, matrix if len(taken) == rows else matrix[taken])


def older_forms(held: Mapping[str, Held], declared: Mapping[bytes, bytes]) -> frozenset[str]:
    """Families of a name and type of which another form is the one in use.

    A deployment that changes labels or buckets makes a new form. The one that code declared
    last is shown; of two that are both still declared, the younger.
    """
    forms: dict[tuple[str, str], list[str]] = {}
    for family_id, one in held.items():
        forms.setdefault((one.family.name, one.family.type), []).append(family_id)
    hidden: set[str] = set()
    for ids in forms.values():
        if len(ids) > 1:
            times = {i: int(declared.get(i.encode(), b"0")) for i in ids}
            latest = max(times.values())
            live = [i for i in ids if latest - times[i] <= _BOTH_LIVE_MS]
            shown = max(live, key=lambda i: held[i].entry.born)
            hidden.update(set(ids) - {shown})
    return frozenset(hidden)


def _exemplars(
    answer: Sequence[bytes] | None,
    family: TotalFamily,
    taken: npt.NDArray[np.intp],
    before: Held | None,
    entry: _Entry,
) -> Mapping[int, Exemplar]:
    if not entry.exemplars:
        return {}
    if answer is None:
        return before.packed.exemplars if before is not None else {}
    places = {int(row): place for place, row in enumerate(taken)}
    size = samples_per_row(family)
    exemplars = {}
    for key, text in zip(answer[::2], answer[1::2], strict=True):
        row, _, part = key.partition(b":")
        if int(row) in places:
            exemplars[places[int(row)] * size + int(part)] = _exemplar(text)
    return exemplars


def _exemplar(text: bytes) -> Exemplar:
    labels, value, at = orjson.loads(text)
    return Exemplar(tuple(sorted(labels.items())), float(value), None if at is None else float(at))
