"""What holds alerts back, from rows to reasons."""

from __future__ import annotations

import logging
from datetime import time as clock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.alerting.rows import HOUR, NOW, alert, inhibition, silence, window
from zerostate_monitoring.alerting import suppression
from zerostate_monitoring.alerting.suppression import deciding, faults, loading
from zerostate_monitoring.alerting.suppression.deciding import Loaded, Suppressions
from zerostate_monitoring.alerting.suppression.reasons import labels_of
from zerostate_monitoring.models import Alert, Rule, RuleGroup, Silence
from zerostate_monitoring.models.words import AlertState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forgotten():
    """Nothing was logged before."""
    faults._told.clear()


def kind_of(row, now=NOW):
    reason = suppression.load(now).reason_for(row)
    return reason and reason.kind


def test_silence__holds_back_what_it_matches_while_it_lasts():
    """From its start up to its end, and only what meets all its matchers."""
    row = alert(node="edge-1")
    found = silence('alertname="NodeDown"\nnode=~"edge-.*"', comment="new disks")
    reason = suppression.load(NOW).reason_for(row)
    assert (reason.kind, reason.pk) == ("silence", found.pk)
    assert reason.text == f"Silence {found.pk} by ada until 2026-11-26 13:00 UTC. new disks"
    assert kind_of(alert(node="core-1")) is None
    assert kind_of(row, found.starts_at) == "silence"
    assert kind_of(row, found.starts_at - HOUR) is None
    assert kind_of(row, found.ends_at) is None


def test_name__can_be_matched_where_it_is_no_label():
    """An alert's name is its label alertname, whoever wrote the row."""
    row = alert()
    Alert.objects.update(labels={"node": "n1"})
    row.refresh_from_db()
    silence("alertname=NodeDown")
    assert kind_of(row) == "silence"


def test_window__holds_back_while_it_is_open():
    """Once and weekly ones, in their zone; disabled ones never."""
    row = alert()
    window("off", "alertname=NodeDown", enabled=False)
    assert kind_of(row) is None
    weekly = window(
        "nightly",
        "alertname=NodeDown",
        kind="weekly",
        zone="Asia/Kolkata",
        weekdays=[3],
        start_time=clock(17, 0),
        end_time=clock(18, 0),
    )
    assert suppression.load(NOW).reason_for(row).pk == weekly.pk
    assert kind_of(row, NOW + HOUR) is None


def test_inhibition__needs_a_source_that_fires():
    """A pending source holds nothing back; one that is itself silenced does."""
    target = alert("Slow", node="n1")
    row = inhibition("down", "alertname=NodeDown", "alertname=Slow", ["node"])
    source = alert(state=AlertState.PENDING, node="n1")
    assert kind_of(target) is None
    Alert.objects.filter(pk=source.pk).update(state=AlertState.FIRING)
    silence("alertname=NodeDown")
    reason = suppression.load(NOW).reason_for(target)
    assert (reason.kind, reason.pk) == ("inhibition", row.pk)
    assert reason.text == f"NodeDown (alert {source.pk}) fires: inhibition down."


def test_observing__holds_back_until_its_end():
    """A rule that is observed sends nothing; afterwards what still fires is sent."""
    group = RuleGroup.objects.create(name="g")
    rule = Rule.objects.create(group=group, name="R", expr="up", observing_until=NOW + HOUR)
    row = alert("R")
    row.rule, row.observed = rule, True
    assert kind_of(row) == "observing"
    assert kind_of(row, NOW + HOUR) is None
    row.rule = None
    assert kind_of(row, NOW + HOUR) == "observing"


def test_inhibition__by_what_is_only_observed_holds_nothing_back():
    """Nobody hears of the source, so nobody would hear of the target either."""
    group = RuleGroup.objects.create(name="g")
    rule = Rule.objects.create(group=group, name="R", expr="up", observing_until=NOW + HOUR)
    inhibition("down", "alertname=NodeDown", "alertname=Slow", ["node"])
    target, source = alert("Slow", node="n1"), alert(node="n1")
    assert kind_of(target) == "inhibition"
    Alert.objects.filter(pk=source.pk).update(observed=True)
    assert kind_of(target) is None
    Alert.objects.filter(pk=source.pk).update(rule=rule)
    assert kind_of(target) is None
    assert kind_of(target, NOW + HOUR) == "inhibition"


