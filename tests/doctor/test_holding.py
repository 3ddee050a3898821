"""What the doctor says of silences, windows, inhibitions and routes."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.alerting import rows
from zerostate_monitoring.doctor.finding import Level
from zerostate_monitoring.doctor.holding import examine_holding, examine_routing
from zerostate_monitoring.models import (
    Alert,
    Inhibition,
    MaintenanceWindow,
    Receiver,
    Route,
    Silence,
)
from zerostate_monitoring.models.words import Origin

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_shipped():
    Inhibition.objects.all().delete()
    Route.objects.filter(origin=Origin.SHIPPED).delete()


def route(name="all", *kinds, **fields):
    made = Route.objects.create(name=name, **fields)
    for kind in kinds:
        receiver = Receiver.objects.create(name=f"{name} {made.steps.count()}", kind=kind)
        made.steps.create(receiver=receiver, position=made.steps.count())
    return made


def found(examination):
    return [(finding.level, finding.message) for finding in examination()]


def test_holding__is_well():
    """Rows that can be read are no trouble, and those that have ended or are off neither."""
    now = timezone.now()
    rows.silence("a=", now - 2 * rows.HOUR, now - rows.HOUR)
    rows.window("off", "a=", enabled=False)
    rows.inhibition("i", "a=b", "c=d")
    assert [level for level, _ in found(examine_holding)] == [Level.OK]


def test_holding__names_what_is_broken():
    """Each with its kind; six of them are five and one more."""
    now = timezone.now()
    rows.silence("a=b", now, now + rows.HOUR, comment="disks")
    Silence.objects.update(matchers="a=")
    rows.window("backup", "a=b")
    MaintenanceWindow.objects.update(kind="monthly")
    rows.inhibition("rack", "a=b", "c=d", ["x-y"])
    ((level, said),) = found(examine_holding)
    assert level is Level.WARNING
    assert said == "silence disks, maintenance window backup, inhibition rack: broken"
    for n in range(3):
        rows.window(f"w{n}", "")
    assert "and 1 more: broken" in found(examine_holding)[0][1]


def test_routes__that_lead_to_nobody():
    """The canary is nobody; a receiver that is disabled is not either."""
    route("watchdog", "canary")
    route("off", "email").steps.get().receiver.__class__.objects.filter(kind="email").update(
        enabled=False
    )
    assert found(examine_routing)[0][0] is Level.WARNING
    assert "nobody is told anything" in found(examine_routing)[0][1]


def test_routes__that_are_well():
    """As many as there are."""
    route("all", "email", "webhook")
    assert found(examine_routing) == [(Level.OK, "1 leads to a receiver")]


def test_routes__say_what_is_wrong():
    """Each route with its reason; an alert that nobody hears of is an error."""
    route("broken", "email", matchers="a=")
    route("lone", "email")
    rows.alert()
    Alert.objects.update(is_unrouted=True)
    (broken, lone, unrouted) = found(examine_routing)
    assert broken == (Level.WARNING, "broken: Line 1: a value of a is missing.")
    assert lone[1].startswith("lone: This route can take critical alerts and has no fallback")
    assert unrouted == (Level.ERROR, "1 alert that fires is told to nobody")
