"""History: what was recorded is what is selected, whatever the reader held before."""

from __future__ import annotations

from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.timelines import (
    ALL,
    INTERVAL,
    bits,
    column,
    fill,
    modelled,
    now_slot,
    read,
    series,
)
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.storage.history import History
from zerostate_monitoring.storage.panels import Panel
from zerostate_monitoring.storage.recording import Recorder
from zerostate_monitoring.storage.timeline import RUN_COLUMNS, Bounds

NUMBERS = st.one_of(
    st.integers(-5, 5).map(float),
    st.sampled_from([float("nan"), float("inf"), float("-inf"), -0.0, 2.0**53, 2.0**60, 5e-324]),
    st.floats(width=64),
)
SERIES = [series(name, peer=peer) for name in ("a", "b_total", "c") for peer in ("1", "2", "")]
PAGES = st.dictionaries(st.sampled_from(SERIES), NUMBERS, max_size=len(SERIES))
STEPS = st.lists(st.tuples(PAGES, st.integers(1, 3), st.booleans()), min_size=1, max_size=50)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    steps=STEPS,
    repeats=st.integers(1, 3),
    writers=st.integers(1, 3),
    kept=st.sampled_from([25, 45, 10_000]),
)
def test_history__selects_what_was_recorded(store, valkey_server, steps, repeats, writers, kept):
    """Any pages, gaps, writers, retention and refreshes between: a reader sees them, old or new."""
    bounds = Bounds(INTERVAL, kept * INTERVAL, 1 << 30)
    with valkey_server.client as client:
        client.flushall()
    recorders = [Recorder(store.timeline()) for _ in range(writers)]
    old, slot = History(store.timeline()), now_slot() - 1000 * INTERVAL
    model = {}
    for number, (page, gap, looks) in enumerate(steps * repeats):
        slot += gap * INTERVAL
        outcome = recorders[number % writers].record(slot, column(page), bounds)
        assert outcome.value == "ok"
        model[slot] = page
        if looks:
            if number % 3:
                old.refresh(2 * INTERVAL)
            else:
                old.refresh(since_ms=slot - 25 * INTERVAL)
            old.select(ALL, slot - 3 * INTERVAL, slot)
    for reach in (4 * INTERVAL, 30 * INTERVAL, 10_000 * INTERVAL):
        fresh = History(store.timeline())
        fresh.refresh(reach if reach % 8 else 0)
        start = max(slot - reach, old.refresh().first - 1)
        wanted = modelled(model, start, slot)
        assert read(fresh, ALL, start, slot) == wanted
        assert read(old, ALL, start, slot) == wanted


@pytest.fixture
def recorder(store):
    return Recorder(store.timeline())


@pytest.fixture
def history(store):
    return History(store.timeline())


ONE, TWO = series("up", node="1"), series("up", node="2")


def test_history__begins_with_the_open_run_where_those_before_it_are_gone(recorder, store):
    """After a gap as long as the retention, single columns of a run without its block remain."""
    bounds, slot = Bounds(INTERVAL, 25 * INTERVAL, 1 << 30), now_slot() - 100 * INTERVAL
    for step in [1] * RUN_COLUMNS + [30, 1]:
        slot += step * INTERVAL
        recorder.record(slot, column({ONE: step}), bounds)
    fresh = History(store.timeline())
    fresh.refresh()
    [block] = fresh.select(ALL, slot - 2 * INTERVAL, slot)
    assert block.values.tolist() == [[30.0], [1.0]]


def test_refresh__reads_what_is_new_and_what_is_older_at_once(recorder, history, store):
    """One who holds the newest columns, and is asked for more, reads once."""
    last = fill(recorder, [{ONE: n} for n in range(100)])
    history.refresh()
    history.select(ALL, last - 2 * INTERVAL, last)
    last = fill(recorder, [{ONE: 100}], last)
    reading = Mock(side_effect=history._timeline.read)
    history._timeline.read = reading
    history.refresh(since_ms=last - 70 * INTERVAL)
    [block] = history.select(ALL, last - 70 * INTERVAL, last)
    assert block.values[:, 0].tolist() == [float(n) for n in range(31, 101)]
    assert reading.call_count == 1


