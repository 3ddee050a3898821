"""The lint says what is wrong, where, and what to do; of what is right it says nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.rules.schemas import SCHEMA
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.rules.definitions import AlertingRule, RecordingRule
from zerostate_monitoring.rules.lint import (
    Code,
    Severity,
    lint,
    lint_expr,
    metrics_of,
    recorded,
)
from zerostate_monitoring.rules.schema import ALERTS, PROMETHEUS, Joined, of_definitions

FAULTS = [
    # selectors
    ("taks_total > 1", "unknown-metric", "did you mean tasks_total?", "taks_total"),
    ('{__name__="taks_total"} > 1', "unknown-metric", "tasks_total", '{__name__="taks_total"}'),
    ("duration_seconds > 1", "unknown-metric", "_bucket, _sum and _count", "duration_seconds"),
    ("tasks > 1", "unknown-metric", "called tasks_total", "tasks"),
    ('queue_depth{queu="a"} > 1', "unknown-label", "did you mean queue?", 'queu="a"'),
    ('queue_depth{zone!="a"} > 1', "unknown-label", "leaves out nothing", 'zone!="a"'),
    ('rate(tasks_total{status="fialed"}[5m]) > 1', "unknown-value", "failed", 'status="fialed"'),
    ('rate(tasks_total{status!="x"}[5m]) > 1', "unknown-value", "leaves out no", 'status!="x"'),
    ("sum by (zone) (queue_depth) > 1", "unknown-label", "no label zone", "zone"),
    ("sum without (zone) (queue_depth) > 1", "unknown-label", "without (zone)", "zone"),
    ("queue_depth * on (zone) queue_depth > 1", "unknown-label", "on (zone)", "zone"),
    # functions
    ("rate(queue_depth[5m]) > 1", "rate-of-gauge", "Use deriv()", "rate(queue_depth[5m])"),
    ("increase(queue_depth[5m]) > 1", "rate-of-gauge", "Use delta()", "increase(queue_depth[5m])"),
    ("delta(tasks_total[5m]) > 1", "delta-of-counter", "Use increase()", "delta(tasks_total[5m])"),
    ("deriv(tasks_total[5m]) > 1", "delta-of-counter", "Use rate()", "deriv(tasks_total[5m])"),
    ("rate(sum(tasks_total)[5m:]) > 1", "rate-of-sum", "sum(rate(…))", None),
    ("tasks_total > 100", "raw-counter", "increase(tasks_total[…])", "tasks_total > 100"),
    ("100 < sum(tasks_total)", "raw-counter", "passes every threshold", None),
    ("rate(tasks_total[20s]) > 1", "short-range", "Take 1m or more", "tasks_total[20s]"),
    (
        "histogram_quantile(0.9, sum by (queue) (rate(duration_seconds_bucket[5m]))) > 1",
        "quantile-without-le",
        "sum by (le, …)",
        "sum by (queue) (rate(duration_seconds_bucket[5m]))",
    ),
    ("histogram_quantile(0.9, queue_depth) > 1", "quantile-without-le", "_bucket", "queue_depth"),
    # comparisons
    (
        "histogram_quantile(0.9, rate(duration_seconds_bucket[5m])) > 10",
        "beyond-buckets",
        "ends at 10",
        None,
    ),
    (
        "histogram_quantile(0.9, sum by (le) (rate(duration_seconds_bucket[5m]))) < 11",
        "beyond-buckets",
        "always true",
        None,
    ),
    ("count(queue_depth) == 0", "never-true", "count(queue_depth) is never below 1", None),
    ("success_ratio > 1", "never-true", "lies between 0 and 1", None),
    ("success_ratio * 100 > 100", "never-true", "between 0 and 100", None),
    ("queue_depth > 5 < 3", "never-true", "is never", None),
    ("rate(tasks_total[5m]) < 0", "never-true", "is never below 0", None),
    ("increase(tasks_total[5m]) >= 0", "always-true", "is never below 0", None),
    ("queue_depth > 1 and rate(tasks_total[5m]) > 1", "no-match", "has the label status", None),
    ("peers / queue_depth > 1", "no-match", "never meet", None),
    ("queue_depth > 1 unless peers", "no-match", "on (…) or ignoring (…)", None),
]


@pytest.mark.parametrize(("expr", "code", "said", "marked"), FAULTS, ids=[f[0] for f in FAULTS])
def test_lint_expr__finds(expr, code, said, marked):
    """Each fault is found once, in its place, with what to do."""
    found = [f for f in lint_expr(expr, SCHEMA) if f.code == code]
    assert len(found) == 1, lint_expr(expr, SCHEMA)
    assert said in found[0].message
    assert marked is None or expr[found[0].start : found[0].end] == marked
    assert found[0].message.endswith((".", "?"))


RIGHT = [
    "queue_depth > 5",
    'queue_depth{queue=~"a|b"} > 5',
    'rate(tasks_total{status="failed"}[5m]) > 0.1',
    'sum by (queue) (rate(tasks_total{status=~"fail.*"}[5m])) > 0.1',
    "sum(rate(tasks_total[5m])) > 0.1",
    "delta(queue_depth[5m]) > 1",
    "predict_linear(queue_depth[1h], 3600) > 100",
    "resets(tasks_total[1h]) > 2",
    "histogram_quantile(0.9, sum by (le, queue) (rate(duration_seconds_bucket[5m]))) > 9.9",
    "rate(duration_seconds_sum[5m]) / rate(duration_seconds_count[5m]) > 1",
    'size_bytes{quantile="0.9"} > 1',
    "queue_depth > 1 and on (queue) sum by (queue) (rate(tasks_total[5m])) > 1",
    "queue_depth * on (queue) group_left (status) tasks_total > 1",
    'peers{node="a"} < 3',
    "sum by (node, site) (peers) < 3",
    'node_info{anything="x"} == 1',
    'absent(queue_depth{queue="a"})',
    "count(queue_depth == 0) > 2",
    "success_ratio < 0.5",
    'ALERTS{alertname="x", alertstate="firing"} == 1',
    'label_replace(queue_depth, "q", "$1", "queue", "(.*)") > 1',
    'sum by (q) (label_replace(queue_depth, "q", "$1", "queue", "(.*)")) > 1',
    '{__name__=~"queue.*"} > 1',
    'count_values("depth", queue_depth) > 1',
    "topk(3, queue_depth) > 1 unless on (queue) queue_depth > 5",
    "time() - node_info > 60",
]


@pytest.mark.parametrize("expr", RIGHT)
def test_lint_expr__says_nothing_of_what_is_right(expr):
    """No finding where nothing is wrong."""
    assert lint_expr(expr, SCHEMA) == ()


def of_alert(expr="queue_depth > 5", **fields):
    """The findings of an alerting rule."""
    return lint(AlertingRule(alert="A", expr=expr, **fields), SCHEMA)


@pytest.mark.parametrize(
    ("expr", "code", "severity"),
    [
        ("queue_depth > bool 5", Code.BOOL_IN_ALERT, Severity.ERROR),
        ("(queue_depth > bool 5) * 2", Code.BOOL_IN_ALERT, Severity.ERROR),
        ("queue_depth", Code.NO_CONDITION, Severity.WARNING),
        ("sum(rate(tasks_total[5m]))", Code.NO_CONDITION, Severity.WARNING),
        ("queue_depth or queue_depth > 5", Code.NO_CONDITION, Severity.WARNING),
    ],
)
def test_lint__alert_without_condition(expr, code, severity):
    """An alert that fires for whatever is there is told so."""
    assert [(f.code, f.severity) for f in of_alert(expr)] == [(code, severity)]


@pytest.mark.parametrize(
    "expr",
    [
        "vector(1)",
        "absent(queue_depth)",
        "queue_depth > bool 5 == 1",
        "sum(queue_depth > 5)",
        "queue_depth and queue_depth > 5",
        "queue_depth unless queue_depth < 5",
        "abs(queue_depth > 5)",
        "max_over_time((queue_depth > 5)[5m:])",
    ],
)
def test_lint__alert_with_condition(expr):
    """A watchdog, and whatever may be absent, is right."""
    assert of_alert(expr) == ()


def test_lint__condition_is_no_matter_of_recording_rules():
    """A recording rule needs no condition."""
    assert lint(RecordingRule(record="a:b:c", expr="sum(queue_depth)"), SCHEMA) == ()


@pytest.mark.parametrize(
    ("expr", "label", "lost"),
    [
        ("queue_depth > 1", "queue", False),
        ("queue_depth > 1", "__name__", False),
        ("queue_depth > 1", "instance", True),
        ("rate(tasks_total[5m]) > 1", "__name__", True),
        ("sum(queue_depth) > 1", "queue", True),
        ("sum by (queue) (queue_depth) > 1", "queue", False),
        ("sum without (queue) (queue_depth) > 1", "queue", True),
        ("topk(1, queue_depth) > 1", "queue", False),
        ("sum without (status) (rate(tasks_total[5m])) > 1", "queue", False),
        ("tasks_total - on (queue) queue_depth > 1", "status", True),
        ("tasks_total - ignoring (status) group_left queue_depth > 1", "status", False),
        ("queue_depth * on (queue) group_left (status) tasks_total > 1", "status", False),
        ("queue_depth * on (queue) group_right () tasks_total > 1", "status", False),
        ("queue_depth > 1 and on (queue) tasks_total", "status", True),
        ("queue_depth > 1 or peers > 1", "role", False),
        ('label_replace(queue_depth, "x", "y", "", "") > 1', "x", False),
        ('label_join(sum(queue_depth), "x", "y", "z") > 1', "x", False),
        ('absent(queue_depth{queue="a"})', "queue", False),
        ('absent(queue_depth{queue=~"a"})', "queue", True),
        ('count_values("v", queue_depth) > 1', "v", False),
        ("histogram_quantile(1, rate(duration_seconds_bucket[5m])) > 1", "le", True),
        ("histogram_quantile(1, rate(duration_seconds_bucket[5m])) > 1", "queue", False),
        ('queue_depth{queue=""} > 1', "queue", True),
        ("node_info > 1", "anything", False),
        ("sum without (anything) (node_info) > 1", "anything", True),
        ("vector(1) > 0.5", "queue", True),
        ("-queue_depth > -1", "__name__", True),
    ],
)
def test_lint__label_lost_on_the_way(expr, label, lost):
    """A label that the result cannot have is reported where a template reads it."""
    text = "{{ $labels." + label + " }}"
    found = of_alert(expr, annotations={"summary": text})
    codes = [f for f in found if f.code == Code.LABEL_LOST]
    assert len(codes) == lost
    if lost:
        assert codes[0].field == "annotations.summary"
        assert text[codes[0].start : codes[0].end] == f"$labels.{label}"


def test_lint__label_of_the_rule_is_no_label_of_the_query():
    """$labels are those before the rule's own are added: the message says so."""
    (found,) = of_alert(labels={"severity": "x"}, annotations={"a": "{{ $labels.severity }}"})
    assert "without the rule's own" in found.message


