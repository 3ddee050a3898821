"""The long tier: kept once, read as it was, bounded."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.timelines import ALL, BOUNDS, bits, column, read, series
from zerostate_monitoring.exceptions import QueryTimeoutError
from zerostate_monitoring.models import KeptDay, KeptSeries
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.storage import kept
from zerostate_monitoring.storage.history import History
from zerostate_monitoring.storage.kept import (
    DAYS,
    SLOT_MS,
    LongTier,
    first_kept_ms,
    keep,
    keep_marked,
    prune,
)
from zerostate_monitoring.storage.reaching import Reaching
from zerostate_monitoring.storage.recording import Recorder

pytestmark = pytest.mark.django_db

DAY = 86_400_000
START = 20_000 * DAY
ONE, TWO = series("job:x:rate5m", node="1"), series("job:y:rate5m", node="2")
HOUR = 3_600_000


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    told=st.dictionaries(
        st.tuples(st.integers(0, 600), st.sampled_from([ONE, TWO])), st.floats(), max_size=30
    ),
    span=st.tuples(st.integers(-10, 600), st.integers(0, 700)),
)
def test_long_tier__selects_what_was_kept(db, told, span):
    """Over days, with gaps, any float64."""
    KeptDay.objects.all().delete()
    for (slot, labels), value in told.items():
        keep(START + slot * SLOT_MS, [(labels, value)])
    start, end = (START + slots * SLOT_MS for slots in span)
    wanted = {
        (labels, START + slot * SLOT_MS): bits(value)
        for (slot, labels), value in told.items()
        if start < START + slot * SLOT_MS <= end
    }
    assert read(LongTier(), ALL, start, end) == wanted


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_keep__labels_that_no_database_keeps_cost_no_other_series_its_slot(text, caplog):
    """PostgreSQL refuses the whole statement for one NUL, which any node can say."""
    strange = series("job:x:rate5m", node=text)
    assert keep(START, [(strange, 1.0), (ONE, 2.0)]) == 1
    assert read(LongTier(), ALL, START - 1, START) == {(ONE, START): bits(2.0)}
    assert [one.message for one in caplog.records] == ["kept_series_refused"]


def test_keep__who_comes_second_changes_nothing():
    """A slot that has a sample keeps it, however often a run is repeated."""
    assert keep(START, [(ONE, 1.0), (TWO, 2.0)]) == 2
    assert keep(START, [(ONE, 9.0), (TWO, 9.0)]) == 0
    assert read(LongTier(), ALL, START - 1, START) == {(ONE, START): bits(1), (TWO, START): bits(2)}
    assert KeptDay.objects.count() == 2


def test_keep__refuses_what_is_no_slot():
    """Five minutes are the grid."""
    with pytest.raises(ValueError):
        keep(START + 15_000, [(ONE, 1.0)])


def test_keep__is_bounded(monkeypatch, caplog):
    """Beyond the bound new series are left out, known ones go on, and a log line says so."""
    monkeypatch.setattr(kept, "MOST_SERIES", 1)
    keep(START, [(ONE, 1.0)])
    assert keep(START + SLOT_MS, [(TWO, 2.0), (ONE, 1.0)]) == 1
    assert KeptSeries.objects.count() == 1
    assert "kept_series_full" in caplog.messages


def test_keep__takes_the_same_number_of_queries(django_assert_max_num_queries):
    """However many series, up to some hundred that go in one statement."""
    every = [(series("x", n=str(n)), 1.0) for n in range(150)]
    for number, samples in enumerate([every[:1], every]):
        with django_assert_max_num_queries(16):
            keep(START + number * SLOT_MS, samples)


def test_prune__deletes_days_and_series_that_are_too_old():
    """35 days are kept."""
    keep(START, [(ONE, 1.0)])
    keep(START + 2 * DAY, [(TWO, 1.0)])
    assert prune(START + DAYS * DAY) == 0
    assert prune(START + (DAYS + 1) * DAY) == 1
    assert [row.name for row in KeptSeries.objects.all()] == ["job:y:rate5m"]


def test_long_tier__obeys_matchers():
    """By name and by label, as the timeline."""
    keep(START, [(ONE, 1.0), (TWO, 2.0)])
    for matcher, found in [
        (Matcher(NAME, "=", "job:x:rate5m"), [ONE]),
        (Matcher(NAME, "=~", "job:.*"), [ONE, TWO]),
        (Matcher("node", "!=", "1"), [TWO]),
        (Matcher("node", "=", ""), []),
    ]:
        assert [labels for labels, _ in read(LongTier(), [matcher], 0, START)] == found


def test_long_tier__a_damaged_row_costs_itself_alone(caplog):
    """The other days and series are read."""
    keep(START, [(ONE, 1.0), (TWO, 2.0)])
    KeptDay.objects.filter(series__name="job:x:rate5m").update(samples=b"????")
    assert read(LongTier(), ALL, 0, START) == {(TWO, START): bits(2)}


def test_reaching__each_series_in_one_block(store):
    """The timeline where it reaches, the long tier before; what only one of them has, too."""
    begin = START + 6 * DAY
    only = series("recent", node="1")
    for slot in range(0, 6 * DAY, HOUR):
        keep(START + slot, [(ONE, slot), (TWO, slot)])
    keep(begin, [(ONE, -1.0), (TWO, 7.0)])
    recorder, history = Recorder(store.timeline()), History(store.timeline())
    for n in range(3):
        recorder.record(begin + n * 15_000, column({ONE: float(n), only: 1.0}), BOUNDS)
    history.refresh()

    found = read(Reaching(history, LongTier()), ALL, START - 1, begin + DAY)

    recent = {(ONE, begin + n * 15_000): bits(float(n)) for n in range(3)}
    recent |= {(only, begin + n * 15_000): bits(1) for n in range(3)}
    slots = range(0, 6 * DAY, HOUR)
    older = {(s, START + slot): bits(float(slot)) for slot in slots for s in (ONE, TWO)}
    assert found == {**older, **recent, (TWO, begin): bits(7)}


def test_reaching__asks_no_database_for_what_the_timeline_has(store, django_assert_num_queries):
    """Most rules never leave memory."""
    recorder, history = Recorder(store.timeline()), History(store.timeline())
    recorder.record(START, column({ONE: 1.0}), BOUNDS)
    history.refresh()
    with django_assert_num_queries(0):
        assert read(Reaching(history, LongTier()), ALL, START - 1, START)


def test_first_kept__is_that_of_the_series_in_question():
    """Each series begins when it was marked, to the slot."""
    keep(START + 3 * SLOT_MS, [(ONE, 1.0)])
    keep(START + DAY + 5 * SLOT_MS, [(ONE, 1.0), (TWO, 1.0)])
    for labels, first in ((ONE, START + 3 * SLOT_MS), (TWO, START + DAY + 5 * SLOT_MS)):
        assert first_kept_ms([Matcher(NAME, "=", dict(labels)[NAME])]) == first
    assert first_kept_ms([Matcher(NAME, "=", "up")]) is None


def test_keep_marked__keeps_what_the_timeline_says_of_marked_names(store):
    """At slots of five minutes, of the names that are given, and of no others."""
    recorder, history = Recorder(store.timeline()), History(store.timeline())
    for slot in (START, START + 15_000):
        recorder.record(slot, column({ONE: 1.0, TWO: 2.0}), BOUNDS)
        history.refresh()
        keep_marked(history, slot, lambda: {"job:x:rate5m"})
    assert read(LongTier(), ALL, 0, START + DAY) == {(ONE, START): bits(1)}


def test_keep_marked__deletes_what_is_too_old_once_a_day(store):
    """At midnight (UTC), whether anything is marked or not."""
    keep(START, [(ONE, 1.0)])
    keep_marked(History(store.timeline()), START + 40 * DAY, tuple)
    assert not KeptDay.objects.exists()


def test_long_tier__ends_when_the_time_is_over(monkeypatch):
    """A look at a label may take long, here as in the timeline."""
    keep(START, [(ONE, 1.0), (TWO, 2.0)])
    checks = []

    def check():
        checks.append(1)
        if len(checks) == 2:
            raise QueryTimeoutError("over")

    with pytest.raises(QueryTimeoutError):
        LongTier().select_within([Matcher("node", "=~", ".+x?")] * 9, 0, START, check)
