"""Every built-in rule has tests, and passes them by our own engine and state machine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from zerostate_monitoring.alerting.unit_testing import run_tests
from zerostate_monitoring.rules.definitions import Group, RecordingRule
from zerostate_monitoring.rules.shipped import GROUPS, RULES, ShippedRecording, applied
from zerostate_monitoring.rules.shipped.cases import CASES
from zerostate_monitoring.rules.shipped.testing import unit_test_files

RECORDED = Group(
    name="recorded",
    rules=tuple(
        RecordingRule(record=rule.name, expr=rule.expr)
        for group in GROUPS
        for rule in group.rules
        if isinstance(rule, ShippedRecording)
    ),
)
# Always fires; never can be over.
ENDLESS = {"Watchdog"}
# They compare with a fixed state, not with a share of something that is counted.
WITHOUT_COUNT = {
    *("Watchdog", "LedgerUnbalanced", "PlatformSourceDown", "RulesFailing", "StoreDown"),
    *("MonitoringPageDown", "EvaluationStopped"),
}

each_rule = pytest.mark.parametrize("name", RULES)


def failures(rule):
    files = unit_test_files([rule])
    group = Group(name="tested", rules=(rule,))
    return [
        str(failure) for file in files.values() for failure in run_tests([RECORDED, group], file)
    ]


@each_rule
def test_rule__passes_its_tests(name):
    """Quiet before, firing, quiet after; and quiet where there is too little."""
    assert failures(applied(RULES[name]).rule("https://ops.example/runbook")) == []


@each_rule
def test_cases__tell_the_whole_story(name):
    """One sees it begin and end; where it needs a count, one stays below it."""
    story, *others = CASES[name]
    firing = [place for place, moment in enumerate(story.moments) if moment.alerts]

    assert firing
    if name not in ENDLESS:
        assert firing[0] > 0
        assert firing[-1] < len(story.moments) - 1
    if name not in WITHOUT_COUNT:
        assert [one for one in others if not any(moment.alerts for moment in one.moments)]


@each_rule
def test_cases__can_fail(name):
    """A rule that fires always, one that never does, and one that fires late, do not pass."""
    rule = applied(RULES[name]).rule()
    late = replace(rule, for_=rule.for_ + timedelta(days=3))

    assert failures(replace(rule, expr="vector(0) > 1"))
    assert failures(late)
    if name not in ENDLESS:
        assert failures(replace(rule, expr="vector(17)"))


def test_cases__are_those_of_the_rules():
    """None is left over."""
    assert set(CASES) == set(RULES)
