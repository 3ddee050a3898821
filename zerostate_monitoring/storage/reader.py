"""The live frames of all producers, fetched only where they changed."""

from __future__ import annotations

import logging
import math
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import orjson
import redis

from zerostate_monitoring.exceptions import FrameError, StoreError
from zerostate_monitoring.frames.frame import PackedFrame, decode
from zerostate_monitoring.storage.errors import translated
from zerostate_monitoring.storage.gauges import Gauges
from zerostate_monitoring.storage.head import NO_HISTORY, Head
from zerostate_monitoring.storage.keys import Keys
from zerostate_monitoring.storage.scripts import READ, TOTALS
from zerostate_monitoring.storage.snapshot import Schemas, Snapshot
from zerostate_monitoring.storage.totals import NEVER, Totals

logger = logging.getLogger(__name__)

# format, version, expiry (ms), token, series, schema digest; written by write.lua.
_ENTRY: Final = struct.Struct("<BQQQI16s")
_FORMAT: Final = 1
_BATCH: Final = 256

COLLECTOR: Final = "collector"
COLLECTOR_ERRORS: Final = "collector_errors"
SERIES_DROPPED: Final = "series_dropped"
FEEDING_NOTE: Final = ":feeding"
"""Among the collectors' notes: the families that operators and settings keep from processes."""


class _Entry(NamedTuple):
    version: int
    expires_ms: int
    token: int
    size: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class _Held:
    """A fetched frame, and how long this process may show it (its own clock)."""

    entry: _Entry
    deadline: float
    packed: PackedFrame


