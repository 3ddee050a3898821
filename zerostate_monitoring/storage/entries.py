"""The entries of the timeline: single columns of the run that is open, and closed blocks.

A *run* is some twenty columns over one table of series: the parts that it begins with, and
behind them what came since. Its first column stands alone, each other one says what differs
from the column before. When the next run begins, a block takes the place of the old one's
columns: sections of neighbouring parts, so that one family can be read without the rest.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import orjson

from zerostate_monitoring.exceptions import FrameError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import Times
from zerostate_monitoring.storage.packing import Bits, pack_block, unpack_block
from zerostate_monitoring.storage.parts import DIGEST_BYTES, Part

FORMAT: Final = 1

# Read by history_append.lua and history_read.lua: format, number of digests, first and last
# slot (ms); then the digests. Of a column the first slot is that of the column before it, on
# which it rests; 0 where it rests on none.
_HEAD: Final = struct.Struct("<BxxxIqq")
_COLUMN: Final = struct.Struct("<II")
_BLOCK: Final = struct.Struct("<II")
_SECTION: Final = struct.Struct("<II")
_INDEX: Final = struct.Struct("<qqII")
_SLOT: Final = np.dtype("<i8")

MARK_BYTES: Final = 8
"""No body has fewer; the scripts look at as many."""

SECTION_SERIES: Final = 1000
"""Parts share a section until it has so many series: small ones compress badly alone."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a run: the slots (ms) of it and of the one before; its table's growth.

    ``size`` is how many series the table has, ``added`` those of them that are new,
    ``digests`` what the table begins with, if this column begins the run.
    """

    slot: int
    before: int
    size: int
    digests: tuple[bytes, ...]
    added: tuple[Labels, ...]
    body: bytes

    @property
    def mark(self) -> bytes:
        """The end of the entry, its checksum in it: another column of the slot has another."""
        return self.body[-MARK_BYTES:]

    def encode(self) -> bytes:
        """The column as an entry."""
        added = zlib.compress(orjson.dumps(self.added), 1) if self.added else b""
        head = _HEAD.pack(FORMAT, len(self.digests), self.before, self.slot)
        sizes = _COLUMN.pack(self.size, len(added))
        return b"".join([head, *self.digests, sizes, added, self.body])

    @classmethod
    def decode(cls, entry: bytes) -> Column:
        """Read an entry.

        Raises:
            FrameError: the bytes are of another format or damaged.
        """
        try:
            (before, slot), digests, at = _opened(entry)
            size, length = _COLUMN.unpack_from(entry, at)
            at += _COLUMN.size
            added = _labels(entry[at : at + length]) if length else ()
        except (struct.error, ValueError, TypeError, zlib.error) as error:
            raise FrameError(f"damaged column: {error}") from error
        return cls(slot, before, size, digests, added, entry[at + length :])


@dataclass(frozen=True, slots=True)
class Block:
    """A closed run: its slots (ms), the digests of its parts, and where they lie."""

    times: Times
    digests: tuple[bytes, ...]
    sections: tuple[tuple[int, bytes], ...]
    """How many parts each section holds, and its samples."""

    def encode(self) -> bytes:
        """The block as an entry."""
        head = _HEAD.pack(FORMAT, len(self.digests), int(self.times[0]), int(self.times[-1]))
        sizes = _BLOCK.pack(len(self.times), len(self.sections))
        table = [_SECTION.pack(parts, len(body)) for parts, body in self.sections]
        bodies = [body for _, body in self.sections]
        slots = self.times.astype(_SLOT).tobytes()
        return b"".join([head, *self.digests, sizes, slots, *table, *bodies])

    def index(self, size: int, more: Iterable[bytes]) -> bytes:
        """What the scripts must know of a block of ``size`` bytes: they never read one.

        ``more`` are digests of parts that live as long as the block.
        """
        times = self.times
        head = _INDEX.pack(int(times[0]), int(times[-1]), len(times), size)
        return b"".join([head, *dict.fromkeys((*self.digests, *more))])

    @classmethod
    def decode(cls, entry: bytes) -> Block:
        """Read an entry.

        Raises:
            FrameError: the bytes are of another format or damaged.
        """
        try:
            _, digests, at = _opened(entry)
            count, sections = _BLOCK.unpack_from(entry, at)
            at += _BLOCK.size
            times = np.frombuffer(entry, _SLOT, count, at).astype(np.int64)
            at += 8 * count
            table = [_SECTION.unpack_from(entry, at + n * _SECTION.size) for n in range(sections)]
        except (struct.error, ValueError) as error:
            raise FrameError(f"damaged block: {error}") from error
        at += sections * _SECTION.size
        return cls(times, digests, tuple(_cut(entry, at, table)))

    def read(self, section: int, parts: Sequence[Part]) -> Bits:
        """The samples (T, S) of a section's ``parts``.

        Raises:
            FrameError: the bytes are damaged.
        """
        size = sum(part.size for part in parts)
        return unpack_block(self.sections[section][1], len(self.times), size)


def sections_of(parts: Sequence[Part], samples: Iterable[Bits]) -> Iterator[tuple[int, bytes]]:
    """Pack the samples (T, S) of parts, some parts at a time."""
    waiting: list[Bits] = []
    for part, block in zip(parts, samples, strict=True):
        waiting.append(block)
        if part is parts[-1] or sum(one.shape[1] for one in waiting) >= SECTION_SERIES:
            yield len(waiting), pack_block(np.concatenate(waiting, axis=1))
            waiting = []


def _opened(entry: bytes) -> tuple[tuple[int, int], tuple[bytes, ...], int]:
    kind, count, first, last = _HEAD.unpack_from(entry)
    if kind != FORMAT:
        raise FrameError(f"history of unknown format {kind}")
    end = _HEAD.size + count * DIGEST_BYTES
    starts = range(_HEAD.size, end, DIGEST_BYTES)
    return (first, last), tuple(entry[at : at + DIGEST_BYTES] for at in starts), end


def _labels(packed: bytes) -> tuple[Labels, ...]:
    found = orjson.loads(zlib.decompress(packed))
    return tuple(tuple((name, value) for name, value in labels) for labels in found)


def _cut(entry: bytes, at: int, table: Iterable[tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
    for parts, length in table:
        yield parts, entry[at : at + length]
        at += length
