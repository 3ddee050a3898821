"""A round over all nodes: who is asked in it, and who belongs to the network. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

Notes = Mapping[str, Mapping[str, Any]]
"""What is known of nodes from their last scrapes, by name."""


class Member(NamedTuple):
    """The columns of an enabled node's row that a round is planned by."""

    pk: int
    name: str
    ephemeral: bool


def has_left(node: Member, notes: Notes) -> bool:
    """Whether the last scrape found that the node has gone for good."""
    return node.ephemeral and bool(notes.get(node.name, {}).get("left"))


def present(nodes: Iterable[Member], notes: Notes) -> list[str]:
    """Names of the nodes that belong to the network, whether they answer or not."""
    return [node.name for node in nodes if not has_left(node, notes)]


def deal(node_ids: Sequence[int], size: int) -> list[list[int]]:
    """Deal nodes out into chunks of at most ``size``, as even as can be.

    Neighbours go to different chunks: rows of one site, which fail together, are often
    added together.
    """
    count = -(-len(node_ids) // max(1, size))
    return [list(node_ids[start::count]) for start in range(count)]
