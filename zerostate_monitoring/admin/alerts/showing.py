"""What the page of one alert shows: in plain words what is, and all that happened to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.alerts.pictures import chart_now, evidence_of
from zerostate_monitoring.admin.alerts.standing import held_of, held_text
from zerostate_monitoring.admin.alerts.strip import strip_of
from zerostate_monitoring.admin.alerts.telling import tellings_of
from zerostate_monitoring.admin.alerts.trail import trail_of
from zerostate_monitoring.admin.holding.silences import silence_alert_url
from zerostate_monitoring.admin.rules.charting import leading
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.models import Alert, AlertEvent, Silence
from zerostate_monitoring.models.words import LIVE, AlertState, in_words

_MOST_EVENTS: Final = 200
_MOST_OTHERS: Final = 20
_NEAR: Final = 20_000
"""Of those that ended so many before it are looked through: a rule may have had very many."""


def headline(alert: Alert) -> str:
    """What it says, as a title."""
    summary = alert.annotations.get("summary", "")
    return f"{alert.rule_name}: {summary}" if summary else alert.rule_name


def context_of(request: HttpRequest, alert: Alert) -> dict[str, Any]:
    """All that the page shows."""
    now = timezone.now()
    held = held_of([alert], now).get(alert.pk)
    # The newest ones where there are too many; in order of time.
    rows = alert.events.select_related("actor").order_by("-at", "-pk")[:_MOST_EVENTS]
    events: list[AlertEvent] = list(rows)[::-1]
    silences: list[Silence] = list(alert.silences.order_by("starts_at")[:_MOST_OTHERS])
    value = words.value_text(_value_now(alert), alert)
    return {
        "sign": words.state_badge(
            alert.state,
            acknowledged=alert.acknowledged_at is not None,
            severity=alert.severity,
            held=held is not None,
        ),
        "severity": words.severity_badge(alert.severity),
        "sentence": sentence(alert, value, now),
        "facts": facts_of(alert, value),
        "held": held_text(held) if held else "",
        "held_reason": in_words(held.text) if held else "",
        "strip": strip_of(alert, events, silences, now),
        "trail": trail_of(events, silences, words.unit_of_alert(alert)),
        "tellings": tellings_of(alert),
        "others": others_of(alert),
        "labels": sorted(alert.labels.items()),
        "annotations": sorted(alert.annotations.items()),
        "runbook": runbook_of(alert),
        "silence_url": silence_alert_url(alert),
        "is_firing": alert.state == AlertState.FIRING,
        "chart_now": chart_now(alert),
        "evidence": evidence_of(alert),
    }


def _value_now(alert: Alert) -> str | None:
    """At the last slot of its group, if it lives; the row is fetched with it."""
    state = getattr(alert.rule.group, "state", None) if alert.rule and alert.is_live else None
    return state.values.get(str(alert.pk)) if state else None


def sentence(alert: Alert, value: str, now: datetime) -> str:
    """In plain words: what is, since when, and how far from the threshold."""
    against = _against(alert, value)
    if alert.state == AlertState.PENDING:
        return _("Pending for %(time)s%(against)s. Nobody is told yet.") % {
            "time": display.age((now - alert.started_at).total_seconds()),
            "against": against,
        }
    if alert.state == AlertState.FIRING:
        fired = alert.fired_at or alert.started_at
        return _("Firing for %(time)s, since %(at)s%(against)s.") % {
            "time": display.age((now - fired).total_seconds()),
            "at": words.clock(fired),
            "against": against,
        }
    began, ended = alert.fired_at or alert.started_at, alert.ended_at or now
    template = (
        _("Fired for %(time)s, until %(at)s: %(why)s.")
        if alert.state == AlertState.RESOLVED
        else _("Was pending for %(time)s, until %(at)s, and never fired: %(why)s.")
    )
    return template % {
        "time": display.age(max((ended - began).total_seconds(), 0)),
        "at": words.clock(ended),
        "why": alert.get_end_reason_display(),
    }


def _against(alert: Alert, value: str) -> str:
    if alert.rule is None:
        return ""
    try:
        asked = leading(alert.rule.expr)
    except QuerySyntaxError:
        return ""
    threshold = asked.threshold
    # After an "or" the value may be of something else.
    if threshold is None or "or" in asked.beside:
        return _(", value %s") % value
    unit = words.unit_of_alert(alert)
    values = {"value": value, "threshold": words.threshold(threshold, unit)}
    return _(", value %(value)s against a threshold of %(threshold)s") % values


def facts_of(alert: Alert, value: str) -> list[tuple[str, Any]]:
    """What stands in its row, as title and text."""
    shown: list[tuple[str, Any]] = [
        (_("First seen"), words.clock(alert.started_at)),
        (_("Counted since"), words.clock(alert.active_at)),
        (_("Fired"), words.clock(alert.fired_at)),
        (_("Absent since"), words.clock(alert.keep_since)),
        (_("Ended"), words.clock(alert.ended_at)),
        (_("Value"), value),
        (_("Kept because"), in_words(alert.held) or display.EMPTY),
        (_("Rule group"), alert.group_name or display.EMPTY),
        (_("Version of the rule"), str(alert.rule_version)),
        (_("Fingerprint"), alert.fingerprint),
    ]
    return [(title, text) for title, text in shown if text != display.EMPTY]


def others_of(alert: Alert) -> list[dict[str, Any]]:
    """Other alerts of its rule: those that live, then those that ended last."""
    rows = Alert.objects.exclude(pk=alert.pk)
    same = (
        rows.filter(rule_id=alert.rule_id)
        if alert.rule_id
        else rows.filter(rule_name=alert.rule_name)
    )
    near = same.filter(Q(state__in=LIVE) | Q(pk__gt=alert.pk - _NEAR))
    order = (F("ended_at").desc(nulls_first=True), "-pk")
    return [
        {
            "pk": other.pk,
            "state": words.state_badge(
                other.state,
                acknowledged=other.acknowledged_at is not None,
                severity=other.severity,
            ),
            "labels": words.labels_that_matter(other.labels),
            "since": words.ago(other.fired_at or other.started_at),
            "ended": words.clock(other.ended_at),
        }
        for other in near.order_by(*order)[:_MOST_OTHERS]
    ]


def runbook_of(alert: Alert) -> str:
    """Where it is said what to do; an address that a browser may follow, or nothing."""
    url = str(alert.annotations.get("runbook_url", ""))
    return url if url.startswith(("http://", "https://", "/")) else ""
