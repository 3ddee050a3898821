"""A frame, and its form as bytes."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from zerostate_monitoring.exceptions import FrameError
from zerostate_monitoring.frames.exemplar import Exemplar, Labels
from zerostate_monitoring.frames.schema import Schema

Values = npt.NDArray[np.float64]

# format, reserved, length of the JSON tail, time (s), schema digest; then float64s, then the tail.
_HEADER: Final = struct.Struct("<BxHId16s")
_FORMAT: Final = 1
_LITTLE: Final = np.dtype("<f8")


@dataclass(frozen=True, slots=True)
class Frame:
    """All samples of one producer at one moment.

    ``values[i]`` belongs to the i-th sample of ``schema``, counted through its families.
    ``labels`` stand on every sample beside the sample's own; so nodes that expose the
    same series share one schema. ``at`` is in seconds since 1970. ``exemplars`` maps an
    index to its exemplar.
    """

    schema: Schema
    values: Values
    at: float
    labels: Labels = ()
    exemplars: Mapping[int, Exemplar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.values) != self.schema.size:
            message = f"{len(self.values)} values for {self.schema.size} samples"
            raise FrameError(message)

    def encode(self) -> bytes:
        """Pack time, schema digest, values, constant labels and exemplars."""
        tail = self._tail()
        header = _HEADER.pack(_FORMAT, 0, len(tail), self.at, self.schema.digest)
        return b"".join((header, self.values.astype(_LITTLE, copy=False).tobytes(), tail))

    def _tail(self) -> bytes:
        if not self.labels and not self.exemplars:
            return b""
        # Numbers as text: JSON has no word for NaN and Inf.
        exemplars = [
            [index, labels, repr(float(value)), None if at is None else repr(float(at))]
            for index, (labels, value, at) in self.exemplars.items()
        ]
        return orjson.dumps([self.labels, exemplars])

    def samples(self) -> Iterator[tuple[str, Labels, float]]:
        """Full sample name, own labels with the constant ones, value; for tests and tables."""
        values = iter(self.values.tolist())
        for family in self.schema.families:
            for key in family.samples:
                labels = tuple(sorted((*key.labels, *self.labels)))
                yield family.name + key.suffix, labels, next(values)


@dataclass(frozen=True, slots=True)
class PackedFrame:
    """A frame whose schema is still to be looked up by its digest."""

    digest: bytes
    values: Values
    at: float
    labels: Labels
    exemplars: Mapping[int, Exemplar]

    def with_schema(self, schema: Schema) -> Frame:
        """Give the frame its schema; refuses one of another size."""
        return Frame(schema, self.values, self.at, self.labels, self.exemplars)


def decode(encoded: bytes) -> PackedFrame:
    """Read what ``Frame.encode`` gave.

    Raises:
        FrameError: the bytes are of another format or damaged.
    """
    try:
        kind, _, tail_size, at, digest = _HEADER.unpack_from(encoded)
        if kind != _FORMAT:
            raise FrameError(f"frame of unknown format {kind}")
        end = len(encoded) - tail_size
        values = np.frombuffer(encoded[_HEADER.size : end], dtype=_LITTLE)
        labels, exemplars = _read_tail(encoded[end:]) if tail_size else ((), {})
    except (struct.error, ValueError, TypeError) as error:
        raise FrameError(f"damaged frame: {error}") from error
    return PackedFrame(digest, values, at, labels, exemplars)


def _read_tail(tail: bytes) -> tuple[Labels, dict[int, Exemplar]]:
    labels, exemplars = orjson.loads(tail)
    return _pairs(labels), {
        int(index): Exemplar(_pairs(pairs), float(value), None if at is None else float(at))
        for index, pairs, value, at in exemplars
    }


def _pairs(items: list[list[Any]]) -> Labels:
    return tuple((str(name), str(value)) for name, value in items)
