"""Readers that live for long: what they hold is older than what the store has by then."""

from __future__ import annotations

import numpy as np
import pytest

from tests.storage.timelines import BOUNDS, INTERVAL, bits, column, fill, now_slot, read, series
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.promql.data import NAME, Block, Series
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.storage.history import History
from zerostate_monitoring.storage.kept import LongTier
from zerostate_monitoring.storage.reaching import Reaching
from zerostate_monitoring.storage.recording import Recorder
from zerostate_monitoring.storage.timeline import RUN_COLUMNS, Bounds

ONE, TWO = series("one"), series("two")
OF_ONE, OF_TWO = [Matcher(NAME, "=", "one")], [Matcher(NAME, "=", "two")]
SHORT = Bounds(INTERVAL, 2 * RUN_COLUMNS * INTERVAL, 1 << 30)


@pytest.fixture
def recorder(store):
    return Recorder(store.timeline())


@pytest.fixture
def history(store):
    return History(store.timeline())


def lived(recorder, history, columns, reach=1000 * INTERVAL, bounds=SHORT):
    """What was recorded while a reader asked for one name after each column, by slot."""
    slot, recorded = now_slot() - 1000 * INTERVAL, {}
    for number in range(columns):
        page = {ONE: float(number), TWO: float(-number)}
        slot = fill(recorder, [page], slot, bounds)
        recorded[slot] = page
        history.refresh()
        history.select(OF_ONE, slot - reach, slot)
    return recorded


def test_select__another_name_reaches_back_as_far_as_the_store_has(recorder, history):
    """A name that was asked for all the time is held for longer: no other one's rows shift."""
    recorded = lived(recorder, history, 5 * RUN_COLUMNS)
    last = max(recorded)
    assert len(read(history, OF_ONE, 0, last)) > len(read(history, OF_TWO, 0, last)) > 0
    for (labels, slot), value in read(history, OF_TWO, 0, last).items():
        assert value == bits(recorded[slot][labels])
    first = history.head.first
    assert len(read(history, OF_TWO, first - 1, last)) == (last - first) // INTERVAL + 1
    assert read(history, OF_TWO, 0, first - 10 * RUN_COLUMNS * INTERVAL) == {}


def test_select__the_store_was_emptied_since_the_window_was_read(recorder, history, valkey_server):
    """What has to be fetched belongs to another window: nothing is mixed."""
    reach = 50 * INTERVAL
    last = max(lived(recorder, history, 5 * RUN_COLUMNS, reach, BOUNDS))
    with valkey_server.client as client:
        client.flushall()
    slot = fill(recorder, [{ONE: 7.0, TWO: 8.0}] * 2, last)
    found = read(history, OF_TWO, last - reach, slot)
    assert found == {(TWO, slot - n * INTERVAL): bits(8) for n in (0, 1)}


def test_reaching__what_is_held_is_not_joined_with_what_was_kept_of_the_same_time(
    recorder, history
):
    """Samples of the long tier end where those of the reader begin."""
    recorded = lived(recorder, history, 5 * RUN_COLUMNS)
    first, last = min(recorded), max(recorded)
    times = np.arange(first - 40 * INTERVAL, last, 20 * INTERVAL)

    class Kept(LongTier):
        def select_within(self, matchers, start_ms, end_ms, check):
            return [Block(Series([ONE]), times, np.full((len(times), 1), 9.0))]

    [block] = Reaching(history, Kept()).select(OF_ONE, 0, last)
    assert (np.diff(block.times) > 0).all()
    assert block.values[block.times < block.times[-1] - 101 * INTERVAL].min() == 9
    held = read(history, OF_ONE, 0, last)
    assert held.items() <= read(Reaching(history, Kept()), OF_ONE, 0, last).items()


def test_select__a_block_that_is_damaged(recorder, history, valkey_server):
    """What cannot be unpacked is the store's fault, told as such."""
    slot = fill(recorder, [{ONE: 1.0}] * (RUN_COLUMNS + 1))
    with valkey_server.client as client:
        [key] = client.keys("*blocks*")
        client.lset(key, 0, client.lindex(key, 0)[:-8] + b"????????")
    history.refresh()
    with pytest.raises(StoreError, match="cannot be read"):
        history.select(OF_ONE, 0, slot)


@pytest.mark.parametrize("next_writer", [0, 1])
def test_history__a_slot_that_was_lost_and_written_again(
    store, recorder, history, valkey_server, next_writer
):
    """A store that falls back to an older copy within a slot: the first column is nobody's base."""
    other = Recorder(store.timeline())
    slot = fill(recorder, [{ONE: 1.0}] * 3)
    with valkey_server.client as client:
        copy = {key: client.dump(key) for key in client.keys("*")}
        lost = fill(recorder, [{ONE: 100.0}], slot)
        history.refresh()
        client.flushall()
        for key, value in copy.items():
            client.restore(key, 0, value)
    assert other.record(lost, column({ONE: 7.0}), BOUNDS).value == "ok"
    writer = (recorder, other)[next_writer]
    assert writer.record(lost + INTERVAL, column({ONE: 8.0}), BOUNDS).value == "ok"
    history.refresh()
    for reader in (history, History(store.timeline())):
        reader.refresh()
        [block] = reader.select(OF_ONE, 0, lost + INTERVAL)
        assert block.values.ravel().tolist() == [1, 1, 1, 7, 8]


def test_refresh__what_was_answered_is_let_go_of(recorder, history):
    """Also where nobody records: a process that is asked again and again does not grow."""
    pages = [{series("one", peer=str(n % 7)): 1.0, ONE: 2.0} for n in range(RUN_COLUMNS)]
    last = fill(recorder, pages)
    for n in range(200):
        history.refresh()
        history.select(OF_ONE, last - n % 19 * INTERVAL - n, last + n)
    assert len(history._answers) == 1
    [panel] = history._panels.values()
    assert len(panel._wholes) <= 32
