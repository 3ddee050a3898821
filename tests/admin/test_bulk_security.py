"""What an action of a list does to critical alerts is told to the log of security."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from tests.alerting.rows import alert
from tests.models.rules import make_rule
from zerostate_monitoring.admin.holding.adjusting import adjust, seen_of
from zerostate_monitoring.models import (
    Alert,
    Inhibition,
    LogLevel,
    MaintenanceWindow,
    Rule,
    Silence,
)

pytestmark = pytest.mark.django_db

CONFIRMED = {"confirmed": "1"}
MATCHERS = 'alertname="Down"'
HOUR = timedelta(hours=1)


def make_silence():
    now = timezone.now()
    given = {"starts_at": now, "ends_at": now + HOUR, "comment": "work", "author": "who"}
    return Silence.objects.create(matchers=MATCHERS, **given)


def make_window(**fields):
    now = timezone.now()
    given = {"kind": "once", "starts_at": now, "ends_at": now + HOUR, "author": "who"}
    return MaintenanceWindow.objects.create(name="w", matchers=MATCHERS, **given, **fields)


def make_inhibition():
    sides = {"source_matchers": 'alertname="Slow"', "target_matchers": MATCHERS}
    return Inhibition.objects.create(name="i", enabled=False, **sides)


TOLD = {
    (Rule, "disable"): ("critical_disabled", lambda: make_rule(name="Also", severity="critical")),
    (Rule, "delete_selected"): (
        "critical_disabled",
        lambda: make_rule(name="Also", severity="critical"),
    ),
    (Silence, "extend"): ("critical_silenced", make_silence),
    (MaintenanceWindow, "enable"): ("critical_silenced", lambda: make_window(enabled=False)),
    (Inhibition, "enable"): ("critical_silenced", make_inhibition),
    (LogLevel, "end_now"): (
        "log_level_changed",
        lambda: LogLevel.objects.create(
            logger="shop", level="DEBUG", until=timezone.now() + HOUR, author="who"
        ),
    ),
    (User, "delete_selected"): ("permissions_changed", lambda: User.objects.create_user("bob")),
}
"""Actions of lists that take effect at once, the event of each, and a row to try it on."""

ASKS = {(Alert, "acknowledge"), (Alert, "silence"), (Silence, "repeat")}
"""Those that lead to a form first."""

QUIET = {
    *((Rule, "enable"), (Rule, "send_now"), (Silence, "end_now"), (Silence, "delete_selected")),
    *((MaintenanceWindow, "disable"), (MaintenanceWindow, "delete_selected")),
    *((Inhibition, "disable"), (Inhibition, "delete_selected")),
}
"""Those that end what holds back, or let more be told."""


@pytest.fixture
def told(security_events):
    """Names of the events of security since, once the transaction is kept."""
    return lambda: [record.msg for record in security_events()]


@pytest.mark.parametrize(("model", "action"), TOLD, ids=lambda one: getattr(one, "__name__", one))
def test_action__writes_its_event(told, admin_client, model, action):
    """Once, though the list changes rows in one go."""
    make_rule(name="Down", severity="critical")
    event, make = TOLD[model, action]
    row = make()
    told()
    meta = model._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    data = {"action": action, "_selected_action": [row.pk], "post": "yes", **CONFIRMED}
    admin_client.post(url, data)
    assert told() == [event]


@pytest.mark.parametrize("action", ["acknowledge", "silence"])
def test_alerts__that_are_held_back_together_are_told_each(told, admin_client, action):
    """The list's two actions, behind their form."""
    make_rule(name="Down", severity="critical")
    alerts = [alert("Down", severity="critical", node=f"n{n}") for n in range(2)]
    told()
    url = reverse("admin:zerostate_monitoring_alert_changelist")
    lengths = {"comment": "mine", "until": "4h", "lasts": "4h", **CONFIRMED}
    keys = [one.pk for one in alerts]
    admin_client.post(url, {"action": action, "_selected_action": keys, **lengths})
    assert told() == ["critical_silenced"] * 2


def test_window__that_is_extended_in_place_is_told(told):
    """The button of the calendar changes the row by an update."""
    make_rule(name="Down", severity="critical")
    row = make_window()
    told()
    done = adjust(row, "4h", seen_of(row), timezone.now())
    assert (bool(done.log), told()) == (True, ["critical_silenced"])


def test_actions__are_all_known():
    """One that comes anew is to be looked at: is it an event of security?"""
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_staff=True, is_active=True)
    known = {*TOLD, *ASKS, *QUIET}
    for model in {model for model, _ in known} - {User}:
        found = admin.site._registry[model].get_actions(request)
        assert {action for owner, action in known if owner is model} == set(found), model