def test_acknowledged__holds_back_until_its_time_while_the_alert_fires():
    """Afterwards, and of an alert that ended, it says nothing."""
    row = alert()
    row.acknowledged_at, row.acknowledged_until = NOW - HOUR, NOW + HOUR
    row.acknowledgement = "on it"
    reason = suppression.load(NOW).reason_for(row)
    assert reason.kind == "acknowledged"
    assert reason.text == "Acknowledged until 2026-11-26 13:00 UTC. on it"
    assert kind_of(row, NOW + HOUR) is None
    row.acknowledged_until = None
    assert kind_of(row, NOW + HOUR) == "acknowledged"
    row.state = AlertState.RESOLVED
    assert kind_of(row) is None


def test_loading__takes_one_query_however_many_rows(django_assert_num_queries):
    """And reasons take none."""
    rows = [alert(node=f"n{n}") for n in range(10)]
    for n in range(10):
        silence(f"node=n{n}")
        window(f"w{n}", f"node=m{n}")
        inhibition(f"i{n}", "a=b", "c=d")
    suppression.load(NOW)  # Django asks a database once whether it knows JSON.
    with django_assert_num_queries(1):
        found = suppression.load(NOW)
        assert all(found.reason_for(row) for row in rows)


BROKEN = ["", "node=", 'node=~"("', "{", "x" * 30_000]


@pytest.mark.parametrize("matchers", BROKEN)
def test_broken_rows__hold_nothing_back_and_are_logged_once(matchers, caplog):
    """Silence, window and both sides of an inhibition: the alert goes out, others still hold."""
    row, other = alert(node="n1"), alert("Other", node="n2")
    silence(matchers)
    window("w", matchers)
    inhibition("source", matchers, "node=n1")
    inhibition("target", "alertname=Other", matchers)
    silence("alertname=Other")
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            found = suppression.load(NOW)
            assert found.reason_for(row) is None
            assert found.reason_for(other).kind == "silence"
    assert [record.message for record in caplog.records] == ["suppression_broken"] * 4
    assert {(fault.kind, fault.name) for fault in found.faults} == {
        ("silence", "upgrade"),
        ("window", "w"),
        ("inhibition", "source"),
        ("inhibition", "target"),
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "hourly"},
        {"kind": "once", "ends_at": None},
        {"kind": "once", "ends_at": NOW - 2 * HOUR},
        {"kind": "weekly"},
        {"kind": "weekly", "weekdays": [3], "start_time": clock(0), "end_time": None},
        {"kind": "weekly", "weekdays": [], "start_time": clock(0), "end_time": clock(0)},
        {"kind": "weekly", "weekdays": [7], "start_time": clock(0), "end_time": clock(0)},
        {"kind": "weekly", "weekdays": "3", "start_time": clock(0), "end_time": clock(0)},
        {
            "kind": "weekly",
            "weekdays": [3],
            "start_time": clock(0),
            "end_time": clock(0),
            "zone": "Mars/Olympus",
        },
    ],
)
def test_windows_without_a_time__hold_nothing_back(fields):
    """A window that does not say when it is open is never open, and is told of."""
    row = alert()
    window("w", "alertname=NodeDown", **fields)
    found = suppression.load(NOW)
    assert found.reason_for(row) is None
    assert [fault.kind for fault in found.faults] == ["window"]


def test_strange_equal__holds_nothing_back():
    """Equal labels that are no list of names."""
    row = alert(node="n1")
    inhibition("i", "alertname=NodeDown", "node=n1")
    for equal in ("node", {"a": 1}, [1], None):
        rows = [inhibition(f"i-{equal}", "alertname=NodeDown", "node=n1")]
        rows[0].equal = equal
        found = Suppressions(Loaded(now=NOW, inhibitions=rows))
        assert found.reason_for(row) is None
        assert [fault.kind for fault in found.faults] == ["inhibition"]


@pytest.mark.parametrize("labels", [None, [1], "x", 3])
def test_alert_without_labels__goes_out(labels):
    """An alert whose labels are none cannot be held back, and breaks no silence."""
    other = alert("Other")
    found = silence('alertname=~"Other|NodeDown"')
    row = Alert(pk=99, rule_name="NodeDown", labels=labels, state=AlertState.FIRING)
    loaded = suppression.load(NOW)
    assert loaded.reason_for(row) is None
    assert loaded.reason_for(other).pk == found.pk
    assert [fault.kind for fault in loaded.faults] == ["alert"]


