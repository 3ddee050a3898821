"""Alerts that live on although nobody evaluates their rule any more.

Admin closes them where it disables or deletes a rule. What was done past it, by ``update()``
or in SQL, is found here with the next tick.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from zerostate_monitoring.alerting.delivery.enqueuing import enqueue
from zerostate_monitoring.models.alert import Alert, AlertEvent
from zerostate_monitoring.models.words import LIVE, AlertState, EndReason, EventKind, RuleKind

_BATCH: Final = 500
_DISABLED: Final = (
    Q(rule__enabled=False)
    | Q(rule__group__enabled=False)
    | ~Q(rule__kind=RuleKind.ALERTING) & Q(rule__isnull=False)
)
# An alert that came from elsewhere has no rule, and no group either.
_DELETED: Final = Q(rule=None) & ~Q(group_name="")


def close_strays(now: datetime) -> int:
    """End alerts whose rule is disabled or gone, with the reason; how many there were."""
    return sum(
        _close(Alert.objects.filter(condition, state__in=LIVE), reason, now)
        for condition, reason in (
            (_DISABLED, EndReason.DISABLED),
            (_DELETED, EndReason.DELETED),
        )
    )


def _close(strays: QuerySet[Alert], reason: EndReason, now: datetime) -> int:
    keys = list(strays.order_by("pk").values_list("pk", flat=True)[:_BATCH])
    if not keys:
        return 0
    with transaction.atomic():
        live = Alert.objects.filter(pk__in=keys, state__in=LIVE).order_by("pk")
        alerts = list(live.select_for_update(no_key=True))
        _end(alerts, reason, now)
    return len(alerts)


def _end(alerts: Sequence[Alert], reason: EndReason, now: datetime) -> None:
    events = []
    for alert in alerts:
        fired = alert.state == AlertState.FIRING
        alert.state = AlertState.RESOLVED if fired else AlertState.EXPIRED
        alert.ended_at, alert.end_reason, alert.held = now, reason, ""
        kind = EventKind.RESOLVED if fired else EventKind.EXPIRED
        detail = {"reason": str(reason)}
        events.append(AlertEvent(alert=alert, kind=kind, at=now, detail=detail))
    Alert.objects.bulk_update(alerts, ("state", "ended_at", "end_reason", "held"))
    AlertEvent.objects.bulk_create(events)
    enqueue(events, now)
