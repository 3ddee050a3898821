"""What is wrong with a rule is said, all of it, with field and reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zerostate_monitoring.rules.definitions import (
    AlertingRule,
    Group,
    RecordingRule,
    group_problems,
)

MINUTE = timedelta(minutes=1)


def alerting(**fields):
    """An alerting rule that has nothing wrong but for ``fields``."""
    return AlertingRule(**{"alert": "NodeDown", "expr": "up == 0", **fields})


def recording(**fields):
    """A recording rule that has nothing wrong but for ``fields``."""
    return RecordingRule(**{"record": "job:up:sum", "expr": "sum(up)", **fields})


def said(rule):
    """The problems of a rule, as sentences."""
    return [str(problem) for problem in rule.problems()]


@pytest.mark.parametrize(
    "rule",
    [
        alerting(),
        alerting(expr="1 > bool 2", for_=MINUTE, keep_firing_for=MINUTE),
        alerting(labels={"severity": "critical", "a.b": "{{ $labels.job }}"}),
        alerting(annotations={"summary": "{{ $value | humanize }}", "empty": ""}),
        recording(labels={"team": "{{ no template }}", "alertname": "x"}),
        recording(record="with.dot"),
    ],
)
def test_rule__that_is_well(rule):
    """What Prometheus takes has no problem."""
    assert said(rule) == []


@pytest.mark.parametrize(
    ("rule", "field", "reason"),
    [
        (alerting(alert=""), "alert", "missing"),
        (alerting(alert="a\nb"), "alert", "one line"),
        (alerting(expr=" "), "expr", "missing"),
        (alerting(expr="up ="), "expr", "cannot stand here"),
        (alerting(expr="up[5m]"), "expr", "range vector"),
        (alerting(expr='"x"'), "expr", "string"),
        (alerting(for_=-MINUTE), "for", "negative"),
        (alerting(keep_firing_for=timedelta(microseconds=1)), "keep_firing_for", "millisecond"),
        (alerting(labels={"": "x"}), "labels.", "no name"),
        (alerting(labels={"__name__": "x"}), "labels.__name__", "cannot name the metric"),
        (alerting(labels={"alertname": "x"}), "labels.alertname", "set by the evaluation"),
        (alerting(labels={"a": "{{ $x }}"}), "labels.a", "label “a” is none. The variable $x"),
        (alerting(annotations={"b": "{{"}), "annotations.b", "annotation “b” is none"),
        (alerting(annotations={"b": "\ud800"}), "annotations.b", "no character"),
        (recording(record="a{b}"), "record", "no braces"),
        (recording(record=""), "record", "missing"),
        (recording(labels={"__name__": "x"}), "labels.__name__", "cannot name the metric"),
    ],
)
def test_rule__names_field_and_reason(rule, field, reason):
    """Each problem names its field and says why."""
    (problem,) = rule.problems()
    assert problem.field == field
    assert reason in problem.reason


def test_rule__names_all_problems():
    """One problem does not hide another."""
    rule = alerting(alert="", expr="(", for_=-MINUTE, labels={"alertname": "x"})
    assert [problem.field for problem in rule.problems()] == [
        "alert",
        "expr",
        "for",
        "labels.alertname",
    ]


def test_problem__has_its_place():
    """A problem in an expression or a template says where it is."""
    (problem,) = alerting(expr="up == upp(").problems()
    assert (problem.start, problem.end) == (6, 9)
    text = "value {{ $valeu }}"
    (problem,) = alerting(annotations={"a": text}).problems()
    assert text[problem.start : problem.end] == "$valeu"


@pytest.mark.parametrize(
    ("group", "field"),
    [
        (Group(name=""), "name"),
        (Group(name="g", interval=timedelta(0)), "interval"),
        (Group(name="g", interval=-MINUTE), "interval"),
        (Group(name="g", query_offset=-MINUTE), "query_offset"),
        (Group(name="g", limit=-1), "limit"),
        (Group(name="g", labels={"alertstate": "x"}), "labels.alertstate"),
        (Group(name="g", rules=(alerting(), alerting(expr="("))), "rules[1].expr"),
        (Group(name="g", rules=(alerting(),), labels={"a": "{{ x }}"}), "labels.a"),
    ],
)
def test_group__names_field(group, field):
    """What is wrong with a group or one of its rules is named by its path."""
    assert [problem.field for problem in group.problems()] == [field]


def test_group__labels_are_templates_of_alerts_alone():
    """Recording rules take labels as they are written; what a rule says itself wins."""
    group = Group(name="g", rules=(recording(),), labels={"a": "{{ x }}", "b": "c"})
    assert group.problems() == ()
    assert group.labelled(recording(labels={"b": "d"})).labels == {"a": "{{ x }}", "b": "d"}


def test_groups__names_are_unique():
    """Two groups of one name are refused where they stand together."""
    (problem,) = group_problems([Group(name="a"), Group(name="b"), Group(name="a")])
    assert problem.field == "groups[2].name"
