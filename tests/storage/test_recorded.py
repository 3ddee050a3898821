"""What evaluation records, on a real server: fenced, read back as Prometheus would have it."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.timelines import ALL, bits, read, series
from zerostate_monitoring.exceptions import StoreFullError
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.storage.kept import SLOT_MS, LongTier
from zerostate_monitoring.storage.lanes import RUN_COLUMNS
from zerostate_monitoring.storage.recorded import Recorded, recorded, write
from zerostate_monitoring.storage.records import Room

pytestmark = pytest.mark.django_db

MINUTE = 60_000
START = int(time.time() * 1000) // SLOT_MS * SLOT_MS - 3_600_000
ONE, TWO = series("job:x:sum", node="1"), series("job:x:sum", node="2")
OF_ONE = [Matcher("__name__", "=", "job:x:sum"), Matcher("node", "=", "1")]
ROOM = Room(30 * 24 * 3_600_000, 1 << 30)
AFTER = START + 10**9

_names = [
    *(series("a:sum", node=str(n)) for n in range(4)),
    series("b:sum"),
    series("c:sum", zone="x"),
    series("ALERTS", alertname="High", alertstate="firing"),
]
_page = st.dictionaries(st.sampled_from(_names), st.sampled_from([0.0, 1.0, 2.5, 1e300]))
_evaluation = st.tuples(
    st.integers(0, 2),
    st.integers(1, 4),
    _page,
    st.sets(st.sampled_from(["a:sum", "b:sum", "High"]), max_size=2),
    st.integers(0, 9),
)


def fresh(store):
    """What a process that begins would hold."""
    found = Recorded(store.records())
    found.refresh()
    return found


def tell(store, pages, group="g", start=START, step=MINUTE):
    """Write pages at one slot after the other, from ``start`` on; the last slot."""
    slot = start
    for n, page in enumerate(pages):
        slot = start + n * step
        assert write(store, group, slot, 1, [*page.items()])
    return slot


def model(evaluations):
    """Samples and markers as Prometheus writes them: a rule in error writes neither."""
    found, living = {}, {}
    for group, slot, page, silent in evaluations:
        alive = living.setdefault(group, set())
        for labels in [*alive]:
            pairs = dict(labels)
            if labels in page or pairs["__name__"] in silent or pairs.get("alertname") in silent:
                continue
            alive.discard(labels)
            found[labels, slot] = "stale"
        found.update({(labels, slot): bits(value) for labels, value in page.items()})
        alive.update(page)
    return found


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(_evaluation, max_size=60))
def test_recorded__is_read_back_as_prometheus_would_have_it(store, store_at, valkey_server, steps):
    """Random groups, slots, errors, writers that take turns, and readers old and new."""
    with valkey_server.client as client:
        client.flushall()
    writers = [store, store_at(valkey_server.url)]
    reader, done = Recorded(store.records()), []
    slots = {group: START + group * 7 for group in range(3)}
    for group, ahead, page, silent, chance in steps:
        slots[group] += ahead * MINUTE
        mine = {(("group", str(group)), *labels): value for labels, value in page.items()}
        mine = {tuple(sorted(labels)): value for labels, value in mine.items()}
        writer = writers[chance % 2]
        assert write(writer, str(group), slots[group], 1, [*mine.items()], silent=silent)
        done.append((group, slots[group], mine, silent))
        if chance > 6:
            reader.refresh()
            assert read(reader, ALL, 0, AFTER) == model(done)
    reader.refresh()
    assert read(reader, ALL, 0, AFTER) == model(done)
    assert read(fresh(store), ALL, 0, AFTER) == model(done)


def test_write__is_refused_for_a_slot_or_a_token_that_is_old(store, store_at, valkey_server):
    """Each slot of a group once, by whoever claimed it last; other groups are not concerned."""
    other = store_at(valkey_server.url)
    assert write(store, "g", START, 5, [(ONE, 1.0)])
    for slot, token in ((START, 5), (START, 9), (START - MINUTE, 9), (START + MINUTE, 4)):
        assert not write(other, "g", slot, token, [(ONE, 9.0)])
        assert not write(store, "g", slot, token, [(ONE, 9.0)])
    assert write(store, "h", START - MINUTE, 1, [(TWO, 2.0)])
    assert write(other, "g", START + MINUTE, 5, [(ONE, 3.0)])
    assert read(fresh(store), ALL, 0, AFTER) == {
        (ONE, START): bits(1),
        (TWO, START - MINUTE): bits(2),
        (ONE, START + MINUTE): bits(3),
    }


def test_write__series_of_a_rule_in_error_neither_go_on_nor_end(store):
    """They end when the rule works again and does not give them."""
    write(store, "g", START, 1, [(ONE, 1.0), (series("b:sum"), 1.0)])
    write(store, "g", START + MINUTE, 1, [], silent=["job:x:sum"])
    write(store, "g", START + 2 * MINUTE, 1, [])
    assert read(fresh(store), ALL, 0, AFTER) == {
        (ONE, START): bits(1),
        (series("b:sum"), START): bits(1),
        (series("b:sum"), START + MINUTE): "stale",
        (ONE, START + 2 * MINUTE): "stale",
    }


def test_write__does_nothing_where_no_history_is_kept(store, settings):
    """Evaluation goes on without it."""
    settings.ZEROSTATE_MONITORING_HISTORY = 0
    assert write(store, "g", START, 1, [(ONE, 1.0)])
    assert fresh(store).told.count == 0


def test_recorded__an_emptied_store(store, valkey_server):
    """Readers begin anew, and so do writers, with nothing of what they held."""
    reader = recorded(store)
    tell(store, [{ONE: 1.0, TWO: 2.0}] * 3)
    reader.refresh()
    with valkey_server.client as client:
        client.flushall()
    assert write(store, "g", START + 3 * MINUTE, 1, [(ONE, 7.0)])
    reader.refresh()
    expected = {(ONE, START + 3 * MINUTE): bits(7)}
    assert read(reader, ALL, 0, AFTER) == read(fresh(store), ALL, 0, AFTER) == expected


def test_recorded__a_store_that_lost_its_last_entry_and_got_another(store, store_at, valkey_server):
    """As after a failover: what was lost is nowhere, and what rests on it is written anew."""
    reader = recorded(store)
    tell(store, [{ONE: 1.0}] * 2)
    with valkey_server.client as client:
        kept = {key: client.dump(key) for key in client.keys("*recorded*")}
        write(store, "g", START + 2 * MINUTE, 1, [(ONE, 9.0)])
        reader.refresh()
        client.flushall()
        for key, value in kept.items():
            client.restore(key, 0, value)
    other = store_at(valkey_server.url)
    assert write(other, "g", START + 2 * MINUTE, 1, [(TWO, 5.0)])
    assert write(store, "g", START + 3 * MINUTE, 1, [(TWO, 6.0)])
    reader.refresh()
    found = read(reader, ALL, 0, AFTER)
    assert found == read(fresh(store), ALL, 0, AFTER)
    assert found[ONE, START + 2 * MINUTE] == "stale"
    assert found[TWO, START + 3 * MINUTE] == bits(6)


def test_recorded__what_another_version_wrote_is_left_out(store, store_at, valkey_server, caplog):
    """A line in the log; the group's next run can be read, and other groups all the time."""
    other = store_at(valkey_server.url)
    tell(store, [{ONE: 1.0}] * 2)
    tell(store, [{series("b:sum"): 4.0}] * 2, group="h")
    with valkey_server.client as client:
        [key] = client.keys("*recorded_entries")
        entry = client.lindex(key, 1)
        client.lset(key, 1, entry[:3] + b"\x63" + entry[4:])
    reader = fresh(store)
    assert "recorded_not_readable" in caplog.text
    of_h = {(series("b:sum"), START + n * MINUTE): bits(4) for n in range(2)}
    assert read(reader, ALL, 0, AFTER) == of_h
    for n in (2, 3):
        assert write(other, "g", START + n * MINUTE, 1, [(ONE, 2.0)])
    reader.refresh()
    of_g = {(ONE, START + n * MINUTE): bits(2) for n in (2, 3)}
    assert read(reader, ALL, 0, AFTER) == of_h | of_g


