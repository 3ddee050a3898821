"""How much of the store history takes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.storage.timelines import ALL, INTERVAL, fill, series
from zerostate_monitoring.storage.history import History
from zerostate_monitoring.storage.recording import Recorder
from zerostate_monitoring.storage.timeline import RUN_COLUMNS, Bounds, Timeline


@pytest.fixture
def history(store):
    return History(store.timeline())


def held(server):
    """Bytes of all that stands in the store."""
    with server.client as client:
        entries = [
            *client.lrange("{zerostate}:history_columns", 0, -1),
            *client.lrange("{zerostate}:history_blocks", 0, -1),
            *client.hvals("{zerostate}:history_parts"),
        ]
    return sum(map(len, entries))


def test_history__is_cut_short_by_its_bound(store, history, caplog, valkey_server):
    """Beyond its bytes the oldest blocks go first, a log line says so, and the sum is true."""
    recorder, most = Recorder(store.timeline()), 100_000
    fill(recorder, pages(130), bounds=Bounds(INTERVAL, 7_200_000, most))
    head = history.refresh()
    assert head.size == held(valkey_server) <= most
    assert head.cut > 0
    assert head.columns < 130
    assert "history_cut_short" in caplog.messages


def pages(count):
    """Every value is new."""
    random = np.random.default_rng(7)
    keys = [series("x", n=str(n)) for n in range(100)]
    return [dict(zip(keys, random.random(100).tolist(), strict=True)) for _ in range(count)]


def test_history__single_columns_go_where_the_blocks_are_not_enough(store, history, valkey_server):
    """Of large pages the bound holds, too, and what is left is read."""
    recorder, most = Recorder(store.timeline()), 25_000
    told, last = pages(3 * RUN_COLUMNS), 0
    for page in told:
        last = fill(recorder, [page], last, bounds=Bounds(INTERVAL, 7_200_000, most))
        head = history.refresh()
        assert head.size == held(valkey_server) <= most
        [block] = history.select(ALL, last - 1, last)
        assert sorted(block.values[0].tolist()) == sorted(page.values())
    fresh = History(store.timeline())
    fresh.refresh()
    [block] = fresh.select(ALL, last - RUN_COLUMNS * INTERVAL, last)
    assert len(block.times) == RUN_COLUMNS


def test_history__a_bound_below_the_open_run_is_said_once_for_each(store, history, caplog):
    """The open run is never cut: everything rests on it."""
    bounds = Bounds(INTERVAL, 7_200_000, 8_000)
    recorder = Recorder(store.timeline())
    fill(recorder, pages(2 * RUN_COLUMNS), bounds=bounds)
    assert history.refresh().size > bounds.most_bytes
    assert 1 <= caplog.messages.count("history_bound_too_small") <= 2


def test_append__that_was_done_asks_nothing_more(store, monkeypatch):
    """A store that goes away after it has taken a column has taken it."""
    monkeypatch.setattr(Timeline, "head", lambda self: pytest.fail("asked again"))
    recorder = Recorder(store.timeline())
    fill(recorder, pages(3 * RUN_COLUMNS), bounds=Bounds(INTERVAL, 7_200_000, 20_000))
