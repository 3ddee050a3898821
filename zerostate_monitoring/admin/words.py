"""States, severities and healths as signs with words. Red is for what somebody must act on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db.models import F, QuerySet
from django.template.defaultfilters import date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display, glossary
from zerostate_monitoring.admin.chart_words import chart_words
from zerostate_monitoring.admin.exploring.units import unit_of
from zerostate_monitoring.charts.units import named, told
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import AlertState, Health, Severity, in_words

_OF_THE_RULE: Final = frozenset({"alertname", "severity", "layer", "fault"})

GRAVE: Final = (Severity.CRITICAL, Severity.WARNING)
"""Severities for which somebody must act, the gravest first."""

SEVERITIES: Final = {
    Severity.CRITICAL: "bad",
    Severity.WARNING: "warn",
    Severity.INFO: "none",
    Severity.NONE: "none",
}
HEALTHS: Final = {
    Health.UNKNOWN: "none",
    Health.OK: "good",
    Health.ERROR: "bad",
    Health.NO_DATA: "warn",
    Health.STALE: "warn",
    Health.WAITING: "none",
    Health.DORMANT: "off",
}
STATES: Final = {
    AlertState.FIRING: "bad",
    AlertState.PENDING: "warn",
    AlertState.RESOLVED: "good",
    AlertState.EXPIRED: "none",
}


def severity_badge(severity: str) -> SafeString | str:
    """A severity; a label may hold any text."""
    if not severity:
        return display.EMPTY
    known = {str(key): key for key in SEVERITIES}.get(severity)
    return severity if known is None else display.badge(SEVERITIES[known], str(known.label))


def health_badge(health: str, reason: str = "") -> SafeString:
    """How the last evaluation of a rule ended; what that means, and why, as a title."""
    known = Health(health)
    title = " ".join(part for part in (str(glossary.HEALTHS[known]), in_words(reason)) if part)
    return display.badge(HEALTHS[known], str(known.label), title)


def state_badge(
    state: str, *, acknowledged: bool = False, severity: str = "", held: bool = False
) -> SafeString:
    """Where an alert stands. Red is what fires, is grave, and nobody has dealt with."""
    known = AlertState(state)
    if known != AlertState.FIRING:
        return display.badge(STATES[known], str(known.label))
    if acknowledged:
        return display.badge("warn", str(known.label), _("Somebody has taken it on."))
    calm = held or severity in {Severity.INFO, Severity.NONE}
    return display.badge("none" if calm else "bad", str(known.label))


def ago(at: datetime | None, now: datetime | None = None) -> SafeString | str:
    """How long ago, with the time itself as a title."""
    if at is None:
        return display.EMPTY
    seconds = ((now or timezone.now()) - at).total_seconds()
    words = _("%s ago") if seconds >= 0 else _("in %s")
    shown = words % display.age(abs(seconds))
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), clock(at), shown)


def clock(at: datetime | None) -> str:
    """A time to the second, in the zone of the project, with the zone's name."""
    if at is None:
        return display.EMPTY
    local = timezone.localtime(at)
    return f"{date(local, 'Y-m-d H:i:s')} {local.tzname() or ''}".rstrip()


def value(number: float | None, unit: str = "") -> str:
    """A value of an alert; NaN stands as nothing in the database."""
    return "NaN" if number is None else with_unit(number, unit)


def with_unit(number: float, unit: str) -> str:
    """A number in its unit, as charts write it; one whose unit has no sign stands alone."""
    if not unit or named(unit):
        return display.number(number)
    return display.held_together(told(number, unit, chart_words()))


def with_expr(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """Alerts with the expression of their rule, which tells the unit of their values."""
    return alerts.annotate(rule_expr=F("rule__expr"))


def unit_of_alert(alert: Alert) -> str:
    """The unit of its values, where the expression of its rule is at hand and tells it."""
    expr = getattr(alert, "rule_expr", "")
    if not expr and Alert.rule.is_cached(alert) and alert.rule is not None:
        expr = alert.rule.expr
    return unit_of(expr) if expr else ""


def value_text(text: str | None, alert: Alert) -> str:
    """The value of ``alert``: as the evaluation wrote it down, or that of the last transition.

    One that an Alertmanager told of has none: its messages do not say it.
    """
    unit = unit_of_alert(alert)
    if text is not None:
        return number_text(text, unit)
    is_known = alert.value is not None or alert.series is not None
    return value(alert.value, unit) if is_known else display.EMPTY


def number_text(text: str, unit: str = "") -> str:
    """A value that was written down as text."""
    try:
        return with_unit(float(text), unit)
    except ValueError:
        return text or display.EMPTY


def what_of(alert: Alert) -> SafeString:
    """The labels that tell an alert from others; of one without any, what it says."""
    if any(name not in _OF_THE_RULE for name in alert.labels):
        return labels_that_matter(alert.labels)
    summary = str(alert.annotations.get("summary", ""))
    return format_html('<span class="zsm-labels">{}</span>', Truncator(summary).chars(100))


def labels_that_matter(labels: dict[str, Any], also: frozenset[str] = frozenset()) -> SafeString:
    """The labels that tell one alert of a rule from another."""
    without = _OF_THE_RULE | also
    pairs = [f"{name}={text}" for name, text in sorted(labels.items()) if name not in without]
    return format_html('<span class="zsm-labels">{}</span>', ", ".join(pairs) or display.EMPTY)
