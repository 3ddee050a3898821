"""Messages by the rules that they tell of."""

from __future__ import annotations

import pytest

from tests.collectors.test_alerting import NOW, ago, firing, message, values
from zerostate_monitoring.collectors.rule_messages import rule_messages
from zerostate_monitoring.models import (
    AlertEvent,
    NotificationGroup,
    OutboxEntry,
    Receiver,
    Rule,
    RuleGroup,
)
from zerostate_monitoring.models.outbox import MessageState, Notice
from zerostate_monitoring.models.words import EventKind, RuleKind

pytestmark = pytest.mark.django_db

FAMILY = "alert_messages_total"


@pytest.fixture
def group():
    made = RuleGroup.objects.create(name="g")
    Rule.objects.create(group=made, name="High", expr="x")
    Rule.objects.create(group=made, name="Low", expr="x")
    Rule.objects.create(group=made, name="Off", expr="x", enabled=False)
    Rule.objects.create(group=made, name="x:y", expr="x", kind=RuleKind.RECORDING)
    return made


def tell(told, *alerts):
    """That these alerts are in a message."""
    receiver = told.receiver
    batch, _ = NotificationGroup.objects.get_or_create(key="k", defaults={"receiver": receiver})
    for alert in alerts:
        event = AlertEvent.objects.create(alert=alert, kind=EventKind.FIRING, at=ago(100))
        OutboxEntry.objects.create(
            event=event,
            alert=alert,
            receiver=receiver,
            group=batch,
            notice=Notice.FIRED,
            created_at=ago(100),
            message=told,
        )


def test_messages__count_once_for_each_name_in_them(group):
    """Three alerts in one message are one message; what was not sent is none."""
    receiver = Receiver.objects.create(name="team", kind="webhook")
    alerts = [firing(group, fingerprint=f"f{n}") for n in range(2)]
    other = firing(group, fingerprint="o", rule_name="Gone")
    sent = {"state": MessageState.SENT, "sent_at": ago(60), "ended_at": ago(60)}
    tell(message(receiver, 1, **sent), *alerts, other)
    tell(message(receiver, 2, **sent), alerts[0])
    tell(message(receiver, 3, state=MessageState.DEAD, ended_at=ago(60)), alerts[0])
    tell(message(receiver, 4, state=MessageState.DUE), alerts[0])
    wanted = {(FAMILY, "High"): 2, (FAMILY, "Low"): 0, (FAMILY, "Gone"): 1}
    assert values(rule_messages(NOW)) == wanted
    # Counted once, and kept when the rows are pruned.
    OutboxEntry.objects.all().delete()
    assert values(rule_messages(NOW)) == wanted


def test_messages__of_rules_start_at_zero(group):
    """So that the first one is seen as an increase; switched-off and recording rules are none."""
    assert values(rule_messages(NOW)) == {(FAMILY, "High"): 0, (FAMILY, "Low"): 0}
