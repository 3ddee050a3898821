"""What all nodes say together: their info, and the shape of the network. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from prometheus_client import Metric

from zerostate_monitoring.catalogue.nodes import (
    NODE_INFO,
    P2P_COMPONENTS,
    P2P_GRAPH_NODES,
    P2P_LARGEST_COMPONENT,
)
from zerostate_monitoring.collectors.graph import components
from zerostate_monitoring.collectors.items import Absent, Item
from zerostate_monitoring.models import Node


def info(rows: Collection[Node], notes: Mapping[str, Mapping[str, Any]]) -> Metric:
    """``zerostate_node_info``: one sample per node, with all that labels can say of it."""
    family = Metric(NODE_INFO.name, NODE_INFO.help, NODE_INFO.kind.value)
    for row in rows:
        note = notes[row.name]
        known = {name: str(note.get(name) or "") for name in NODE_INFO.labels}
        labels = {**row.labels, **known, "node": row.name, "node_role": row.role}
        family.add_sample(NODE_INFO.name, labels, 1.0)
    return family


def graph(lists: Mapping[str, Mapping[str, Any]], nodes: int) -> Iterator[Item]:
    """The families of the peer graph, from fresh peer lists by node.

    Half of the network's ``nodes``, up or down, must have given a list: fewer would make
    a whole network look divided, or what is left of a broken one look whole.
    """
    if not nodes:
        # Nothing is missing where there is nothing to look at.
        return
    if not lists or 2 * len(lists) < nodes:
        reason = f"{len(lists)} of {nodes} nodes gave a peer list"
        yield from _absent(reason)
        return
    sizes = components(_neighbours(lists.values()))
    if not sizes:
        yield from _absent("no peer list names a peer, and no node its peer id")
        return
    yield P2P_COMPONENTS.reading(len(sizes))
    yield P2P_GRAPH_NODES.reading(sum(sizes))
    yield P2P_LARGEST_COMPONENT.reading(sizes[0] / sum(sizes))


def _absent(reason: str) -> Iterator[Item]:
    for definition in (P2P_COMPONENTS, P2P_GRAPH_NODES, P2P_LARGEST_COMPONENT):
        yield Absent(definition.name, reason)


def _neighbours(notes: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Whom each peer names.

    A node whose peer id is not known is no peer of its own: others may name it by its
    id, and it would count twice. But its list tells that those it names are linked.
    """
    found: dict[str, list[str]] = {}
    for note in notes:
        peers = note["peers"]
        peer = note["peer_id"] or next(iter(peers), "")
        if peer:
            found.setdefault(peer, []).extend(peers)
    return found