def test_recorded__is_bounded_in_time(store, settings):
    """What is older than history is gone, in the store and in who reads."""
    settings.ZEROSTATE_MONITORING_HISTORY = 600
    reader = recorded(store)
    last = tell(store, [{ONE: float(n)} for n in range(120)])
    reader.refresh()
    slots = [slot for _, slot in read(reader, ALL, 0, AFTER)]
    assert last - 30 * MINUTE <= min(slots) <= last - 10 * MINUTE
    assert max(slots) == last
    assert min(slot for _, slot in read(fresh(store), ALL, 0, AFTER)) <= last - 600_000
    with store._client as client:
        assert client.llen("{zerostate}:recorded_entries") <= 21
        assert client.hlen("{zerostate}:recorded_parts") == 1


def test_recorded__is_bounded_in_bytes(store, settings, caplog):
    """The oldest go first, with the series that only they name; the log says how much is left."""
    settings.ZEROSTATE_MONITORING_HISTORY_MAX_BYTES = 4 * 20_000
    rng = random.Random(1)
    for n in range(300):
        page = {series("n:sum", node=str(rng.random())): rng.random() for _ in range(10)}
        assert write(store, "g", START + n * MINUTE, 1, [*page.items()])
    told = store.records().told()
    assert 10_000 < told.size <= 20_000
    assert told.cut > 0
    assert "recorded_cut_short" in caplog.text
    with store._client as client:
        used = sum(map(len, client.lrange("{zerostate}:recorded_entries", 0, -1)))
        used += sum(map(len, client.hvals("{zerostate}:recorded_parts")))
    assert used == told.size


