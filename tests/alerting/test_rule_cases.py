"""Test cases of a rule run by our engine: they hold, or say what is found and what was expected."""

from __future__ import annotations

import pytest

from tests.models.rules import make_group, make_rule
from zerostate_monitoring.alerting.rule_cases import outcomes_of, run_cases
from zerostate_monitoring.alerting.rule_tests import own_failures
from zerostate_monitoring.models.words import RuleKind
from zerostate_monitoring.rules.definitions import AlertingRule
from zerostate_monitoring.rules.files import read_cases

pytestmark = pytest.mark.django_db

RULE = AlertingRule(alert="NodeDown", expr="up == 0", annotations={"summary": "{{ $labels.node }}"})
HOLDS = """\
- name: down
  input_series:
    - series: 'up{node="a"}'
      values: '1 1 0x9'
  alert_rule_test:
    - eval_time: 1m
    - eval_time: 5m
      exp_alerts:
        - exp_labels: {node: a}
          exp_annotations: {summary: a}
"""


def run(text, rule=RULE, **options):
    return run_cases(rule, read_cases(text, rule.name), **options)


def test_case__holds():
    """All that it asks is as it expects."""
    (outcome,) = run(HOLDS)
    assert outcome.holds
    assert outcome.asked == 2
    assert outcome.found == ()


def test_case__fails_with_expected_and_found():
    """Both are said, with the case, its line and the time; what fires can be copied."""
    (outcome,) = run(HOLDS.replace("summary: a", "summary: b"))
    assert not outcome.holds
    head, fires, expected = outcome.said.splitlines()
    labels = '{alertname="NodeDown", node="a"}'
    assert head == "line 1: “down” fails."
    assert fires == f'NodeDown at 5m: fires, and is not expected: {labels} {{summary="a"}}'
    assert expected == (f'NodeDown at 5m: is expected, and does not fire: {labels} {{summary="b"}}')
    (found,) = outcome.found
    assert found.at == "5m"
    corrected = HOLDS[: HOLDS.index("      exp_alerts")] + "".join(
        f"      {line}\n" for line in found.text.splitlines()
    )
    assert run(corrected)[0].holds


def test_case__that_expects_too_much_and_too_little():
    """An alert that is expected and does not fire; one that fires and is not."""
    early = HOLDS.replace("eval_time: 5m", "eval_time: 1m")
    assert "does not fire" in run(early)[0].said
    none = HOLDS[: HOLDS.index("      exp_alerts")]
    assert "is not expected" in run(none)[0].said


def test_case__an_error_is_a_fault():
    """An expression that fails on the series of a case is no reason to break."""
    both = RULE.__class__(alert="NodeDown", expr="up * on(site) group_right() up == 0")
    text = HOLDS.replace(
        "    - series", "    - {series: 'up{node=\"b\"}', values: 0x9}\n    - series"
    )
    (outcome,) = run(text, both)
    assert not outcome.holds
    assert "several series" in outcome.faults[0]


def test_cases__end_in_time():
    """One that takes too long says so, and nobody waits for it."""
    (outcome,) = run(HOLDS, seconds=-1)
    assert "takes too long" in outcome.said


def test_row__as_its_group_labels_it():
    """What a group adds to alerts is expected, too; what is recorded is read."""
    group = make_group(labels={"site": "fra1"})
    make_rule(group=group, kind=RuleKind.RECORDING, name="node:up:min", expr="min by (node) (up)")
    make_rule(group=group, kind=RuleKind.RECORDING, name="unread", expr="count(up)")
    text = HOLDS.replace("{node: a}", "{node: a, site: fra1}")
    row = make_rule(
        group=group, name="NodeDown", expr="node:up:min == 0", labels={}, severity="",
        annotations={"summary": "{{ $labels.node }}"}, tests=text,
    )  # fmt: skip
    (outcome,) = outcomes_of(row)
    assert outcome.holds, outcome.said
    assert own_failures() == (1, [])
    row.tests = HOLDS
    row.save()
    count, (failure,) = own_failures()
    assert count == 1
    assert failure.startswith("NodeDown: line 1: “down” fails.")


def test_row__without_cases(django_assert_num_queries):
    """Nothing is asked for one that has none."""
    row = make_rule()
    with django_assert_num_queries(0):
        assert outcomes_of(row) == ()
