"""From the page to the timeline and back."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from tests.storage.frames import gauge, write
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.exposition import recording
from zerostate_monitoring.exposition.recording import record, slot_of
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.storage.history import History


@pytest.fixture
def now():
    """Some minutes ago, so that there is room for columns before the store's clock."""
    return time.time() - 600


def values(store, name="zerostate_test"):
    """All samples of a name in the timeline: key label to values by column."""
    history = History(store.timeline())
    head = history.refresh()
    return {
        dict(labels)["key"]: [
            value if block.present is None or block.present[row, place] else None
            for row, value in enumerate(block.values[:, place].tolist())
        ]
        for block in history.select([Matcher(NAME, "=", name)], 0, head.last)
        for place, labels in enumerate(block.series.labels)
    }


def test_record__appends_the_page(store, now):
    """Values as they were at each slot; who left is not there any more."""
    write(store, "collector:a", gauge({"x": 1, "y": 2}))
    first = record(now)
    write(store, "collector:a", gauge({"x": 3}))
    second = record(now + 15)

    assert (first, second) == (slot_of(now, 15), slot_of(now, 15) + 15_000)
    assert values(store) == {"x": [1, 3], "y": [2, None]}


def test_record__is_none_where_the_slot_is_taken(store, now):
    """The same slot again, by this process or another."""
    assert record(now) is not None
    assert record(now) is None
    recording._recordings.clear()
    assert record(now) is None


def test_record__many_at_once_make_one_column(store, store_at, valkey_url, now):
    """Threads with stores of their own, as processes would be: one of them makes it."""
    stores = [store_at(valkey_url, timeout=5) for _ in range(6)]
    made = []
    for slot in range(4):
        at = now + slot * 15
        threads = [
            threading.Thread(target=lambda s=s, at=at: made.append(record(at, s))) for s in stores
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(filter(None, made)) == [slot_of(now + n * 15, 15) for n in range(4)]
    assert store.timeline().head().columns == 4


def test_record__raises_where_the_store_is_away(now):
    """The caller decides; the slot stays a gap."""
    with pytest.raises(StoreError):
        record(now)


def test_record__obeys_its_settings(store, settings, now):
    """The interval makes the slots; a timedelta is a duration; 0 switches it off."""
    settings.ZEROSTATE_MONITORING_HISTORY_INTERVAL_SECONDS = 60
    settings.ZEROSTATE_MONITORING_HISTORY = timedelta(hours=1)
    assert record(now) == slot_of(now, 60)
    assert conf.HISTORY == 3600
    settings.ZEROSTATE_MONITORING_HISTORY = 0
    assert record(now + 60) is None


def test_record__what_settings_keep_from_the_page_is_not_in_history(store, now, monkeypatch):
    """The same refusals as on the page."""
    write(store, "collector:a", gauge({"x": 1}))
    monkeypatch.setattr(recording, "refused", lambda snapshot: frozenset({"collector:a"}))
    recording._recordings.clear()
    record(now)
    assert values(store) == {}