def test_recorded__a_store_that_is_full_refuses(store, valkey_server):
    """Told to the evaluation; nothing of the entry stands."""
    with valkey_server.client as client:
        client.config_set("maxmemory", 1)
        try:
            with pytest.raises(StoreFullError):
                write(store, "g", START, 1, [(ONE, 1.0)])
        finally:
            client.config_set("maxmemory", 0)
    assert fresh(store).told.count == 0
    assert write(store, "g", START, 1, [(ONE, 1.0)])


def test_recorded__slots_ahead_of_a_clock_that_was_set_back(store):
    """Evaluation does not stand still until the clock has caught up."""
    ahead = int(time.time() * 1000) + 3_600_000
    assert write(store, "g", ahead, 1, [(ONE, 1.0)])
    assert write(store, "g", START, 1, [(ONE, 2.0)])
    assert read(fresh(store), ALL, 0, AFTER) == {(ONE, START): bits(2)}


def test_recorded__same_series_same_object(store):
    """While they are the same, however many slots and runs come, and whoever asks for some."""
    reader = recorded(store)
    tell(store, [{ONE: 1.0, TWO: 2.0}])
    reader.refresh()
    [some], [every] = reader.select(OF_ONE, 0, AFTER), reader.select(ALL, 0, AFTER)
    tell(store, [{ONE: 1.0, TWO: 2.0}] * 3 * RUN_COLUMNS, start=START + MINUTE)
    reader.refresh()
    assert reader.select(OF_ONE, 0, AFTER)[0].series is some.series
    assert reader.select(ALL, 0, AFTER)[0].series is every.series


def test_recorded__a_span(store):
    """Samples of start < t <= end."""
    tell(store, [{ONE: float(n)} for n in range(30)])
    [block] = fresh(store).select(OF_ONE, START + MINUTE, START + 4 * MINUTE)
    assert block.values[:, 0].tolist() == [2, 3, 4]
    assert fresh(store).select(OF_ONE, START - 2 * MINUTE, START - MINUTE) == []


def test_recorded__nothing_is_asked_while_there_is_nothing_new(store, valkey_server):
    """The timeline's answer says how much is recorded."""
    reader = recorded(store)
    tell(store, [{ONE: 1.0}])
    reader.refresh()
    version = reader.told.version
    with valkey_server.client as client:
        before = client.info("commandstats")["cmdstat_evalsha"]["calls"]
        reader.refresh(version)
        assert client.info("commandstats")["cmdstat_evalsha"]["calls"] == before
    tell(store, [{ONE: 1.0}], start=START + MINUTE)
    assert store.timeline().read(_nowhere(), from_ms=1).head.recorded != version


