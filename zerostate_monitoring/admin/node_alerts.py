"""What there is of a node elsewhere: its alerts, and the page of everything about it."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from zerostate_monitoring.admin import words
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import LIVE

_MOST: Final = 10


def alerts_of(name: str, request: HttpRequest, site: str) -> dict[str, Any]:
    """Its alerts now, the newest first, and where all of them stand; nothing for whom may not."""
    if not request.user.has_perm("zerostate_monitoring.view_alert"):
        return {}
    from zerostate_monitoring.admin.alerts.about import with_label

    rows = list(with_label(Alert.objects.filter(state__in=LIVE), "node", name)[: _MOST + 1])
    address = reverse(f"{site}:zerostate_monitoring_about")
    return {
        "about_url": f"{address}?{urlencode({'label': 'node', 'value': name})}",
        "alerts": [
            {
                "pk": row.pk,
                "name": row.rule_name,
                "since": words.ago(row.fired_at or row.started_at),
                "state": words.state_badge(
                    row.state,
                    acknowledged=row.acknowledged_at is not None,
                    severity=row.severity,
                ),
            }
            for row in rows[:_MOST]
        ],
        "more_alerts": len(rows) > _MOST,
    }
