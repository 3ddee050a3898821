"""What one scrape sees of the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from zerostate_monitoring.frames.frame import Frame, PackedFrame
from zerostate_monitoring.frames.schema import Schema, checked_size
from zerostate_monitoring.storage.gauges import ProcessEntry
from zerostate_monitoring.storage.head import NO_HISTORY, Head


class ProducerState(NamedTuple):
    """One live producer: when its numbers were taken, when they end (store's clock), series."""

    at: float
    expires_at: float
    size: int


class Schemas:
    """Schemas by digest: kept encoded, decoded when asked, held only while used."""

    def __init__(self) -> None:
        self._encoded: dict[bytes, bytes] = {}
        self._sizes: dict[bytes, int] = {}
        self._decoded: WeakValueDictionary[bytes, Schema] = WeakValueDictionary()

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._encoded

    def __getitem__(self, digest: bytes) -> Schema:
        schema = self._decoded.get(digest)
        if schema is None:
            schema = self._decoded[digest] = Schema.decode(self._encoded[digest])
        return schema

    def add(self, digest: bytes, encoded: bytes) -> None:
        """Keep a schema.

        Raises:
            FrameError: it cannot be read, or is another one.
        """
        self._sizes[digest] = checked_size(encoded, digest)
        self._encoded[digest] = encoded

    def keep(self, schema: Schema) -> None:
        """Keep a schema that was not fetched but made here."""
        if schema.digest not in self._encoded:
            self._sizes[schema.digest] = schema.size
            self._encoded[schema.digest] = schema.encoded
        self._decoded[schema.digest] = schema

    def fits(self, packed: PackedFrame) -> bool:
        """Whether the frame's schema is here and speaks of as many samples."""
        return self._sizes.get(packed.digest) == len(packed.values)

    def copy(self) -> Schemas:
        """The same schemas, whatever becomes of these."""
        other = Schemas()
        other._encoded = dict(self._encoded)
        other._sizes = dict(self._sizes)
        other._decoded = self._decoded
        return other

    def keep_only(self, digests: Collection[bytes]) -> None:
        """Forget schemas that no live frame names."""
        if len(digests) != len(self._encoded):
            self._encoded = {d: self._encoded[d] for d in digests if d in self._encoded}
            self._sizes = {d: self._sizes[d] for d in self._encoded}


@dataclass(frozen=True)
class Snapshot:
    """What one scrape sees.

    ``up`` says whether the store answered; if not, ``packed`` holds what this process
    had fetched and what has not ended since, and ``counts`` and ``dropped`` are empty:
    replicas that fetched at different times must not disagree about a count.
    ``revision`` is equal while nothing changed. Frames are decoded when they are asked for.
    Producers whose names begin with ``process:`` speak for all processes together: one for
    each family that they count. ``processes`` are the live ones; ``skipped`` counts entries
    of the store that this version cannot read. ``deadlines`` say when producers end by this
    process's clock, which needs no store. ``history`` is the head of the timeline.
    """

    up: bool
    store_id: str
    revision: int
    packed: Mapping[str, PackedFrame]
    expires_at: Mapping[str, float]
    notes: Mapping[str, Mapping[str, Any]]
    counts: Mapping[str, int]
    dropped: Mapping[str, int]
    schemas: Schemas = field(repr=False)
    processes: Mapping[str, ProcessEntry] = field(default_factory=dict)
    skipped: int = 0
    deadlines: Mapping[str, float] = field(default_factory=dict, repr=False)
    history: Head = NO_HISTORY

    def without_store(self, now: float) -> Snapshot:
        """What of this can still be shown while the store does not answer.

        ``now`` is of this process's clock. The same object where nothing is to be changed.
        """
        packed = {name: p for name, p in self.packed.items() if self.deadlines[name] > now}
        if not self.up and len(packed) == len(self.packed):
            return self
        revision = self.revision + 1
        return replace(
            self,
            up=False,
            revision=revision,
            packed=packed,
            counts={},
            dropped={},
            history=NO_HISTORY,
        )

    @cached_property
    def frames(self) -> Mapping[str, Frame]:
        """Live frames by producer."""
        return {name: self.frame(name) for name in self.packed}

    def frame(self, producer: str) -> Frame:
        """One producer's frame; ``KeyError`` if it is not live."""
        packed = self.packed[producer]
        return packed.with_schema(self.schemas[packed.digest])

    @property
    def producers(self) -> Mapping[str, ProducerState]:
        """Live producers with time and size."""
        return {
            name: ProducerState(packed.at, self.expires_at[name], len(packed.values))
            for name, packed in self.packed.items()
        }
