"""What the store remembers of components."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.health.notes import NOTE, Noted, note_of, noted, remember
from zerostate_monitoring.health.states import Component, Outcome, Status

TIMES = st.floats(0, 1e10)


def found(status, at):
    return Component("c", Outcome(status, "why", {"n": 1}), at, 0.25)


@given(st.lists(st.tuples(st.sampled_from(Status), TIMES), min_size=1))
def test_note_of__since_is_the_last_change_and_never_the_future(seen):
    """Whatever the clock does: the time of the change, or of now where that was set back."""
    notes: list[Noted] = []
    for status, at in seen:
        before = notes[-1] if notes else None
        note = note_of(found(status, at), before)
        notes.append(note)
        assert note.since <= note.at == at
        if before is None or before.status is not status:
            assert note.since == at
        else:
            assert note.since == min(before.since, at)


def test_remember__is_read_back_and_others_are_forgotten(store):
    """All of it, exactly; a component that is no more leaves no note."""
    one = note_of(found(Status.DEGRADED, 7.5), None)
    remember({"a": one, "b": one})
    assert noted() == {"a": one, "b": one}
    remember({"b": one})
    assert noted() == {"b": one}
    assert noted(["a", "b"]) == {"b": one}


def test_noted__of_another_version_is_left_out(store):
    """What is not understood is not guessed at."""
    good = Noted(Status.HEALTHY, "", {}, 1.0, 1.0, 1.0).as_note()
    store.note(NOTE, {"a": {**good, "status": "splendid"}, "b": {**good, "at": "soon"}, "c": {}})
    assert noted() == {}
