"""Rows and events follow what an Alertmanager tells, and nobody is sent anything."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from tests.alerting.incoming.messages import END, START, message, told
from tests.alerting.making import alert, rule
from zerostate_monitoring.alerting.incoming import Outcome, apply, read
from zerostate_monitoring.catalogue.definition import Reading
from zerostate_monitoring.collectors.alert_events import alert_events
from zerostate_monitoring.models import Alert, AlertEvent, OutboxEntry, Tally

pytestmark = pytest.mark.django_db

LATER = "2026-05-01T11:30:00Z"


def given(*alerts, **fields):
    return apply(read(json.dumps(message(*alerts, **fields)).encode()))


def events(row):
    return list(row.events.values_list("kind", flat=True))


def text(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_firing__is_a_row_and_an_event():
    """With the rule of its name, the labels' severity, and Alertmanager's times."""
    mine = rule(name="NodeDown", severity="critical")
    assert given(told()) == Outcome(fired=1)
    row = Alert.objects.get()
    assert (row.rule, row.group_name, row.state) == (mine, mine.group.name, "firing")
    assert (row.severity, row.annotations) == ("critical", {"summary": "a is down"})
    assert text(row.started_at) == text(row.fired_at) == text(row.active_at) == START
    event = row.events.get()
    assert event.kind == "firing"
    assert text(datetime.fromisoformat(event.detail["since"])) == START
    assert event.detail["source"] == "alertmanager"
    assert event.detail["url"].startswith("http://prometheus")


def test_resolved__ends_it():
    """At Alertmanager's time."""
    given(told())
    assert given(told("resolved")) == Outcome(resolved=1, without_rule=1)
    row = Alert.objects.get()
    assert (row.state, row.end_reason) == ("resolved", "resolved")
    assert text(row.ended_at) == END[:19] + "Z"
    assert events(row) == ["firing", "resolved"]


def changes(now: datetime) -> dict[str, float]:
    """How often an alert of *NodeDown* went to each state, as it is counted by ``now``."""
    return {
        one.labels[2]: one.value
        for one in alert_events(now)
        if isinstance(one, Reading)
        and one.definition.name.endswith("_transitions_total")
        and one.labels[0] == "NodeDown"
    }


def test_events__are_counted_however_late_they_are_told():
    """Alertmanager waits before it tells; what is counted by then goes on from there."""
    rule(name="NodeDown")
    early = timezone.now() - timedelta(seconds=20)
    assert changes(early) == {}
    given(told())
    given(told("resolved"))
    assert changes(timezone.now() + timedelta(minutes=1)) == {"firing": 1, "resolved": 1}
    totals = Tally.objects.get(name="alert_events").totals
    assert totals['["firing", "critical", "sum"]'] == pytest.approx(3600.12, abs=0.01)


def test_repeats__change_nothing():
    """No row, no event, no column."""
    for status in ("firing", "resolved"):
        given(told(status))
        before = list(Alert.objects.values()), AlertEvent.objects.count()
        assert given(told(status)) == Outcome(unchanged=1, without_rule=1)
        assert (list(Alert.objects.values()), AlertEvent.objects.count()) == before
    assert given(told()).unchanged == 1


def test_firing_again__is_a_new_alert():
    """After its end, or without word of that."""
    given(told())
    given(told("resolved"))
    assert given(told(start=LATER)).fired == 1
    assert given(told(start="2026-05-01T12:00:00Z")) == Outcome(fired=1, resolved=1, without_rule=1)
    rows = Alert.objects.order_by("started_at")
    assert [row.state for row in rows] == ["resolved", "resolved", "firing"]
    assert "not told" in rows[1].events.get(kind="resolved").detail["remark"]


def test_resolved__that_nobody_knew_is_kept_whole():
    """An alert whose firing was lost is history all the same."""
    assert given(told("resolved")) == Outcome(fired=1, resolved=1, without_rule=1)
    assert events(Alert.objects.get()) == ["firing", "resolved"]


def test_unknown_names__are_kept_without_a_rule():
    """Nothing that was told is dropped."""
    assert given(told(alertname="Strange")).without_rule == 1
    row = Alert.objects.get()
    assert (row.rule, row.rule_name) == (None, "Strange")


def test_one_message__tells_of_several():
    """Also of one alert twice: its end comes last, in whatever order they stand."""
    found = given(told("resolved"), told(), told(node="b"))
    assert found == Outcome(fired=2, resolved=1, without_rule=3)
    states = dict(Alert.objects.values_list("labels__node", "state"))
    assert states == {"a": "resolved", "b": "firing"}


def test_truncated__is_noted(caplog):
    """In the answer and in the log."""
    assert given(told(), truncatedAlerts=7).truncated == 7
    assert "alertmanager_truncated" in caplog.text


@pytest.mark.parametrize(
    ("labels", "chosen"),
    [
        ({"severity": "critical"}, "critical"),
        ({"severity": "warning"}, "warning"),
        ({"severity": "info"}, "any"),
    ],
)
def test_rule__is_that_whose_labels_fit_best(labels, chosen):
    """Of several with one name."""
    rules = {one: rule(name="NodeDown", severity=one) for one in ("critical", "warning")}
    rules["any"] = rule(name="NodeDown", labels={"node": "{{ $labels.node }}"})
    given(told(**labels))
    assert Alert.objects.get().rule == rules[chosen]


def test_rule__that_is_the_only_one_is_taken():
    """Labels may be changed on the way, by alert_relabel_configs."""
    mine = rule(name="NodeDown", severity="warning")
    given(told())
    assert Alert.objects.get().rule == mine


def test_pending__from_before_is_replaced():
    """What was pending when the evaluation here was switched off never ends by itself."""
    mine = rule(name="NodeDown", severity="critical")
    labels = {"node": "a", "severity": "critical"}
    alert(rule=mine, state="pending", fired_at=None, labels=labels)
    assert given(told()) == Outcome(fired=1, resolved=1)
    assert sorted(Alert.objects.values_list("state", flat=True)) == ["expired", "firing"]


def test_nobody__is_sent_anything():
    """Alertmanager has done that."""
    given(told())
    given(told("resolved"))
    assert not OutboxEntry.objects.exists()


def test_queries__do_not_grow_with_history(django_assert_max_num_queries):
    """A message reads the newest row of each alert, however often it has fired."""
    for hour in range(10, 20):
        given(told("resolved", f"2026-05-01T{hour}:00:00Z", f"2026-05-01T{hour}:30:00Z"))
    with django_assert_max_num_queries(4):
        given(told("resolved", "2026-05-01T10:00:00Z", "2026-05-01T10:30:00Z"))
