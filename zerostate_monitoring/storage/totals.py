"""What all processes counted together, fetched only where it changed."""

from __future__ import annotations

import logging
import math
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson
from prometheus_client.utils import floatToGoString

from zerostate_monitoring.frames.exemplar import Exemplar, Labels
from zerostate_monitoring.frames.frame import PackedFrame
from zerostate_monitoring.frames.schema import FamilySchema, SampleKey, Schema
from zerostate_monitoring.storage.keys import Keys
from zerostate_monitoring.storage.publication import TotalFamily

logger = logging.getLogger(__name__)

PROCESS: Final = "process:"
"""What the names of the producers begin with that speak for all processes."""

# format, versions of values, labels and exemplars, rows, birth, tag of the last row; written
# by register.lua and publish.lua.
_ENTRY: Final = struct.Struct("<BQQQIQ8s")
_FORMAT: Final = 1
_BATCH: Final = 64
_BOTH_LIVE_MS: Final = 150_000
"""Two forms of a family whose last declarations are no further apart are both in use."""

Get = Callable[[Sequence[bytes]], Iterator[bytes | None]]
Run = Callable[[Sequence[bytes], Sequence[Any]], Any]
Matrix = npt.NDArray[np.float64]


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
        if len(packed) != _ENTRY.size or packed[0] != _FORMAT:
            raise ValueError(f"totals of unknown format {packed[:1]!r}")
        return cls(*_ENTRY.unpack(packed)[1:])


@dataclass(frozen=True, slots=True)
class Held:
    """A family's totals as they were fetched."""

    entry: _Entry
    family: TotalFamily
    labels: list[bytes]
    taken: npt.NDArray[np.intp]
    schema: Schema
    packed: PackedFrame


class Totals:
    """Keep what was fetched of the totals; one per reader, under the reader's lock."""

    def __init__(self, keys: Keys, run: Run) -> None:
        self._keys: Final = keys
        self._run: Final = run
        self._held: dict[str, Held] = {}
        self._hidden: frozenset[str] = frozenset()
        self.skipped = 0

    def forget(self) -> None:
        """Another store has other totals."""
        self._held = {}

    def items(self) -> Iterator[tuple[str, Held]]:
        """The families, each as a producer of its own; of several forms of one the newest."""
        for family_id, held in self._held.items():
            if family_id not in self._hidden:
                yield PROCESS + family_id, held

    def refresh(
        self, versions: Mapping[bytes, bytes], declared: Mapping[bytes, bytes], at: float
    ) -> bool:
        """Bring what is held to ``versions``; whether anything changed."""
        entries = dict(self._entries(versions))
        stale = [i for i, e in entries.items() if i not in self._held or self._held[i].entry != e]
        changed = bool(stale) or len(entries) != len(self._held)
        fetched: dict[str, Held] = {}
        for start in range(0, len(stale), _BATCH):
            fetched.update(self._fetched(stale[start : start + _BATCH], at))
        kept = {i: held for i, held in self._held.items() if i in entries}
        self._held = {**kept, **fetched}
        before, self._hidden = self._hidden, older_forms(self._held, declared)
        return changed or before != self._hidden

    def _entries(self, versions: Mapping[bytes, bytes]) -> Iterator[tuple[str, _Entry]]:
        self.skipped = 0
        for name, packed in versions.items():
            try:
                yield name.decode("utf-8", "replace"), _Entry.read(packed)
            except ValueError as error:
                self._skip(name.decode("utf-8", "replace"), error)

    def _skip(self, family_id: str, error: Exception) -> None:
        self.skipped += 1
        logger.warning("total_skipped", extra={"family": family_id, "error": str(error)})

    def _fetched(self, stale: Sequence[str], at: float) -> Iterator[tuple[str, Held]]:
        """Families as one step of the store sees them: values and labels fit."""
        keys, args = [self._keys.totals], list[Any]()
        for family_id in stale:
            own = self._keys.total(family_id)
            keys += [own.document, own.labels, own.tags, own.values, own.exemplars]
            args += [family_id, *_known(self._held.get(family_id))]
        answer = self._run(keys, args)
        for place, family_id in enumerate(stale):
            try:
                yield family_id, self._made(family_id, answer[place * 6 : place * 6 + 6], at)
            except (ValueError, TypeError, IndexError) as error:
                self._skip(family_id, error)

    def _made(self, family_id: str, answer: Sequence[Any], at: float) -> Held:
        packed_entry, numbers, document, first, fresh, exemplars = answer
        entry, before = _Entry.read(packed_entry), self._held.get(family_id)
        if before is None or document:
            family = TotalFamily.read(document)
            labels = [*(before.labels[:first] if before else ()), *fresh]
            taken = np.flatnonzero([text != b"" for text in labels])
            schema = schema_of(family, [labels[row] for row in taken])
        else:
            family, labels = before.family, before.labels
            taken, schema = before.taken, before.schema
        matrix = np.frombuffer(numbers, dtype="<f8").reshape(-1, family.width)[: entry.rows]
        if len(matrix) != len(labels):
            raise ValueError(f"{len(matrix)} rows of numbers, {len(labels)} of labels")
        if len(taken) != len(matrix):
            matrix = matrix[taken]
        found = _exemplars(exemplars, family, taken, before, entry)
        packed = PackedFrame(schema.digest, samples_of(family, matrix), at, (), found)
        return Held(entry, family, labels, taken, schema, packed)


