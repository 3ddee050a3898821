"""Rows that tests of suppression, routes and their admin need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from zerostate_monitoring.models import Alert, Inhibition, MaintenanceWindow, Silence
from zerostate_monitoring.models.words import AlertState

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def alert(name="NodeDown", state=AlertState.FIRING, **labels):
    """A live alert."""
    fired = NOW - HOUR if state == AlertState.FIRING else None
    return Alert.objects.create(
        rule_name=name,
        fingerprint=f"{abs(hash((name, *sorted(labels.items())))) % 2**64:016x}",
        labels={"alertname": name, **labels},
        severity=labels.get("severity", ""),
        state=state,
        started_at=NOW - 2 * HOUR,
        active_at=NOW - 2 * HOUR,
        fired_at=fired,
    )


def silence(matchers, starts_at=NOW - HOUR, ends_at=NOW + HOUR, **fields):
    """A silence that is active at NOW."""
    fields = {"comment": "upgrade", "author": "ada", **fields}
    return Silence.objects.create(matchers=matchers, starts_at=starts_at, ends_at=ends_at, **fields)


def window(name, matchers, **fields):
    """A window that is open at NOW."""
    fields = {"kind": "once", "starts_at": NOW - HOUR, "ends_at": NOW + HOUR, **fields}
    return MaintenanceWindow.objects.create(name=name, matchers=matchers, **fields)


def inhibition(name, source, target, equal=(), **fields):
    """An inhibition."""
    return Inhibition.objects.create(
        name=name, source_matchers=source, target_matchers=target, equal=list(equal), **fields
    )
