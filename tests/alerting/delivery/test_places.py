"""Which alerts are one message, and when it leaves: whatever the labels and the times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from zerostate_monitoring.alerting.delivery.deciding import is_repeat_due, next_flush
from zerostate_monitoring.alerting.delivery.places import (
    Place,
    flush_time,
    group_key,
    group_labels,
    place_of,
)
from zerostate_monitoring.alerting.routing.values import Routed
from zerostate_monitoring.models.receiver import ALL_LABELS

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NAMES = st.sampled_from(["alertname", "node", "layer", "ä"])
LABELS = st.dictionaries(NAMES, st.text(max_size=3), max_size=4)
GROUP_BY = st.lists(NAMES, unique=True, max_size=3).map(tuple) | st.just((ALL_LABELS,))
SPANS = st.integers(0, 600).map(lambda seconds: timedelta(seconds=seconds))
TIMES = st.integers(-900, 900).map(lambda seconds: NOW + timedelta(seconds=seconds))


def place(wait=timedelta(0), interval=timedelta(0), repeat=None):
    return Place("k", 1, 1, (), wait, interval, repeat)


# -- grouping ----------------------------------------------------------------------------


@given(LABELS, LABELS, GROUP_BY)
@example({"node": ""}, {}, ("node",))
def test_place__is_one_for_those_that_agree_in_what_is_grouped_by(one, other, group_by):
    """And for no others; a label that is missing is an empty one, but where all count."""
    route = Routed(pk=1, name="r", group_by=group_by)
    keys = [place_of(route, 7, labels).key for labels in (one, other)]
    if ALL_LABELS in group_by:
        agree = one == other
    else:
        agree = all(one.get(name, "") == other.get(name, "") for name in group_by)
    assert (keys[0] == keys[1]) is agree


@given(LABELS, GROUP_BY, st.randoms())
def test_place__does_not_depend_on_an_order(labels, group_by, random):
    """Of labels, nor of what is grouped by: another process must find the same group."""
    pairs, names = list(labels.items()), list(group_by)
    random.shuffle(pairs)
    random.shuffle(names)
    route, shuffled = (Routed(pk=1, name="r", group_by=tuple(g)) for g in (group_by, names))
    assert place_of(route, 7, labels) == place_of(shuffled, 7, dict(pairs))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), LABELS), min_size=2, max_size=2))
def test_group_key__tells_routes_receivers_and_labels_apart(places):
    """No two of them share a group, whatever stands in their labels."""
    one, other = (
        (route, receiver, group_labels(labels, tuple(labels))) for route, receiver, labels in places
    )
    assert (group_key(*one) == group_key(*other)) is (one == other)


# -- when it is flushed ------------------------------------------------------------------


@given(SPANS, SPANS, st.none() | TIMES, st.none() | TIMES, st.booleans())
@example(MINUTE, 5 * MINUTE, None, NOW - 5 * MINUTE, False)
def test_flush_time__is_soon_and_never_later_than_before(wait, interval, flush, flushed, at_once):
    """No news postpones a flush; what waits, waits for its group's wait or interval at most."""
    at = flush_time(place(wait, interval), NOW, flush_at=flush, flushed_at=flushed, at_once=at_once)
    assert flush is None or at <= flush
    if flush is None:
        assert at >= NOW
        within = flushed is not None and flushed + interval > NOW
        wanted = flushed + interval if within else NOW + wait
        assert at == (NOW if at_once else wanted)


@given(SPANS, SPANS.filter(bool), st.none() | TIMES, st.booleans(), st.booleans())
def test_next_flush__comes_as_long_as_there_is_something_to_tell(
    interval, repeat, told, is_left, is_firing
):
    """After an interval at the earliest; at the time of the repetition it is due indeed."""
    of = place(timedelta(0), interval, repeat)
    at = next_flush(of, NOW, told_at=told, is_left=is_left, is_firing=is_firing)
    if is_left:
        assert at == NOW + interval
    elif not is_firing or told is None:
        assert at is None
    else:
        assert at is not None
        assert at >= NOW + interval
        assert is_repeat_due(told, of, at)
        assert at == NOW + interval or not is_repeat_due(told, of, at - timedelta(microseconds=1))