@pytest.mark.parametrize(("for_", "severity"), [(0, Severity.WARNING), (60, Severity.ERROR)])
def test_lint__value_in_a_label(for_, severity):
    """A label that changes with the value makes new alerts; with ``for`` none ever fires."""
    (found,) = of_alert(
        for_=timedelta(seconds=for_),
        labels={"level": "{{ if gt $value 9.0 }}high{{ end }}"},
    )
    assert (found.code, found.severity, found.field) == (
        Code.VALUE_IN_LABEL,
        severity,
        "labels.level",
    )


def test_lint__query_in_a_template():
    """A template that asks a query of its own is reported."""
    (found,) = of_alert(annotations={"a": '{{ query "up" | first | value }}'})
    assert found.code == Code.QUERY_IN_TEMPLATE


def test_lint__errors_come_first():
    """What refuses a rule stands before what is only shown."""
    found = of_alert('taks > 1 or queue_depth{zone!="a"} > 1', annotations={"a": "{{ $labels.x }}"})
    assert [f.severity for f in found] == sorted(f.severity for f in found)
    assert found[0].code == Code.UNKNOWN_METRIC


def test_lint__rule_with_problems_has_no_findings():
    """What cannot be parsed says nothing that could be wrong."""
    assert of_alert("queue_depth >") == ()


