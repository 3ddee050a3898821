"""Which rules read which families: what goes to sleep when one is no longer there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.core.exceptions import ValidationError
from django.db.models import Q

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.models.rule import Rule
from zerostate_monitoring.models.rule_checks import check_rule
from zerostate_monitoring.rules.lint import metrics_of

_MOST_TERMS: Final = 50
"""Databases take only so many conditions in one query."""


def readers_of(names: Collection[str]) -> dict[str, list[Rule]]:
    """Enabled rules that read one of these families or recorded names, by name."""
    found: dict[str, list[Rule]] = {}
    rows = Rule.objects.filter(enabled=True, group__enabled=True).select_related("group")
    wanted = sorted(names)
    for start in range(0, len(wanted), _MOST_TERMS):
        part = wanted[start : start + _MOST_TERMS]
        mentioned = Q(*(("expr__contains", name) for name in part), _connector=Q.OR)
        for rule in rows.filter(mentioned):
            for name in sorted(read_by(rule) & set(part)):
                found.setdefault(name, []).append(rule)
    return found


def read_by(rule: Rule) -> frozenset[str]:
    """What a rule's expression names: families by their names on the page, others as they are."""
    try:
        names = metrics_of(rule.expr)
    except QuerySyntaxError:
        return frozenset()
    families = (CATALOGUE.find(name) for name in names)
    return names | {family.name for family in families if family is not None}


def refresh_findings(rules: Collection[Rule]) -> None:
    """Let the lint look again at rules whose metrics have changed; versions stay."""
    for rule in rules:
        try:
            findings = check_rule(rule)
        except ValidationError as error:
            findings = [
                {"code": "refused", "message": text, "field": "expr", "start": 0, "end": 0}
                for text in error.messages
            ]
        if findings != rule.findings:
            Rule.objects.filter(pk=rule.pk).update(findings=findings)
