"""An edit ends the alerts that lose their rule or their identity, and no others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.alerting.alerts import AT, make_alert
from tests.models.rules import make_group, make_rule
from zerostate_monitoring.alerting import editing
from zerostate_monitoring.alerting.editing import close_alerts, start_sending
from zerostate_monitoring.models import Alert, AlertEvent, GroupState, Rule, RuleGroup
from zerostate_monitoring.models.words import AlertState, EndReason, EventKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch):
    """Events that were handed to the delivery."""
    events: list[AlertEvent] = []
    monkeypatch.setattr(editing, "enqueue", lambda found, now: events.extend(found))
    return events


def ended(alert):
    alert.refresh_from_db()
    return alert.state, alert.end_reason


def kinds(alert):
    return [(event.kind, event.detail) for event in alert.events.all()]


def test_close__ends_what_lives_with_reason_and_event(told):
    """Firing is resolved, pending has expired; what has ended stays as it is."""
    rule, user = make_rule(), User.objects.create_user("ops")
    firing = make_alert(rule, "a", held="no data")
    pending = make_alert(rule, "b", AlertState.PENDING)
    old = make_alert(rule, "c", AlertState.RESOLVED, end_reason=EndReason.RESOLVED, ended_at=AT)
    now = AT + timedelta(hours=1)

    count = close_alerts(Alert.objects.all(), EndReason.DISABLED, now, user)

    assert count == 2
    assert ended(firing) == (AlertState.RESOLVED, EndReason.DISABLED)
    assert ended(pending) == (AlertState.EXPIRED, EndReason.DISABLED)
    assert ended(old) == (AlertState.RESOLVED, EndReason.RESOLVED)
    assert (firing.ended_at, firing.held) == (now, "")
    assert kinds(firing) == [(EventKind.RESOLVED, {"reason": "rule_disabled"})]
    assert kinds(pending) == [(EventKind.EXPIRED, {"reason": "rule_disabled"})]
    assert firing.events.get().actor == user
    assert {event.pk for event in told} == {firing.events.get().pk, pending.events.get().pk}


def test_close__is_one_transaction(monkeypatch):
    """Where the delivery cannot take it nothing ends."""
    alert = make_alert(make_rule())

    def fail(events, now):
        raise RuntimeError

    monkeypatch.setattr(editing, "enqueue", fail)
    with pytest.raises(RuntimeError):
        close_alerts(Alert.objects.all(), EndReason.DISABLED, AT)

    assert ended(alert) == (AlertState.FIRING, "")
    assert not alert.events.exists()


def test_close__takes_as_many_queries_for_many(told, django_assert_max_num_queries):
    """Fifty alerts cost what two do."""
    rule = make_rule()
    for place in range(50):
        make_alert(rule, f"n{place}")

    with django_assert_max_num_queries(8):
        close_alerts(Alert.objects.all(), EndReason.DISABLED, AT)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": "NodeAway"}, EndReason.EDITED),
        ({"labels": {"team": "a"}}, EndReason.EDITED),
        ({"severity": "warning"}, EndReason.EDITED),
        ({"kind": "recording"}, EndReason.EDITED),
        ({"enabled": False}, EndReason.DISABLED),
        ({"enabled": False, "name": "NodeAway"}, EndReason.DISABLED),
        ({"expr": "zerostate_node_up < 1"}, ""),
        ({"for_duration": timedelta(hours=1)}, ""),
        ({"annotations": {}}, ""),
        ({"runbook_url": "https://example.org"}, ""),
        ({"position": 3}, ""),
    ],
)
def test_edit__closes_alerts_by_name_labels_and_switch_alone(told, change, reason):
    """Everything else keeps their state."""
    rule = make_rule()
    alert = make_alert(rule)
    for field, value in change.items():
        setattr(rule, field, value)

    rule.save()

    assert ended(alert) == (AlertState.RESOLVED if reason else AlertState.FIRING, reason)
    assert len(told) == bool(reason)


def test_edit__says_who_it_was(told):
    """The editor stands in the trail."""
    rule, user = make_rule(), User.objects.create_user("ops")
    alert = make_alert(rule)
    rule.enabled, rule.editor = False, user

    rule.save()

    assert alert.events.get().actor == user


def test_move_to_a_group_with_other_labels__closes(told):
    """A group's labels are its rules'."""
    rule = make_rule()
    alert = make_alert(rule)

    rule.group = make_group("same")
    rule.save()
    assert ended(alert) == (AlertState.FIRING, "")

    rule.group = make_group("other", labels={"team": "a"})
    rule.save()
    assert ended(alert) == (AlertState.RESOLVED, EndReason.EDITED)


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({"enabled": False}, [EndReason.DISABLED, EndReason.DISABLED]),
        ({"labels": {"team": "b"}}, [EndReason.EDITED, ""]),
        ({"interval_seconds": 60}, ["", ""]),
        ({"name": "renamed"}, ["", ""]),
    ],
)
def test_edit_of_a_group__closes_alerts_of_the_rules_it_relabels(told, change, reasons):
    """A rule that sets the label itself is not touched by its group's."""
    group = make_group(labels={"team": "a"})
    rules = [make_rule(), make_rule(name="Other", labels={"team": "own"})]
    alerts = [make_alert(rule) for rule in rules]
    for field, value in change.items():
        setattr(group, field, value)

    group.save()

    assert [ended(alert)[1] for alert in alerts] == reasons


@pytest.mark.parametrize(
    "delete",
    [
        lambda rule: rule.delete(),
        lambda rule: Rule.objects.filter(pk=rule.pk).delete(),
        lambda rule: rule.group.delete(),
        lambda rule: RuleGroup.objects.all().delete(),
    ],
)
def test_deletion__closes_and_leaves_the_alert(told, delete):
    """However it is deleted; the alert outlives its rule."""
    alert = make_alert(make_rule())

    delete(alert.rule)

    alert.refresh_from_db()
    assert (alert.rule_id, alert.rule_name) == (None, "NodeDown")
    assert ended(alert) == (AlertState.RESOLVED, EndReason.DELETED)
    assert [event.alert_id for event in told] == [alert.pk]


@pytest.mark.parametrize(
    ("change", "is_overtaken"),
    [({"enabled": False}, True), ({"name": "X"}, True), ({"owner": "ops"}, False)],
)
def test_edit__overtakes_an_evaluation_under_way(change, is_overtaken):
    """What knows the rule as it was writes nothing, also where no alert lives yet."""
    rule = make_rule()
    GroupState.objects.update_or_create(group=rule.group, defaults={"token": 7})
    for field, value in change.items():
        setattr(rule, field, value)

    rule.save()

    assert GroupState.objects.get(group=rule.group).token == 7 + is_overtaken


def test_start_sending__ends_observation():
    """From now on it is sent; who did it is told to nobody but the log."""
    rule = make_rule(observing_until=timezone.now() + timedelta(hours=1))
    alert = make_alert(rule, observed=True)
    other = make_rule(name="Other")

    assert start_sending([rule, other]) == 1

    rule.refresh_from_db()
    alert.refresh_from_db()
    assert (rule.observing_until, rule.version, alert.observed) == (None, 1, False)
    assert alert.state == AlertState.FIRING
