"""What a browser sends for the forms of rules and groups."""

from __future__ import annotations

from django.urls import reverse

from tests.models.rules import EXPR
from zerostate_monitoring.admin.rules.fields import lines_of
from zerostate_monitoring.models.rule_texts import texts_of

RULES = reverse("admin:zerostate_monitoring_rule_changelist")
GROUPS = reverse("admin:zerostate_monitoring_rulegroup_changelist")
ADD = reverse("admin:zerostate_monitoring_rule_add")
THRESHOLD = "?way=threshold"

SAYS = {
    "name": "NodeDown",
    "group": "",
    "position": "0",
    "enabled": "on",
    "for_duration": "1m",
    "keep_firing_for": "",
    "severity": "critical",
    "layer": "",
    "annotations": "summary: {{ $labels.node }} is down",
    "labels": "",
    "runbook_url": "",
    "owner": "",
    "no_data_policy": "keep",
    "error_policy": "keep",
    "observing_until_0": "",
    "observing_until_1": "",
    "remark": "",
}
PROMQL = {**SAYS, "kind": "alerting", "expr": EXPR}
PARTS = {
    **SAYS,
    "metric": "zerostate_node_up",
    "conditions": "",
    "function": "",
    "window": "",
    "aggregation": "max",
    "by": "node",
    "comparison": "==",
    "threshold": "0",
}
GROUP = {
    "name": "network",
    "interval_seconds": "30",
    "enabled": "on",
    "labels": "",
    "position": "0",
    "limit": "0",
    "query_offset_seconds": "",
}


def change_url(rule):
    return reverse("admin:zerostate_monitoring_rule_change", args=[rule.pk])


def url(page, row):
    return reverse(f"admin:zerostate_monitoring_rule_{page}", args=[row.pk])


def said_by(rule, **changes):
    """The form of a stored rule, as its page holds it, with some fields typed anew."""
    texts = texts_of(rule)
    shown = {name: texts[name] for name in ("name", "kind", "expr", "severity", "layer")}
    return {
        **PROMQL,
        **shown,
        "group": str(rule.group_id),
        "for_duration": texts["for_duration"],
        "keep_firing_for": texts["keep_firing_for"],
        "annotations": lines_of(rule.annotations),
        "labels": lines_of(rule.labels),
        "owner": rule.owner,
        "runbook_url": rule.runbook_url,
        **({"enabled": "on"} if rule.enabled else {"enabled": ""}),
        **changes,
    }


def text(response):
    return response.content.decode()


def errors(response):
    """What the form refuses, by field."""
    form = response.context["adminform"].form
    return {name: [str(one) for one in found] for name, found in form.errors.items()}
