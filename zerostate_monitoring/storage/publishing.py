"""The door by which a process publishes its instruments: register series, publish values.

Light on purpose, as ``publication``: redis-py is all it brings along.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import redis

from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.storage.connection import Address, connect, validate_url
from zerostate_monitoring.storage.errors import translated
from zerostate_monitoring.storage.keys import Keys
from zerostate_monitoring.storage.publication import (
    TAG_BYTES,
    Publication,
    Receipt,
    Removal,
    Row,
    TotalFamily,
    digest_of,
    label_key,
)
from zerostate_monitoring.storage.scripts import PUBLISH, REGISTER

NUMBERS_TTL_SECONDS: Final = 24 * 3600
"""A process that was stopped for longer begins anew: nothing of it is counted twice."""
HEAD_TTL_SECONDS: Final = 3600
"""For how long a publication of a process that ended is known to be late."""
LOGGERS_TTL_SECONDS: Final = 24 * 3600
"""For how long the names of loggers stand that no process tells any more."""
LEVELS_NOTE: Final = "log_levels"
LEVELS_KEY: Final = "all"
LOGGERS_NOTE: Final = "loggers"


class Publishing:
    """One process's way into the totals.

    Every method raises ``StoreError`` within the configured timeout where the server does
    not do what it is asked.
    """

    def __init__(self, address: Address, prefix: str) -> None:
        validate_url(address.url)
        self._address: Final = address
        self._keys: Final = Keys(prefix)
        self._known_gauges: bytes = b""

    @cached_property
    def _client(self) -> redis.Redis:
        return connect(self._address)

    def close(self) -> None:
        """Close the connection."""
        if "_client" in self.__dict__:
            self._client.close()

    def register(self, family: TotalFamily, series: Sequence[tuple[str, ...]]) -> list[Row]:
        """The rows of series (label values in the family's order), made where there are none.

        Where the family is full, several series have one row: that of ``other``.
        """
        keys = self._keys
        names = [keys.totals, keys.store_id, keys.declared, keys.counts("series_dropped")]
        own = keys.total(family.id)
        names += [own.document, own.index, own.labels, own.tags, own.values, own.free]
        args: list[Any] = [family.id, uuid.uuid4().hex, family.document, family.width]
        args += [family.most, _page_name(family)]
        for labels in series:
            folded = family.folded(labels) if family.labels else labels
            args += [label_key(labels), label_key(folded), os.urandom(TAG_BYTES)]
        with translated():
            answer: list[bytes] = REGISTER.run(self._client, names, args)
        pairs = zip(answer[::2], answer[1::2], strict=True)
        return [Row(int(row), tag) for row, tag in pairs]

    def publish(self, publication: Publication, *, gauges_ttl: float) -> Receipt:
        """Say all of ``publication``; its gauges stand for ``gauges_ttl`` seconds."""
        with translated():
            answer: list[bytes] = PUBLISH.run(
                self._client,
                self._publish_keys(publication),
                self._publish_args(publication, int(gauges_ttl * 1000)),
            )
        receipt = _receipt(answer)
        if receipt.outcome == "ok" and publication.gauges is not None:
            self._known_gauges = digest_of(publication.gauges.document)
        return receipt

    def log_levels(self) -> object:
        """The levels of loggers that somebody has set; None where nobody ever did."""
        with translated():
            found: Any = self._client.hget(self._keys.notes(LEVELS_NOTE), LEVELS_KEY)
        try:
            return None if found is None else json.loads(found)
        except ValueError as error:
            raise StoreError("the note of log levels is not JSON") from error

    def tell_loggers(self, names: Sequence[str]) -> None:
        """Say which loggers this process has."""
        key = self._keys.notes(LOGGERS_NOTE)
        with translated():
            self._client.hset(key, mapping=dict.fromkeys(names, b"{}"))
            self._client.expire(key, LOGGERS_TTL_SECONDS)

    def _publish_keys(self, publication: Publication) -> list[bytes]:
        keys, producer = self._keys, publication.producer
        gauges = publication.gauges
        digest = digest_of(gauges.document) if gauges is not None else self._known_gauges
        names = [keys.totals, keys.store_id, keys.processes, keys.removals, keys.removal_count]
        names += [keys.declared, keys.counts("series_dropped"), keys.numbers(producer)]
        names += [keys.gauges(producer), keys.gauges_document(digest)]
        for changes in publication.totals:
            own = keys.total(changes.family.id)
            names += [own.values, own.tags, own.index, own.labels, own.free, own.exemplars]
        return names

    def _publish_args(self, publication: Publication, gauges_ttl: int) -> list[Any]:
        gauges = publication.gauges
        document = b"" if gauges is None else gauges.document
        return [
            json.dumps(_header(publication, gauges_ttl), ensure_ascii=False),
            uuid.uuid4().hex,
            publication.cleared_bytes,
            b"" if gauges is None else gauges.numbers,
            document,
            digest_of(document) if document else b"",
            *(changes.encode() for changes in publication.totals),
        ]


def _header(publication: Publication, gauges_ttl: int) -> dict[str, Any]:
    gauges = publication.gauges
    return {
        "producer": publication.producer,
        "sequence": publication.sequence,
        "base": publication.base,
        "closing": publication.closing,
        "cursor": publication.cursor,
        "removals": [
            json.dumps([publication.producer, name, *map(str, labels)])
            for name, labels in publication.removals
        ],
        "declared": list(publication.declared),
        "dropped": dict(publication.dropped),
        "families": [changes.header() for changes in publication.totals],
        "gauges": publication.gauge_samples if gauges is None else len(gauges.values),
        "gauges_ttl": gauges_ttl,
        "numbers_ttl": NUMBERS_TTL_SECONDS * 1000,
        "head_ttl": HEAD_TTL_SECONDS * 1000,
        "about": json.dumps(dict(publication.about), sort_keys=True),
    }


def _receipt(answer: Sequence[bytes]) -> Receipt:
    word, *rest = answer
    match word:
        case b"OK":
            wanted = tuple(json.loads(rest[1]) or ())
            cursor, removals = _removals(rest[2:])
            return Receipt("ok", int(rest[0]), cursor, removals, wanted=wanted)
        case b"OLD":
            return Receipt("old", sequence=int(rest[0]))
        case b"MOVED":
            end = rest.index(b"")
            cursor, removals = _removals(rest[end + 1 :])
            moved = tuple(_place(text) for text in rest[:end])
            return Receipt("moved", cursor=cursor, removals=removals, moved=moved)
        case _:
            return Receipt("unknown")


def _place(text: bytes) -> tuple[str, int]:
    family, _, offset = text.decode().rpartition(":")
    return family, int(offset)


def _removals(answer: Sequence[bytes]) -> tuple[int, tuple[Removal, ...]]:
    number, *texts = answer
    found = [json.loads(text) for text in texts]
    return int(number), tuple(Removal(p, name, tuple(labels)) for p, name, *labels in found)


def _page_name(family: TotalFamily) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name
