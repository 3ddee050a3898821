"""Test cases on the page of a rule: run when it is saved; one that fails wants a word."""

from __future__ import annotations

import pytest
import yaml
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from tests.admin.rules.posting import ADD, GROUP, PROMQL, change_url, errors, said_by, text
from tests.models.rules import make_rule
from zerostate_monitoring.admin.rules.cases import UNTESTED
from zerostate_monitoring.alerting.rule_import import File, take
from zerostate_monitoring.generators.rule_files import read
from zerostate_monitoring.models import Rule

pytestmark = pytest.mark.django_db

CASE = """\
- name: a node is down
  interval: 1m
  input_series:
    - series: 'zerostate_node_up{node="a"}'
      values: '0x9'
  alert_rule_test:
    - eval_time: 5m
      exp_alerts:
        - exp_labels: {node: a, severity: critical}
          exp_annotations: {summary: a is down}
"""
FAILS = CASE.replace("a is down}", "b is down}")


def logged():
    return LogEntry.objects.order_by("-pk").first().get_change_message()


def test_save__with_a_case_that_holds(browser, store):
    """It stands with the rule and its version."""
    assert browser.post(ADD, {**PROMQL, "tests": CASE}).status_code == 302
    rule = Rule.objects.get()
    assert rule.tests.replace("\r", "") == CASE.strip()
    assert rule.versions.get().fields["tests"] == rule.tests
    assert rule.findings == []


def test_save__is_refused_by_a_case_that_fails(browser, store):
    """What is expected and what is found stands at the field and beside the box."""
    response = browser.post(ADD, {**PROMQL, "tests": FAILS})
    (said,) = errors(response)["tests"]
    assert "does not fire" in said
    assert '{summary="a is down"}' in said
    page = text(response)
    assert "Save although 1 test case fails." in page
    assert "exp_annotations:\n      summary: a is down" in page
    assert not Rule.objects.exists()


def test_save__although_a_case_fails(browser, store):
    """Log, version and findings say that somebody did."""
    browser.post(ADD, {**PROMQL, "tests": FAILS, UNTESTED: "yes"}, follow=True)
    rule = Rule.objects.get()
    said = "Saved although 1 test case fails: a node is down: NodeDown at 5m"
    assert said in logged()
    assert said in rule.versions.get().remark
    assert [finding["code"] for finding in rule.findings] == ["failing-test"]

    changed = said_by(rule, tests=FAILS, owner="network", **{UNTESTED: "yes"})
    assert browser.post(change_url(rule), changed).status_code == 302
    assert logged().startswith("Version 2.")
    assert said in logged()

    mended = said_by(rule, tests=CASE)
    assert browser.post(change_url(rule), mended).status_code == 302
    rule.refresh_from_db()
    assert rule.findings == []
    assert "although" not in logged()


def test_save__the_box_alone_says_nothing(browser, store):
    """Ticked for cases that hold, nothing was passed over."""
    browser.post(ADD, {**PROMQL, "tests": CASE, UNTESTED: "yes"})
    assert "although" not in logged()


def test_save__an_edit_that_breaks_a_case(browser, store):
    """Whatever was edited: the cases are about what the rule does."""
    rule = make_rule(tests=CASE)
    longer = said_by(rule, tests=CASE, for_duration="30m")
    assert "does not fire" in errors(browser.post(change_url(rule), longer))["tests"][0]
    other = said_by(rule, tests=CASE, labels="team: network")
    assert "team" in errors(browser.post(change_url(rule), other))["tests"][0]


def test_save__what_is_no_case(browser, store):
    """Its line is named; that cannot be passed over."""
    wrong = CASE.replace("eval_time", "evaltime")
    response = browser.post(ADD, {**PROMQL, "tests": wrong, UNTESTED: "yes"})
    assert any(said.startswith("line 7: ") for said in errors(response)["tests"])
    assert not Rule.objects.exists()


def test_preview__tells_of_cases_and_refuses_nothing(browser, history):
    """The preview is shown, and that a case fails."""
    page = text(browser.post(ADD, {**PROMQL, "tests": FAILS, "_preview": "1"}))
    assert 'id="preview"' in page
    assert "1 test case fails" in page
    assert UNTESTED not in page


def test_version__brings_cases_back(browser, store):
    """They are part of what the rule says."""
    rule = make_rule(tests=CASE)
    browser.post(change_url(rule), said_by(rule, tests=""))
    form = browser.get(change_url(rule), {"version": "1"}).context["adminform"].form
    assert form.initial["tests"] == CASE


@pytest.mark.parametrize(
    "bad", ["<script>alert(1)</script>", "\u202e" * 50, "x" * 25_000, "- a\x00b", "{" * 3_000]
)
def test_any_text(browser, store, bad):
    """Refused with a sentence, and never run by the page."""
    response = browser.post(ADD, {**PROMQL, "tests": bad})
    assert errors(response)["tests"]
    assert "<script>alert(1)" not in text(response)


def test_group__whose_labels_break_a_case(browser, store):
    """Its labels stand on the alerts: a sentence, and a finding on the rule, until it is undone."""
    rule = make_rule(tests=CASE)
    url = reverse("admin:zerostate_monitoring_rulegroup_change", args=[rule.group_id])
    page = text(browser.post(url, {**GROUP, "labels": "team: network"}, follow=True))
    assert "NodeDown: 1 test case fails: a node is down." in page
    rule.refresh_from_db()
    assert [finding["code"] for finding in rule.findings] == ["failing-test"]
    browser.post(url, GROUP)
    rule.refresh_from_db()
    assert rule.findings == []


def test_import__that_breaks_a_case(store):
    """The file is taken; the rule says what fails."""
    rule = make_rule(tests=CASE)
    rules = [{"alert": rule.name, "expr": "zerostate_node_up == 1", "for": "1m"}]
    text_ = yaml.safe_dump({"groups": [{"name": rule.group.name, "rules": rules}]})
    take([File("mine.yml", read(text_))])
    rule.refresh_from_db()
    assert rule.expr == "zerostate_node_up == 1"
    assert "failing-test" in [finding["code"] for finding in rule.findings]
