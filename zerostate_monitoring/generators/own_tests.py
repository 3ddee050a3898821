"""Test cases that operators have written for their rules, as files of promtool's tests.

They are asked of the rules as they leave, in the same file. Where a rule leaves with a longer
``keep_firing_for`` than it has here, they are asked of the rule as it is evaluated here, which
is written beside them: what they say of an end holds of that alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Final

from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.models import Rule, RuleGroup
from zerostate_monitoring.models.rule_checks import FAILING
from zerostate_monitoring.models.words import RuleKind
from zerostate_monitoring.rules.definitions import AlertingRule, Group
from zerostate_monitoring.rules.definitions import Rule as Definition
from zerostate_monitoring.rules.durations import format_duration
from zerostate_monitoring.rules.files import (
    Cases,
    Target,
    read_cases,
    write_rules,
    write_unit_tests,
)
from zerostate_monitoring.rules.unit_tests import UnitTest, UnitTestFile

AS_EVALUATED: Final = "_as_evaluated.rules"
"""What the file of rules as they are evaluated here ends in: no ``.yml``, for it is no test."""


@dataclass(frozen=True, slots=True)
class Own:
    """The test cases of one rule; whether they are asked of it as it is evaluated here."""

    rule: str
    cases: Cases
    as_evaluated: bool


@dataclass(frozen=True, slots=True)
class OwnTests:
    """All test cases that leave, the groups as they are evaluated here, and what stays behind."""

    tests: tuple[Own, ...] = ()
    groups: tuple[Group, ...] = ()
    failing: tuple[str, ...] = field(default=())
    """Rules whose cases fail here, or cannot be asked of them in a file."""


def own_tests(rows: Iterable[RuleGroup], leaving: Callable[[Rule], Definition]) -> OwnTests:
    """The cases of enabled rules; ``leaving`` is what a rule is in the file. No query."""
    enabled = [(g, r) for g in rows if g.enabled for r in g.rules.all() if r.enabled]
    names = Counter(rule.name for _, rule in enabled if rule.kind == RuleKind.ALERTING)
    found, failing = list[Own](), list[str]()
    for _, rule in enabled:
        if not rule.tests:
            continue
        one = _own(rule, leaving) if names[rule.name] <= 1 else None
        if one is None:
            failing.append(rule.name)
        elif one.cases.cases:
            found.append(one)
    needed = {one.rule for one in found if one.as_evaluated}
    return OwnTests(tuple(found), tuple(_evaluated(enabled, needed)), tuple(failing))


def _own(rule: Rule, leaving: Callable[[Rule], Definition]) -> Own | None:
    if any(finding.get("code") == FAILING for finding in rule.findings):
        return None
    is_recording = rule.kind == RuleKind.RECORDING
    try:
        cases = read_cases(rule.tests, "" if is_recording else rule.name)
    except RuleFileError:
        return None
    return Own(rule.name, cases, as_evaluated=leaving(rule) != rule.definition())


def _evaluated(enabled: Iterable[tuple[RuleGroup, Rule]], needed: set[str]) -> Iterator[Group]:
    """Groups with what records, and the rules whose tests are asked of them."""
    rules: dict[str, tuple[RuleGroup, list[Definition]]] = {}
    for group, row in enabled if needed else ():
        rule = row.definition()
        if not isinstance(rule, AlertingRule) or rule.alert in needed:
            rules.setdefault(group.name, (group, []))[1].append(rule)
    for group, found in rules.values():
        yield replace(group.definition(), rules=tuple(found))


def written_own_tests(
    found: OwnTests, groups: Sequence[Group], rule_file: str, target: Target = Target.CURRENT
) -> dict[str, str]:
    """Files by what their names end in; ``rule_file`` is that of ``groups``, seen from them."""
    beside = f"{PurePosixPath(rule_file).stem}{AS_EVALUATED}"
    plain = [one for one in found.tests if not one.as_evaluated]
    kept = [one for one in found.tests if one.as_evaluated]
    order = [group.name for group in groups]
    made = _files("_own_tests", plain, rule_file, order, target)
    if kept:
        made[AS_EVALUATED] = write_rules(found.groups, target).text
        own_order = [group.name for group in found.groups]
        made |= _files("_own_tests_as_evaluated", kept, beside, own_order, target)
    return made


def _files(
    stem: str, own: Iterable[Own], rule_file: str, order: Sequence[str], target: Target
) -> dict[str, str]:
    tests: dict[timedelta, list[UnitTest]] = {}
    for one in own:
        named = (_named(one.rule, case.test) for case in one.cases.cases)
        tests.setdefault(one.cases.interval, []).extend(named)
    return {
        f"{stem}_{format_duration(interval)}.yml": write_unit_tests(
            UnitTestFile(
                rule_files=(rule_file,),
                evaluation_interval=interval,
                group_eval_order=tuple(order),
                tests=tuple(found),
            ),
            target,
        ).text
        for interval, found in tests.items()
    }


def _named(rule: str, test: UnitTest) -> UnitTest:
    return replace(test, name=f"{rule}: {test.name}")