def test_recorded__names_and_labels_of_recording_rules_are_known():
    """Rules may read what rules record; its labels are those of the recorded expression."""
    rules = [
        RecordingRule(record="q:depth:sum", expr="sum by (queue) (queue_depth)"),
        RecordingRule(record="depth:max", expr="max(q:depth:sum)", labels={"team": "a"}),
    ]
    schema = recorded(rules, SCHEMA)
    rule = AlertingRule(
        alert="A",
        expr="depth:max > 1 or q:depth:sum > 2 or q:depth:summ > 3",
        annotations={"a": "{{ $labels.team }}{{ $labels.queue }}{{ $labels.zone }}"},
    )
    found = lint(rule, schema)
    assert [f.code for f in found] == [Code.UNKNOWN_METRIC]
    assert "q:depth:sum" in found[0].message
    assert lint_expr('depth:max{queue="a"} > 1', schema)[0].code == Code.UNKNOWN_LABEL


def test_metrics_of__names_that_an_expression_reads():
    """Which metrics cannot be withdrawn silently."""
    expr = 'rate(a[5m]) / on () {__name__="b"} > max_over_time(c[5m:]) and {__name__=~"d.*"}'
    assert metrics_of(expr) == {"a", "b", "c"}


@pytest.mark.parametrize("definition", [*CATALOGUE], ids=lambda d: d.name)
def test_catalogue__each_family_is_known(definition):
    """Every name under which a family stands on the page can be used in a rule."""
    schema = of_definitions(CATALOGUE)
    metric = schema.metric(definition.name) or schema.metric(f"{definition.name}_bucket")
    assert metric is not None
    assert set(definition.labels) <= metric.always


