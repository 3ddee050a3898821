"""Who is asked in a round: decided from rows and notes alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.collectors.node_rounds import (
    Member,
    deal,
    has_left,
    late,
    present,
    round_of,
)

NOW = 1_800_000_000.0
DAY = 86_400.0
GONE = Member(1, "e", ephemeral=True)


def planned(nodes, notes, now=NOW):
    return round_of(nodes, notes, now=now, interval=15.0, delete_after=DAY)


def left(*, at, since):
    return {"e": {"up": False, "left": True, "at": at, "left_at": since}}


def test_round__asks_every_node_that_is_there():
    """Whether it is up, down or new; what no enabled row has is forgotten."""
    nodes = [Member(1, "up", False), Member(2, "down", True), Member(3, "new", False)]
    notes = {"up": {"up": True, "at": NOW}, "down": {"up": False, "at": NOW}, "old": {}}
    found = planned(nodes, notes)
    assert (found.asked, found.forgotten, found.deleted) == ([1, 2, 3], ["old"], [])


def test_round__looks_seldom_for_what_has_left():
    """Once in twenty intervals, and at once where the clock was set back."""
    for age, asked in ((0, []), (286, []), (299, [1]), (-1, [1])):
        notes = left(at=NOW - age, since=NOW - 1000)
        assert planned([GONE], notes).asked == asked


def test_round__deletes_what_was_gone_for_a_day():
    """From the scrape that found it gone to the last that did; it is not asked again."""
    notes = left(at=NOW - 10, since=NOW - 10 - DAY)
    found = planned([GONE], notes)
    assert (found.asked, found.deleted) == ([], [GONE])


def test_round__an_outage_of_the_workers_deletes_nothing():
    """A node of which nobody knows how it has been meanwhile is asked first."""
    notes = left(at=NOW - 3 * DAY, since=NOW - 3 * DAY - 600)
    found = planned([GONE], notes)
    assert (found.asked, found.deleted) == ([1], [])


def test_round__a_node_that_is_permanent_now_is_asked_and_kept():
    """An operator who says so is believed, whatever the last scrape found."""
    node = Member(1, "e", ephemeral=False)
    notes = left(at=NOW, since=NOW - 2 * DAY)
    assert planned([node], notes).asked == [1]
    assert planned([node], notes).deleted == []
    assert (has_left(node, notes), present([node], notes)) == (False, ["e"])
    assert present([GONE], notes) == []


def test_late__are_nodes_that_nobody_asked():
    """Not those that are down, new or gone; nor any where the clock was set back."""
    names = ("up", "down", "old", "new", "waits", "unknown", "e")
    nodes = [Member(n, name, ephemeral=name == "e") for n, name in enumerate(names)]
    notes = {
        "up": {"up": True, "at": NOW - 30},
        "down": {"up": False, "at": NOW - 45},
        "old": {"up": True, "at": NOW - 46},
        **left(at=NOW - 200, since=NOW - 200),
    }
    wanted = {"new": {"at": NOW - 45}, "waits": {"at": NOW - 46}, "up": {"at": 0.0}}
    assert late(nodes, notes, wanted, now=NOW, seconds=45) == ["old", "waits"]
    assert late(nodes, notes, wanted, now=NOW - 1000, seconds=45) == []


@given(st.lists(st.integers(), unique=True, max_size=300), st.integers(1, 40))
def test_deal__puts_every_node_into_one_chunk(ids, size):
    """No chunk is larger than asked, and they are as even as can be."""
    chunks = deal(ids, size)
    assert sorted(pk for chunk in chunks for pk in chunk) == sorted(ids)
    sizes = {len(chunk) for chunk in chunks}
    assert not sizes or (max(sizes) <= size and max(sizes) - min(sizes) <= 1)
