"""Rule files: nothing is lost on the way out and in; what is wrong is named with its line."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from tests.rules.strategies import GROUPS
from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.rules.definitions import AlertingRule, Group, RecordingRule
from zerostate_monitoring.rules.files import (
    PrometheusRule,
    Target,
    read_prometheus_rule,
    read_rules,
    read_unit_tests,
    write_prometheus_rule,
    write_rules,
    write_unit_tests,
)

MINUTE = timedelta(minutes=1)
FILE = """
groups:
  - name: nodes
    interval: 30s
    limit: 10
    rules:
      - alert: NodeDown
        expr: up == 0
        for: 5m
        keep_firing_for: 1h30m
        labels: {severity: critical, tier: 1, on: yes, none: null}
        annotations:
          summary: "{{ $labels.instance }} is down"
      - record: job:up:sum
        expr: |
          sum by (job) (up)
"""
ALERT = AlertingRule(alert="A", expr="up == 0")


def faults_of(text, read=read_rules):
    """What is said of a file that is refused."""
    with pytest.raises(RuleFileError) as caught:
        read(text)
    return caught.value.faults


def test_read_rules__reads_what_prometheus_reads():
    """Every field; texts as they are written, whatever YAML would make of them."""
    (group,) = read_rules(FILE)
    assert group == Group(
        name="nodes",
        interval=timedelta(seconds=30),
        limit=10,
        rules=(
            AlertingRule(
                alert="NodeDown",
                expr="up == 0",
                for_=timedelta(minutes=5),
                keep_firing_for=timedelta(minutes=90),
                labels={"severity": "critical", "tier": "1", "on": "yes", "none": ""},
                annotations={"summary": "{{ $labels.instance }} is down"},
            ),
            RecordingRule(record="job:up:sum", expr="sum by (job) (up)\n"),
        ),
    )


@pytest.mark.parametrize("text", ["", "# nothing", "groups:", "groups: []", "{}"])
def test_read_rules__nothing(text):
    """A file without groups has none."""
    assert read_rules(text) == ()


def rules(text):
    """A file of one group with these rules, which begin in line 4."""
    return f"groups:\n- name: g\n  rules:\n{text}\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("groups: [", "This is no YAML"),
        ("groups: {}", "line 1: groups: A list"),
        ("[]", "A mapping is expected"),
        ("grups: []", "line 1: grups: There is no such field"),
        ("groups: []\n---\ngroups: []", "line 2: A second document"),
        ("groups: []\ngroups: []", "line 2: The field “groups” stands twice"),
        (rules("  - {alert: A, expr: up, fro: 5m}"), "line 4: groups[0].rules[0].fro: There is no"),
        (rules("  - {alert: A, record: b, expr: up}"), "both “alert” and “record”"),
        (rules("  - {expr: up}"), "neither “alert” nor “record”"),
        (rules("  - alert: A\n    expr: up ="), "line 5: groups[0].rules[0].expr"),
        (
            rules("  - alert: A\n    expr: up\n    for: 5"),
            "line 6: groups[0].rules[0].for: “5” has",
        ),
        (
            rules("  - alert: A\n    expr: up\n    labels: x"),
            "line 6: groups[0].rules[0].labels: A m",
        ),
        (rules("  - alert: A\n    expr: [up]"), "A text is expected"),
        (rules("  - {record: a, expr: up, for: 5m}"), "It belongs to alerting rules"),
        (rules("  - {record: a, expr: up, annotations: {b: c}}"), "It belongs to alerting rules"),
        (rules("  - {alert: A, expr: up, annotations: {s: '{{ x }}'}}"), "no function “x”"),
        (rules("  - {alert: A, expr: up, labels: {<<: {a: b}}}"), "Merge keys"),
        (rules("  - {alert: A, expr: !!binary aGk=}"), "The tag"),
        (rules("  - {alert: A, expr: !!python/name:os.system x}"), "The tag"),
        ("groups:\n- name: g\n- name: h\n- name: g\n", "line 4: groups[2].name: The name “g” sta"),
        ("groups:\n- rules: []\n", "The name is missing"),
        ("groups:\n- {name: g, limit: -1}\n", "A number from 0 on"),
        ("[" * 50 + "]" * 50, "nested too deep"),
        ("[" * 100_000, "nest"),
        ("x" * 3_000_000, "characters"),
        ("a: \x00", "This is no YAML"),
    ],
)
def test_read_rules__says_what_and_where(text, fault):
    """A file that is refused is refused whole, with the line of what is wrong."""
    assert any(fault in said for said in faults_of(text)), faults_of(text)


def test_read_rules__names_all_faults_in_their_order():
    """One fault does not hide another."""
    text = rules("  - {alert: A, expr: (}\n  - {alert: B, expr: up, for: x}\n  - {x: y}")
    assert [fault[:6] for fault in faults_of(text)] == ["line 4", "line 5", "line 6"]


def test_read_rules__aliases_do_not_explode():
    """Lists that repeat lists are counted, and end."""
    rule = "{alert: A, expr: up}"
    many = ", ".join(["*r"] * 300)
    text = f"groups:\n- {{name: g0, rules: &l [&r {rule}, {many}]}}\n"
    text += "".join(f"- {{name: g{n}, rules: *l}}\n" for n in range(1, 100))
    assert "items" in faults_of(text)[0]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(GROUPS)
def test_files__round_trip(groups):
    """What was written reads back the same; writing it again gives the same text."""
    text = write_rules(groups).text
    assert read_rules(text) == tuple(groups)
    assert write_rules(read_rules(text)).text == text
    wrapped = PrometheusRule(name="x", namespace="y", labels={"a": "b"}, groups=tuple(groups))
    assert read_prometheus_rule(write_prometheus_rule(wrapped).text) == wrapped


def test_write_rules__is_plain():
    """The form of a file: fields in Prometheus's order, texts of several lines as blocks."""
    (group,) = read_rules(FILE)
    assert write_rules([group]).text == (
        "groups:\n"
        "  - name: nodes\n"
        "    interval: 30s\n"
        "    limit: 10\n"
        "    rules:\n"
        "      - alert: NodeDown\n"
        "        expr: up == 0\n"
        "        for: 5m\n"
        "        keep_firing_for: 1h30m\n"
        "        labels:\n"
        "          severity: critical\n"
        "          tier: '1'\n"
        "          'on': 'yes'\n"
        "          none: ''\n"
        "        annotations:\n"
        "          summary: '{{ $labels.instance }} is down'\n"
        "      - record: job:up:sum\n"
        "        expr: |\n"
        "          sum by (job) (up)\n"
    )


