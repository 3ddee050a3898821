"""What evaluation records, in the store: append one entry, read what is new, each in one script.

An entry is what one group's evaluation gave at one slot, as a column of the timeline over a
table of series that is the group's own; see ``entries``. Of those a group has a run after the
other, each of which stands by itself.
"""

from __future__ import annotations

import logging
import struct
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import redis

from zerostate_monitoring.exceptions import FrameError
from zerostate_monitoring.storage.entries import Column
from zerostate_monitoring.storage.errors import translated
from zerostate_monitoring.storage.keys import Keys
from zerostate_monitoring.storage.parts import Part
from zerostate_monitoring.storage.scripts import RECORDED_APPEND, RECORDED_READ

logger = logging.getLogger(__name__)

ANYHOW: Final = b"*"
"""The mark of a writer who rests on nothing that it could read."""

_GROUP: Final = struct.Struct("<H")
_SLOT: Final = struct.Struct("<q")
_END_BYTES: Final = 64
"""An entry is known by so much of its end: of a small one that is all."""
_AT_ONCE: Final = 2_000
_MOST_PARTS: Final = 20_000


def mark_of(column: Column) -> bytes:
    """What a group's newest entry is known by: its slot, and how it ends."""
    return _SLOT.pack(column.slot) + column.mark


class Written(StrEnum):
    """What became of an entry."""

    OK = "ok"
    OLD = "old"
    """The group has this slot or a later one, or a higher token has been seen."""
    BEHIND = "behind"
    """Another has written for the group since this writer read."""
    FUTURE = "future"
    """Slots lay ahead of the store's clock, which was set back; all begins anew."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a reader holds: the epoch, how many entries it has seen, how the last one ends."""

    epoch: str = ""
    seen: int = 0
    mark: bytes = b""


@dataclass(frozen=True, slots=True)
class Told:
    """What stands at the head of what was recorded; the slot in ms, 0 for none; size in bytes."""

    epoch: str = ""
    count: int = 0
    first: int = 0
    size: int = 0
    cut: int = 0

    @classmethod
    def of(cls, fields: Mapping[bytes, bytes]) -> Told:
        """Read the hash."""
        count, first, cut = (
            int(float(fields.get(name, 0))) for name in (b"count", b"first", b"cut")
        )
        size = int(float(fields.get(b"bytes", 0)))
        return cls(fields.get(b"epoch", b"").decode("ascii", "replace"), count, first, size, cut)

    @property
    def version(self) -> str:
        """What is other whenever there is something new."""
        return f"{self.epoch}:{self.count}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a group recorded at a slot; no column where it cannot be read."""

    group: str
    column: Column | None


@dataclass(frozen=True, slots=True)
class Addition:
    """An entry to be appended: ``mark`` is that of the group's last one, as far as is known."""

    group: str
    token: int
    column: Column
    mark: bytes
    parts: Mapping[bytes, Part] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Room:
    """How much is kept: milliseconds, bytes."""

    retention: int
    most_bytes: int


