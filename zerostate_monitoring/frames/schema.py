"""The part of a frame that seldom changes: families and label sets."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import orjson

from zerostate_monitoring.exceptions import FrameError
from zerostate_monitoring.frames.exemplar import Labels

TYPES: Final = frozenset(
    {"counter", "gauge", "histogram", "info", "stateset", "summary", "unknown"}
)
FORMAT: Final = 1
_DIGEST_BYTES: Final = 16


class SampleKey(NamedTuple):
    """What tells a sample from the others of its family."""

    suffix: str
    """What follows the family's name: ``_total``, ``_bucket``, ``_sum``, … or nothing."""
    labels: Labels


@dataclass(frozen=True, slots=True)
class FamilySchema:
    """A family without its values.

    ``name`` is the OpenMetrics name: a counter's has no ``_total``, its samples have.
    """

    name: str
    type: str
    help: str
    unit: str
    samples: tuple[SampleKey, ...]


class Schema:
    """Families in order. Equal content has an equal ``digest`` in every process."""

    def __init__(self, families: Iterable[FamilySchema]) -> None:
        self.families: Final = tuple(families)
        self.size: Final = sum(len(family.samples) for family in self.families)

    @cached_property
    def digest(self) -> bytes:
        """16 bytes that stand for the content."""
        return _digest(self._document)

    @cached_property
    def encoded(self) -> bytes:
        """The content as bytes: one byte of format version, then compressed JSON."""
        return bytes([FORMAT]) + zlib.compress(self._document, 1)

    @property
    def _document(self) -> bytes:
        return orjson.dumps(
            [
                [f.name, f.type, f.help, f.unit, [[s.suffix, *_flat(s.labels)] for s in f.samples]]
                for f in self.families
            ]
        )

    @classmethod
    def decode(cls, encoded: bytes) -> Schema:
        """Read what ``encoded`` gave.

        Raises:
            FrameError: the bytes are of another format or damaged.
        """
        try:
            return cls(_family(item) for item in orjson.loads(_opened(encoded)))
        except (ValueError, TypeError, IndexError) as error:
            raise FrameError(f"damaged schema: {error}") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return (
            f"<Schema {self.digest.hex()[:8]}: {len(self.families)} families, {self.size} series>"
        )


def checked_size(encoded: bytes, digest: bytes) -> int:
    """The number of samples of an encoded schema, without the cost of decoding it.

    Raises:
        FrameError: the bytes are damaged, of another format, or have another digest.
    """
    document = _opened(encoded)
    if _digest(document) != digest:
        raise FrameError(f"schema {digest.hex()} holds another content")
    try:
        return sum(len(samples) for *_, samples in orjson.loads(document))
    except (ValueError, TypeError) as error:
        raise FrameError(f"damaged schema: {error}") from error


def _opened(encoded: bytes) -> bytes:
    if not encoded or encoded[0] != FORMAT:
        raise FrameError(f"schema of unknown format {encoded[:1]!r}")
    try:
        return zlib.decompress(encoded[1:])
    except zlib.error as error:
        raise FrameError(f"damaged schema: {error}") from error


def _digest(document: bytes) -> bytes:
    return hashlib.blake2b(document, digest_size=_DIGEST_BYTES).digest()


def _flat(labels: Labels) -> Iterable[str]:
    for name, value in labels:
        yield name
        yield value


def _family(item: list[Any]) -> FamilySchema:
    name, kind, text, unit, samples = item
    return FamilySchema(
        name,
        kind,
        text,
        unit,
        tuple([SampleKey(s[0], tuple(zip(s[1::2], s[2::2], strict=True))) for s in samples]),
    )
