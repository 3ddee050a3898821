"""What evaluation records is read back by queries, charts and the rules that follow."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from tests.storage.timelines import ALL, BOUNDS, bits, column, read, series
from zerostate_monitoring.alerting.evaluation.ticking import tick
from zerostate_monitoring.models import Rule, RuleGroup
from zerostate_monitoring.models.rule import kept_names
from zerostate_monitoring.models.words import RuleKind
from zerostate_monitoring.querying import querier
from zerostate_monitoring.storage import kept
from zerostate_monitoring.storage.kept import SLOT_MS, LongTier
from zerostate_monitoring.storage.recording import Recorder

pytestmark = pytest.mark.django_db(transaction=True)

STEP = 60_000
START = int(time.time() * 1000) // SLOT_MS * SLOT_MS - 3_600_000
LOAD = [series("load", node=str(n)) for n in (1, 2)]


@pytest.fixture
def group():
    found = RuleGroup.objects.create(name="g", interval_seconds=60)
    recording = Rule(name="a:load:sum", expr="sum(load)", kind=RuleKind.RECORDING, kept=True)
    high = Rule(name="High", expr="a:load:sum > 5", kind=RuleKind.ALERTING, severity="warning")
    for position, rule in enumerate((recording, high)):
        rule.group, rule.position = found, position
        rule.save()
    return found


def evaluated(store, values, start=START):
    """Columns with these loads, each evaluated; the last slot."""
    slot = start
    for n, value in enumerate(values):
        slot = start + n * STEP
        found = dict.fromkeys(LOAD, value) if value is not None else {series("up"): 1.0}
        assert Recorder(store.timeline()).record(slot, column(found), BOUNDS).value == "ok"
        assert tick(datetime.fromtimestamp(slot / 1000, UTC)) == 1
    return slot


def asked(text, at):
    """Values by labels."""
    samples = querier().instant(text, at).value.samples
    return {
        tuple(pair for pair in one.labels if pair[0] != "__name__"): one.value for one in samples
    }


def test_tick__records_what_rules_give_and_their_alerts(store, group):
    """At exactly the slot; a rule sees what one before it gave at the same slot."""
    last = evaluated(store, [1.0, 3.0, 4.0, None])
    assert asked("a:load:sum", START + STEP) == {(): 6.0}
    labels = (("alertname", "High"), ("severity", "warning"))
    firing = tuple(sorted([*labels, ("alertstate", "firing")]))
    assert asked("ALERTS", START + STEP) == {firing: 1.0}
    since = (START + STEP) // 1000
    assert asked("ALERTS_FOR_STATE", START + 2 * STEP) == {labels: since}
    # What it no longer gives ends at once, not after five minutes.
    assert asked("a:load:sum", last) == {}
    assert asked("ALERTS", last) == {}
    assert asked("count_over_time(a:load:sum[10m])", last) == {(): 3.0}


def test_tick__keeps_what_is_marked(store, group, monkeypatch):
    """The names of enabled rules; at slots of five minutes, the very samples."""
    monkeypatch.setattr(kept, "MARKS", [kept_names])
    evaluated(store, [float(n) for n in range(11)])
    name = series("a:load:sum")
    assert read(LongTier(), ALL, 0, START + 86_400_000) == {
        (name, START + n * SLOT_MS): bits(10.0 * n) for n in range(3)
    }
    RuleGroup.objects.update(enabled=False)
    assert kept_names() == frozenset()


def test_marks__are_set_once():
    """The app's names are among those of the long tier, and nobody else has to say so."""
    assert kept.MARKS.count(kept_names) == 1