def _nowhere():
    from zerostate_monitoring.storage.timeline import Position

    return Position()


def test_end_others__two_intervals_after_the_last_slot(store):
    """Of groups that are no more; those that live go on, whatever they give."""
    tell(store, [{ONE: 1.0}] * 3, step=30_000)
    tell(store, [{series("b:sum"): 1.0}] * 3, group="h", step=30_000)
    reader, last = recorded(store), START + MINUTE
    assert reader.end_others({"h"}, last + 59_000, ROOM) == []
    assert reader.end_others({"h"}, last + MINUTE, ROOM) == ["g"]
    assert reader.end_others({"h"}, last + 2 * MINUTE, ROOM) == []
    found = read(fresh(store), ALL, 0, AFTER)
    assert found[ONE, last + MINUTE] == "stale"
    assert "stale" not in [value for (labels, _), value in found.items() if labels != ONE]


def test_begins__when_a_name_was_first_recorded(store):
    """Each by itself; alerts with all that is recorded, for none may have been there."""
    tell(store, [{ONE: 1.0}] * 3)
    tell(store, [{ONE: 1.0, series("b:sum"): 1.0}], start=START + 3 * MINUTE)
    reader = fresh(store)
    assert reader.begins(OF_ONE) == START
    assert reader.begins([Matcher("__name__", "=", "b:sum")]) == START + 3 * MINUTE
    assert reader.begins([Matcher("__name__", "=", "ALERTS")]) == START
    assert reader.begins([Matcher("__name__", "=", "up")]) is None


def test_write__keeps_what_is_marked_at_slots_of_five_minutes(store, monkeypatch):
    """The long tier has the very samples, and no others."""
    monkeypatch.setattr("zerostate_monitoring.storage.kept.MARKS", [lambda: {"job:x:sum"}])
    for n in range(8):
        page = [(ONE, float(n)), (series("b:sum"), 1.0)]
        assert write(store, "g", START + n * 150_000, 1, page)
    kept = {(ONE, START + n * 150_000): bits(float(n)) for n in (0, 2, 4, 6)}
    assert read(LongTier(), ALL, 0, AFTER) == kept


def test_write__of_a_group_with_an_offset_keeps_by_its_slots(store, monkeypatch):
    """The instants that it is asked for may never be those of the long tier."""
    monkeypatch.setattr("zerostate_monitoring.storage.kept.MARKS", [lambda: {"job:x:sum"}])
    for n in range(4):
        slot = START + n * 150_000
        assert write(store, "g", slot - 45_000, 1, [(ONE, float(n))], kept_ms=slot)
    kept = {(ONE, START + n * 150_000): bits(float(n)) for n in (0, 2)}
    assert read(LongTier(), ALL, 0, AFTER) == kept
    assert set(read(fresh(store), OF_ONE, 0, AFTER)) == {
        (ONE, START + n * 150_000 - 45_000) for n in range(4)
    }


def test_write__by_a_database_that_was_restored_is_taken_after_ten_minutes(store):
    """Its tokens are those of yesterday, and would be refused until tomorrow."""
    assert write(store, "g", START, 5_000, [(ONE, 1.0)])
    tries = {n: write(store, "g", START + n * MINUTE, 9 + n, [(ONE, 2.0)]) for n in range(1, 13)}
    assert [n for n, taken in tries.items() if taken] == [10, 11, 12]
    assert not write(store, "g", START + 13 * MINUTE, 20, [(ONE, 3.0)])


def test_write__what_was_refused_is_not_kept(store, monkeypatch):
    """Who was overtaken changes neither tier."""
    monkeypatch.setattr("zerostate_monitoring.storage.kept.MARKS", [lambda: {"job:x:sum"}])
    assert write(store, "g", START + MINUTE, 1, [(ONE, 1.0)])
    assert not write(store, "g", START, 1, [(ONE, 2.0)])
    assert read(LongTier(), ALL, 0, AFTER) == {}
