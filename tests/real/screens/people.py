"""What operators have done by the time that somebody looks."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import User

from zerostate_monitoring.alerting.acknowledging import acknowledge
from zerostate_monitoring.alerting.noting import comment_on
from zerostate_monitoring.models import (
    Alert,
    Inhibition,
    LogLevel,
    MaintenanceWindow,
    Receiver,
    Silence,
)

HOUR = timedelta(hours=1)


def act(user: User, now: datetime) -> None:
    """Take alerts on, hold some back, plan work, set a level; one receiver is of no use."""
    for alert in Alert.objects.filter(state="firing").order_by("pk")[:2]:
        acknowledge(alert, user, "Looking into it.", now + HOUR)
        comment_on(alert, user, "The relay was restarted at noon.", now)
    _silence(user, 'node=~"edge-.*"', now - HOUR / 2, 2 * HOUR, "Disks of the edge are exchanged.")
    _silence(user, 'severity="info"', now + 20 * HOUR, 6 * HOUR, "Load test of the network team.")
    _silence(user, 'layer="economic"', now - 30 * HOUR, 3 * HOUR, "Settlement was moved.")
    MaintenanceWindow.objects.get_or_create(
        name="Weekly restarts",
        defaults={
            "matchers": 'node_role="relay"',
            "kind": "weekly",
            "zone": "Europe/Berlin",
            "weekdays": [1, 3],
            "start_time": time(2),
            "end_time": time(4),
            "comment": "Relays take new versions.",
            "author": str(user),
        },
    )
    Inhibition.objects.get_or_create(
        name="A node that is down says it all",
        defaults={
            "source_matchers": 'alertname="NodeDown"',
            "target_matchers": 'layer="p2p"',
            "equal": ["node"],
        },
    )
    Receiver.objects.get_or_create(
        name="Night watch",
        defaults={"kind": "webhook", "config": {"url": "https://hooks.example.org/zerostate"}},
    )
    LogLevel.objects.create(
        logger="zerostate_monitoring.alerting",
        level="DEBUG",
        until=now + HOUR,
        comment="Why is nothing grouped?",
        created_by=user,
        author=str(user),
    )


def _silence(user: User, matchers: str, starts: datetime, lasts: timedelta, why: str) -> None:
    who: dict[str, Any] = {"created_by": user, "author": str(user), "comment": why}
    Silence.objects.create(matchers=matchers, starts_at=starts, ends_at=starts + lasts, **who)
