"""The series of one metric name, kept once by their content.

Labels are a table: each label's values once, and for each series which of them it has. So
100,000 label sets are read in some tens of milliseconds, and only when somebody asks.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
import orjson

from zerostate_monitoring.exceptions import FrameError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import NAME

DIGEST_BYTES: Final = 16
_FORMAT: Final = 1
_HEAD: Final = struct.Struct("<II")
_CODES: Final = np.dtype("<u4")
_ABSENT: Final = None


def named(name: str, labels: Iterable[tuple[str, str]]) -> Labels:
    """A series as PromQL knows it: sorted, with its name, without labels that are empty."""
    return tuple(sorted([(NAME, name), *[pair for pair in labels if pair[1]]]))


def name_of(labels: Labels) -> str:
    """The metric's name of a series."""
    return next(value for name, value in labels if name == NAME)


class Part:
    """All series of one name, in order. Equal content has an equal ``digest``."""

    __slots__ = ("__dict__", "_document", "name", "size")

    def __init__(self, document: bytes) -> None:
        """Read a document.

        Raises:
            FrameError: it is none.
        """
        self._document: Final = document
        try:
            header, _ = self._read()
            self.name: Final[str] = header["name"]
            self.size: Final[int] = header["size"]
        except (struct.error, ValueError, KeyError, TypeError) as error:
            raise FrameError(f"damaged series: {error}") from error

    @classmethod
    def of(cls, name: str, series: Sequence[Labels]) -> Part:
        """The part of these series, all of which have this name."""
        keys = sorted({key for labels in series for key, _ in labels})
        tables: list[dict[str, int]] = [{} for _ in keys]
        places = {key: place for place, key in enumerate(keys)}
        codes = np.zeros((len(keys), len(series)), dtype=_CODES)
        for row, labels in enumerate(series):
            for key, value in labels:
                place = places[key]
                table = tables[place]
                codes[place, row] = table.setdefault(value, len(table) + 1)
        header = orjson.dumps(
            {
                "name": name,
                "size": len(series),
                "labels": [[key, *table] for key, table in zip(keys, tables, strict=True)],
            }
        )
        octets = codes.view(np.uint8).reshape(len(keys), len(series), 4)
        body = octets.transpose(0, 2, 1).tobytes()
        part = cls(_HEAD.pack(_FORMAT, len(header)) + header + body)
        part.__dict__["labels"] = tuple(series)
        return part

    @classmethod
    def decode(cls, encoded: bytes) -> Part:
        """Read what ``encoded`` gave.

        Raises:
            FrameError: the bytes are damaged.
        """
        try:
            return cls(zlib.decompress(encoded))
        except zlib.error as error:
            raise FrameError(f"damaged series: {error}") from error

    @property
    def encoded(self) -> bytes:
        """The series as bytes."""
        return zlib.compress(self._document, 6)

    @cached_property
    def digest(self) -> bytes:
        """16 bytes that stand for the content."""
        return hashlib.blake2b(self._document, digest_size=DIGEST_BYTES).digest()

    @cached_property
    def labels(self) -> tuple[Labels, ...]:
        """The series' labels.

        Raises:
            FrameError: the document is damaged.
        """
        try:
            header, body = self._read()
            return _rows(header, body)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise FrameError(f"damaged series: {error}") from error

    def _read(self) -> tuple[dict[str, Any], bytes]:
        kind, size = _HEAD.unpack_from(self._document)
        if kind != _FORMAT:
            raise FrameError(f"series of unknown format {kind}")
        end = _HEAD.size + size
        return orjson.loads(self._document[_HEAD.size : end]), self._document[end:]


def _rows(header: dict[str, Any], body: bytes) -> tuple[Labels, ...]:
    tables, size = header["labels"], header["size"]
    octets = np.frombuffer(body, np.uint8).reshape(len(tables), 4, size)
    codes = np.ascontiguousarray(octets.transpose(0, 2, 1)).view(_CODES).reshape(len(tables), size)
    columns = []
    for (key, *values), column in zip(tables, codes, strict=True):
        pairs = np.empty(len(values) + 1, dtype=object)
        pairs[:] = [_ABSENT, *[(key, value) for value in values]]
        columns.append(pairs[column].tolist())
    rows = zip(*columns, strict=True)
    if codes.all():
        return tuple(rows)
    return tuple([tuple([pair for pair in row if pair is not _ABSENT]) for row in rows])
