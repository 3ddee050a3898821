"""Test cases of operators leave with their rules, and are asked of what they are about."""

from __future__ import annotations

import pytest
import yaml

from tests.admin.rules.test_cases import CASE
from tests.models.rules import make_group, make_rule
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.generators.prometheus_rules import files, outgoing
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.rule_checks import FAILING
from zerostate_monitoring.models.words import NoDataPolicy, RuleKind

pytestmark = pytest.mark.django_db


def exported():
    return {
        path: text
        for path, text in files(ExportOptions()).items()
        if "own" in path or "as_" in path
    }


def test_rule__that_leaves_as_it_is(django_assert_num_queries):
    """Its cases are asked of the file that Prometheus reads; the alert is named in them."""
    make_rule(name="NodeDown", tests=CASE, no_data_policy=NoDataPolicy.RESOLVE)
    with django_assert_num_queries(2):
        found = exported()
    ((path, text),) = found.items()
    assert path == "tests/zerostate_own_tests_1m.yml"
    document = yaml.safe_load(text)
    assert document["rule_files"] == ["../zerostate.yml"]
    (test,) = document["tests"]
    assert test["name"] == "NodeDown: a node is down"
    assert test["alert_rule_test"][0]["alertname"] == "NodeDown"


def test_rule__that_leaves_with_a_longer_end():
    """Its cases are asked of the rule as it is here, which stands beside them, not as .yml."""
    make_rule(group=make_group("other"), name="Untested")
    make_rule(kind=RuleKind.RECORDING, name="node:up:max", expr="max(up)", severity="",
              annotations={})  # fmt: skip
    make_rule(name="NodeDown", tests=CASE, no_data_policy=NoDataPolicy.KEEP)
    found = exported()
    assert sorted(found) == [
        "tests/zerostate_as_evaluated.rules",
        "tests/zerostate_own_tests_as_evaluated_1m.yml",
    ]
    tests = yaml.safe_load(found["tests/zerostate_own_tests_as_evaluated_1m.yml"])
    assert tests["rule_files"] == ["zerostate_as_evaluated.rules"]
    (group,) = yaml.safe_load(found["tests/zerostate_as_evaluated.rules"])["groups"]
    names = [rule.get("alert") or rule["record"] for rule in group["rules"]]
    assert names == ["node:up:max", "NodeDown"]
    assert all("keep_firing_for" not in rule for rule in group["rules"])


@pytest.mark.parametrize("case", ["fails", "twin", "unreadable"])
def test_rule__whose_cases_stay(case):
    """They fail, another rule has its name, or they are none any more; the file says so."""
    rule = make_rule(name="NodeDown", tests=CASE, no_data_policy=NoDataPolicy.RESOLVE)
    if case == "fails":
        Rule.objects.update(findings=[{"code": FAILING, "message": "x", "field": "tests"}])
    elif case == "twin":
        make_rule(group=make_group("other"), name="NodeDown", labels={"team": "x"})
    else:
        Rule.objects.filter(pk=rule.pk).update(tests="- name: x")
    assert exported() == {}
    assert any(
        "Without their test cases" in note and "NodeDown" in note for note in outgoing().notes
    )


def test_rule__that_is_disabled():
    """It does not leave, so its cases do not."""
    make_rule(name="NodeDown", tests=CASE, enabled=False)
    assert exported() == {}
