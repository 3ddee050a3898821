"""What is remembered of targets is bounded, and a full memory still helps."""

from __future__ import annotations

from zerostate_monitoring.sources.nodes.memory import Memory


def visit(memory: Memory[str], targets: int, at: float) -> int:
    """Ask for each target in turn, and put what is not there; how many were there."""
    known = 0
    for number in range(targets):
        name = f"n{number}"
        if memory.get(name, at) is None:
            memory.put(name, f"of {name}", 10, at)
        else:
            known += 1
    return known


def test_full_memory__keeps_who_came_first():
    """Visited in turns by more than it can hold, it does not lose them all each time."""
    memory: Memory[str] = Memory(100, 100)
    assert [visit(memory, 12, at=15.0 * turn) for turn in range(4)] == [0, 10, 10, 10]
    assert (len(memory), memory.series) == (10, 100)


def test_newcomer__takes_the_room_of_the_unused():
    """What nobody has asked for in ten minutes makes place, the longest unused first."""
    memory: Memory[str] = Memory(100, 30)
    for number, name in enumerate("abc"):
        memory.put(name, name, 10, at=100.0 * number)
    memory.get("a", 650.0)
    assert not memory.put("d", "d", 10, at=650.0)
    assert memory.put("d", "d", 10, at=701.0)
    assert [name in memory for name in "abcd"] == [True, False, True, True]


def test_changed_value__takes_the_place_of_the_old_one():
    """One target never counts twice, however often its page changes."""
    memory: Memory[str] = Memory(100, 30)
    for turn in range(50):
        assert memory.put("a", f"{turn}", 20, at=float(turn))
    assert memory.series == 20
    assert not memory.put("a", "larger", 31, at=50.0)
    assert (len(memory), memory.series) == (0, 0)
