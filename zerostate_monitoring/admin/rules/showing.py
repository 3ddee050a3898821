"""What stands around the form of a rule: its state, findings, alerts, versions and chart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display, glossary, words
from zerostate_monitoring.admin.alerts.line import line_of
from zerostate_monitoring.admin.alerts.standing import values_of
from zerostate_monitoring.admin.rules import layout
from zerostate_monitoring.admin.rules.cases import EXAMPLE, UNTESTED
from zerostate_monitoring.admin.rules.charting import Chart, bars_of, chart_of
from zerostate_monitoring.admin.rules.checking import Checked, checked, warnings_of
from zerostate_monitoring.admin.rules.forms import CONFIRMED, RuleForm
from zerostate_monitoring.admin.rules.meaning import meaning_of
from zerostate_monitoring.admin.rules.previewing import span_of, spans
from zerostate_monitoring.admin.rules.standing import (
    NOTHING,
    Standing,
    health_of,
    is_observing,
    is_off,
    standing_of,
    standings,
    state_of,
    state_row,
)
from zerostate_monitoring.models import Alert, Rule
from zerostate_monitoring.models.words import LIVE, Health, in_words
from zerostate_monitoring.rules.excerpts import excerpt

_MOST_ALERTS: Final = 20
_MOST_VERSIONS: Final = 5
_MOST_BARS: Final = 500


def context_of(request: HttpRequest, form: RuleForm, rule: Rule | None) -> dict[str, Any]:
    """What the page needs beside its form."""
    way = layout.way_of(request, rule)
    span = span_of(request.POST.get("_span", "") or request.GET.get("span", ""))
    context: dict[str, Any] = {
        "way": way,
        "ways": ways(request, rule),
        "preview_spans": spans(),
        "span": str(span),
        "closing": [line_of(alert) for alert in form.closing[:_MOST_ALERTS]],
        "closing_total": len(form.closing),
        "confirmed": CONFIRMED,
        "failing": form.failing if form.is_bound and not form.is_preview else [],
        "untested": UNTESTED,
        "shown_version": request.GET.get("version", ""),
        "check": _checked(form, rule),
        "check_query": urlencode({"way": way}),
        "example": EXAMPLE,
        "has_cases": "tests" in form.fields,
        "is_filled_in": is_filled_in(form, rule),
    }
    expr = form.instance.expr if form.is_bound or rule is None else rule.expr
    context["written_expr"] = expr if way == layout.THRESHOLD else ""
    if rule is None or not rule.pk:
        return context
    return {**context, **_of_saved(rule, expr, span)}


def is_filled_in(form: RuleForm, rule: Rule | None) -> bool:
    """Whether an address has written what a new rule asks, which nobody has checked yet."""
    asked = {"expr", "metric"} & form.fields.keys()
    return rule is None and not form.is_bound and any(form[name].value() for name in asked)


def _checked(form: RuleForm, rule: Rule | None) -> Checked | None:
    """What a form that was sent says; of one that was opened, what the rule means."""
    if form.is_bound:
        return checked(form, rule)
    if rule is None or not rule.pk:
        return None
    return Checked(meaning=tuple(meaning_of(rule)), warnings=warnings_of(rule))


def _of_saved(rule: Rule, expr: str, span: int) -> dict[str, Any]:
    found = _alerts(rule, span)
    live = [alert for alert in found if alert.state in LIVE]
    is_all = len(found) < _MOST_BARS
    standing = standing_of(live) if is_all else standings([rule]).get(rule.pk, NOTHING)
    shown = live[:_MOST_ALERTS]
    values = values_of(shown)
    return {
        "facts": facts_of(rule, standing),
        "findings": findings_of(rule),
        "live_alerts": [line_of(alert, value=values.get(str(alert.pk))) for alert in shown],
        "live_total": standing.live,
        "versions": list(rule.versions.select_related("changed_by")[:_MOST_VERSIONS]),
        "chart": chart_of(expr, span_s=span, bars=bars_of(found), name=rule.name)
        if expr
        else Chart(""),
        "observing": is_observing(rule),
    }


def _alerts(rule: Rule, span: int) -> list[Alert]:
    """Live ones first, then those that have ended within the window. One query."""
    since = timezone.now() - timedelta(seconds=span)
    rows = rule.alerts.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=since))
    live_first = F("ended_at").desc(nulls_first=True)
    return list(rows.order_by(live_first, "state", "-started_at")[:_MOST_BARS])


def ways(request: HttpRequest, rule: Rule | None) -> list[dict[str, Any]]:
    """The two ways to write a rule as links; only those in which this one can be shown."""
    if rule is not None and rule.pk and not layout.is_threshold(rule):
        return []
    chosen = layout.way_of(request, rule)
    kept = {name: text for name, text in request.GET.items() if name not in {"way", "version"}}
    return [
        {"title": title, "chosen": way == chosen, "query": urlencode({**kept, "way": way})}
        for way, title in layout.WAYS
    ]


def facts_of(rule: Rule, standing: Standing) -> list[tuple[str, Any]]:
    """State, health and what is to be known of them, as title and text."""
    facts: list[tuple[str, Any]] = [(_("State"), state_of(rule, standing))]
    if standing.since is not None:
        facts.append((_("Since"), words.ago(standing.since)))
    row = state_row(rule)
    facts.append((_("Health"), _health(rule, standing)))
    fires_already = row is not None and row.health == Health.WAITING and standing.firing
    if row is not None and row.health == Health.WAITING and row.ready_at and not fires_already:
        facts.append((_("Needs history until"), words.clock(row.ready_at)))
    if row is not None and row.reason and not fires_already:
        facts.append((_("Reason"), in_words(row.reason)))
    if row is not None and row.duration_seconds is not None:
        facts.append((_("Last evaluation took"), display.duration(row.duration_seconds)))
    if is_observing(rule) and not is_off(rule):
        text = _("evaluated, and nothing sent, until %s") % words.clock(rule.observing_until)
        facts.append((_("Observing"), text))
    facts += [(_("Warning"), warning) for warning in (row.warnings if row else ())]
    return facts


def _health(rule: Rule, standing: Standing) -> Any:
    """The badge; what it means beside it, where it is not evaluated as it should be."""
    row, badge = state_row(rule), health_of(rule, standing)
    is_plain = row is None or row.health in {Health.OK, Health.UNKNOWN} or is_off(rule)
    if row is None or is_plain or (row.health == Health.WAITING and standing.firing):
        return badge
    means = glossary.HEALTHS[Health(row.health)]
    return format_html('{} <span class="zsm-advice">{}</span>', badge, means)


def findings_of(rule: Rule) -> list[dict[str, str]]:
    """The lint's warnings, each with its place."""
    return [
        {
            "code": finding.get("code", ""),
            "message": finding.get("message", ""),
            "excerpt": _excerpt(rule, finding),
        }
        for finding in rule.findings
    ]


def _excerpt(rule: Rule, finding: dict[str, Any]) -> str:
    field, _dot, part = str(finding.get("field", "")).partition(".")
    texts: dict[str, Any] = rule.annotations if field == "annotations" else rule.labels
    text = rule.expr if field == "expr" else str(texts.get(part, ""))
    start, end = finding.get("start", 0), finding.get("end", 0)
    # What was found in a text that has changed since has no place in it.
    return excerpt(text, start, end) if 0 <= start < end <= len(text) else ""
