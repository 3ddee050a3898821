"""Recorded series over all tiers: page, what is recorded, the long tier behind both."""

from __future__ import annotations

import time
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.timelines import ALL, BOUNDS, bits, column, read, series
from zerostate_monitoring.models import KeptDay, KeptSeries
from zerostate_monitoring.promql.embedded import EmbeddedQuerier
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.querying import readiness, storage
from zerostate_monitoring.querying.engines import _history
from zerostate_monitoring.storage import kept
from zerostate_monitoring.storage.history import History
from zerostate_monitoring.storage.kept import SLOT_MS, SLOTS, LongTier
from zerostate_monitoring.storage.packing import ABSENT, canonical, pack_row
from zerostate_monitoring.storage.reaching import Reaching
from zerostate_monitoring.storage.recorded import recorded, write
from zerostate_monitoring.storage.recording import Recorder

pytestmark = pytest.mark.django_db

DAY = 86_400_000
NAME = "zerostate:tasks_failed:increase5m"
FAILED = series(NAME)
NOW = int(time.time() * 1000) // SLOT_MS * SLOT_MS
REACHES = {"1h": 3_600_000, "6h": 6 * 3_600_000, "3d": 3 * DAY, "30d": 30 * DAY}


@pytest.fixture(autouse=True)
def _marked(monkeypatch):
    monkeypatch.setattr(kept, "MARKS", [lambda: {NAME}])


