"""What a worker runs for history: a column, and what of it is kept for long."""

from __future__ import annotations

import time
from unittest.mock import Mock

import pytest
from django.db import InterfaceError
from prometheus_client.core import GaugeMetricFamily

from zerostate_monitoring import tasks
from zerostate_monitoring.collectors import COLLECTORS, collector
from zerostate_monitoring.exposition.recording import record
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.storage import kept
from zerostate_monitoring.storage.kept import LongTier, marked_names
from zerostate_monitoring.tasks import collecting
from zerostate_monitoring.tasks.options import options_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    @collector("shop", interval=30)
    def collect():
        yield GaugeMetricFamily("shop_orders", "Orders.", value=7)

    yield collect
    COLLECTORS.discard("shop")


def test_record_history__makes_one_column_of_a_slot(store, shop):
    """However often it is asked for."""
    tasks.collect("shop")
    tasks.record_history()
    tasks.record_history()

    assert 1 <= store.timeline().head().columns <= 2


def test_record_history__leaves_a_gap_where_the_store_is_away(caplog):
    """No error ends the task; a log line says that there is a gap."""
    tasks.record_history()
    assert "history_gap" in caplog.messages


@pytest.fixture
def at_five_minutes(monkeypatch):
    """The column is one of the long tier's slots."""
    slot = int(time.time()) // 300 * 300
    monkeypatch.setattr(collecting, "record", lambda now: record(float(slot)))
    return slot * 1000


def test_record_history__keeps_what_is_marked(store, shop, at_five_minutes, monkeypatch):
    """A name that somebody marked stands in the long tier; nobody marks any by himself."""
    assert marked_names() == frozenset()
    monkeypatch.setattr(kept, "MARKS", [lambda: {"shop_orders"}, lambda: ["nothing"]])
    tasks.collect("shop")
    tasks.record_history()
    [block] = LongTier().select(
        [Matcher("__name__", "=~", ".+")], at_five_minutes - 1, at_five_minutes
    )
    assert (block.values.tolist(), block.times.tolist()) == ([[7.0]], [at_five_minutes])
    assert [dict(one)["__name__"] for one in block.series.labels] == ["shop_orders"]


def test_record_history__whose_database_is_away_has_its_column(
    store, at_five_minutes, monkeypatch, caplog
):
    """It is no gap; what was not kept is said."""
    monkeypatch.setattr(collecting, "keep_marked", Mock(side_effect=InterfaceError("gone")))
    tasks.record_history()
    assert store.timeline().head().last == at_five_minutes
    assert "history_not_kept" in caplog.messages
    assert "history_gap" not in caplog.messages


@pytest.mark.parametrize(("name", "value"), [("ENABLED", False), ("HISTORY", 0)])
def test_record_history__is_a_no_op_where_it_is_switched_off(store, settings, name, value):
    """Nothing is written."""
    setattr(settings, f"ZEROSTATE_MONITORING_{name}", value)
    tasks.record_history()
    assert not store.timeline().head().epoch


def test_record_history__is_sent_with_the_limits_of_its_slot(settings):
    """It expires with its tick, and may take two intervals: the first learns all series."""
    settings.ZEROSTATE_MONITORING_HISTORY_INTERVAL_SECONDS = 30
    options = options_of("zerostate_monitoring.record_history", (), {})
    assert options["expires"] == 10
    assert 30 < options["soft_time_limit"] < options["time_limit"]
