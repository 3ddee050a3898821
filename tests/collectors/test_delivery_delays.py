"""From the slot of a transition to its receiver: each notice once, however old its rows."""

from __future__ import annotations

import pytest

from tests.collectors.test_alerting import NOW, ago, given_by, message
from zerostate_monitoring.collectors.delivery_delays import delivery_delays
from zerostate_monitoring.models import (
    Alert,
    AlertEvent,
    Message,
    NotificationGroup,
    OutboxEntry,
    Receiver,
)
from zerostate_monitoring.models.outbox import MessageState, Notice, OutboxState
from zerostate_monitoring.models.words import EventKind

pytestmark = pytest.mark.django_db

TEAM = ("receiver", "team")
FAMILY = "delivery_delay_seconds"


@pytest.fixture
def receiver():
    return Receiver.objects.create(name="team", kind="webhook")


def told(receiver, n, *, slot, sent, notice=Notice.FIRED, state=MessageState.SENT):
    """A notice in a message that has ended; ``slot`` and ``sent`` are seconds ago."""
    alert = Alert.objects.create(
        rule_name=f"High{n}", fingerprint=f"f{n}", labels={}, started_at=NOW, active_at=NOW
    )
    event = AlertEvent.objects.create(
        alert=alert,
        kind=EventKind.FIRING,
        at=ago(slot - 2),
        slot_ms=None if slot is None else int(ago(slot).timestamp() * 1000),
    )
    group, _ = NotificationGroup.objects.get_or_create(key="k", receiver=receiver)
    is_sent = state == MessageState.SENT
    OutboxEntry.objects.create(
        event=event,
        alert=alert,
        receiver=receiver,
        group=group,
        notice=notice,
        state=OutboxState.SENT,
        created_at=NOW,
        message=message(
            receiver, n, state=state, ended_at=ago(sent), sent_at=ago(sent) if is_sent else None
        ),
    )


def shown():
    """Buckets by bound, the sum, and the count."""
    found = given_by(delivery_delays(NOW))
    buckets = {dict(key)["le"]: value for key, value in found[f"{FAMILY}_bucket"].items()}
    return buckets, found[f"{FAMILY}_sum"][(TEAM,)], found[f"{FAMILY}_count"][(TEAM,)]


def test_delays__start_at_zero_for_each_receiver(receiver):
    """So that ``increase`` sees the first message."""
    buckets, total, count = shown()
    assert (set(buckets.values()), total, count) == ({0}, 0, 0)


def test_delays__are_those_from_the_slot_to_the_answer(receiver):
    """Fired and resolved alike; dead letters, reminders and escalations are late on purpose."""
    told(receiver, 1, slot=110, sent=68)
    told(receiver, 2, slot=90, sent=70, notice=Notice.RESOLVED)
    told(receiver, 3, slot=900, sent=70, notice=Notice.REPEATED)
    told(receiver, 4, slot=900, sent=70, notice=Notice.ESCALATED)
    told(receiver, 5, slot=900, sent=70, state=MessageState.DEAD)
    buckets, total, count = shown()
    assert (total, count) == (62, 2)
    assert (buckets["15.0"], buckets["20.0"], buckets["30.0"], buckets["45.0"]) == (0, 1, 1, 2)


def test_delays__outlive_their_rows_and_count_each_once(receiver):
    """Rows are pruned; totals never fall."""
    told(receiver, 1, slot=110, sent=70)
    first = shown()
    assert shown() == first
    Message.objects.all().delete()
    AlertEvent.objects.all().delete()
    assert shown() == first


def test_delays__without_a_slot_begin_with_the_event(receiver):
    """An Alertmanager tells of alerts that no slot of ours has found."""
    told(receiver, 1, slot=110, sent=70)
    AlertEvent.objects.update(slot_ms=None, at=ago(71))
    assert shown()[1] == 1


def test_delays__are_never_below_nothing(receiver):
    """Two clocks need not agree."""
    told(receiver, 1, slot=70, sent=75)
    assert shown()[1:] == (0, 1)
