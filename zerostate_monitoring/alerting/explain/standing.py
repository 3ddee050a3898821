"""How an alert stood at an instant, from its row and the times in it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from zerostate_monitoring.alerting.explain.values import moment, span
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import AlertState, EndReason
from zerostate_monitoring.rules.definitions import AlertingRule


def standing(alert: Alert, rule: AlertingRule, at: datetime) -> Iterator[str]:
    """Sentences about one alert at ``at``."""
    fired = alert.fired_at is not None and alert.fired_at <= at
    if alert.ended_at is not None and alert.ended_at <= at:
        yield f"It was first seen at {moment(alert.started_at)}, and is over."
        yield f"It fired at {moment(alert.fired_at)}." if alert.fired_at else "It never fired."
    elif alert.fired_at is not None and fired:
        yield f"It fires since {moment(alert.fired_at)}, for {span(at - alert.fired_at)}."
        yield f"It was first seen at {moment(alert.started_at)}."
        yield from _keeping(alert, rule, at)
    else:
        yield from _pending(alert, rule, at)
    if alert.held:
        yield f"Kept without data: {alert.held}"
    yield from _ended(alert, at)


def _pending(alert: Alert, rule: AlertingRule, at: datetime) -> Iterator[str]:
    lasted, wanted = at - alert.active_at, rule.for_
    since = f"It is pending since {moment(alert.active_at)}"
    yield f"{since}: true for {span(lasted)} of {span(wanted)}."
    if lasted < wanted:
        yield f"It fires at {moment(alert.active_at + wanted)} if it lasts."


def _keeping(alert: Alert, rule: AlertingRule, at: datetime) -> Iterator[str]:
    if alert.keep_since is None or alert.keep_since > at or alert.state != AlertState.FIRING:
        return
    until = alert.keep_since + rule.keep_firing_for
    yield (
        f"The expression gives it no longer since {moment(alert.keep_since)}; "
        f"it fires on until {moment(until)} (keep_firing_for)."
    )


def _ended(alert: Alert, at: datetime) -> Iterator[str]:
    if alert.ended_at is None:
        return
    reason = EndReason(alert.end_reason).label if alert.end_reason else ""
    word = "It ended" if alert.ended_at <= at else "Later it ended,"
    yield f"{word} at {moment(alert.ended_at)}{f': {reason}' if reason else ''}."
