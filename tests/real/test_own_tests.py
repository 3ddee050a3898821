"""Test cases of operators leave with their rules, and promtool agrees with us about them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command

from tests.admin.rules.test_cases import CASE
from tests.models.rules import make_group, make_rule
from tests.real.promtool import PROMTOOLS, run
from zerostate_monitoring.alerting.rule_cases import outcomes_of
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.words import NoDataPolicy, RuleKind
from zerostate_monitoring.rules.files import Target

pytestmark = [
    pytest.mark.real,
    pytest.mark.django_db,
    pytest.mark.parametrize("promtool", PROMTOOLS),
]

ENDS = """\
evaluation_interval: 30s
tests:
- name: it ends when the node is back
  interval: 30s
  input_series:
    - series: 'zerostate_node_up{node="a", site="fra1"}'
      values: '0x9 1x20'
    - series: 'zerostate_node_up{node="b", site="fra1"}'
      values: '1x30'
  alert_rule_test:
    - eval_time: 30s
    - eval_time: 4m
      exp_alerts:
        - exp_labels: {node: a, severity: critical, team: network}
          exp_annotations: {summary: 'a of fra1, 0'}
    - eval_time: 7m
  promql_expr_test:
    - expr: node:up:min
      eval_time: 4m
      exp_samples:
        - {labels: 'node:up:min{node="a", site="fra1", team="network"}', value: 0}
        - {labels: 'node:up:min{node="b", site="fra1", team="network"}', value: 1}
"""


def written(directory):
    """The files of tests of an export into a directory."""
    version = Target.DEBIAN_12.value
    call_command(
        "monitoring_export", "rules", to=directory, prometheus_version=version, verbosity=0
    )
    return sorted(directory.glob("rules/tests/*own*.yml"))


def make_rules():
    """One that leaves as it is; one with a longer end, which reads what is recorded."""
    make_rule(tests=CASE, no_data_policy=NoDataPolicy.RESOLVE)
    group = make_group("own, more", labels={"team": "network"}, interval_seconds=15)
    make_rule(
        group=group, kind=RuleKind.RECORDING, name="node:up:min", severity="", annotations={},
        expr="min by (node, site) (zerostate_node_up)", for_duration=timedelta(0),
    )  # fmt: skip
    make_rule(
        group=group, name="NodeEnds", expr="min by (node, site) (node:up:min) == 0", tests=ENDS,
        labels={"site": ""}, no_data_policy=NoDataPolicy.KEEP,
        annotations={"summary": "{{ $labels.node }} of {{ $labels.site }}, {{ $value }}"},
    )  # fmt: skip


def test_cases__hold_here_and_there(promtool, tmp_path):
    """What our engine says of a case, promtool says of the exported one."""
    make_rules()
    for rule in Rule.objects.exclude(tests=""):
        assert all(outcome.holds for outcome in outcomes_of(rule)), outcomes_of(rule)
    files = written(tmp_path)
    assert len(files) == 2
    said = run(promtool, "test", "rules", *files)
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("NodeDown", "a is down", "b is down"),
        ("NodeDown", "eval_time: 5m", "eval_time: 30s"),
        ("NodeEnds", "eval_time: 7m", "eval_time: 4m30s"),
        ("NodeEnds", "value: 1}", "value: 2}"),
        ("NodeEnds", "team: network}", "team: other}"),
    ],
)
def test_cases__fail_here_and_there(promtool, tmp_path, name, old, new):
    """A case that fails here fails there, if it is exported before anybody has found that out."""
    make_rules()
    rule = Rule.objects.get(name=name)
    assert old in rule.tests
    rule.tests = rule.tests.replace(old, new)
    rule.save()
    assert not all(outcome.holds for outcome in outcomes_of(rule))
    assert run(promtool, "test", "rules", *written(tmp_path)).returncode != 0
