"""Alerts that fire as a table, and what becomes of all of them as lines."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.selectors import (
    ALERT_HUES,
    ALERT_STATES,
    LIVE_ALERTS,
    alert_states,
)
from zerostate_monitoring.generators.dashboards.values import Panel, Unit
from zerostate_monitoring.generators.dashboards.words import now, q, table, timeline

_LIVE: Final = "zerostate_monitoring_live_alert"
_COLUMNS: Final = (
    *("severity", "alertname", "node", "about", "value", "since", "acknowledged_by", "held_by"),
    *("layer", "alert"),
)


def firing(title: str, description: str, matchers: str = "", *, width: int = 24) -> Panel:
    """One row per alert that fires, watchdogs aside, by its number in admin."""
    chosen = ", ".join(filter(None, ('alertstate="firing"', 'severity!="none"', matchers)))
    info = f"{LIVE_ALERTS}{{{chosen}}}"
    return table(
        title,
        Unit.COUNT,
        description,
        now(info, "info"),
        now(
            f"1000 * max by (alert) ({_LIVE}_since_timestamp_seconds and on (alert) {info})",
            "since",
        ),
        now(f"max by (alert) ({_LIVE}_value and on (alert) {info})", "value"),
        by="alert",
        columns=_COLUMNS,
        units={"since": Unit.WHEN},
        sort="since",
        hidden=("Time", "__name__", "alertstate", "job", "instance", "Value #A"),
        width=width,
        height=8,
        empty_when_well=True,
        fault="payments",
    )


def states(
    title: str, description: str, matchers: str, *, width: int, height: int, fault: str
) -> Panel:
    """One line per alert: pending, firing, acknowledged, or held back by what."""
    return timeline(
        title,
        Unit.UP,
        description,
        q(alert_states(matchers), "{{alertname}} {{node}} {{about}}"),
        words=ALERT_STATES,
        hues=ALERT_HUES,
        width=width,
        height=height,
        empty_when_well=True,
        fault=fault,
    )