def test_select__a_series_after_a_run_without_any(recorder, history):
    """Its panel begins with columns in which nothing stands."""
    last = fill(recorder, [*[{}] * RUN_COLUMNS, {ONE: 7}])
    history.refresh()
    history.select(ALL, last - INTERVAL, last)
    [block] = history.select(ALL, last - RUN_COLUMNS * INTERVAL, last)
    assert block.present[:, 0].tolist() == [False] * (RUN_COLUMNS - 1) + [True]


def test_select__marks_where_a_series_left(recorder, history):
    """A series that a column lacks, and that before it had, is stale there and only there."""
    last = fill(recorder, [{ONE: 1, TWO: 2}, {ONE: 1}, {ONE: 1}, {ONE: 1, TWO: 3}])
    history.refresh()

    [block] = history.select([Matcher(NAME, "=", "up")], last - 4 * INTERVAL, last)

    place = block.series.labels.index(TWO)
    assert block.present[:, place].tolist() == [True, False, False, True]
    assert block.stale[:, place].tolist() == [False, True, False, False]
    assert not block.stale[:, 1 - place].any()


def test_select__a_missed_column_is_a_gap(recorder, history):
    """No column, no timestamp, no marker; who left meanwhile is stale at the next column."""
    first = fill(recorder, [{ONE: 1, TWO: 2}])
    last = fill(recorder, [{ONE: 1}], first + 3 * INTERVAL)
    history.refresh()

    [block] = history.select([Matcher(NAME, "=", "up")], first - 1, last)

    assert block.times.tolist() == [first, last]
    assert block.stale[1].tolist() == [labels == TWO for labels in block.series.labels]
    assert history.head.missed == 3


def test_select__has_no_masks_where_all_are_present(recorder, history):
    """The engine's quick way: nothing absent, nothing stale."""
    last = fill(recorder, [{ONE: 1, TWO: 2}] * 3)
    history.refresh()
    [block] = history.select(ALL, last - 2 * INTERVAL, last)
    assert (block.present, block.stale) == (None, None)
    assert block.values.tolist() == [[1, 2], [1, 2]]


@pytest.mark.parametrize(
    ("matchers", "found"),
    [
        ([("node", "=", "1")], [ONE]),
        ([("node", "!=", "1")], [TWO, series("down")]),
        ([("node", "=~", "1|2")], [ONE, TWO]),
        ([("node", "!~", "[0-9]+")], [series("down")]),
        ([("node", "=", "")], [series("down")]),
        ([("node", "=~", ".*"), (NAME, "=~", "d.*")], [series("down")]),
        ([(NAME, "!=", "up")], [series("down")]),
        ([(NAME, "=", "up"), ("other", "!=", "x")], [ONE, TWO]),
        ([(NAME, "=", "nothing")], []),
    ],
)
def test_select__obeys_matchers(recorder, history, matchers, found):
    """A missing label is one with an empty value."""
    last = fill(recorder, [{ONE: 1, TWO: 2, series("down"): 3}])
    history.refresh()
    blocks = history.select([Matcher(*one) for one in matchers], last - 1, last)
    assert {labels for block in blocks for labels in block.series.labels} == set(found)


def test_select__gives_the_same_series_again(recorder, history):
    """While the series of a name are the same, so is the object, across runs and refreshes."""
    page = {ONE: 1, TWO: 2}
    matchers = [Matcher(NAME, "=", "up"), Matcher("node", "=", "1")]
    seen = set()
    last = 0
    for _ in range(3 * RUN_COLUMNS):
        last = fill(recorder, [page | {series("other", n=str(last)): 1}], last)
        history.refresh()
        [block] = history.select(matchers, last - 2 * INTERVAL, last)
        seen.add(block.series)
    assert len(seen) == 1


