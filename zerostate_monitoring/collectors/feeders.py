"""Who feeds a family: of several producers of one kind the first, while its series stand.

Which kind of producer feeds a family is settled beforehand. Two of one kind (two collectors
of the project, or a collector and the nodes) are told apart by what they give alone: so
whoever gives a family leaves word of it, and who comes later is refused. The word is good for
as long as the series are, and is renewed with them. Nodes together are one producer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from zerostate_monitoring.catalogue.definition import Feed
from zerostate_monitoring.storage.store import Store

NOTE: Final = "feeder"
NODES_TOGETHER: Final = "nodes"


@dataclass(frozen=True, slots=True)
class Feeder:
    """A producer that gives a family, and its kind."""

    producer: str
    feed: Feed


def feeders(store: Store, now: float) -> dict[str, Feeder]:
    """By family, who feeds it at ``now`` (unix seconds).

    Raises:
        StoreError: the store does not tell.
    """
    notes = store.notes(NOTE)
    return {
        family: Feeder(str(note["producer"]), Feed(note["feed"]))
        for family, note in notes.items()
        if _is_live(note, now)
    }


def hold(
    store: Store, families: Collection[str], feeder: Feeder, *, at: float, seconds: float
) -> None:
    """Leave word that ``feeder`` gives these families from ``at`` (unix seconds) on.

    Raises:
        StoreError: the store did not take it.
    """
    note = {"producer": feeder.producer, "feed": feeder.feed.value, "at": at, "ttl": seconds}
    store.note(NOTE, dict.fromkeys(families, note))


def let_go(store: Store, producers: Collection[str]) -> None:
    """Leave the families of ``producers`` to others, at once.

    Raises:
        StoreError: the store did not do it; their time ends it.
    """
    held = {family for family, note in store.notes(NOTE).items() if note["producer"] in producers}
    store.forget(NOTE, held)


def _is_live(note: Mapping[str, Any], now: float) -> bool:
    """Also one of the future counts only for its time: the clock may have been set back."""
    return note.get("feed") in set(Feed) and abs(now - note["at"]) < note["ttl"]