@pytest.mark.parametrize(
    ("groups", "fault"),
    [
        ([Group(name="g", rules=(ALERT, ALERT))], "stands twice with the same labels"),
        ([Group(name="g", rules=(ALERT,)), Group(name="h", rules=(ALERT,))], "in “g” and in “h”"),
        ([Group(name="g"), Group(name="g")], "stands twice"),
        ([Group(name="g", rules=(AlertingRule(alert="A", expr="("),))], "groups[0].rules[0].expr"),
    ],
)
def test_write_rules__refuses(groups, fault):
    """What Prometheus or its linter would refuse is not written."""
    with pytest.raises(RuleFileError, match=r".*") as caught:
        write_rules(groups)
    assert fault in str(caught.value)


# -- an older Prometheus -----------------------------------------------------------


def test_target__group_labels_become_labels_of_rules():
    """2.42 has no labels of groups; the rules' own win."""
    rule = AlertingRule(alert="A", expr="up", labels={"a": "own"})
    group = Group(name="g", rules=(rule,), labels={"a": "x", "b": "y"})
    (read,) = read_rules(write_rules([group], Target.DEBIAN_12).text)
    assert read.labels == {}
    assert read.rules[0].labels == {"a": "own", "b": "y"}


def test_target__query_offset_is_left_out_with_a_note():
    """What is left out is said, in the file, too."""
    group = Group(name="g", rules=(ALERT,), query_offset=MINUTE)
    written = write_rules([group], Target.DEBIAN_12)
    assert "query_offset is left out" in written.notes[0]
    assert written.text.startswith("# g: query_offset")
    assert read_rules(written.text)[0].query_offset is None


