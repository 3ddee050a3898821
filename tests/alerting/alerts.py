"""Alerts as tests want them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import AlertState

AT = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


def make_alert(rule, node="edge-1", state=AlertState.FIRING, **fields):
    """A saved alert of a rule."""
    labels = {"alertname": rule.name, "node": node, "severity": rule.severity, **rule.labels}
    values = {
        "rule": rule,
        "rule_name": rule.name,
        "rule_version": rule.version,
        "group_name": rule.group.name,
        "fingerprint": f"{rule.pk}-{node}"[:32],
        "labels": labels,
        "annotations": {"summary": f"{node} is down"},
        "severity": rule.severity,
        "layer": rule.layer,
        "state": state,
        "value": 0.0,
        "started_at": AT,
        "active_at": AT,
        "fired_at": AT + timedelta(minutes=1) if state != AlertState.PENDING else None,
    }
    return Alert.objects.create(**{**values, **fields})