def test_select__an_answer_stays_as_it_was(recorder, history):
    """What was handed out does not change under the engine's hands."""
    last = fill(recorder, [{ONE: 1}, {ONE: 2}])
    history.refresh()
    [block] = history.select(ALL, last - 2 * INTERVAL, last)
    before = block.values.copy()
    last = fill(recorder, [{ONE: 3, TWO: 3}] * 30, last)
    history.refresh()
    history.select(ALL, last - 40 * INTERVAL, last)
    assert np.array_equal(block.values, before)
    assert block.series.labels == (ONE,)


def test_history__an_emptied_store_is_another_one(store, recorder, history, valkey_server):
    """Nothing of what was read is shown beside what is written after."""
    fill(recorder, [{ONE: 1}] * 3)
    history.refresh()
    with valkey_server.client as client:
        client.flushall()
    last = fill(recorder, [{TWO: 2}])
    history.refresh()
    [block] = history.select(ALL, 0, last)
    assert (block.series.labels, block.times.tolist()) == ((TWO,), [last])


def test_history__is_kept_for_its_time(recorder, history):
    """Blocks that are older than the retention go, whole."""
    pages = [{ONE: float(n)} for n in range(5 * RUN_COLUMNS)]
    last = fill(recorder, pages, bounds=Bounds(INTERVAL, 30 * INTERVAL, 1 << 30))
    head = history.refresh()
    kept = (head.last - head.first) // INTERVAL + 1
    assert 30 <= kept <= 30 + RUN_COLUMNS
    assert head.columns == kept
    [block] = history.select(ALL, 0, last)
    assert len(block.times) == kept


def test_history__forgets_series_of_which_nothing_is_left(store, valkey_server):
    """Parts that no column names any more leave the store."""
    recorder = Recorder(store.timeline())
    pages = [{series(f"x{n // 10}", n=str(n)): 1.0} for n in range(6 * RUN_COLUMNS)]
    fill(recorder, pages, bounds=Bounds(INTERVAL, 20 * INTERVAL, 1 << 30))
    with valkey_server.client as client:
        assert client.hlen("{zerostate}:history_parts") < 25


def test_history__what_nobody_asks_for_is_let_go_of(recorder, history):
    """Samples of names that were not asked for in two quarters of an hour leave memory."""
    last = fill(recorder, [{ONE: 1.0}])
    history.refresh()
    history.select(ALL, last - INTERVAL, last)
    assert history.nbytes
    for _ in range(3):
        last = fill(recorder, [{ONE: 1.0}], last + 15 * 60_000)
        history.refresh()
    assert not history.nbytes


def test_bits__of_special_values_survive(recorder, history):
    """-0, infinities and NaN come back as they were; every NaN is an ordinary one."""
    odd = np.array([0x7FF0000000000002], dtype=np.uint64).view(np.float64)[0]
    values = [-0.0, float("inf"), float("-inf"), float("nan"), odd, 5e-324]
    last = fill(recorder, [{series("x", n=str(n)): v for n, v in enumerate(values)}])
    history.refresh()
    [block] = history.select(ALL, last - 1, last)
    nan = 0x7FF8000000000001
    wanted = [bits(v) for v in values[:3]] + [nan, nan, bits(5e-324)]
    assert block.values[0].view(np.uint64).tolist() == wanted
    assert block.present is None


def test_refresh__what_was_taken_in_half_is_read_anew(recorder, history, monkeypatch):
    """Whatever goes wrong between reading and taking, nothing stands twice afterwards."""
    last = fill(recorder, [{ONE: n} for n in range(5)])
    history.refresh()
    history.select(ALL, 0, last)
    last = fill(recorder, [{ONE: 5}], last)
    extend = Panel.extend

    def fail(*args):
        extend(*args)
        raise MemoryError

    monkeypatch.setattr(Panel, "extend", fail)
    with pytest.raises(MemoryError):
        history.refresh()
    monkeypatch.undo()
    history.refresh(since_ms=1)
    [block] = history.select(ALL, 0, last)
    assert block.values[:, 0].tolist() == [0, 1, 2, 3, 4, 5]
