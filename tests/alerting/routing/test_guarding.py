"""What routes cannot do without."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from zerostate_monitoring.alerting.routing import load
from zerostate_monitoring.alerting.routing.guarding import faults_without, uncaught
from zerostate_monitoring.models import Receiver, Route
from zerostate_monitoring.models.words import Origin

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_shipped():
    Route.objects.filter(origin=Origin.SHIPPED).delete()


def receiver(name, **fields):
    return Receiver.objects.get_or_create(name=name, kind="canary", **fields)[0]


def route(name, *names, **fields):
    made = Route.objects.create(name=name, **fields)
    for place, one in enumerate(names):
        made.steps.create(receiver=receiver(one), position=place)
    return made


def without(*names):
    return faults_without({receiver(name).pk for name in names})


def test_fallback__of_critical_is_needed():
    """Either of two receivers is; of three one may go, and two of three may not."""
    route("two", "a", "b")
    assert without("a") == without("b")
    assert without("a")[0].startswith("Route two would have no fallback for critical alerts: give")
    Route.objects.all().delete()
    route("three", "a", "b", "c")
    assert without("b") == []
    assert "no fallback" in without("b", "c")[0]
    assert "would tell nobody" in without("a", "b", "c")[0]


def test_last_receiver__is_needed_by_any_route():
    """A route for less than critical needs one; a disabled route, or another's, none."""
    route("info", "a", matchers="severity=info")
    assert without("a")[0].startswith("Route info would tell nobody")
    assert without("b") == []
    Route.objects.update(enabled=False)
    assert without("a") == []


def test_cleaning__refuses_to_disable_what_is_needed():
    """By field, with all routes that need it; what was disabled before stays as it is."""
    route("all", "a", "b")
    route("info", "a", matchers="severity=info")
    row = receiver("a")
    row.enabled = False
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert [said.split(" would")[0] for said in refused.value.message_dict["enabled"]] == [
        "Route all",
        "Route info",
    ]
    Receiver.objects.update(enabled=False)
    row.full_clean()


def test_uncaught__are_severities_that_no_route_takes_as_such():
    """A route for one team takes not all of them."""
    route("team", "a", "b", matchers="team=core")
    assert uncaught(load()) == ["critical", "warning", "info"]
    route("critical", "a", "b", matchers="severity=critical")
    assert uncaught(load()) == ["warning", "info"]
    route("rest", "a", "b", position=99)
    assert uncaught(load()) == []
