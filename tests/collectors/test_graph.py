"""Connected components of peer lists."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.collectors.graph import components

VERTICES = st.sampled_from("abcdefghij")


def test_components__links_count_both_ways_and_named_peers_are_vertices():
    """Who is only named belongs to the graph; a link needs one witness."""
    assert components({"a": ["b"], "c": ["b"], "d": ["e"], "f": []}) == [3, 2, 1]
    assert components({}) == []


@given(st.dictionaries(VERTICES, st.lists(VERTICES)))
def test_components__equal_a_flood_fill(neighbours):
    """Union-find gives what walking the graph gives."""
    edges = {frozenset((a, b)) for a, named in neighbours.items() for b in named}
    left = set(neighbours) | {b for named in neighbours.values() for b in named}
    sizes = []
    while left:
        front = {left.pop()}
        size = 0
        while front:
            vertex = front.pop()
            size += 1
            near = {v for v in left if frozenset((v, vertex)) in edges}
            left -= near
            front |= near
        sizes.append(size)
    assert components(neighbours) == sorted(sizes, reverse=True)
