"""What matchers hit now."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.admin.pseudo import english, speak
from tests.alerting.rows import alert
from zerostate_monitoring.alerting.suppression.hits import (
    hits_among,
    holding_back,
    inhibited_by,
    live_alerts,
)
from zerostate_monitoring.models import Alert, Inhibition, Rule, RuleGroup
from zerostate_monitoring.models.words import AlertState

pytestmark = pytest.mark.django_db


def test_hits__are_live_alerts_by_state_and_rule():
    """Ended ones are none; rules come with their counts."""
    alert("A", node="1")
    alert("A", node="2", state=AlertState.PENDING)
    alert("B", node="1")
    alert("B", node="3", state=AlertState.RESOLVED)
    hits = hits_among('node=~"1|2|3"', live_alerts())
    assert (len(hits.firing), len(hits.pending), hits.live) == (2, 1, 3)
    assert hits.rules == [("A", 2), ("B", 1)]
    assert hits.is_all
    assert hits.sentence() == "It hits 2 firing and 1 pending of 3 live alerts."
    assert not hits_among("node=1", live_alerts()).is_all


def test_sentences__go_through_gettext(monkeypatch):
    """How much is hit, that nothing is, and that it cannot be said."""
    alert("A", node="1")
    speak(monkeypatch)
    found = [hits_among(text, live_alerts()).sentence() for text in ("node=1", "node=2", "")]
    assert [english(text, []) for text in (*found, hits_among("node=", []).sentence())] == [[]] * 4


def test_broken_matchers__say_so():
    """A preview never fails."""
    hits = hits_among("node=", live_alerts())
    assert hits.alerts == ()
    assert hits.sentence() == "What it hits cannot be said: Line 1: a value of node is missing."


def test_inhibition__counts_no_source_that_is_only_observed():
    """As live: whoever is told of nothing holds nothing back, and the preview says so."""
    group = RuleGroup.objects.create(name="g")
    until = timezone.now() + timedelta(hours=1)
    watched = Rule.objects.create(group=group, name="R", expr="up", observing_until=until)
    source, target = alert("Down", node="1"), alert("Slow", node="1")
    alert("Down", node="2")
    row = Inhibition(source_matchers="alertname=Down", target_matchers="alertname=Slow")
    row.equal = ["node"]
    assert list(inhibited_by(row, live_alerts()).alerts) == [target]
    Alert.objects.filter(pk=source.pk).update(rule=watched)
    assert list(inhibited_by(row, live_alerts()).alerts) == []
    found = holding_back(row, live_alerts())
    assert [one.labels["node"] for one in found.alerts] == ["2"]
    assert found.note == "Not counted: 1 of rules that are only observed."
    assert found.live == 3


def test_inhibition__counts_no_orphan_that_was_only_observed():
    """Its rule is gone; what it was when it fired stands with the alert."""
    source = alert("Down", node="1")
    row = Inhibition(source_matchers="alertname=Down", target_matchers="alertname=Slow")
    assert len(holding_back(row, live_alerts()).alerts) == 1
    Alert.objects.filter(pk=source.pk).update(observed=True)
    assert len(holding_back(row, live_alerts()).alerts) == 0
