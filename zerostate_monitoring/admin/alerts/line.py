"""One alert as a line of a table, wherever alerts are listed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zerostate_monitoring.admin import words
from zerostate_monitoring.models import Alert


def line_of(alert: Alert, now: datetime | None = None, value: str | None = None) -> dict[str, Any]:
    """What every list shows; ``value`` as the last evaluation wrote it down, where it is known."""
    return {
        "pk": alert.pk,
        "state": words.state_badge(
            alert.state,
            acknowledged=alert.acknowledged_at is not None,
            severity=alert.severity,
        ),
        "severity": words.severity_badge(alert.severity),
        "name": alert.rule_name,
        "labels": words.what_of(alert),
        "said": words.said_of(alert),
        "since": words.ago(alert.fired_at or alert.started_at, now),
        "value": words.value_text(value, alert),
    }
