"""Silences over critical rules are told to the log of security."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from tests.alerting.rows import alert
from tests.models.rules import make_rule
from zerostate_monitoring.alerting.acknowledging import acknowledge, unacknowledge
from zerostate_monitoring.alerting.noting import silence
from zerostate_monitoring.alerting.suppression.criticals import critical_rules
from zerostate_monitoring.logs.security import LOGGER
from zerostate_monitoring.models import Inhibition, MaintenanceWindow, Rule, Silence
from zerostate_monitoring.models.words import Origin

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _rules():
    make_rule(name="Down", severity="critical")
    make_rule(name="Off", severity="critical", enabled=False)
    make_rule(name="Slow", severity="warning")


@pytest.mark.parametrize(
    ("matchers", "rules"),
    [
        ('alertname="Down"', ["Down"]),
        ('severity="critical"', ["Down"]),
        ('node="n1"', ["Down"]),
        ('severity=~"critical|warning"', ["Down"]),
        ('alertname="Slow"', []),
        ('severity="warning"', []),
        ('severity!="critical"', []),
        ("not a matcher", []),
    ],
)
def test_rules__that_a_silence_may_hold_back(matchers, rules):
    """Enabled and critical ones that its matchers do not leave out."""
    assert critical_rules(matchers) == rules


@pytest.fixture
def told(caplog):
    """What the log of security said of critical rules since; once the transaction is kept."""
    caplog.set_level(logging.INFO, LOGGER)

    def events():
        assert not [one for one in caplog.records if one.msg.startswith("critical_")]
        while connection.run_on_commit:
            connection.run_on_commit.pop(0)[1]()
        records = [vars(one) for one in caplog.records if one.msg.startswith("critical_")]
        caplog.clear()
        return records

    events()
    return events


def said(records):
    """The event, by which way, and which rules."""
    return [(one["msg"], one.get("kind") or one["change"], one["rules"]) for one in records]


def make_silence(matchers='alertname="Down"', **fields):
    now = timezone.now()
    given = {"starts_at": now, "ends_at": now + timedelta(hours=1), "comment": "work"}
    return Silence.objects.create(matchers=matchers, author="who", **given, **fields)


def test_silence__over_a_critical_rule_is_told(told):
    """Who, what, until when; once it is sure. One over others is not."""
    row = make_silence()
    make_silence('alertname="Slow"')
    [record] = told()
    assert said([record]) == [("critical_silenced", "silence", ["Down"])]
    assert (record["author"], record["until"], record["is_new"]) == ("who", row.ends_at, True)


def test_silence__that_is_extended_past_its_form_is_told(told, admin_client):
    """The action of the list, and the button of the page: with the new end."""
    row = make_silence()
    told()
    data = {"action": "extend", "_selected_action": [row.pk]}
    admin_client.post(reverse("admin:zerostate_monitoring_silence_changelist"), data)
    admin_client.post(reverse("admin:zerostate_monitoring_silence_extend", args=[row.pk]))
    records = told()
    assert said(records) == [("critical_silenced", "silence", ["Down"])] * 2
    ends = [row.ends_at + timedelta(hours=hours) for hours in (1, 2)]
    assert [record["until"] for record in records] == ends


def test_silence__from_the_page_of_its_alert_is_told(told):
    """One alert is enough."""
    user = User.objects.create_user("ada")
    silence(alert("Down"), user, timezone.now() + timedelta(hours=1), "mine")
    assert said(told()) == [("critical_silenced", "silence", ["Down"])]


def test_window__over_a_critical_rule_is_told(told):
    """Enabled, and able to open."""
    now = timezone.now()
    given = {"kind": "once", "starts_at": now, "ends_at": now + timedelta(hours=1)}
    matchers = 'severity="critical"'
    MaintenanceWindow.objects.create(name="a", matchers=matchers, **given, author="who")
    MaintenanceWindow.objects.create(name="off", matchers=matchers, **given, enabled=False)
    MaintenanceWindow.objects.create(name="never", matchers=matchers, kind="weekly")
    MaintenanceWindow.objects.create(name="slow", matchers='alertname="Slow"', **given)
    [record] = told()
    assert said([record]) == [("critical_silenced", "window", ["Down"])]
    assert (record["window"], record["author"]) == ("a", "who")


def test_inhibition__of_a_critical_rule_is_told(told):
    """A project's own; what this app ships comes with each version."""
    sides = {"source_matchers": 'alertname="Slow"', "target_matchers": 'alertname="Down"'}
    Inhibition.objects.create(name="mine", **sides)
    Inhibition.objects.create(name="shipped", origin=Origin.SHIPPED, shipped_key="x", **sides)
    Inhibition.objects.create(name="off", enabled=False, **sides)
    [record] = told()
    assert (*said([record]), record["inhibition"]) == (
        ("critical_silenced", "inhibition", ["Down"]),
        "mine",
    )


def test_acknowledgement__of_a_critical_alert_is_told(told):
    """Until when; to give it back is none, nor is one of a warning."""
    user = User.objects.create_user("ada")
    critical = alert("Down", severity="critical")
    acknowledge(critical, user, "on it")
    acknowledge(alert("Slow", severity="warning"), user)
    unacknowledge(critical, user)
    [record] = told()
    assert said([record]) == [("critical_silenced", "acknowledgement", ["Down"])]
    assert (record["author"], record["alert"]) == ("ada", critical.pk)


def changed(rule, **fields):
    for name, value in fields.items():
        setattr(rule, name, value)
    rule.editor = User.objects.get_or_create(username="ada")[0]
    rule.save()


def test_rule__that_wakes_nobody_any_more_is_told(told):
    """Disabled, watched only, made a warning, deleted; each with who did it."""
    rule = Rule.objects.get(name="Down")
    changed(rule, observing_until=timezone.now() + timedelta(hours=1))
    changed(rule, observing_until=None, annotations={"summary": "other words"})
    changed(rule, enabled=False)
    changed(rule, enabled=True)
    changed(rule, severity="warning")
    changed(rule, severity="critical")
    rule.delete()
    records = told()
    changes = ("observed", "disabled", "severity", "deleted")
    assert said(records) == [("critical_disabled", change, ["Down"]) for change in changes]
    assert {record["author"] for record in records} == {"ada"}


def test_group__that_is_disabled_takes_its_critical_rules_along(told):
    """Those that were on."""
    group = Rule.objects.get(name="Down").group
    group.enabled = False
    group.save()
    group.save()
    assert said(told()) == [("critical_disabled", "disabled", ["Down"])]