@pytest.mark.parametrize(
    ("expr", "codes"),
    [
        ("zerostate_node_up > 1", [Code.NEVER_TRUE]),
        ("zerostate_node_up >= 0", [Code.ALWAYS_TRUE]),
        ("zerostate_node_up == 0", []),
        ("sum(zerostate_node_up) > 1", []),
    ],
)
def test_catalogue__what_is_up_is_one_or_nothing(expr, codes):
    """A comparison that no such value can meet, or each does, is found."""
    assert [one.code for one in lint_expr(expr, of_definitions(CATALOGUE))] == codes


EXPRESSIONS = {
    "CollectorIsolated": "max(zerostate_node_up) == 0 and count(zerostate_node_up) >= 3",
    "PeersLow": "(sum by (node, node_role) (zerostate_p2p_peers_connected) or sum by (node, "
    "node_role) (zerostate_peer_connections)) < 3 and on (node) zerostate_node_up == 1 and on () "
    "(count(zerostate_node_up == 1) >= 5)",
    "TaskDurationHigh": "histogram_quantile(0.95, sum by (le, type) (rate("
    "zerostate_task_duration_seconds_bucket[10m]))) > 25 and sum by (type) (increase("
    "zerostate_task_duration_seconds_count[10m])) >= 20",
    "DisputesUnresolved": "time() - zerostate_dispute_oldest_open_timestamp_seconds > 172800",
    "MonitoringPageDown": 'absent(up{job="zerostate-monitoring"} == 1)',
    "Watchdog": "vector(1)",
}


@pytest.mark.parametrize("alert", EXPRESSIONS)
def test_catalogue__rules_of_the_field_are_right(alert):
    """Rules as operators of this network have them give no finding."""
    schema = Joined(of_definitions(CATALOGUE), ALERTS, PROMETHEUS)
    assert lint(AlertingRule(alert=alert, expr=EXPRESSIONS[alert]), schema, interval_s=15) == ()
