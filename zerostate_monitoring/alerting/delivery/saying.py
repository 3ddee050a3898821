"""Events of alerts that the delivery adds to their trail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from zerostate_monitoring.alerting.delivery.deciding import Why
from zerostate_monitoring.models import Alert, AlertEvent, Message
from zerostate_monitoring.models.words import EventKind

_HELD = (EventKind.SUPPRESSED, EventKind.UNSUPPRESSED)


def say_suppressed(found: Iterable[tuple[Alert, Why]], now: datetime) -> None:
    """Say why alerts are not sent: once, not for each receiver or at each flush."""
    held = {alert.pk: (alert, why) for alert, why in found}
    if not held:
        return
    last: dict[int, AlertEvent] = {}
    for event in AlertEvent.objects.filter(alert__in=held, kind__in=_HELD).order_by("pk"):
        last[event.alert_id] = event
    AlertEvent.objects.bulk_create(
        AlertEvent(alert=alert, kind=EventKind.SUPPRESSED, at=now, detail=detail_of(why))
        for alert, why in held.values()
        if not _is_said(last.get(alert.pk), why)
    )


def detail_of(why: Why) -> dict[str, Any]:
    """A reason as an event's detail."""
    return {"kind": str(why.kind), "pk": why.pk, "reason": why.text}


def _is_said(event: AlertEvent | None, why: Why) -> bool:
    if event is None or event.kind != EventKind.SUPPRESSED:
        return False
    return (event.detail.get("kind"), event.detail.get("pk")) == (str(why.kind), why.pk)


def say_of_messages(
    kind: EventKind, told: Iterable[tuple[Message, Sequence[int]]], now: datetime
) -> None:
    """Say of each alert of some messages what became of them, with their answers."""
    AlertEvent.objects.bulk_create(
        AlertEvent(alert_id=alert, kind=kind, at=now, detail=_answer_of(message))
        for message, alerts in told
        for alert in alerts
    )


def _answer_of(message: Message) -> dict[str, Any]:
    return {
        "message": message.pk,
        "receiver": message.receiver_name,
        "status": message.status,
        "answer": message.answer[:500],
    }