def test_strange_labels__are_read_as_text():
    """Numbers and half characters among the labels are text to matchers."""
    row = Alert(pk=9, rule_name="A", labels={"n": 7, "s": "\ud800"}, state=AlertState.FIRING)
    silence('n=~"[0-9]"\ns=~".+"')
    assert kind_of(row) == "silence"


class BoomError(Exception):
    """What nobody expects."""


ERRORS = st.sampled_from(
    [BoomError("x"), ValueError(), KeyError("k"), RecursionError(), TypeError()]
)
PLACES = st.sampled_from(
    [
        (loading, "_open"),
        (deciding, "inhibitor_of"),
        (deciding, "compile_text"),
        (deciding, "labels_of"),
    ]
)


@settings(max_examples=40, deadline=None)
@given(error=ERRORS, place=PLACES, broken=st.sampled_from(["silence", "window", "inhibition"]))
def test_any_exception__lets_the_alert_through_with_a_marker(error, place, broken):
    """Whatever raises wherever: nothing escapes, the alert goes out, and the row is named."""

    def explode(*args, **kwargs):
        raise error

    row = Alert(pk=1, rule_name="NodeDown", labels={"node": "n1"}, state=AlertState.FIRING)
    made = {
        "silence": lambda: silence("node=n1"),
        "window": lambda: window("w", "node=n1"),
        "inhibition": lambda: inhibition("i", "alertname=Source", "node=n1"),
    }[broken]()
    source = alert("Source")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place[0], place[1], explode)
        found = suppression.load(NOW)
        reason = found.reason_for(row)
    used = {
        "_open": {"window"},
        "inhibitor_of": {"inhibition"},
        "compile_text": {"silence", "window", "inhibition"},
        "labels_of": {"silence", "window", "inhibition"},
    }[place[1]]
    assert (reason is None) is (broken in used)
    if broken in used:
        named = {(fault.kind, fault.pk) for fault in found.faults}
        assert named & {(broken, made.pk), ("alert", row.pk)}
    made.delete()
    source.delete()


def test_test_that_raises__is_skipped_from_then_on():
    """A row that raises for one alert holds none back in this turn; others do."""
    row = alert(node="n1")
    silence("alertname=NodeDown")
    window("w", "alertname=NodeDown")
    found = suppression.load(NOW)
    hold = next(
        h for h in found._holds.candidates({"alertname": "NodeDown"}) if h.kind == "silence"
    )

    def explode(labels):
        raise BoomError

    object.__setattr__(hold, "test", explode)
    for _ in range(2):
        assert found.reason_for(row).kind == "window"
        assert [fault.reason for fault in found.faults] == ["BoomError"]


def test_inhibition_that_raises__is_skipped_from_then_on(monkeypatch):
    """Its name is known, and the one after it holds back all the same."""
    row = alert(node="n1")
    alert("Source")
    for name in ("first", "second"):
        inhibition(name, "alertname=Source", "node=n1")
    found = suppression.load(NOW)
    broken, _good = (one for _row, one in found._inhibitors.candidates({"node": "n1"}))

    def explode(labels):
        raise BoomError

    object.__setattr__(broken, "target", explode)
    for _ in range(2):
        assert found.reason_for(row).text.endswith("inhibition second.")
        assert [fault.name for fault in found.faults] == ["first"]


def test_reasons__look_at_few_of_a_thousand_silences():
    """Ten of them for each of many alerts: a turn of delivery has seconds."""
    rows = [
        Alert(pk=n, rule_name=f"A{n % 100}", labels={"node": f"n{n}"}, state=AlertState.FIRING)
        for n in range(2_000)
    ]
    silences = [
        Silence(
            pk=n,
            matchers=f'alertname="A{n % 100}"\nnode=~"n{n}1*"',
            starts_at=NOW - HOUR,
            ends_at=NOW + HOUR,
        )
        for n in range(1_000)
    ]
    found = Suppressions(Loaded(now=NOW, silences=silences))
    assert sum(found.reason_for(row) is not None for row in rows) > 1_000
    looked_at = [len(list(found._holds.candidates(labels_of(row)))) for row in rows]
    assert set(looked_at) == {10}
