"""A part of the page: by collector and by name."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from zerostate_monitoring.exposition.layout import FamilyLayout
from zerostate_monitoring.storage.totals import PROCESS

NODES = "nodes"
PROCESSES = "processes"
_NODE = "node:"
_COLLECTOR = "collector:"


@dataclass(frozen=True, slots=True)
class Selection:
    """What a scraper asked for by ``name[]`` and ``collect[]``; nothing means everything.

    A name is that of a family (with or without ``_total``) or of a sample, such as
    ``x_bucket``. A collector is named as in admin; ``nodes`` are all nodes,
    ``processes`` what this project's own processes count.
    """

    names: frozenset[str] = frozenset()
    collectors: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.names or self.collectors)

    def takes_producer(self, producer: str) -> bool:
        """Whether lines of ``producer`` are asked for."""
        return not self.collectors or group_of(producer) in self.collectors

    def lines(self, family: FamilyLayout, text: bytes) -> bytes:
        """The asked-for part of a family's text."""
        if not self.names or family.name in self.names:
            return text
        wanted = [family.name + s for s in family.suffixes if family.name + s in self.names]
        if len(wanted) == len(family.suffixes):
            return text
        heads = tuple(name.encode() + end for name in wanted for end in (b"{", b" "))
        return b"".join([line + b"\n" for line in text.split(b"\n") if line.startswith(heads)])


def group_of(producer: str) -> str:
    """The name by which ``collect[]`` asks for a producer."""
    if producer.startswith(_NODE):
        return NODES
    if producer.startswith(PROCESS):
        return PROCESSES
    return producer.removeprefix(_COLLECTOR)


def unknown(collectors: Collection[str], known: Collection[str]) -> Iterator[str]:
    """Those of ``collectors`` that this project does not have."""
    yield from sorted(set(collectors) - {*known, NODES, PROCESSES, "self"})
