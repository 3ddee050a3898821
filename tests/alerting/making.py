"""Rows for tests of what looks back: alerts, events, messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from zerostate_monitoring.alerting.identity import fingerprint
from zerostate_monitoring.models import (
    Alert,
    AlertEvent,
    Attempt,
    Evaluation,
    Evidence,
    Message,
    NotificationGroup,
    OutboxEntry,
    Receiver,
    Rule,
    RuleGroup,
)
from zerostate_monitoring.models.words import AlertState, EventKind

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
_numbers = count(1)


def ago(**length: float) -> datetime:
    """So long before now."""
    return NOW - timedelta(**length)


def group(**fields: Any) -> RuleGroup:
    """A group of its own name."""
    return RuleGroup.objects.create(**{"name": f"group {next(_numbers)}", **fields})


def rule(**fields: Any) -> Rule:
    """A rule in a group of its own."""
    fields.setdefault("group", None) or fields.update(group=group())
    return Rule.objects.create(**{"name": "NodeDown", "expr": "up == 0", **fields})


def alert(**fields: Any) -> Alert:
    """An alert that fired an hour ago, or as ``fields`` say."""
    name = fields.get("rule_name", "NodeDown")
    labels = {"alertname": name, **fields.pop("labels", {"node": str(next(_numbers))})}
    given = {
        "rule_name": name,
        "labels": labels,
        "fingerprint": fingerprint(labels.items()),
        "state": AlertState.FIRING,
        "started_at": ago(hours=1),
        "fired_at": fields.get("started_at", ago(hours=1)),
        **fields,
    }
    return Alert.objects.create(**{"active_at": given["started_at"], **given})


def ended(at: datetime, **fields: Any) -> Alert:
    """An alert that resolved at ``at``."""
    given = {"state": AlertState.RESOLVED, "started_at": at - timedelta(minutes=10), **fields}
    return alert(ended_at=at, **given)


def event(of: Alert, kind: str = EventKind.FIRING, **fields: Any) -> AlertEvent:
    """Something that happened to an alert."""
    return AlertEvent.objects.create(alert=of, kind=kind, **{"at": of.started_at, **fields})


def receiver(**fields: Any) -> Receiver:
    """Somebody who is told."""
    given = {"name": f"receiver {next(_numbers)}", "kind": "webhook", **fields}
    return Receiver.objects.create(**given)


def notification_group(**fields: Any) -> NotificationGroup:
    """A group of messages."""
    fields.setdefault("receiver", None) or fields.update(receiver=receiver())
    return NotificationGroup.objects.create(**{"key": str(next(_numbers)), **fields})


def message(at: datetime, **fields: Any) -> Message:
    """A message that was sent, with one try."""
    given = {"state": "sent", "sent_at": at, "ended_at": at, "created_at": at, "payload": {}}
    made = Message.objects.create(key=str(next(_numbers)), **{**given, **fields})
    Attempt.objects.create(message=made, started_at=at, outcome="sent")
    return made


def entry(of: Alert, at: datetime, told: Message | None = None, **fields: Any) -> OutboxEntry:
    """That somebody was told of an alert."""
    within = fields.pop("group", None) or notification_group()
    of_event = fields.pop("event", None) or event(of)
    given = {"state": "sent", "created_at": at, "ended_at": at, "notice": "fired", **fields}
    return OutboxEntry.objects.create(
        alert=of,
        event=of_event,
        receiver=within.receiver,
        group=within,
        message=told,
        **given,
    )


def evidence(of: Alert) -> Evidence:
    """Something that was kept with an alert."""
    at_ms = round(of.started_at.timestamp() * 1000)
    return Evidence.objects.create(alert=of, kind=EventKind.FIRING, at_ms=at_ms, series=b"{}")


def evaluation(at: datetime, within: RuleGroup) -> Evaluation:
    """A slot that was evaluated."""
    return Evaluation.objects.create(
        group=within,
        slot_ms=round(at.timestamp() * 1000),
        token=1,
        started_at=at,
        duration_seconds=0.1,
        rules=1,
    )
