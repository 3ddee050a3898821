"""The timeline in the store: append a column, read what is new, each in one script."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import redis

from zerostate_monitoring.exceptions import FrameError
from zerostate_monitoring.storage.entries import Block, Column
from zerostate_monitoring.storage.errors import translated
from zerostate_monitoring.storage.head import Head
from zerostate_monitoring.storage.keys import Keys
from zerostate_monitoring.storage.parts import Part
from zerostate_monitoring.storage.scripts import HISTORY_APPEND, HISTORY_READ

logger = logging.getLogger(__name__)

RUN_COLUMNS: Final = 20
"""Columns of one run: five minutes of the default interval, the reach of most expressions."""

_COLUMNS_KEPT: Final = 2 * RUN_COLUMNS
"""Single columns that stay beside the blocks, so that a reader who fell behind reads on."""

_MOST_PARTS: Final = 20_000


class Outcome(StrEnum):
    """What became of a column."""

    OK = "ok"
    TAKEN = "taken"
    """The slot has a column, or a later one has."""
    BEHIND = "behind"
    """Another writer has appended since this one read."""
    EARLY = "early"
    """The slot has not begun by the store's clock."""
    FUTURE = "future"
    """The timeline ended after the store's clock, which was set back; it begins anew."""


@dataclass(frozen=True, slots=True)
class Position:
    """What a reader holds: the epoch, the newest slot (ms), and which column that has.

    A store that lost its last column may get another of the same slot. Without a ``mark`` it
    is not known which it is.
    """

    epoch: str = ""
    last: int = 0
    mark: bytes = b""


@dataclass(frozen=True, slots=True)
class News:
    """What a reader lacked. ``continued`` says that ``columns`` follow on what it holds."""

    head: Head
    continued: bool
    blocks: tuple[Block, ...]
    columns: tuple[Column, ...]
    size: int
    """Bytes that were sent."""

    def after(self, held: Position) -> Position:
        """The place of a reader who held ``held``, and has taken the columns."""
        before = held.mark if self.continued else b""
        mark = self.columns[-1].mark if self.columns else before
        return Position(self.head.epoch, self.head.last, mark)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A column to be appended, with the block that takes the place of the run before."""

    column: Column
    block: Block | None = None
    parts: Mapping[bytes, Part] = field(default_factory=dict)
    """What the column and the block name."""
    old_parts: Sequence[bytes] = ()
    """Digests of what the run before began with: its columns stay for a while."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept: milliseconds between columns, milliseconds, bytes."""

    interval: int
    retention: int
    most_bytes: int


class Timeline:
    """The timeline of one store, and the parts that this process has read or written."""

    def __init__(self, client: Callable[[], redis.Redis], keys: Keys) -> None:
        self._client: Final = client
        self._keys: Final = [
            keys.history,
            keys.history_columns,
            keys.history_blocks,
            keys.history_parts,
            keys.history_index,
            keys.history_open,
        ]
        self._keys_read: Final = [*self._keys[:5], keys.recorded]
        self.parts: dict[bytes, Part] = {}
        self._stored: set[bytes] = set()
        self._is_over = False

    def head(self) -> Head:
        """The head alone."""
        with translated():
            found: Any = self._client().hgetall(self._keys[0].decode())
        return Head.of(found)

    def read(self, held: Position, *, from_ms: float, to_ms: float = 0) -> News:
        """What is new since ``held``, and the blocks of from_ms < t < to_ms.

        One who holds nothing, or whose place is gone, gets all blocks after ``from_ms``.

        Raises:
            StoreError: the store does not answer.
            FrameError: it holds what this version cannot read.
        """
        args = [held.epoch, held.last, _written(from_ms), _written(to_ms), b"".join(self.parts)]
        args.append(held.mark)
        with translated():
            answer: Any = HISTORY_READ.run(self._client(), self._keys_read, args)
        fields, continued, blocks, columns, *parts = answer
        head = Head.of(dict(zip(fields[::2], fields[1::2], strict=True)))
        for digest, document in zip(parts[::2], parts[1::2], strict=True):
            if not document:
                raise FrameError(f"series {digest.hex()} are not in the store")
            self.parts[digest] = Part.decode(document)
            self._stored.add(digest)
        size = sum(map(len, (*blocks, *columns, *parts)))
        return News(
            head,
            bool(continued),
            tuple(map(Block.decode, blocks)),
            tuple(map(Column.decode, columns)),
            size,
        )

    def append(
        self, held: Position, addition: Addition, bounds: Bounds
    ) -> tuple[Outcome, Position]:
        """Append a column to what ``held`` says, and the place after it.

        See ``Outcome`` for what may come of it; the place is the same where nothing did.

        Raises:
            StoreError: the store does not answer, or is full.
        """
        answer = self._append(held, addition, bounds, addition.parts.keys() - self._stored)
        if answer[0] == b"MISSING":
            self._stored.difference_update(answer[1:])
            answer = self._append(held, addition, bounds, addition.parts.keys())
        if answer[0] == b"OK":
            self._stored |= addition.parts.keys()
            column = addition.column
            self._warn(bounds, column.slot, *map(int, answer[2:5]))
            return Outcome.OK, Position(answer[1].decode(), column.slot, column.mark)
        return Outcome(answer[0].decode().lower()), held

    def _append(
        self, held: Position, addition: Addition, bounds: Bounds, unsent: Collection[bytes]
    ) -> list[bytes]:
        block = addition.block
        args: list[Any] = [held.epoch, uuid.uuid4().hex, held.last, addition.column.slot]
        args += [bounds.interval, bounds.retention, bounds.most_bytes, _COLUMNS_KEPT]
        encoded = block.encode() if block else b""
        index = block.index(len(encoded), addition.old_parts) if block else b""
        args += [addition.column.encode(), encoded, index, held.mark]
        for digest, part in addition.parts.items():
            args += [digest, part.encoded if digest in unsent else b""]
        with translated():
            answer: list[bytes] = HISTORY_APPEND.run(self._client(), self._keys, args)
        return answer

    def forget_parts(self, used: Collection[bytes]) -> None:
        """Keep of the parts only those in use."""
        self.parts = {digest: self.parts[digest] for digest in used if digest in self.parts}
        if len(self._stored) > _MOST_PARTS:
            self._stored &= self.parts.keys()

    def part(self, digest: bytes) -> Part:
        """A part that was read.

        Raises:
            FrameError: it was not there.
        """
        try:
            return self.parts[digest]
        except KeyError as error:
            raise FrameError(f"series {digest.hex()} are not in the store") from error

    def known(self, digests: Sequence[bytes]) -> tuple[Part, ...]:
        """The parts of these digests; see ``part``."""
        return tuple(map(self.part, digests))

    def _warn(self, bounds: Bounds, slot: int, cut: int, size: int, first: int) -> None:
        details = {
            "bytes": size,
            "most_bytes": bounds.most_bytes,
            "wanted_seconds": bounds.retention // 1000,
            "kept_seconds": (slot - first) // 1000,
        }
        was_over, self._is_over = self._is_over, size > bounds.most_bytes
        if self._is_over and not was_over:
            # The open run alone is more, and that is never cut. Once for each run.
            logger.warning("history_bound_too_small", extra=details)
        if cut:
            logger.warning("history_cut_short", extra=details)


def _written(milliseconds: float) -> str:
    return f"{min(milliseconds, 1e15):.0f}"