def value_at(slot):
    """What the rule gives at a slot: no two neighbours alike."""
    return float(slot // SLOT_MS % 97)


def kept_before(end, days):
    """Rows of the long tier with all samples of so many days before ``end``."""
    row = KeptSeries.objects.create(digest=kept._digest(FAILED), name=NAME, labels=FAILED)
    for number in range(end // DAY - days, end // DAY + 1):
        slots = number * DAY + np.arange(SLOTS) * SLOT_MS
        values = np.array([value_at(slot) for slot in slots.tolist()])
        samples = np.where(slots < end, canonical(values), ABSENT)
        day = date(1970, 1, 1) + timedelta(days=number)
        KeptDay.objects.create(series=row, day=day, samples=pack_row(samples, None))


def summed(end, reach):
    """What a Prometheus that has all samples would give."""
    return sum(value_at(slot) for slot in range(end - reach + SLOT_MS, end + SLOT_MS, SLOT_MS))


def page(store, slot, labels=None):
    """One column of the page."""
    found = labels or {series("up"): 1.0}
    assert Recorder(store.timeline()).record(slot, column(found), BOUNDS).value == "ok"


def ask(text, at):
    """The only sample of an answer, and what is said about it."""
    answer = EmbeddedQuerier(storage()).instant(text, at)
    [sample] = answer.value.samples
    return sample.value, answer.warnings


@pytest.mark.parametrize("step", [SLOT_MS, 60_000, 150_000])
def test_sum_over_time__is_right_across_tiers_as_time_goes_on(store, settings, step):
    """Six hours, three days, thirty days, while what is recorded moves into the long tier."""
    settings.ZEROSTATE_MONITORING_HISTORY = 1200
    begin = NOW - 2 * 3_600_000
    kept_before(begin, 32)
    for slot in range(begin, NOW, step):
        if slot % SLOT_MS == 0:
            page(store, slot)
        assert write(store, "slo", slot, 1, [(FAILED, value_at(slot))])
        if slot % (4 * SLOT_MS) == 0:
            for text, reach in [*REACHES.items()][1:]:
                assert ask(f"sum_over_time({NAME}[{text}])", slot) == (summed(slot, reach), ())
                points, _ = ask(f"count_over_time({NAME}[{text}])", slot)
                assert points == reach / SLOT_MS
    first = recorded(store).begins([Matcher("__name__", "=", NAME)])
    assert first
    assert first > begin


def test_sum_over_time__within_what_is_recorded_has_all_of_it(store):
    """Where the long tier is not needed nothing is thinned out."""
    page(store, NOW - 3_600_000)
    for slot in range(NOW - 3_600_000, NOW + 1, 60_000):
        assert write(store, "slo", slot, 1, [(FAILED, 1.0)])
    assert ask(f"count_over_time({NAME}[30m])", NOW) == (30, ())


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    missed=st.sets(st.integers(0, 40), max_size=20),
    reach=st.integers(1, 60),
    cut=st.integers(0, 40),
)
def test_tiers__give_the_same_samples(store, valkey_server, db, missed, reach, cut):
    """Of a group of five minutes, wherever the one ends and the other begins, with gaps."""
    with valkey_server.client as client:
        client.flushall()
    KeptSeries.objects.all().delete()
    begin = NOW - 40 * SLOT_MS
    page(store, NOW - cut * SLOT_MS - 15_000)
    given_at = [slot for n in range(41) if n not in missed for slot in [begin + n * SLOT_MS]]
    for slot in given_at:
        if slot < NOW - cut * SLOT_MS:
            kept.keep(slot, [(FAILED, value_at(slot))])
        else:
            assert write(store, "slo", slot, 1, [(FAILED, value_at(slot))])
    start = NOW - reach * SLOT_MS
    found = read(storage(), [Matcher("__name__", "=", NAME)], start, NOW)
    wanted = {(FAILED, slot): bits(value_at(slot)) for slot in given_at if start < slot}
    assert {key: value for key, value in found.items() if start < key[1]} == wanted


def test_reaching__what_stands_on_the_page_is_the_pages(store):
    """A series that is recorded, too, stands once; its neighbours stay."""
    mine, other = series("queue_sum", node="1"), series("queue_sum", node="2")
    page(store, NOW, {mine: 1.0})
    write(store, "g", NOW, 1, [(mine, 7.0), (other, 8.0)])
    whole = Reaching(History(store.timeline()), LongTier(), recorded(store))
    whole.refresh(0)
    assert read(whole, ALL, 0, NOW) == {(mine, NOW): bits(1), (other, NOW): bits(8)}
    assert whole.label_sets_within(ALL, 0, NOW, lambda: None) == {mine, other}


def test_reaching__asks_no_database_for_what_is_recorded(store, django_assert_num_queries):
    """Most rules never leave memory."""
    page(store, NOW - 10 * SLOT_MS)
    for n in range(10):
        write(store, "g", NOW - (9 - n) * SLOT_MS, 1, [(FAILED, 1.0)])
    whole = Reaching(History(store.timeline()), LongTier(), recorded(store))
    whole.refresh(0)
    with django_assert_num_queries(0):
        found = read(whole, [Matcher("__name__", "=", NAME)], NOW - 9 * SLOT_MS, NOW)
    assert len(found) == 9


def test_readiness__a_recorded_series_begins_when_it_was_first_recorded(store):
    """However old the page's history is; the long tier counts, too."""
    page(store, NOW - 7_000_000 // 15_000 * 15_000)
    first = NOW - 600_000
    for slot in range(first, NOW + 1, SLOT_MS):
        write(store, "slo", slot, 1, [(FAILED, 1.0)])
    query = parse(f"sum_over_time({NAME}[1h])")
    found = readiness(query, NOW)
    assert not found.ready
    assert found.begins_ms == first
    assert found.at_ms == first + 3_600_000
    assert readiness(parse("sum_over_time(up[1h])"), NOW).ready
    assert readiness(parse(f"sum_over_time({NAME}[10m])"), NOW).ready
    KeptSeries.objects.all().delete()
    kept_before(first, 5)
    assert readiness(parse(f"sum_over_time({NAME}[3d])"), NOW).ready
    assert readiness(parse(f"sum_over_time({NAME}[30d])"), NOW).at_ms is not None


def test_history__is_one_per_store(store):
    """What is recorded is held once, too."""
    assert _history(store) is _history(store)
    assert recorded(store) is recorded(store)
