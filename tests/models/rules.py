"""Rules and groups as tests want them."""

from __future__ import annotations

from datetime import timedelta

from zerostate_monitoring.models import Rule, RuleGroup

EXPR = "max by (node) (zerostate_node_up) == 0"


def make_group(name="network", **fields):
    return RuleGroup.objects.get_or_create(name=name, defaults=fields)[0]


def make_rule(**fields):
    """A saved rule; not validated."""
    rule = new_rule(**fields)
    rule.save()
    return rule


def new_rule(**fields):
    """A rule that can be saved."""
    values = {
        "name": "NodeDown",
        "expr": EXPR,
        "for_duration": timedelta(minutes=1),
        "severity": "critical",
        "annotations": {"summary": "{{ $labels.node }} is down"},
    }
    group = fields.pop("group", None) or make_group()
    return Rule(group=group, **{**values, **fields})
