"""Who offers a family and may not give it: what runs and scrapes left word of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.models.words import in_words


class Refusal(NamedTuple):
    """A producer whose samples of a family are not taken, and why."""

    producer: str
    reason: str


def refusals_of(
    family: str,
    collectors: Iterable[tuple[str, Mapping[str, str]]],
    nodes: Mapping[str, Mapping[str, Any]],
) -> list[Refusal]:
    """Refusals of the family with the page name ``family``, in the order of producers.

    Args:
        family: as it stands on the page.
        collectors: name and refused families (name to reason) of each collector.
        nodes: the note of each node's last scrape.
    """
    offered = [(f"collector:{name}", refused) for name, refused in collectors]
    offered += [(f"node:{name}", note.get("refused") or {}) for name, note in nodes.items()]
    return sorted(_matching(family, offered))


def _matching(family: str, offered: Iterable[tuple[str, Mapping[str, str]]]) -> Iterator[Refusal]:
    for producer, refused in offered:
        for name, reason in refused.items():
            # Nodes are refused under the name that they use.
            definition = CATALOGUE.find(name)
            if family in {name, definition.name if definition else ""}:
                yield Refusal(producer, in_words(reason))
