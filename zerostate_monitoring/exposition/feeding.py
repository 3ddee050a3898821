"""Which families of the project's processes may stand on the page.

A family that the platform or the nodes feed is not counted a second time by what this
project's own code counts of it; nor does one stand that an operator has disabled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Feed
from zerostate_monitoring.catalogue.feeding import refusal
from zerostate_monitoring.storage.reader import FEEDING_NOTE
from zerostate_monitoring.storage.snapshot import Snapshot
from zerostate_monitoring.storage.totals import PROCESS

_NODE: Final = "node:"


def family_of(producer: str) -> str:
    """The family of a producer that speaks for all processes."""
    return producer.removeprefix(PROCESS).partition("~")[0]


def refused_processes(
    snapshot: Snapshot, order: Sequence[str], *, has_platform: bool
) -> frozenset[str]:
    """The producers of ``snapshot`` that may not stand on the page.

    Until the first run of the collector ``monitoring`` has noted what operators say, it
    goes by the settings, and by whether there are nodes.
    """
    noted = snapshot.notes.get(FEEDING_NOTE)
    names = frozenset(noted.get("refused", ())) if noted else None
    has_nodes = any(producer.startswith(_NODE) for producer in snapshot.packed)
    available = dict.fromkeys(_available(has_platform=has_platform, has_nodes=has_nodes))
    return frozenset(
        producer
        for producer in snapshot.packed
        if producer.startswith(PROCESS) and _is_refused(producer, names, available, order)
    )


def _available(*, has_platform: bool, has_nodes: bool) -> Iterator[Feed]:
    yield from (Feed.INSTRUMENT, Feed.SELF)
    if has_platform:
        yield Feed.PLATFORM
    if has_nodes:
        yield Feed.NODE


def _is_refused(
    producer: str,
    names: Collection[str] | None,
    available: Collection[Feed],
    order: Sequence[str],
) -> bool:
    family = family_of(producer)
    definition = CATALOGUE.find(family) or CATALOGUE.find(f"{family}_total")
    if definition is None:
        return False
    if names is not None:
        return definition.name in names
    return refusal(definition, Feed.INSTRUMENT, available, order) is not None