def _known(held: Held | None) -> list[Any]:
    """What the script must be told of what is held: labels and exemplars."""
    if held is None:
        return [0, 0, b"", 0]
    return [held.entry.labels, len(held.labels), held.entry.tag, held.entry.exemplars]


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
        same = before is not None and before.entry.labels == entry.labels
        return before.packed.exemplars if before is not None and same else {}
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


# -- from rows to samples, as prometheus_client orders them ---------------------


def has_sum(family: TotalFamily) -> bool:
    """Whether a histogram has a sum: not where observations may be negative."""
    return family.buckets[0] >= 0


def samples_per_row(family: TotalFamily) -> int:
    """How many samples a row makes."""
    if family.type != "histogram":
        return family.width
    return len(family.buckets) + 1 + has_sum(family)


def samples_of(family: TotalFamily, matrix: Matrix) -> Matrix:
    """The values of a family's samples, row by row; buckets add up."""
    if family.type != "histogram" or not len(matrix):
        return matrix.ravel()
    buckets = np.cumsum(matrix[:, :-1], axis=1)
    parts = [buckets, buckets[:, -1:], *([matrix[:, -1:]] if has_sum(family) else [])]
    return np.concatenate(parts, axis=1).ravel()


def schema_of(family: TotalFamily, keys: Sequence[bytes]) -> Schema:
    """The samples of the series with these label keys."""
    suffixes = _suffixes(family)
    samples: list[SampleKey] = []
    for key in keys:
        pairs = tuple(zip(family.labels, orjson.loads(key), strict=True))
        samples += [SampleKey(suffix, _sorted(pairs, extra)) for suffix, extra in suffixes]
    made = FamilySchema(family.name, family.type, family.help, family.unit, tuple(samples))
    return Schema([made] if samples else [])


def _suffixes(family: TotalFamily) -> list[tuple[str, Labels]]:
    if family.type == "counter":
        return [("_total", ())]
    if family.type == "summary":
        return [("_count", ()), ("_sum", ())]
    buckets = [("_bucket", (("le", _bound(b)),)) for b in family.buckets]
    ends = ["_count", *(["_sum"] if has_sum(family) else [])]
    return [*buckets, *((end, ()) for end in ends)]


def _bound(bound: float) -> str:
    text: str = floatToGoString(bound)  # type: ignore[no-untyped-call]
    return text


def _sorted(pairs: Labels, extra: Labels) -> Labels:
    return tuple(sorted((*pairs, *extra)))


NEVER: Final = math.inf
"""When totals end."""
