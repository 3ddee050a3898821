"""Rows that come as JSON from one query are the rows that the tables hold."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from zerostate_monitoring.alerting.suppression.defining import defined
from zerostate_monitoring.models import Inhibition, MaintenanceWindow, Rule, Silence
from zerostate_monitoring.models.words import AlertState

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 3, 0, 0, 123456, tzinfo=UTC)
TEXTS = ["plain", 'a="b\\n"\nc=~"é.*"', "💥\u202e", "", "[1, 2]", "null"]


def columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.parametrize("text", TEXTS)
def test_rows__are_as_they_were_written(text, django_assert_num_queries):
    """Every column with its type: times with zones, times of day, lists, switches, nothing."""
    silence = Silence.objects.create(
        matchers=text, comment=text, author=text, starts_at=NOW, ends_at=NOW + timedelta(hours=1)
    )
    weekly = MaintenanceWindow.objects.create(
        name=f"w{text}",
        matchers=text,
        kind="weekly",
        zone="Europe/Berlin",
        weekdays=[0, 6],
        start_time=time(22, 30),
        end_time=time(4, 0, 0, 5),
    )
    once = MaintenanceWindow.objects.create(
        name=f"v{text}", matchers=text, kind="once", starts_at=NOW, ends_at=NOW
    )
    inhibition = Inhibition.objects.create(
        name=text, source_matchers=text, target_matchers=text, equal=["node", "é"]
    )
    defined(NOW)  # Django asks a database once whether it knows JSON.
    with django_assert_num_queries(1):
        found = defined(NOW + timedelta(minutes=1))
    assert [columns(row) for row in found.silences] == [columns(silence)]
    assert sorted(row.pk for row in found.windows) == sorted([weekly.pk, once.pk])
    assert {row.pk: columns(row) for row in found.windows} == {
        row.pk: columns(MaintenanceWindow.objects.get(pk=row.pk)) for row in (weekly, once)
    }
    assert [columns(row) for row in found.inhibitions] == [columns(inhibition)]


def test_rows__only_those_that_count():
    """A silence while it lasts, windows and inhibitions that are enabled, rules while observed."""
    hour = timedelta(hours=1)
    for start in (-2, -1, 1):
        begins = NOW + start * hour
        Silence.objects.create(matchers="a=b", starts_at=begins, ends_at=begins + hour)
    MaintenanceWindow.objects.create(name="off", matchers="a=b", kind="once", enabled=False)
    Inhibition.objects.create(name="off", enabled=False)
    watched = make_rule(name="Watched", observing_until=NOW + hour)
    make_rule(name="Done", observing_until=NOW - hour)
    found = defined(NOW - timedelta(seconds=1))
    assert [row.starts_at for row in found.silences] == [NOW - hour]
    assert (found.windows, found.inhibitions) == ([], [])
    assert found.observing == {watched.pk: NOW + hour}


def test_firing__as_sources_of_inhibitions():
    """What fires and is not observed, with its labels; nothing where nothing is inhibited."""
    now = timezone.now()
    rule = make_rule()
    alert = make_alert(rule, "edge-1")
    make_alert(rule, "edge-2", state=AlertState.PENDING)
    assert defined(now).firing == []
    Inhibition.objects.create(name="one", source_matchers="a=b", target_matchers="c=d")
    [found] = defined(now).firing
    assert (found.pk, found.rule_name, found.labels) == (alert.pk, rule.name, alert.labels)
    Rule.objects.update(observing_until=now + timedelta(hours=1))
    assert defined(now).firing == []
