"""The rules of this installation as they leave it: for a Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.generators.addresses import runbook_url
from zerostate_monitoring.generators.comments import comment, warnings
from zerostate_monitoring.generators.node_series import node_group
from zerostate_monitoring.generators.options import ExportOptions, Files, NodesBy
from zerostate_monitoring.generators.own_tests import OwnTests, own_tests, written_own_tests
from zerostate_monitoring.generators.rule_files import (
    is_as_shipped,
    longer,
    outside_group,
    written_tests,
)
from zerostate_monitoring.models import Rule, RuleGroup
from zerostate_monitoring.models.words import NoDataPolicy
from zerostate_monitoring.rules.definitions import AlertingRule, Group
from zerostate_monitoring.rules.definitions import Rule as Definition
from zerostate_monitoring.rules.files import Target, write_rules
from zerostate_monitoring.rules.shipped import RULES

RULES_FILE: Final = "zerostate.yml"
NODES_FILE: Final = "zerostate-nodes.yml"
TESTS: Final = "tests"
"""Beside the rules and not among them: Prometheus takes all of ``rules/*.yml`` for rules."""

_MOST_NAMES: Final = 12
_MADE: Final = "Made by manage.py monitoring_export rules; change the rules in admin, not here."
_MADE_OF_UP: Final = (
    "What this app says of nodes that it scrapes, said by the Prometheus that scrapes them: alerts "
    "and dashboards ask for these names."
)


def files(options: ExportOptions) -> Files:
    """The part ``rules``: all enabled rules, their tests, and what is recorded of nodes.

    Raises:
        ConfigurationError: there is no such version of Prometheus.
        RuleFileError: a rule cannot work, stands twice, or cannot be said to that version.
    """
    target = target_of(options)
    found = outgoing()
    rules = write_rules(found.groups, target)
    made = {RULES_FILE: comment(_MADE) + warnings(found.notes) + rules.text}
    tests = tests_of(found, f"../{RULES_FILE}", target)
    stem = RULES_FILE.removesuffix(".yml")
    made |= {f"{TESTS}/{stem}{suffix}": text for suffix, text in tests.items()}
    if options.nodes == NodesBy.PROMETHEUS:
        nodes = write_rules([node_group(options.scrape_interval_seconds)], target)
        made[NODES_FILE] = comment(_MADE_OF_UP) + nodes.text
    return made


def tests_of(found: Outgoing, rule_file: str, target: Target) -> Files:
    """Files of the tests of all rules that leave, by what their names end in.

    Raises:
        RuleFileError: a test cannot be said to ``target``.
    """
    shipped = written_tests(found.tested, found.groups, rule_file, target)
    return {**shipped, **written_own_tests(found.own, found.groups, rule_file, target)}


def target_of(options: ExportOptions) -> Target:
    """Which Prometheus the rules are for.

    Raises:
        ConfigurationError: there is no such version.
    """
    try:
        return Target(options.prometheus_version)
    except ValueError as error:
        known = ", ".join(Target)
        version = options.prometheus_version
        raise ConfigurationError(f"prometheus_version is one of {known}, not {version}.") from error


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Groups as they are written, what is to be said of them, and rules that have tests."""

    groups: tuple[Group, ...]
    notes: tuple[str, ...]
    tested: tuple[AlertingRule, ...]
    untested: tuple[str, ...]
    """Built-in rules of which an operator has changed what their tests are about."""
    own: OwnTests = field(default_factory=OwnTests)
    """What operators have written of tests themselves."""


def outgoing(now: datetime | None = None, *, with_outside: bool = True) -> Outgoing:
    """All enabled rules. Two queries.

    Disabled ones are left out and named. Those that are observed are written: what a
    Prometheus sends is its Alertmanager's matter. Without ``now`` nothing is said of them, and
    the same rules give the same file at any time.
    """
    rows = list(RuleGroup.objects.prefetch_related("rules"))
    groups = [_group(row) for row in rows if row.enabled]
    if with_outside:
        groups.append(outside_group(runbook_url))
    groups = [group for group in groups if group.rules]
    alerting = [r for group in groups for r in group.rules if isinstance(r, AlertingRule)]
    names = Counter(rule.alert for rule in alerting)
    # A test asks for alerts by name; of two rules of one name it would see both.
    shipped = [rule for rule in alerting if rule.alert in RULES and names[rule.alert] == 1]
    own = own_tests(rows, _outgoing_rule)
    return Outgoing(
        tuple(groups),
        (*_notes(rows, now), *_without_tests(own)),
        tuple(rule for rule in shipped if is_as_shipped(rule)),
        tuple(rule.alert for rule in shipped if not is_as_shipped(rule)),
        own,
    )


def _without_tests(own: OwnTests) -> Iterator[str]:
    if own.failing:
        yield (
            "Without their test cases, for these fail where this comes from, or another rule has "
            f"the same name: {_listed(own.failing)}."
        )


def _listed(names: Iterable[str]) -> str:
    """Names, or how many they are where nobody would read them."""
    found = sorted(names)
    return ", ".join(found) if len(found) <= _MOST_NAMES else f"{len(found)} rules"


def _group(row: RuleGroup) -> Group:
    rules = tuple(_outgoing_rule(rule) for rule in row.rules.all() if rule.enabled)
    return replace(row.definition(), rules=rules)


def _outgoing_rule(row: Rule) -> Definition:
    rule = row.definition()
    if isinstance(rule, AlertingRule) and row.no_data_policy == NoDataPolicy.KEEP:
        return longer(rule)
    return rule


def _notes(rows: Iterable[RuleGroup], now: datetime | None) -> Iterator[str]:
    rules = [(group, rule) for group in rows for rule in group.rules.all()]
    off = [rule.name for group, rule in rules if not (group.enabled and rule.enabled)]
    if off:
        yield f"Left out, for they are disabled: {_listed(off)}."
    on = [rule for group, rule in rules if group.enabled and rule.enabled]
    observed = [r.name for r in on if now and r.observing_until and r.observing_until > now]
    if observed:
        yield (
            "Observed where this comes from, so nothing of them is sent there yet; whoever "
            f"evaluates this file sends at once: {_listed(observed)}."
        )
    kept = [(row.name, rule) for row in on if (rule := row.definition()) != _outgoing_rule(row)]
    if kept:
        yield (
            "keep_firing_for is 1h with these, and shorter where this comes from: there a firing "
            "alert stays while its data is missing, and ends soon after the data says so; "
            f"Prometheus can do only one of both: {_listed(name for name, _ in kept)}."
        )
