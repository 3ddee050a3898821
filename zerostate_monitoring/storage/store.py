"""What the rooms above do with the store: write frames, leave notes, take leases."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import orjson
import redis

from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import StaleTokenError, StoreError
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.frames.text import encodable
from zerostate_monitoring.storage.batches import batches
from zerostate_monitoring.storage.connection import Address, connect, validate_url
from zerostate_monitoring.storage.errors import translated
from zerostate_monitoring.storage.keys import Keys
from zerostate_monitoring.storage.lease import Lease
from zerostate_monitoring.storage.reader import Reader
from zerostate_monitoring.storage.records import Records
from zerostate_monitoring.storage.scripts import (
    EXTEND,
    LEASE,
    RELEASE,
    REMOVE,
    RETIRE,
    SLOT,
    SWEEP,
    WRITE,
)
from zerostate_monitoring.storage.server import ServerInfo, describe, round_trip
from zerostate_monitoring.storage.snapshot import Snapshot
from zerostate_monitoring.storage.timeline import Timeline

_SWEEP_AFTER_SECONDS: Final = 24 * 3600
_MOST_KNOWN_SCHEMAS: Final = 10_000
_DEAD_PROCESS_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Write:
    """A frame to be written for ``producer``, to be shown for ``ttl`` seconds."""

    producer: str
    frame: Frame
    ttl: float


class Store:
    """One installation's keys on one server, from one process.

    Every method raises ``StoreUnavailableError`` within the configured timeout where
    the server does not answer, and ``StoreFullError`` where it takes nothing more.
    """

    def __init__(self, address: Address, prefix: str) -> None:
        validate_url(address.url)
        self._address: Final = address
        self._keys: Final = Keys(prefix)
        self._reader: Final = Reader(lambda: self._client, self._keys, address.timeout)
        self._known_schemas: set[bytes] = set()

    @cached_property
    def _client(self) -> redis.Redis:
        # Made at the first use: to make a client of a cluster is to ask the cluster.
        return connect(self._address)

    # -- frames --------------------------------------------------------------

    def write(self, writes: Sequence[Write], *, token: int) -> None:
        """Write frames; within a batch of some hundred all or none.

        Raises:
            StaleTokenError: a newer run has written one of the producers.
        """
        encoded = [(write, write.frame.encode()) for write in writes]
        for batch in batches(encoded):
            self._write_batch(batch, token)

    def _write_batch(self, batch: Sequence[tuple[Write, bytes]], token: int) -> None:
        digests = {write.frame.schema.digest for write, _ in batch}
        answer = self._run_write(batch, token, unsent=digests - self._known_schemas)
        if answer[0] == b"MISSING":
            answer = self._run_write(batch, token, unsent=digests)
        if answer[0] == b"STALE":
            producer = answer[1].decode("utf-8", "replace")
            raise StaleTokenError(f"a newer run has written {producer}, or it was removed")
        if answer[0] == b"ASLEEP":
            raise StaleTokenError("the run began half a day ago; its numbers are too old")
        if len(self._known_schemas) > _MOST_KNOWN_SCHEMAS:
            # Labels come and go, and so do schemas; sending one again costs little.
            self._known_schemas.clear()
        self._known_schemas |= digests

    def _run_write(
        self, batch: Sequence[tuple[Write, bytes]], token: int, unsent: set[bytes]
    ) -> list[bytes]:
        keys = [self._keys.versions, self._keys.store_id]
        args: list[Any] = [token, uuid.uuid4().hex]
        for write, encoded in batch:
            schema = write.frame.schema
            keys += [self._keys.frame(write.producer), self._keys.schema(schema.digest)]
            document = schema.encoded if schema.digest in unsent else b""
            ttl = max(1, int(write.ttl * 1000))
            args += [write.producer, ttl, encoded, schema.digest, document, schema.size]
        with translated():
            answer = WRITE.run(self._client, keys, args)
        return answer if isinstance(answer, list) else [answer]

    def remove(self, producers: Collection[str]) -> None:
        """End producers at once; their series leave with the next scrape.

        Runs that are under way cannot bring them back; a new run can.
        """
        names = list(producers)
        if names:
            keys = [self._keys.versions, *[self._keys.frame(name) for name in names]]
            with translated():
                REMOVE.run(self._client, keys, names)

    def holds(self, producer: str) -> bool:
        """Whether a frame of this producer stands."""
        with translated():
            return bool(self._client.exists(self._keys.frame(producer)))

    def snapshot(self) -> Snapshot:
        """The live frames, notes and counts; never raises for an absent store."""
        return self._reader.snapshot()

    def timeline(self) -> Timeline:
        """A view of this store's history, with a place of its own in it."""
        return Timeline(lambda: self._client, self._keys)

    def records(self) -> Records:
        """As ``timeline``, of what evaluation has recorded."""
        return Records(lambda: self._client, self._keys)

    def sweep(self, ended_seconds_ago: float = _SWEEP_AFTER_SECONDS) -> int:
        """Forget producers that ended so long ago; how many there were.

        Until then their tokens refuse a run that was overtaken: longer than any is accepted.
        """
        milliseconds = int(ended_seconds_ago * 1000)
        with translated():
            return int(SWEEP.run(self._client, [self._keys.versions], [milliseconds]))

    def retire(self, retention_seconds: float) -> int:
        """End totals that no code has declared for so long; how many families there were.

        Processes that are dead are forgotten on the way.
        """
        keys = self._keys
        with translated():
            known: Any = {*self._client.hkeys(keys.totals), *self._client.hkeys(keys.declared)}
            families = sorted(family.decode("utf-8", "replace") for family in known)
            names = [keys.totals, keys.declared, keys.processes]
            names += [key for family in families for key in keys.total(family).every]
            args = [int(retention_seconds * 1000), _DEAD_PROCESS_SECONDS * 1000, *families]
            return int(RETIRE.run(self._client, names, args))

    # -- leases --------------------------------------------------------------

    def lease(self, name: str, seconds: float) -> Lease | None:
        """Take the lease ``name`` for ``seconds``; ``None`` if it is held."""
        return next(iter(self.lease_each([name], seconds)), None)

    def extend(self, lease: Lease, seconds: float) -> bool:
        """Hold a lease until ``seconds`` from now; False if it has ended or passed on."""
        keys, milliseconds = [self._keys.lease(lease.name)], max(1, int(seconds * 1000))
        with translated():
            return bool(EXTEND.run(self._client, keys, [lease.token, milliseconds]))

    def lease_each(self, names: Sequence[str], seconds: float) -> list[Lease]:
        """Take those of ``names`` that nobody holds, in one step and with one token."""
        keys = [self._keys.token, *map(self._keys.lease, names)]
        with translated():
            answer = LEASE.run(self._client, keys, [max(1, int(seconds * 1000))])
        return [Lease(names[index - 1], int(answer[0])) for index in answer[1:]]

    def release(self, *leases: Lease) -> None:
        """Give leases back; nothing happens to one that has passed to another."""
        if leases:
            keys = [self._keys.lease(lease.name) for lease in leases]
            with translated():
                RELEASE.run(self._client, keys, [lease.token for lease in leases])

    def claim(self, name: str, seconds: float) -> bool:
        """Take the slot ``name``; ``False`` if one was taken less than ``seconds`` ago.

        Where the store's clock is set back, the slot is free at once.
        """
        with translated():
            return bool(SLOT.run(self._client, [self._keys.slot(name)], [int(seconds * 1000)]))

    # -- notes and counts ----------------------------------------------------

    def note(self, kind: str, entries: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace small documents, each whole."""
        if entries:
            documents: dict[Any, Any] = {
                encodable(name): orjson.dumps(value) for name, value in entries.items()
            }
            with translated():
                self._client.hset(self._keys.notes(kind), mapping=documents)

    def notes(self, kind: str, keys: Collection[str] | None = None) -> dict[str, dict[str, Any]]:
        """Read documents, all or those of ``keys``; what is not there is left out."""
        with translated():
            found = self._note_texts(kind, keys)
        try:
            return {name: orjson.loads(text) for name, text in found.items()}
        except ValueError as error:
            raise StoreError(f"a note of kind {kind} is not JSON") from error

    def _note_texts(self, kind: str, keys: Collection[str] | None) -> dict[str, bytes]:
        name = self._keys.notes(kind)
        if keys is None:
            every: Any = self._client.hgetall(name)
            return {key.decode(): text for key, text in every.items()}
        if not keys:
            return {}
        some: Any = self._client.hmget(name, list(keys))
        return {key: text for key, text in zip(keys, some, strict=True) if text is not None}

    def forget(self, kind: str, keys: Collection[str]) -> None:
        """Delete documents."""
        if keys:
            with translated():
                self._client.hdel(self._keys.notes(kind), *keys)

    def count(self, kind: str, key: str, by: int = 1) -> None:
        """Add to a count that only rises."""
        with translated():
            self._client.hincrby(self._keys.counts(kind), key, by)

    def counts(self, kind: str) -> dict[str, int]:
        """Read all counts of a kind."""
        with translated():
            answer: Any = self._client.hgetall(self._keys.counts(kind))
        return {key.decode(): int(count) for key, count in answer.items()}

    # -- the server ----------------------------------------------------------

    def describe(self) -> ServerInfo:
        """Version, clock, memory and eviction policy, as far as the server tells."""
        with translated():
            return describe(self._client)

    def round_trip(self) -> float:
        """Seconds that the server takes to answer."""
        with translated():
            return round_trip(self._client)

    def close(self) -> None:
        """Close the connections of this process."""
        if "_client" in self.__dict__:
            self._client.close()


_stores: dict[object, Store] = {}
_lock = threading.Lock()


def current_store() -> Store:
    """The store that the settings name, one object per process.

    A forked child gets an object of its own: connections and locks are not inherited.
    """
    address = Address.of(conf)
    key = (os.getpid(), conf.KEY_PREFIX, address.url, address.timeout, str(address.options))
    store = _stores.get(key)
    if store is None:
        with _lock:
            store = _stores.setdefault(key, Store(address, conf.KEY_PREFIX))
    return store


def close_stores() -> None:
    """Close all connections of this process; the next use opens new ones."""
    with _lock:
        while _stores:
            _stores.popitem()[1].close()


def _after_fork() -> None:
    # The child must not wait for a lock that only the parent's thread could release.
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()
    _stores.clear()


os.register_at_fork(after_in_child=_after_fork)
