"""Who appends to the timeline: one writer for each slot, whatever becomes of the others."""

from __future__ import annotations

import pytest

from tests.deployments import behind_sentinels, cluster
from tests.storage.timelines import ALL, BOUNDS, INTERVAL, column, fill, now_slot, series
from zerostate_monitoring.storage.history import History
from zerostate_monitoring.storage.recording import Recorder
from zerostate_monitoring.storage.runs import Run
from zerostate_monitoring.storage.timeline import RUN_COLUMNS, Addition, Bounds, Outcome, Position

ONE, TWO = series("up", node="1"), series("up", node="2")


@pytest.fixture
def recorder(store):
    return Recorder(store.timeline())


def test_record__a_slot_is_written_once(store):
    """Two recorders at once: one column, the other one is refused."""
    one, other = Recorder(store.timeline()), Recorder(store.timeline())
    slot = now_slot() - INTERVAL
    assert one.record(slot, column({ONE: 1}), BOUNDS).value == "ok"
    assert other.record(slot, column({ONE: 2}), BOUNDS).value == "taken"
    assert other.record(slot - INTERVAL, column({ONE: 2}), BOUNDS).value == "taken"
    history = History(store.timeline())
    history.refresh()
    [block] = history.select(ALL, slot - 1, slot)
    assert block.values.tolist() == [[1.0]]


def test_append__a_slot_that_is_there_is_refused_by_the_store_itself(store):
    """Also to one who has read it, and who should not have asked."""
    slot = fill(Recorder(store.timeline()), [{ONE: 1}])
    timeline = store.timeline()
    news = timeline.read(Position(), from_ms=0)
    [there] = news.columns
    run, held = Run(timeline.known(there.digests)), news.after(Position())
    run.read(there)
    again = Addition(column=run.column(slot, run.rows[-1], ()))
    assert timeline.append(held, again, BOUNDS) == (Outcome.TAKEN, held)
    assert timeline.head().columns == 1


def test_record__one_who_was_overtaken_reads_on(store):
    """A column of somebody else between reading and writing: the writer reads it and goes on."""
    one, other = Recorder(store.timeline()), Recorder(store.timeline())
    slot = fill(one, [{ONE: 1}])

    def overtaken():
        fill(other, [{ONE: 2, TWO: 2}], slot)
        return column({ONE: 3})()

    assert one.record(slot + 2 * INTERVAL, overtaken, BOUNDS).value == "ok"
    history = History(store.timeline())
    history.refresh()
    [block] = history.select(ALL, slot - 1, slot + 2 * INTERVAL)
    assert block.values[:, block.series.labels.index(ONE)].tolist() == [1, 2, 3]


def test_record__one_who_fell_behind_of_runs_that_are_gone(store):
    """Their series are gone, too: it goes on with the open run, of which nothing is lost."""
    late, other = Recorder(store.timeline()), Recorder(store.timeline())
    tiny = Bounds(INTERVAL, BOUNDS.retention, 1)
    pages = [{series("up", run=str(n // 15)): 1.0} for n in range(2 * RUN_COLUMNS + 9)]
    slot = fill(late, pages[:10], bounds=tiny)
    slot = fill(other, pages[10:], slot, tiny)
    slot = fill(late, [{TWO: 2.0}], slot, tiny)
    history = History(store.timeline())
    head = history.refresh()
    [block] = history.select(ALL, 0, slot)
    assert len(block.times) == (slot - head.first) // INTERVAL + 1 > 9


def test_record__one_that_dies_before_it_writes_leaves_nothing(store):
    """Killed while its column is made: a gap, and the next one goes on."""
    recorder = Recorder(store.timeline())
    slot = fill(recorder, [{ONE: 1}])

    def killed():
        raise SystemExit

    with pytest.raises(SystemExit):
        recorder.record(slot + INTERVAL, killed, BOUNDS)
    fill(recorder, [{ONE: 2}], slot + INTERVAL)
    assert store.timeline().head().missed == 1


def test_record__refuses_a_slot_ahead_of_the_store(recorder):
    """A worker whose clock runs ahead does not shut the timeline for the others."""
    ahead = now_slot() + 10 * INTERVAL
    assert recorder.record(ahead, column({ONE: 1}), BOUNDS).value == "early"


def test_record__begins_anew_where_the_stores_clock_was_set_back(store, valkey_server):
    """A timeline that ends in the store's future would refuse everything for as long."""
    fill(Recorder(store.timeline()), [{ONE: 1}])
    with valkey_server.client as client:
        client.hset("{zerostate}:history", "last", now_slot() + 3_600_000)
    recorder = Recorder(store.timeline())
    assert recorder.record(now_slot(), column({TWO: 2}), BOUNDS).value == "ok"
    assert store.timeline().head().columns == 1


def test_history__a_damaged_column_costs_itself_alone(store, valkey_server):
    """A writer that cannot read what it finds begins a new run."""
    slot = fill(Recorder(store.timeline()), [{ONE: 1}] * 3)
    with valkey_server.client as client:
        entry = client.lindex("{zerostate}:history_columns", -1)
        client.lset("{zerostate}:history_columns", -1, entry[:-4] + b"????")
    slot = fill(Recorder(store.timeline()), [{ONE: 2}], slot)
    assert store.timeline().head().last == slot


def test_recording__is_quick_where_nothing_is_new(recorder, monkeypatch):
    """Who knows that the slot is taken does not ask the store."""
    slot = fill(recorder, [{ONE: 1}])
    monkeypatch.setattr(recorder, "_timeline", None)
    assert recorder.record(slot, pytest.fail, BOUNDS).value == "taken"


@pytest.mark.parametrize("deployed", [behind_sentinels, cluster], ids=lambda one: one.__name__)
def test_record__works_wherever_the_store_is(deployed, store_at):
    """Behind Sentinels and on a cluster: runs, blocks and parts under one hash tag."""
    with deployed() as deployment:
        store = store_at(deployment.url, timeout=5)
        recorder, history = Recorder(store.timeline()), History(store.timeline())
        last = fill(recorder, [{ONE: float(n), TWO: -float(n)} for n in range(45)])
        history.refresh()
        [block] = history.select(ALL, 0, last)
        assert block.values[:, block.series.labels.index(ONE)].tolist() == list(range(45))
