"""What is told twice, late or in another order ends at the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.alerting.incoming.steps import Known, Step, step

START = datetime(2026, 5, 1, tzinfo=UTC)


def at(minutes):
    return START + timedelta(minutes=minutes)


def walked(messages):
    """The newest incident after some messages; and how many began."""
    known, began = None, 0
    for started, ended in messages:
        match step(known, started, ended):
            case Step.FIRE | Step.REPLACE | Step.PAST:
                known, began = Known(started, ended), began + 1
            case Step.RESOLVE:
                known = Known(known.fired_at, max(ended, known.fired_at))
    return known, began


@st.composite
def told(draw):
    """The messages of some incidents, in their order; the last may still fire."""
    lengths = draw(
        st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=4)
    )
    fires = draw(st.booleans())
    now, messages = 0, []
    for place, (gap, length) in enumerate(lengths):
        now += gap
        messages.append((at(now), None))
        if place < len(lengths) - 1 or not fires:
            messages.append((at(now), at(now + length)))
        now += length
    return messages


@given(told(), st.randoms(use_true_random=False), st.integers(0, 5))
def test_step__any_order_ends_at_the_same(messages, random, repeats):
    """The newest incident stands as it stands there, however its word came."""
    mixed = [*messages, *random.choices(messages, k=repeats)]
    random.shuffle(mixed)
    known, _ = walked(mixed)
    expected, _ = walked(messages)
    assert known == expected


@given(told(), st.integers(1, 3))
def test_step__repeats_change_nothing(messages, times):
    """Each message again and again, in order."""
    again = [message for message in messages for _ in range(times)]
    assert walked(again) == walked(messages)
    begins = {started for started, _ in messages}
    assert walked(messages)[1] == len(begins)


def test_step__an_end_that_was_lost_is_made_up():
    """What fires with a later beginning has ended in between."""
    assert step(Known(at(0)), at(5), None) is Step.REPLACE
