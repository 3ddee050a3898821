"""What an Alertmanager sends."""

from __future__ import annotations

from typing import Any

START = "2026-05-01T10:00:00Z"
END = "2026-05-01T11:00:00.123456789Z"
NEVER = "0001-01-01T00:00:00Z"


def told(
    status: str = "firing", start: str = START, end: str = "", **labels: str
) -> dict[str, Any]:
    """One alert of a message."""
    return {
        "status": status,
        "labels": {"alertname": "NodeDown", "node": "a", "severity": "critical", **labels},
        "annotations": {"summary": "a is down"},
        "startsAt": start,
        "endsAt": end or (END if status == "resolved" else NEVER),
        "generatorURL": "http://prometheus:9090/graph?g0.expr=up",
        "fingerprint": "c0ffee",
    }


def message(*alerts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A message of version 4."""
    return {
        "version": "4",
        "groupKey": '{}:{alertname="NodeDown"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "zerostate",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager:9093",
        "alerts": list(alerts),
        **fields,
    }
