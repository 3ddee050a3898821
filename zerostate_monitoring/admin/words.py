"""States, severities and healths as signs with words. Red is for what somebody must act on."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, Final

from django.db.models import F, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.template.defaultfilters import date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display, glossary
from zerostate_monitoring.admin.chart_words import chart_words
from zerostate_monitoring.admin.rule_units import ABOUT, SHARE_OR_COUNT, rule_unit
from zerostate_monitoring.charts.units import named, told
from zerostate_monitoring.models import Alert, Rule
from zerostate_monitoring.models.words import AlertState, Health, Severity, in_words

_OF_THE_RULE: Final = frozenset({"alertname", "severity", "layer", "fault"})

_SAID: Final = 80
"""So many characters of what an alert says stand in a list."""

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
        return display.badge("warn", str(known.label), _("Somebody has acknowledged it."))
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
    said = f"{date(local, 'Y-m-d H:i:s')} {local.tzname() or ''}".rstrip()
    return display.held_together(said)


def value(number: float | None, unit: str = "") -> str:
    """A value of an alert; NaN stands as nothing in the database."""
    return _("unknown") if number is None else with_unit(number, unit)


def with_unit(number: float, unit: str) -> str:
    """A number in its unit, as charts write it; one whose unit has no sign stands alone."""
    if math.isnan(number):
        return _("unknown")
    if unit == SHARE_OR_COUNT:
        unit = "ratio" if abs(number) <= 1 else ABOUT
    if unit == ABOUT:
        return _about(number)
    if unit == "seconds" and 60 <= abs(number) < _LONGEST:
        return display.held_together(_span(number))
    if not unit or named(unit):
        return display.number(number)
    return display.held_together(told(number, unit, chart_words()))


def threshold(number: float, unit: str) -> str:
    """As ``with_unit``, of a number that somebody wrote: a count is told to the last digit."""
    if unit == SHARE_OR_COUNT and abs(number) <= 1:
        unit = "ratio"
    return with_unit(number, unit) if _is_unit(unit) else display.exact(number)


def _is_unit(unit: str) -> bool:
    return bool(unit) and unit not in {ABOUT, SHARE_OR_COUNT}


def _about(number: float) -> str:
    """A count that was worked out: nobody counts 1.031 messages."""
    if not math.isfinite(number) or number == int(number):
        return display.number(number)
    if abs(number) < 0.5:
        return _("less than 1")
    return _("about %(n)s") % {"n": display.number(round(number))}


_SPANS: Final = ((86_400, " d"), (3600, " h"), (60, " min"), (1, " s"))
_LONGEST: Final = 1e12
"""Seconds beyond which nobody reads days."""


def _span(seconds: float) -> str:
    """A time in its two largest units: 3 min 27 s."""
    left, found, say = round(abs(seconds)), list[str](), chart_words()
    for size, sign in _SPANS:
        n, left = divmod(left, size)
        if n or found:
            found.append(f"{n}{say.unit(sign)}" if n else "")
    sign = "−" if seconds < 0 else ""
    return sign + " ".join(one for one in found[:2] if one)


def with_expr(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """Alerts with what tells the unit of their values: their rule's expression and summary."""
    summary = KeyTextTransform("summary", "rule__annotations")
    return alerts.annotate(rule_expr=F("rule__expr"), rule_summary=summary)


def unit_of_alert(alert: Alert) -> str:
    """The unit of its values, where its rule is at hand and tells it."""
    expr, summary = getattr(alert, "rule_expr", ""), getattr(alert, "rule_summary", "")
    if not expr and Alert.rule.is_cached(alert) and alert.rule is not None:
        return unit_of_rule(alert.rule)
    return rule_unit(expr, summary or "") if expr else ""


def unit_of_rule(rule: Rule) -> str:
    """The unit of the values that a rule gives; for ``with_unit`` and ``threshold``, not charts."""
    return rule_unit(rule.expr, str(rule.annotations.get("summary", "")))


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


def said_of(alert: Alert, before: str = "") -> SafeString:
    """What it says, cut where it is long; small below it the labels that tell it from others."""
    summary = str(alert.annotations.get("summary", "") or "").strip()
    told = any(name not in _OF_THE_RULE for name in alert.labels)
    labels = labels_that_matter(alert.labels) if told or not summary else SafeString("")
    if not summary:
        return labels
    cut = Truncator(summary).chars(_SAID)
    whole = summary if cut != summary else ""
    said = format_html('{} <bdi title="{}">{}</bdi>', before, whole, cut)
    return format_html('<span class="zsm-tells">{}</span> {}', said, labels)


def labels_that_matter(labels: dict[str, Any], also: frozenset[str] = frozenset()) -> SafeString:
    """The labels that tell one alert of a rule from another."""
    without = _OF_THE_RULE | also
    pairs = [f"{name}={text}" for name, text in sorted(labels.items()) if name not in without]
    return format_html('<span class="zsm-labels">{}</span>', ", ".join(pairs) or display.EMPTY)
