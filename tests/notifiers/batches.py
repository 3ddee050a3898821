"""Alerts and batches for tests, as the delivery would pass them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from zerostate_monitoring.notifiers.base import AlertView, Batch, Target

START = datetime(2026, 11, 26, 4, 14, 5, tzinfo=UTC)
BASE = "https://ops.example"
LABELS = {
    "alertname": "ZeroStateNodeErrorsHigh",
    "severity": "critical",
    "layer": "p2p",
    "fault": "node",
    "node": "edge-3",
}
ANNOTATIONS = {
    "summary": "Node edge-3 refuses 42% of its messages",
    "description": "For 5 minutes more than 20% of what peers sent to edge-3 was refused.",
    "runbook_url": "https://ops.example/runbooks/node-errors",
}
EXPR = "sum by (node) (rate(zerostate_p2p_message_errors_total[5m])) > 0.2"


def samples(count=121, after=80):
    """Half an hour, 15 seconds apart: quiet, then above 0.4; with a gap."""
    first = int(START.timestamp() * 1000) - after * 15_000
    return [
        (first + n * 15_000, 0.05 + 0.02 * math.sin(n / 5) + (0.37 if n > after else 0))
        for n in range(count)
        if not 40 < n < 48
    ]


def alert(number=1, **changes):
    """A firing alert; ``ended`` seconds after it began if that is given."""
    ended = changes.pop("ended", None)
    values = {
        "pk": number,
        "fingerprint": f"{number:016x}",
        "is_firing": ended is None,
        "notice": "fired" if ended is None else "resolved",
        "labels": LABELS,
        "annotations": ANNOTATIONS,
        "starts_at": START,
        "ends_at": None if ended is None else START + timedelta(seconds=ended),
        "value": 0.42,
        "expr": EXPR,
        "url": f"{BASE}/admin/zerostate_monitoring/alert/{number}/change/",
        "incident": f"incident-{number}",
    }
    return AlertView(**{**values, **changes})


def on(node, number=1, **changes):
    """An alert of another node."""
    return alert(number, labels={**LABELS, "node": node}, **changes)


def batch(*alerts, **changes):
    """What one message tells."""
    values = {
        "key": "key-1",
        "receiver": "on-call",
        "group_key": '{}/{layer="p2p"}:{alertname="ZeroStateNodeErrorsHigh"}',
        "group_labels": {"alertname": "ZeroStateNodeErrorsHigh"},
        "alerts": alerts or (alert(),),
        "external_url": BASE,
    }
    return Batch(**{**values, **changes})


def target(secrets=None, **config):
    """A receiver's configuration."""
    return Target("on-call", config, secrets or {})
