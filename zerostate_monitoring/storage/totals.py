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

# format, versions of values, labels and exemplars, rows; written by register.lua, publish.lua.
_ENTRY: Final = struct.Struct("<BQQQI")
_FORMAT: Final = 1

Get = Callable[[Sequence[bytes]], Iterator[bytes | None]]
Matrix = npt.NDArray[np.float64]


class _Entry(NamedTuple):
    values: int
    labels: int
    exemplars: int
    rows: int


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

    def __init__(self, keys: Keys, get: Get, client: Callable[[], Any]) -> None:
        self._keys: Final = keys
        self._get: Final = get
        self._client: Final = client
        self._held: dict[str, Held] = {}
        self.skipped = 0

    def forget(self) -> None:
        """Another store has other totals."""
        self._held = {}

    def items(self) -> Iterator[tuple[str, Held]]:
        """The families, each as a producer of its own."""
        for family_id, held in self._held.items():
            yield PROCESS + family_id, held

    def refresh(self, versions: Mapping[bytes, bytes], at: float) -> bool:
        """Bring what is held to ``versions``; whether anything changed."""
        entries = dict(self._entries(versions))
        stale = [i for i, e in entries.items() if i not in self._held or self._held[i].entry != e]
        changed = bool(stale) or len(entries) != len(self._held)
        fetched = dict(self._fetched({i: entries[i] for i in stale}, at))
        kept = {i: held for i, held in self._held.items() if i in entries}
        self._held = {**kept, **fetched}
        return changed

    def _entries(self, versions: Mapping[bytes, bytes]) -> Iterator[tuple[str, _Entry]]:
        self.skipped = 0
        for name, packed in versions.items():
            if len(packed) != _ENTRY.size or packed[0] != _FORMAT:
                self.skipped += 1
                logger.warning("total_skipped", extra={"family": name.decode("utf-8", "replace")})
                continue
            yield name.decode("utf-8", "replace"), _Entry(*_ENTRY.unpack(packed)[1:])

    def _fetched(self, stale: Mapping[str, _Entry], at: float) -> Iterator[tuple[str, Held]]:
        own = {family_id: self._keys.total(family_id) for family_id in stale}
        values = self._get([keys.values for keys in own.values()])
        for (family_id, entry), numbers in zip(stale.items(), values, strict=True):
            try:
                yield family_id, self._made(family_id, entry, numbers or b"", at)
            except (ValueError, TypeError) as error:
                self.skipped += 1
                details = {"family": family_id, "error": str(error)}
                logger.warning("total_skipped", extra=details)

    def _made(self, family_id: str, entry: _Entry, numbers: bytes, at: float) -> Held:
        before = self._held.get(family_id)
        if before is None or (before.entry.labels, before.entry.rows) != (entry.labels, entry.rows):
            family, labels = self._labels(family_id, entry, before)
            taken = np.flatnonzero([text != b"" for text in labels])
            schema = schema_of(family, [labels[row] for row in taken])
        else:
            family, labels, taken, schema = (
                before.family,
                before.labels,
                before.taken,
                before.schema,
            )
        matrix = np.frombuffer(numbers, dtype="<f8").reshape(-1, family.width)
        if len(taken) != len(matrix):
            matrix = matrix[taken]
        exemplars = self._exemplars(family_id, entry, family, taken, before)
        packed = PackedFrame(schema.digest, samples_of(family, matrix), at, (), exemplars)
        return Held(entry, family, labels, taken, schema, packed)

    def _labels(
        self, family_id: str, entry: _Entry, before: Held | None
    ) -> tuple[TotalFamily, list[bytes]]:
        """The family and the labels by row; only new rows where none was given away."""
        own = self._keys.total(family_id)
        client = self._client()
        family = TotalFamily.read(client.get(own.document) or b"")
        grown = before is not None and before.entry.labels == entry.labels
        known = before.labels if before is not None and grown else []
        fresh: list[bytes] = client.lrange(own.labels, len(known), entry.rows - 1)
        return family, [*known, *fresh]

    def _exemplars(
        self,
        family_id: str,
        entry: _Entry,
        family: TotalFamily,
        taken: npt.NDArray[np.intp],
        before: Held | None,
    ) -> Mapping[int, Exemplar]:
        if not entry.exemplars:
            return {}
        if before is not None and before.entry[1:] == entry[1:]:
            return before.packed.exemplars
        found = self._client().hgetall(self._keys.total(family_id).exemplars)
        places = {int(row): place for place, row in enumerate(taken)}
        size = samples_per_row(family)
        exemplars = {}
        for key, text in found.items():
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
