"""Connected components of the graph that peer lists make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping


def components(neighbours: Mapping[str, Collection[str]]) -> list[int]:
    """Sizes of the connected components, largest first.

    ``neighbours`` maps a vertex to those it names. A link counts in both directions,
    whoever names it, and who is only named is a vertex, too.
    """
    parents = {vertex: vertex for vertex in neighbours}
    for vertex, named in neighbours.items():
        for other in named:
            parents.setdefault(other, other)
            parents[_root(parents, other)] = _root(parents, vertex)
    sizes = Counter(_root(parents, vertex) for vertex in parents)
    return sorted(sizes.values(), reverse=True)


def _root(parents: dict[str, str], vertex: str) -> str:
    """The vertex that stands for a component; shortens the way there as it goes."""
    while (parent := parents[vertex]) != vertex:
        parents[vertex] = parents[parent]
        vertex = parent
    return vertex
