"""A round over all nodes: who is asked in it, and who belongs to the network. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

SELDOM_INTERVALS: Final = 20
"""An ephemeral node that has left is looked for once in so many intervals."""

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


@dataclass(frozen=True, slots=True)
class Round:
    """What one round does: ``asked`` are keys of nodes to scrape, ``forgotten`` names that
    no enabled row has any more, ``deleted`` rows whose node has been gone for too long.
    """

    asked: list[int]
    forgotten: list[str]
    deleted: list[Member]


def round_of(
    nodes: Sequence[Member], notes: Notes, *, now: float, interval: float, delete_after: float
) -> Round:
    """Plan the round at ``now`` (unix seconds) over the enabled ``nodes``; times in seconds."""
    deleted = [node for node in nodes if _gone_for(node, notes) >= delete_after]
    # Half an interval less: rounds come a little early or late.
    seldom = (SELDOM_INTERVALS - 0.5) * interval
    due = (node for node in nodes if node not in deleted and _is_due(node, notes, now, seldom))
    forgotten = sorted(notes.keys() - {node.name for node in nodes})
    return Round([node.pk for node in due], forgotten, deleted)


def _is_due(node: Member, notes: Notes, now: float, seldom: float) -> bool:
    # A time in the future means that the clock was set back.
    return not (has_left(node, notes) and 0 <= now - notes[node.name].get("at", 0.0) < seldom)


def _gone_for(node: Member, notes: Notes) -> float:
    """For how long scrapes have found that the node has left, up to the last of them.

    Time in which nobody looked at the end of it does not count: after an outage of the
    workers a node is looked for before its row is judged.
    """
    if not has_left(node, notes):
        return 0.0
    note = notes[node.name]
    at = note.get("at", 0.0)
    return float(at - note.get("left_at", at))


def late(
    nodes: Iterable[Member], notes: Notes, wanted: Notes, *, now: float, seconds: float
) -> list[str]:
    """Names of the nodes that nobody has asked for more than ``seconds``.

    ``wanted`` says since when nodes without a note have waited for their first scrape. A
    node that is down was asked; one that has left is not expected to be.
    """
    last = {name: note.get("at", 0.0) for name, note in (*wanted.items(), *notes.items())}
    return [name for name in present(nodes, notes) if now - last.get(name, now) > seconds]


def deal(node_ids: Sequence[int], size: int) -> list[list[int]]:
    """Deal nodes out into chunks of at most ``size``, as even as can be.

    Neighbours go to different chunks: rows of one site, which fail together, are often
    added together.
    """
    count = -(-len(node_ids) // max(1, size))
    return [list(node_ids[start::count]) for start in range(count)]