@pytest.mark.parametrize(
    ("expr", "written"),
    [
        ("rate(x[300]) > 1", "rate(x[5m]) > 1"),
        ("x offset 60 > 1", "x offset 1m > 1"),
        ("time() - x > 5m", "time() - x > 300"),
        ("max_over_time(x[1h:30]) > 1m", "max_over_time(x[1h:30s]) > 60"),
        ("rate(x[5m] offset -1m)  > 1", "rate(x[5m] offset -1m)  > 1"),
        ("x  > 10_000", "x > 10000"),
        ("x @ 1_000 > 1", "x @ 1000.000 > 1"),
        ('sum by ("a", b) (x) > 1', "sum by (a, b) (x) > 1"),
        ('x * on (a) group_left ("b") y > 1', "x * on (a) group_left (b) y > 1"),
        ("sum  by (a_1) (x_1{b='_1'}) > 1", "sum  by (a_1) (x_1{b='_1'}) > 1"),
    ],
)
def test_target__numbers_and_names_stand_as_it_reads_them(expr, written):
    """3.x takes numbers for durations, _ between digits and quotes around names, 2.42 does not."""
    rule = AlertingRule(alert="A", expr=expr)
    (group,) = read_rules(write_rules([Group(name="g", rules=(rule,))], Target.DEBIAN_12).text)
    assert group.rules[0].expr == written


@pytest.mark.parametrize(
    "rule",
    [
        AlertingRule(alert="A", expr="up", labels={"a.b": "x"}),
        AlertingRule(alert="A", expr='{"a.b"} > 1'),
        AlertingRule(alert="A", expr='up{"a.b"="c"} > 1'),
        AlertingRule(alert="A", expr='sum by ("a.b") (up) > 1'),
        AlertingRule(alert="A", expr='up * on ("a.b") up > 1'),
        AlertingRule(alert="A", expr="first_over_time(up[5m]) > 1"),
        AlertingRule(alert="A", expr="rate(up[2 * 5m]) > 1"),
        AlertingRule(alert="A", expr="sum(up offset (5m + 1m)) > 1"),
        AlertingRule(alert="A", expr="max_over_time(up[1h:step()]) > 1"),
        AlertingRule(alert="A", expr="up", annotations={"a": "{{ now }}"}),
        RecordingRule(record="a.b", expr="up"),
    ],
)
def test_target__refuses_what_it_has_no_word_for(rule):
    """The reason stands in the error."""
    with pytest.raises(RuleFileError, match=r"2\.42|came with Prometheus"):
        write_rules([Group(name="g", rules=(rule,))], Target.DEBIAN_12)
    assert write_rules([Group(name="g", rules=(rule,))]).text


ODD_NAMES = {
    'up{"a-b"="x"} > 0': ["a-b"],
    'up{job="a-b", "c-d"!="x"} > 0': ["c-d"],
    '{job="x", "my.metric"} > 0': ["my.metric"],
    'sum by ("a-b", job) (up) > 0': ["a-b"],
    'up * on ("a-b") group_left ("c-d") up > 0': ["a-b", "c-d"],
    'label_replace(up, "a-b", "$1", "job", "(.*)") > 0': ["a-b"],
    'label_join(up, "a-b", "-", "c-d", "job") > 0': ["a-b", "c-d"],
    'count_values("a-b", up) > 0': ["a-b"],
    # What is no name may hold whatever it likes.
    'up{job="a-b", site=~"c-d"} > 0': [],
    'label_replace(up, "dst", "a-b", "src", "c-d") > 0': [],
    'label_join(up, "dst", "a-b", "src") > 0': [],
}


@pytest.mark.parametrize("expr", ODD_NAMES)
def test_target__names_what_it_cannot_say(expr):
    """Group, rule and each name, so that it can be found among many rules."""
    group = Group(name="g", rules=(AlertingRule(alert="A", expr=expr),))
    if not ODD_NAMES[expr]:
        assert write_rules([group], Target.DEBIAN_12).text
        return
    with pytest.raises(RuleFileError) as caught:
        write_rules([group], Target.DEBIAN_12)
    said = "which Prometheus 2.42 does not know: letters, digits and _, without quotes."
    assert list(caught.value.faults) == [
        f"g: A: the expression names “{name}”, {said}" for name in ODD_NAMES[expr]
    ]


