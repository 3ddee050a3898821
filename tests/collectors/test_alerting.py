"""What evaluation and delivery say of themselves: each family fed, no counter ever falls."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.timelines import ALL, read, series
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Reading
from zerostate_monitoring.collectors.alert_events import alert_events
from zerostate_monitoring.collectors.alerting import alerting
from zerostate_monitoring.collectors.assembly import assemble
from zerostate_monitoring.collectors.base import COLLECTORS
from zerostate_monitoring.collectors.deliveries import deliveries
from zerostate_monitoring.collectors.items import Absent
from zerostate_monitoring.collectors.recorded import recorded_series
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.collectors.tables import table_rows
from zerostate_monitoring.collectors.tallies import tally
from zerostate_monitoring.models import (
    Alert,
    AlertEvent,
    GroupState,
    Heartbeat,
    Message,
    NotificationGroup,
    OutboxEntry,
    Receiver,
    ReceiverState,
    Rule,
    RuleGroup,
    RuleState,
    Tally,
)
from zerostate_monitoring.models.outbox import MessageState, Notice, OutboxState
from zerostate_monitoring.models.words import AlertState, EventKind, Health, RuleKind
from zerostate_monitoring.storage.recorded import recorded, write

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC).replace(microsecond=0)
PREFIX = "zerostate_monitoring_"
DUE = "outbox_oldest_due_timestamp_seconds"


def ago(seconds):
    return NOW - timedelta(seconds=seconds)


def given_by(items):
    """Values by name and labels, as they would stand on the page."""
    made = assemble(items, at=0, previous={}, refusal=lambda definition: "", find=CATALOGUE.find)
    assert not made.refused
    found = defaultdict(dict)
    for key, labels, value in made.frame.samples():
        found[key.removeprefix(PREFIX)][tuple(labels)] = value
    return found


def values(items):
    """Readings by family and label values."""
    readings = [one for one in items if isinstance(one, Reading)]
    found = {(one.definition.name.removeprefix(PREFIX), *one.labels): one.value for one in readings}
    assert len(found) == len(readings), "a series stands twice"
    return found


def test_collector__feeds_every_family_it_declares(store, settings):
    """With one of each kind of row, all that is declared has samples, and is accepted."""
    group = RuleGroup.objects.create(name="g")
    GroupState.objects.create(
        group=group, evaluated_at=NOW, duration_seconds=0.5, last_slot_ms=1_000
    )
    Rule.objects.create(group=group, name="High", expr="x", severity="warning", layer="p2p")
    receiver = Receiver.objects.create(name="team", kind="webhook")
    NotificationGroup.objects.create(key="k", receiver=receiver, flush_at=ago(100))
    alert = firing(group)
    AlertEvent.objects.create(alert=alert, kind=EventKind.FIRING, at=ago(100))
    settings.ZEROSTATE_MONITORING_HEARTBEAT_URL = "https://hc.example/1"
    Heartbeat.objects.create(called_at=NOW)
    outcome = run("alerting", store=store)
    assert outcome.ok, outcome.error
    given = {family.name for family in store.snapshot().frame("collector:alerting").schema.families}
    wanted = {CATALOGUE[name].family for name in COLLECTORS["alerting"].families}
    assert given == wanted


def firing(group, **fields):
    """A live alert."""
    rule = group.rules.first()
    base = {
        "rule": rule,
        "rule_name": "High",
        "fingerprint": "f",
        "labels": {"alertname": "High"},
        "severity": "warning",
        "layer": "p2p",
        "state": AlertState.FIRING,
        "started_at": ago(600),
        "active_at": ago(600),
        "fired_at": ago(300),
    }
    return Alert.objects.create(**{**base, **fields})


def test_rules__by_health_from_zero(store):
    """Disabled ones do not count; those that observe and are in order are told apart."""
    group = RuleGroup.objects.create(name="g")
    off = RuleGroup.objects.create(name="off", enabled=False)
    for n, (health, until) in enumerate(
        [
            (Health.OK, None),
            (Health.OK, NOW + timedelta(hours=1)),
            (Health.ERROR, NOW + timedelta(hours=1)),
            (None, None),
        ]
    ):
        one = Rule.objects.create(group=group, name=f"R{n}", expr="x", observing_until=until)
        if health:
            RuleState.objects.create(rule=one, health=health)
    Rule.objects.create(group=off, name="R", expr="x")
    Rule.objects.create(group=group, name="R", expr="x", enabled=False)
    found = values(alerting())
    by_health = {key[1]: value for key, value in found.items() if key[0] == "rules"}
    assert by_health == {
        "ok": 1,
        "observing": 1,
        "error": 1,
        "unknown": 1,
        "no_data": 0,
        "stale": 0,
        "waiting": 0,
        "dormant": 0,
    }


def test_alerts__by_severity_and_layer_from_zero(store):
    """0 where there are rules; ended ones do not count; unrouted ones do, by themselves."""
    group = RuleGroup.objects.create(name="g")
    Rule.objects.create(group=group, name="High", expr="x", severity="warning", layer="p2p")
    Rule.objects.create(group=group, name="x:y", expr="x", kind=RuleKind.RECORDING)
    firing(group, is_unrouted=True)
    firing(group, fingerprint="g", state=AlertState.RESOLVED, is_unrouted=True)
    found = values(alerting())
    assert {key: value for key, value in found.items() if key[0] == "alerts"} == {
        ("alerts", "firing", "warning", "p2p"): 1,
        ("alerts", "pending", "warning", "p2p"): 0,
    }
    assert found[("alerts_unrouted",)] == 1


def test_groups__slots_and_success(store):
    """0 for a group that was never evaluated, so that its age is without bounds."""
    done, new = (RuleGroup.objects.create(name=name) for name in ("done", "new"))
    GroupState.objects.create(
        group=done,
        evaluated_at=NOW,
        duration_seconds=0.5,
        slots_evaluated=7,
        slots_missed=2,
        last_slot_ms=ago(3).timestamp() * 1000,
    )
    RuleGroup.objects.filter(pk=done.pk).update(interval_seconds=60)
    found = values(alerting())
    assert found["evaluation_interval_seconds", "done"] == 60
    assert found["evaluation_delay_seconds", "done"] == 3
    assert ("evaluation_delay_seconds", new.name) not in found
    assert found["evaluation_last_success_timestamp_seconds", "done"] == NOW.timestamp()
    assert found["evaluation_last_success_timestamp_seconds", "new"] == 0
    assert found["evaluation_slots_total", "done"] == 7
    assert found["evaluation_slots_missed_total", "done"] == 2
    assert found["evaluation_slots_missed_total", "new"] == 0
    assert found["evaluation_duration_seconds", "done"] == 0.5
    assert ("evaluation_duration_seconds", new.name) not in found


def test_groups__say_nothing_where_rules_are_not_evaluated_here(store, settings):
    """Whoever waits for an evaluation from outside would wait for ever."""
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    group = RuleGroup.objects.create(name="done")
    GroupState.objects.create(group=group, evaluated_at=NOW, duration_seconds=0.5)
    assert not [key for key in values(alerting()) if key[0].startswith("evaluation_")]


# -- delivery ----------------------------------------------------------------------


@pytest.fixture
def receiver():
    return Receiver.objects.create(name="team", kind="webhook")


def message(receiver, n=0, **fields):
    """One message."""
    base = {"receiver": receiver, "receiver_name": receiver.name, "payload": {}, "created_at": NOW}
    return Message.objects.create(key=f"m{n}", **{**base, **fields})


def test_oldest_due__is_absent_when_nothing_is(receiver):
    """So that a rule on its age is quiet; what is to come is not due either."""
    assert (DUE,) not in values(deliveries(NOW))
    message(receiver, state=MessageState.DUE, next_try_at=NOW + timedelta(seconds=1))
    message(receiver, 1, state=MessageState.SENT, next_try_at=ago(900), ended_at=ago(900))
    assert (DUE,) not in values(deliveries(NOW))


@pytest.mark.parametrize("kind", ["due", "leased", "group"])
def test_oldest_due__is_since_when_somebody_should_have_come(receiver, kind):
    """For a message, for one whose worker died, for a group that should have been told."""
    if kind == "due":
        message(receiver, state=MessageState.DUE, next_try_at=ago(130))
    elif kind == "leased":
        message(receiver, state=MessageState.LEASED, lease_until=ago(130))
    else:
        NotificationGroup.objects.create(key="k", receiver=receiver, flush_at=ago(130))
    message(receiver, 1, state=MessageState.DUE, next_try_at=ago(20))
    assert values(deliveries(NOW))[(DUE,)] == ago(130).timestamp()


def test_oldest_due__a_receiver_that_fails_delays_nothing_before_it_is_tried_again(receiver):
    """Its messages wait on purpose; the delivery is in order."""
    state = ReceiverState.objects.create(
        receiver=receiver, failing_since=ago(600), probe_at=NOW + timedelta(seconds=60)
    )
    message(receiver, state=MessageState.DUE, next_try_at=ago(130))
    found = values(deliveries(NOW))
    assert (DUE,) not in found
    assert found[("receivers_failing",)] == 1
    assert found["receiver_paused", "team"] == 1
    state.probe_at = ago(1)
    state.save()
    found = values(deliveries(NOW))
    assert found[(DUE,)] == ago(130).timestamp()
    assert found["receiver_paused", "team"] == 0


def test_deliveries__start_at_zero_for_each_receiver_and_outcome(receiver):
    """The first one is seen by ``increase``."""
    found = values(deliveries(NOW))
    outcomes = {key[2]: value for key, value in found.items() if key[0] == "deliveries_total"}
    assert outcomes == {"sent": 0, "retried": 0, "dead_letter": 0}


def test_deliveries__never_fall_when_rows_are_pruned(receiver):
    """Each message is counted once, when it has ended; tests of receivers are not."""
    message(receiver, 1, state=MessageState.SENT, attempts=3, ended_at=ago(100))
    message(receiver, 2, state=MessageState.DEAD, attempts=2, ended_at=ago(60))
    message(receiver, 3, state=MessageState.SENT, attempts=1, ended_at=ago(60), purpose="test")
    wanted = {"sent": 1, "retried": 3, "dead_letter": 1}
    for _ in range(2):
        found = values(deliveries(NOW))
        assert {key: found["deliveries_total", "team", key] for key in wanted} == wanted
        Message.objects.all().delete()
    message(receiver, 4, state=MessageState.SENT, attempts=1, ended_at=NOW)
    found = values(deliveries(NOW + timedelta(seconds=60)))
    assert found["deliveries_total", "team", "sent"] == 2


def test_outbox_entries__on_their_way_or_dead(receiver):
    """Those that are done are not looked at, however many there are."""
    group = NotificationGroup.objects.create(key="k", receiver=receiver)
    alert = Alert.objects.create(
        rule_name="High", fingerprint="f", labels={}, state="firing", started_at=NOW, active_at=NOW
    )
    for n, (state, of_message) in enumerate(
        [
            (OutboxState.DUE, None),
            (OutboxState.FROZEN, MessageState.DUE),
            (OutboxState.FROZEN, MessageState.LEASED),
            (OutboxState.DEAD, MessageState.DEAD),
            (OutboxState.SENT, MessageState.SENT),
        ]
    ):
        event = AlertEvent.objects.create(alert=alert, kind=EventKind.FIRING, at=NOW)
        OutboxEntry.objects.create(
            event=event,
            alert=alert,
            receiver=receiver,
            group=group,
            notice=Notice.FIRED,
            state=state,
            created_at=NOW,
            message=message(receiver, n, state=of_message) if of_message else None,
        )
    found = values(deliveries(NOW))
    assert {key[1]: value for key, value in found.items() if key[0] == "outbox_entries"} == {
        "due": 1,
        "frozen": 2,
        "dead": 1,
    }


def test_heartbeat__when_it_last_arrived(settings):
    """Absent with a reason before; where nobody wants one it is no gap, and grows no older."""
    name = PREFIX + "heartbeat_last_success_timestamp_seconds"
    row = Heartbeat.objects.create(called_at=NOW)
    assert not [one for one in deliveries(NOW) if "heartbeat" in str(one)]
    row.delete()
    settings.ZEROSTATE_MONITORING_HEARTBEAT_URL = "https://hc.example/1"
    assert Absent(name, "the heartbeat's address was never called") in [*deliveries(NOW)]
    Heartbeat.objects.create(called_at=NOW)
    assert values(deliveries(NOW))[(name.removeprefix(PREFIX),)] == NOW.timestamp()


# -- totals ------------------------------------------------------------------------


def test_events__transitions_verdicts_and_how_long(store):
    """As counters and histograms that outlive their alerts."""
    group = RuleGroup.objects.create(name="g")
    Rule.objects.create(group=group, name="High", expr="x")
    alert = firing(group)
    for kind, seconds, detail in (
        (EventKind.PENDING, 600, {}),
        (EventKind.FIRING, 300, {}),
        (EventKind.ACKNOWLEDGED, 280, {}),
        (EventKind.RESOLVED, 120, {}),
        (EventKind.EXPIRED, 110, {}),
        (EventKind.VERDICT, 100, {"verdict": "noise"}),
        (EventKind.SENT, 100, {}),
    ):
        AlertEvent.objects.create(alert=alert, kind=kind, at=ago(seconds), detail=detail)
    found = values(alerting())
    for to in ("pending", "firing", "resolved", "inactive"):
        assert found["alert_transitions_total", "High", "warning", to] == 1
    assert found["alert_verdicts_total", "High", "noise"] == 1
    assert found["alert_verdicts_total", "High", "useful"] == 0
    alert.delete()
    shown = given_by(alerting())
    warning = ("severity", "warning")
    assert shown["alert_firing_seconds_sum"][(warning,)] == 180
    assert shown["alert_firing_seconds_count"][(warning,)] == 1
    assert shown["alert_acknowledge_seconds_sum"][(warning,)] == 20
    buckets = shown["alert_firing_seconds_bucket"]
    assert buckets[("le", "120.0"), warning] == 0
    assert buckets[("le", "300.0"), warning] == 1


def test_events__of_a_long_past_are_counted_in_slices_that_are_kept(store, monkeypatch):
    """Each run goes on where the last one ended; nothing is shown before all are counted."""
    monkeypatch.setattr("zerostate_monitoring.collectors.alert_events._SLICE", 2)
    monkeypatch.setattr("zerostate_monitoring.collectors.tallies._SLICES_SECONDS", 0.0)
    alert = firing(RuleGroup.objects.create(name="g"))
    # Three at one instant are not parted, so the slices are 2, 3 and 1.
    for seconds in (600, 500, 400, 400, 400, 300):
        AlertEvent.objects.create(alert=alert, kind=EventKind.PENDING, at=ago(seconds))
    for _ in range(2):
        items = [*alert_events(NOW)]
        assert [type(item) for item in items] == [Absent] * 4
    assert Tally.objects.get().counted_until == ago(400)
    # What is counted is counted: the rows may go.
    AlertEvent.objects.filter(at__lte=ago(400)).delete()
    found = values(alert_events(NOW))
    assert found["alert_transitions_total", "High", "warning", "pending"] == 6
    assert values(alert_events(NOW)) == found


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 20)), max_size=30))
def test_tally__counts_each_event_once(db, steps):
    """Also those that become visible late, by less than its patience; totals never fall."""
    Tally.objects.all().delete()
    events, clock, shown = [], NOW, 0.0

    def count(after, until):
        new = [at for at in events if at <= until and (after is None or at > after)]
        return {("all",): len(new)} if new else {}

    for ahead, late in steps:
        clock += timedelta(seconds=ahead)
        if late < 15:
            events.append(clock - timedelta(seconds=late))
        total = tally("t", clock, count).get(("all",), 0)
        assert shown <= total <= len(events)
        shown = total
    end = clock + timedelta(seconds=60)
    assert tally("t", end, count).get(("all",), 0) == len(events)
    assert tally("t", NOW, count).get(("all",), 0) == len(events)


def test_tables__rows_of_each(db):
    """A count on SQLite, an estimate on PostgreSQL."""
    Receiver.objects.create(name="team", kind="webhook")
    found = values(table_rows())
    assert found["table_rows", Receiver._meta.db_table] in {0, 1}
    assert found["table_rows", Alert._meta.db_table] == 0


# -- recorded series ---------------------------------------------------------------


def test_collector__ends_what_groups_recorded_that_are_no_more(store):
    """Deleted, or disabled; those that live are not touched."""
    group, gone = (RuleGroup.objects.create(name=name) for name in "gh")
    slot = int(ago(600).timestamp() * 1000)
    for one in (group, gone):
        for n in range(2):
            samples = [(series("a:sum", g=str(one.pk)), 1.0)]
            assert write(store, str(one.pk), slot + n * 30_000, 1, samples)
    key = str(gone.pk)
    gone.delete()
    list(alerting())
    recorded(store).refresh()
    found = read(recorded(store), ALL, 0, 2 * slot)
    ended = {labels for (labels, _), value in found.items() if value == "stale"}
    assert ended == {series("a:sum", g=key)}


def test_recorded__stands_on_the_page_where_a_setting_says_so(store, settings):
    """Never names with colons, nor alerts; and not by default."""
    samples = [
        (series("a:sum", node="1"), 1.0),
        (series("queue_sum", node="1"), 7.0),
        (series("ALERTS", alertname="High"), 1.0),
    ]
    write(store, "1", int(NOW.timestamp() * 1000), 1, samples)
    assert "EXPOSE_RECORDED" in run("recorded", store=store).skipped_reason
    settings.ZEROSTATE_MONITORING_EXPOSE_RECORDED = True
    [family] = recorded_series()
    assert family.name == "queue_sum"
    outcome = run("recorded", store=store, forced=True)
    assert outcome.ok, outcome.error
    frame = store.snapshot().frame("collector:recorded")
    assert [(key, value) for key, _, value in frame.samples()] == [("queue_sum", 7.0)]
