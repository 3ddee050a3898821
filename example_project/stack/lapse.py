"""Configuration that is some times faster than what is exported, for somebody who waits.

Files keep their shape; durations alone are divided: those of rules, of what their expressions
look back at, and of routes. Numbers that are compared with stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from math import ceil
from typing import Any, Final

import yaml

from zerostate_monitoring.generators.rule_files import KEPT
from zerostate_monitoring.promql.lexer import DURATION, tokenize
from zerostate_monitoring.rules.definitions import AlertingRule, Group, Rule
from zerostate_monitoring.rules.durations import format_duration, parse_duration
from zerostate_monitoring.rules.files import Target, read_rules, write_rules
from zerostate_monitoring.rules.files.writing import dump
from zerostate_monitoring.rules.shipped import RULES, applied

_COMMENTS: Final = re.compile(r"(?:#.*\n)*")
_ROUTE_TIMES: Final = frozenset({"group_wait", "group_interval", "repeat_interval"})


def shorter(duration: timedelta, lapse: float) -> timedelta:
    """``duration``, divided; nothing becomes nothing, and something at least a millisecond."""
    return timedelta(milliseconds=ceil(duration / timedelta(milliseconds=1) / lapse))


def expression(text: str, lapse: float) -> str:
    """PromQL with shorter windows and offsets."""
    for token in reversed(tokenize(text)):
        if token.kind == DURATION:
            written = format_duration(shorter(parse_duration(token.text), lapse))
            text = text[: token.start] + written + text[token.end :]
    return text


def rules(text: str, lapse: float) -> str:
    """A rule file, faster. What stands above it stays.

    Raises:
        RuleFileError: it is none.
    """
    head = _COMMENTS.match(text)
    groups = [_group(group, lapse) for group in read_rules(text)]
    note = f"# {lapse:g} times faster than what is exported: STACK_LAPSE.\n"
    return note + (head[0] if head else "") + write_rules(groups, Target.DEBIAN_12).text


def _group(group: Group, lapse: float) -> Group:
    interval = None if group.interval is None else shorter(group.interval, lapse)
    return replace(
        group, interval=interval, rules=tuple(_rule(rule, lapse) for rule in group.rules)
    )


def _rule(rule: Rule, lapse: float) -> Rule:
    expr = expression(rule.expr, lapse)
    if not isinstance(rule, AlertingRule):
        return replace(rule, expr=expr)
    for_, kept = shorter(rule.for_, lapse), shorter(_kept(rule), lapse)
    return replace(rule, expr=expr, for_=for_, keep_firing_for=kept)


def _kept(rule: AlertingRule) -> timedelta:
    """For how long it fires on, without the hour for rules that keep alerts without data."""
    if rule.keep_firing_for == KEPT and (shipped := RULES.get(rule.alert)):
        return applied(shipped).keep_firing_for
    return rule.keep_firing_for


def alertmanager(text: str, lapse: float) -> str:
    """An Alertmanager's configuration with shorter times in its routes."""
    document = yaml.safe_load(text)
    return dump(document | {"route": _route(document["route"], lapse)})


def _route(route: Mapping[str, Any], lapse: float) -> dict[str, Any]:
    change: dict[str, Callable[[Any], Any]] = dict.fromkeys(
        _ROUTE_TIMES, lambda text: format_duration(shorter(parse_duration(text), lapse))
    )
    change["routes"] = lambda routes: [_route(inner, lapse) for inner in routes]
    return {key: change[key](value) if key in change else value for key, value in route.items()}
