"""Counts, times and medians of what each rule did, the same on every database."""

from __future__ import annotations

import statistics
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.alerting.making import NOW, ago, alert, ended, entry, event, message
from zerostate_monitoring.alerting.noise import Noise, noise
from zerostate_monitoring.models import Alert

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def fired(minutes_ago, minutes=None, **fields):
    """An alert that fired so long ago, and so long."""
    at = ago(minutes=minutes_ago)
    if minutes is None:
        return alert(started_at=at, **fields)
    return ended(at + minutes * MINUTE, **{"started_at": at, "fired_at": at, **fields})


def week():
    return noise(ago(days=7), NOW)


def test_noise__counts_what_fired_in_the_period():
    """Neither what fired before, nor what never did; also rules that are gone."""
    fired(10, 5, rule_name="A", severity="warning")
    fired(20, 5, rule_name="A", severity="warning")
    fired(8 * 24 * 60, 5, rule_name="Old")
    ended(ago(minutes=5), rule_name="Never", state="expired", fired_at=None)
    assert week() == [
        Noise(
            "A",
            severity="warning",
            fired=2,
            firing=10 * MINUTE,
            never_acknowledged=2,
            to_resolve=5 * MINUTE,
        )
    ]


def test_noise__firing_is_cut_at_the_ends():
    """An alert that fired before the period and fires still fills it, though none fired."""
    fired(8 * 24 * 60, rule_name="A")
    (found,) = week()
    assert (found.fired, found.firing, found.to_resolve) == (0, timedelta(days=7), None)


def test_noise__messages_count_once():
    """However many alerts of a rule stand in one; not those before, nor those not sent."""
    sent, dead = message(ago(hours=1)), message(ago(hours=1), state="dead", sent_at=None)
    early = message(ago(days=8))
    for told in (sent, sent, dead, early):
        entry(fired(70, 5, rule_name="A"), ago(hours=1), told)
    entry(fired(70, 5, rule_name="B"), ago(hours=1), sent)
    assert [(one.name, one.messages, one.fired) for one in week()] == [("A", 1, 4), ("B", 1, 1)]


def test_noise__acknowledged_is_the_first_time():
    """Also where it was given back since."""
    one, two, three = (fired(60, 30, rule_name="A") for _ in range(3))
    for row, minutes in ((one, 3), (one, 20), (two, 5)):
        event(row, "acknowledged", at=row.fired_at + minutes * MINUTE)
    (found,) = week()
    assert (found.to_acknowledge, found.never_acknowledged) == (4 * MINUTE, 1)
    assert three.acknowledged_at is None


def test_noise__verdicts():
    """What people said, and of how many they said nothing."""
    for verdict in ("useful", "noise", "noise", ""):
        fired(10, 1, rule_name="A", verdict=verdict)
    (found,) = week()
    assert (found.fired, found.useful, found.noise) == (4, 1, 2)
    assert found.share_of_noise == pytest.approx(2 / 3)


def test_noise__flapping_is_firing_again_soon():
    """The same alert within a quarter of an hour; neither another, nor later."""
    same = {"rule_name": "A", "labels": {"node": "a"}}
    fired(100, 5, **same)
    fired(90, 5, **same)
    fired(60, 5, **same)
    fired(54, 5, rule_name="A", labels={"node": "b"})
    (found,) = week()
    assert found.flapping == 1


def test_noise__the_noisiest_comes_first():
    """By messages, then by how often, then by how long."""
    entry(fired(10, 1, rule_name="Told"), ago(minutes=9), message(ago(minutes=9)))
    for _ in range(3):
        fired(10, 1, rule_name="Often")
    fired(10, 9, rule_name="Long")
    fired(10, 1, rule_name="Short")
    assert [one.name for one in week()] == ["Told", "Often", "Long", "Short"]


def test_noise__leaves_out_what_is_for_nobody():
    """A watchdog fires always, and sends most of all: that is what it is for."""
    fired(10, 1, rule_name="Watchdog", severity="none")
    fired(10, 1, rule_name="Loud", severity="info")
    fired(10, 1, rule_name="Unsaid")
    assert {row.name for row in week()} == {"Loud", "Unsaid"}


def test_noise__a_few_queries(django_assert_num_queries):
    """However many rules and alerts."""
    for number in range(10):
        fired(10, 1, rule_name=f"R{number}")
    with django_assert_num_queries(6):
        week()


class Medians(TestCase):
    """With a database that is emptied for each example."""

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 500)), min_size=1, max_size=9))
    def test_median__is_that_of_statistics(self, lengths):
        """Odd or even, with equal ones."""
        Alert.objects.all().delete()
        for name, minutes in lengths:
            fired(600, minutes, rule_name=name)
        for found in week():
            own = [minutes for name, minutes in lengths if name == found.name]
            assert found.to_resolve == statistics.median(own) * MINUTE


def test_noise__looks_for_messages_by_an_index():
    """However much was told before the period, it is not read."""
    with CaptureQueriesContext(connection) as seen:
        noise(NOW - timedelta(days=7), NOW)
    (sql,) = [one["sql"] for one in seen if 'FROM "zerostate_monitoring_outboxentry"' in one["sql"]]
    assert '"zerostate_monitoring_message"."ended_at" >=' in sql
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = [row[3] for row in cursor.fetchall()]
        assert not [one for one in plan if one.startswith("SCAN")], plan
