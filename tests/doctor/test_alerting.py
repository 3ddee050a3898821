"""Whether rules are evaluated, and whether what they say is delivered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tests.alerting.making import alert
from zerostate_monitoring.alerting.clocks import note
from zerostate_monitoring.doctor.alerting import (
    examine_clocks,
    examine_delivery,
    examine_evaluation,
    judge_delivery,
    judge_evaluation,
    judge_told,
)
from zerostate_monitoring.doctor.finding import Level
from zerostate_monitoring.models import (
    AlertEvent,
    GroupState,
    Message,
    Receiver,
    ReceiverState,
    Rule,
    RuleGroup,
    Tally,
)
from zerostate_monitoring.models.outbox import MessageState

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def ago(seconds):
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("groups", "level", "said"),
    [
        ({}, Level.OK, "no rules"),
        ({"a": (30, None)}, Level.ERROR, "yet"),
        ({"a": (30, ago(20)), "b": (300, ago(1000))}, Level.OK, "the last 20 s ago"),
        ({"a": (30, ago(20)), "b": (30, ago(130))}, Level.WARNING, "b"),
        ({"a": (30, ago(130)), "b": (30, None)}, Level.ERROR, "130 s"),
    ],
)
def test_evaluation__each_group_by_its_own_interval(groups, level, said):
    """All of them late is evaluation that stands still; some are slow rules."""
    finding = judge_evaluation(groups, NOW, "q")
    assert (finding.level, said in finding.message) == (level, True)
    assert level is Level.OK or "-Q q" in finding.advice


@pytest.mark.parametrize(
    ("oldest", "level"), [(None, Level.OK), (ago(30), Level.OK), (ago(300), Level.ERROR)]
)
def test_delivery__what_is_due_is_taken(oldest, level):
    """Two minutes are long enough for any worker."""
    assert judge_delivery(oldest, NOW, "q").level is level


@pytest.mark.parametrize(
    ("is_open", "last", "level", "said"),
    [
        (False, None, Level.WARNING, "WEBHOOK_TOKEN is empty"),
        (False, ago(60), Level.WARNING, "WEBHOOK_TOKEN is empty"),
        (True, None, Level.OK, "has told of an alert yet"),
        (True, ago(60), Level.OK, "2026-11-23 11:59 UTC"),
    ],
)
def test_evaluation__elsewhere_needs_somebody_who_tells(is_open, last, level, said):
    """Where rules are not evaluated here, a closed webhook leaves admin without alerts."""
    finding = judge_told(is_open=is_open, last=last)
    assert (finding.level, said in finding.message) == (level, True)
    assert level is Level.OK or "docs/prometheus.md" in finding.advice


@pytest.mark.django_db
def test_evaluation__elsewhere_finds_what_was_told_last(settings):
    """Among what people did since."""
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    settings.ZEROSTATE_MONITORING_WEBHOOK_TOKEN = "t"
    made = alert(state="firing")
    for at, detail in ((ago(900), {"source": "alertmanager"}), (ago(60), {"comment": "mine"})):
        AlertEvent.objects.create(alert=made, kind="firing", at=at, detail=detail)
    (finding,) = examine_evaluation()
    assert "2026-11-23 11:45 UTC" in finding.message


@pytest.mark.django_db
def test_evaluation__looks_at_enabled_groups_with_rules(settings):
    """Others have nothing to evaluate."""
    RuleGroup.objects.create(name="empty")
    off = RuleGroup.objects.create(name="off", enabled=False)
    Rule.objects.create(group=off, name="X", expr="x")
    assert [one.message for one in examine_evaluation()] == ["there are no rules"]
    on = RuleGroup.objects.create(name="on")
    Rule.objects.create(group=on, name="Y", expr="x")
    [finding] = examine_evaluation()
    assert finding.level is Level.ERROR
    GroupState.objects.create(group=on, evaluated_at=timezone.now())
    [finding] = examine_evaluation()
    assert finding.level is Level.OK
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    [finding] = examine_evaluation()
    assert "switched off" in finding.message


@pytest.mark.django_db
def test_delivery__dead_letters_and_receivers_that_fail_are_named():
    """Both can be mended by whoever reads this."""
    receiver = Receiver.objects.create(name="team", kind="webhook")
    assert [one.name for one in examine_delivery()] == ["delivery"]
    ReceiverState.objects.create(receiver=receiver, failing_since=NOW)
    Message.objects.create(
        key="k", receiver=receiver, payload={}, created_at=NOW, state=MessageState.DEAD
    )
    findings = {one.name: one for one in examine_delivery()}
    assert findings["dead letters"].level is Level.WARNING
    assert "team" in findings["receivers"].message


@pytest.mark.django_db
def test_clocks__that_came_back_are_told_of_for_a_day():
    """How much lay in the future, of what, and what to do; and nothing where nothing did."""
    assert list(examine_clocks()) == []
    note("slots", timezone.now() - timedelta(hours=30), 2)
    assert list(examine_clocks()) == []
    note("slots", timezone.now() - timedelta(hours=20), 3)
    note("delivery", timezone.now() - timedelta(hours=20), 1)
    (finding,) = examine_clocks()
    assert finding.level is Level.WARNING
    assert finding.message.endswith("from the future: 1 of delivery, 5 of slots")
    assert "NTP" in finding.advice
    Tally.objects.update(counted_until=None)
    assert list(examine_clocks()) == []