class Records:
    """What is recorded in one store, and the parts that this process has read or written."""

    def __init__(self, client: Callable[[], redis.Redis], keys: Keys) -> None:
        self._client: Final = client
        self._keys: Final = [keys.recorded, keys.recorded_entries, keys.recorded_parts]
        self._all_keys: Final = [*self._keys, keys.recorded_used, keys.recorded_groups]
        self.parts: dict[bytes, Part] = {}
        self._stored: set[bytes] = set()

    def told(self) -> Told:
        """The head alone."""
        with translated():
            found: Any = self._client().hgetall(self._keys[0].decode())
        return Told.of(found)

    def groups(self) -> dict[str, int]:
        """The groups that have recorded something, and their newest slots (ms)."""
        with translated():
            found: Any = self._client().hgetall(self._all_keys[4].decode())
        slots = {group: _SLOT.unpack_from(text)[0] for group, text in found.items()}
        return {group.decode("utf-8", "replace"): slot for group, slot in slots.items()}

    # -- reading ---------------------------------------------------------------

    def read(self, held: Place) -> tuple[Told, Place, bool, list[Entry]]:
        """What is new since ``held``: the head, the place after it, whether it continues, entries.

        Some entries at a time: there is more while the place has seen fewer than there are.

        Raises:
            StoreError: the store does not answer.
        """
        args = [held.epoch, held.seen, held.mark, _AT_ONCE, b"".join(self.parts)]
        with translated():
            answer: Any = RECORDED_READ.run(self._client(), self._keys, args)
        fields, continued, before, entries, *parts = answer
        told = Told.of(dict(zip(fields[::2], fields[1::2], strict=True)))
        self._take(dict(zip(parts[::2], parts[1::2], strict=True)))
        mark = entries[-1][-_END_BYTES:] if entries else held.mark if continued else b""
        place = Place(told.epoch, int(before) + len(entries), mark)
        return told, place, bool(continued), [_opened(entry) for entry in entries]

    def _take(self, parts: Mapping[bytes, bytes]) -> None:
        for digest, document in parts.items():
            try:
                self.parts[digest] = Part.decode(document)
                self._stored.add(digest)
            except FrameError as error:
                # Whatever names it says so, too.
                logger.warning("recorded_series_skipped", extra={"error": str(error)})

    def known(self, digests: Sequence[bytes]) -> tuple[Part, ...]:
        """The parts of these digests.

        Raises:
            FrameError: one was not there.
        """
        try:
            return tuple(self.parts[digest] for digest in digests)
        except KeyError as error:
            raise FrameError("recorded series are not in the store") from error

    def forget_parts(self, used: Collection[bytes]) -> None:
        """Keep of the parts only those in use."""
        self.parts = {digest: part for digest, part in self.parts.items() if digest in used}
        if len(self._stored) > _MOST_PARTS:
            self._stored &= self.parts.keys()

    # -- writing ---------------------------------------------------------------

    def append(self, addition: Addition, room: Room) -> Written:
        """Append an entry; see ``Written`` for what may come of it.

        Raises:
            StoreError: the store does not answer, or is full.
        """
        answer = self._append(addition, room, addition.parts.keys() - self._stored)
        if answer[0] == b"MISSING":
            self._stored.difference_update(answer[1:])
            answer = self._append(addition, room, addition.parts.keys())
        if answer[0] != b"OK":
            return Written(answer[0].decode().lower())
        self._stored |= addition.parts.keys()
        size, cut, first = map(int, answer[1:])
        if cut:
            kept = (addition.column.slot - first) // 1000
            details = {"bytes": size, "most_bytes": room.most_bytes, "kept_seconds": kept}
            logger.warning("recorded_cut_short", extra=details)
        return Written.OK

    def _append(self, addition: Addition, room: Room, unsent: Collection[bytes]) -> list[Any]:
        args: list[Any] = [uuid.uuid4().hex, _key(addition.group), addition.column.slot]
        args += [addition.token, room.retention, room.most_bytes, addition.mark]
        args.append(_closed(addition.group, addition.column))
        for digest, part in addition.parts.items():
            args += [digest, part.encoded if digest in unsent else b""]
        with translated():
            answer: list[Any] = RECORDED_APPEND.run(self._client(), self._all_keys, args)
        return answer


def _key(group: str) -> bytes:
    return group.encode("utf-8", "surrogatepass")


def _closed(group: str, column: Column) -> bytes:
    key = _key(group)
    return _GROUP.pack(len(key)) + key + column.encode()


def _opened(entry: bytes) -> Entry:
    (size,) = _GROUP.unpack_from(entry)
    end = _GROUP.size + size
    group = entry[_GROUP.size : end].decode("utf-8", "surrogatepass")
    try:
        return Entry(group, Column.decode(entry[end:]))
    except FrameError as error:
        logger.warning("recorded_not_readable", extra={"group": group, "error": str(error)})
        return Entry(group, None)


def by_group(entries: Sequence[Entry]) -> Iterator[tuple[str, list[Column | None]]]:
    """Entries group by group, in their order."""
    found: dict[str, list[Column | None]] = {}
    for entry in entries:
        found.setdefault(entry.group, []).append(entry.column)
    yield from found.items()