# -- objects of Kubernetes ---------------------------------------------------------

OBJECT = """
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: rules
  uid: 123
  creationTimestamp: 2026-01-01T00:00:00Z
  managedFields: [{manager: kubectl}]
spec:
  groups:
  - name: g
    rules: [{alert: A, expr: up}]
"""


def test_prometheus_rule__leaves_the_clusters_fields_aside():
    """What the cluster adds is not ours."""
    found = read_prometheus_rule(OBJECT)
    assert found.name == "rules"
    assert found.groups[0].rules == (AlertingRule(alert="A", expr="up"),)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("PrometheusRule", "Pod", "“PrometheusRule” is expected"),
        ("/v1\n", "/v2\n", "monitoring.coreos.com/v1"),
        ("name: rules", "nme: rules", "There is no such field"),
        ("alert: A", "alert: ''", "neither"),
        (OBJECT, "", "empty"),
    ],
)
def test_prometheus_rule__says_what_is_wrong(old, new, fault):
    """Another object is refused."""
    faults = faults_of(OBJECT.replace(old, new, 1), read_prometheus_rule)
    assert any(fault in said for said in faults)


# -- tests of rules -----------------------------------------------------------------

TESTS = """
rule_files: [rules.yml]
evaluation_interval: 30s
group_eval_order: [g]
tests:
  - name: quiet
    interval: 1m
    external_labels: {cluster: eu}
    external_url: http://x
    input_series:
      - series: up{job="a"}
        values: 0x5 _ 1
    alert_rule_test:
      - {eval_time: 5m, alertname: A, exp_alerts: [{exp_labels: {a: b}, exp_annotations: {c: d}}]}
      - {eval_time: 6m, alertname: A}
    promql_expr_test:
      - expr: up
        eval_time: 0
        exp_samples:
          - {labels: 'up{job="a"}', value: .nan}
          - {labels: 'up{job="b"}', value: -1.5e+3}
          - {labels: 'up{job="c"}', value: 7}
"""


def test_unit_tests__read():
    """Every field of promtool's form."""
    found = read_unit_tests(TESTS)
    (test,) = found.tests
    assert found.rule_files == ("rules.yml",)
    assert test.alert_rule_test[0].exp_alerts[0].exp_annotations == {"c": "d"}
    assert test.alert_rule_test[1].exp_alerts == ()
    values = [sample.value for sample in test.promql_expr_test[0].exp_samples]
    assert math.isnan(values[0])
    assert values[1:] == [-1500, 7]


def test_unit_tests__round_trip():
    """What was written reads back the same; so does YAML's own reader."""
    text = write_unit_tests(read_unit_tests(TESTS.replace(".nan", ".inf"))).text
    found = read_unit_tests(text)
    assert found == read_unit_tests(TESTS.replace(".nan", ".inf"))
    values = yaml.safe_load(text)["tests"][0]["promql_expr_test"][0]["exp_samples"]
    assert [sample["value"] for sample in values] == [math.inf, -1500, 7]


def test_unit_tests__for_an_older_promtool():
    """What 2.42 does not know is left out with a note, or refused."""
    fuzzy = read_unit_tests("fuzzy_compare: true\n" + TESTS)
    written = write_unit_tests(fuzzy, Target.DEBIAN_12)
    assert "fuzzy_compare is left out" in written.text
    started = read_unit_tests(TESTS.replace("- name", "- start_timestamp: 1\n    name"))
    with pytest.raises(RuleFileError, match="start_timestamp"):
        write_unit_tests(started, Target.DEBIAN_12)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("alertname: A,", "", "The name of the alert is missing"),
        (".nan", "many", "A number is expected"),
        ("eval_time: 5m", "eval_time: soon", "no duration"),
        ("rule_files: [rules.yml]", "rule_files: rules.yml", "A list is expected"),
        ("tests:", "fuzzy_compare: 2\ntests:", "“true” or “false”"),
    ],
)
def test_unit_tests__says_what_is_wrong(old, new, fault):
    """What is no such file is refused with its line."""
    faults = faults_of(TESTS.replace(old, new, 1), read_unit_tests)
    assert any(fault in said and said.startswith("line ") for said in faults)