class Reader:
    """Keep what was fetched, and fetch what changed. One per process; threads take turns.

    The thread that asks holds ``_lock`` and alone touches what was fetched. ``_snapshot``
    is a value that ``_state`` guards, so that others need not wait for the store to show it.
    """

    def __init__(self, client: Callable[[], redis.Redis], keys: Keys, timeout: float) -> None:
        self._client = client
        self._keys = keys
        self._timeout = timeout
        self._ended = -math.inf
        self._lock = threading.Lock()
        self._state = threading.Lock()
        self._store_id = ""
        self._held: dict[str, _Held] = {}
        self._schemas = Schemas()
        self._notes: Mapping[bytes, bytes] = {}
        self._totals = Totals(keys, self._run_totals)
        self._gauges = Gauges(keys, self._get)
        self._skipped = 0
        self._head = NO_HISTORY
        self._snapshot = Snapshot(False, "", 0, {}, {}, {}, {}, {}, self._schemas)

    def snapshot(self) -> Snapshot:
        """The present state; from memory, and marked so, where the store does not answer.

        Who waited for another thread's answer takes it: while the store hangs, many
        scrapes together wait as long as one. Who waited in vain knows that it hangs.
        """
        arrived = time.monotonic()
        if not self._lock.acquire(timeout=self._timeout):
            return self._remember() if self._ended < arrived else self._snapshot
        try:
            if self._ended < arrived:
                self._ask()
                self._ended = time.monotonic()
            return self._snapshot
        finally:
            self._lock.release()

    def _ask(self) -> None:
        try:
            self._refresh()
        except StoreError as error:
            logger.warning("store_read_failed", extra={"error": str(error)})
            # Versions of processes may be known whose values did not come: look at all anew.
            self._gauges.processes = {}
            self._remember()

    def _refresh(self) -> None:
        keys = self._keys
        counts = [keys.counts(COLLECTOR_ERRORS), keys.counts(SERIES_DROPPED)]
        hashes = [keys.declared, keys.processes, keys.notes(COLLECTOR), keys.history, *counts]
        with translated():
            early = self._totals.expected()
            names = [keys.versions, keys.store_id, keys.totals, *hashes, *early.keys]
            answer = READ.run(self._client(), names, [len(hashes), *early.args])
            seconds, microseconds, store_id, versions, totals, *found, values = answer
            declared, processes, notes, history, *hashes = found
            now_ms = int(seconds) * 1000 + int(microseconds) // 1000
            if store_id.decode() != self._store_id:
                self._forget()
                self._store_id = store_id.decode()
            changed = self._fetch(dict(self._entries(versions, now_ms)), now_ms)
            moved = dict(zip(early.families, values, strict=True))
            at = now_ms / 1000
            changed |= self._totals.refresh(_pairs(totals), _pairs(declared), at, moved)
            changed |= self._gauges.refresh(_pairs(processes), now_ms)
        numbers = tuple(_numbers(item) for item in hashes)
        self._head = Head.of(_pairs(history))
        self._publish(_pairs(notes), numbers, changed=changed)

    def _run_totals(self, keys: Sequence[bytes], args: Sequence[Any]) -> Any:
        return TOTALS.run(self._client(), keys, args)

    def _forget(self) -> None:
        """Another store has other frames and other totals."""
        self._held = {}
        self._totals.forget()
        self._gauges.forget()

    def _entries(self, versions: Sequence[bytes], now_ms: int) -> Iterator[tuple[str, _Entry]]:
        """Producers whose frames have not ended by the store's clock."""
        self._skipped = 0
        for name, packed in _pairs(versions).items():
            if len(packed) != _ENTRY.size or packed[0] != _FORMAT:
                self._skipped += 1
                details = {"producer": name.decode("utf-8", "replace")}
                logger.warning("version_skipped", extra=details)
                continue
            entry = _Entry(*_ENTRY.unpack(packed)[1:])
            if entry.expires_ms > now_ms:
                yield name.decode("utf-8", "replace"), entry

    def _fetch(self, entries: Mapping[str, _Entry], now_ms: int) -> bool:
        """Bring ``_held`` to what ``entries`` say; whether anything changed."""
        # The whole entry is compared: after a failover a version may come twice.
        held = {p: h for p, h in self._held.items() if entries.get(p) == h.entry}
        stale = [producer for producer in entries if producer not in held]
        changed = bool(stale) or len(held) != len(self._held)
        try:
            for producer, packed in self._frames(stale):
                entry = entries[producer]
                deadline = time.monotonic() + (entry.expires_ms - now_ms) / 1000
                held[producer] = _Held(entry, deadline, packed)
            self._fetch_schemas({h.packed.digest for h in held.values()})
        except StoreError:
            # What came in time is kept: the next scrape goes on from here.
            self._held = held
            raise
        self._held = {p: h for p, h in held.items() if self._is_readable(p, h)}
        return changed

    def _frames(self, producers: Sequence[str]) -> Iterator[tuple[str, PackedFrame]]:
        keys = [self._keys.frame(producer) for producer in producers]
        for producer, encoded in zip(producers, self._get(keys), strict=True):
            if encoded is None:  # ended between the two commands
                continue
            try:
                yield producer, decode(encoded)
            except FrameError as error:
                logger.warning("frame_skipped", extra={"producer": producer, "error": str(error)})

    def _fetch_schemas(self, digests: set[bytes]) -> None:
        missing = [digest for digest in digests if digest not in self._schemas]
        keys = [self._keys.schema(digest) for digest in missing]
        for digest, encoded in zip(missing, self._get(keys), strict=True):
            if encoded is None:
                continue
            try:
                self._schemas.add(digest, encoded)
            except FrameError as error:
                logger.warning("schema_skipped", extra={"error": str(error)})
        self._schemas.keep_only(digests)

    def _is_readable(self, producer: str, held: _Held) -> bool:
        """Whether schema and values fit, so that all that follows may rely on it."""
        if self._schemas.fits(held.packed):
            return True
        logger.warning("frame_skipped", extra={"producer": producer, "error": "no schema"})
        return False

    def _get(self, keys: Sequence[bytes]) -> Iterator[bytes | None]:
        for start in range(0, len(keys), _BATCH):
            with translated():
                answer: Any = self._client().mget(keys[start : start + _BATCH])
            yield from answer

    def _publish(
        self,
        notes: Mapping[bytes, bytes],
        counts: Sequence[Mapping[str, int]],
        *,
        changed: bool,
    ) -> None:
        with self._state:
            last = self._snapshot
            known = (last.store_id, last.counts, last.dropped)
            same = last.up and known == (self._store_id, *counts) and last.history == self._head
            if same and not changed and notes == self._notes:
                self._renew()
                return
            # What is equal stays the same object, so that others see at once that it is.
            documents = last.notes if notes == self._notes else dict(_documents(notes))
            counts = known[1:] if known[1:] == tuple(counts) else counts
            self._notes = notes
            self._snapshot = self._made(last.revision + 1, documents, *counts)

    def _renew(self) -> None:
        """Processes may have been heard of again, though they said nothing new."""
        expires = {name: ms / 1000 for name, ms in self._gauges.expires_ms().items()}
        last = self._snapshot
        if any(last.expires_at[name] != at for name, at in expires.items()):
            self._snapshot = replace(
                last,
                expires_at={**last.expires_at, **expires},
                deadlines={**last.deadlines, **self._gauges.deadlines()},
            )

    def _remember(self) -> Snapshot:
        """Show what this process knows until it ends by this process's clock."""
        with self._state:
            self._snapshot = self._snapshot.without_store(time.monotonic())
            return self._snapshot

    def _made(
        self,
        revision: int,
        notes: Mapping[str, Mapping[str, Any]],
        counts: Mapping[str, int],
        dropped: Mapping[str, int],
    ) -> Snapshot:
        schemas = self._schemas.copy()
        packed = {producer: held.packed for producer, held in self._held.items()}
        ends = {producer: held.entry.expires_ms / 1000 for producer, held in self._held.items()}
        deadlines = {producer: held.deadline for producer, held in self._held.items()}
        for producer, total in self._totals.items():
            packed[producer] = total.packed
            ends[producer] = deadlines[producer] = NEVER
            schemas.keep(total.schema)
        for producer, merged in self._gauges.items():
            packed[producer] = merged.packed
            schemas.keep(merged.schema)
        ends |= {producer: ms / 1000 for producer, ms in self._gauges.expires_ms().items()}
        deadlines |= self._gauges.deadlines()
        return Snapshot(
            True,
            self._store_id,
            revision,
            packed,
            ends,
            notes,
            counts,
            dropped,
            schemas,
            processes=dict(self._gauges.processes),
            skipped=self._skipped + self._totals.skipped + self._gauges.skipped,
            deadlines=deadlines,
            history=self._head,
        )


def _pairs(answer: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(answer[::2], answer[1::2], strict=True))


def _numbers(answer: Sequence[bytes]) -> dict[str, int]:
    return {k.decode("utf-8", "replace"): int(v) for k, v in _pairs(answer).items()}


def _documents(notes: Mapping[bytes, bytes]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, text in notes.items():
        try:
            document = orjson.loads(text)
        except ValueError as error:
            logger.warning("note_skipped", extra={"error": str(error)})
            continue
        if isinstance(document, dict):
            yield name.decode("utf-8", "replace"), document
