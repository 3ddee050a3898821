"""What is asked of recorded series: the same figures, and only where a rule records them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from zerostate_monitoring.alerting.shipping import sync_rules
from zerostate_monitoring.generators.dashboards.grafana import files
from zerostate_monitoring.generators.dashboards.known import RECORDED
from zerostate_monitoring.generators.dashboards.records import NOTHING, from_rows, of_rules
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.models import Rule, RuleGroup
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.shipped import GROUPS

SHIPPED = of_rules(RECORDED.items())
TIMES = "zerostate_task_duration_seconds_bucket"
NAME = "zerostate:task_duration_seconds_bucket:rate5m"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (f"sum by (le) (rate({TIMES}[5m]))", f"sum by (le) ({NAME})"),
        (f"sum by (le, type) (rate({TIMES}[5m]))", f"sum by (le, type) ({NAME})"),
        (f"sum(rate({TIMES}[5m]))", f"sum ({NAME})"),
        (
            f'sum by (le) (rate({TIMES}{{type=~"$type"}}[5m]))',
            f'sum by (le) ({NAME}{{type=~"$type"}})',
        ),
        (f"1 / sum by (le) (increase({TIMES}[5m]))", f"1 / (300 * sum by (le) ({NAME}))"),
    ],
)
def test_asked__is_what_a_rule_records(asked, found):
    """Summed further, and chosen from, by labels that are kept; growth is a rate for so long."""
    assert SHIPPED.asked(asked) == found


@pytest.mark.parametrize(
    "asked",
    [
        f"sum by (le, node) (rate({TIMES}[5m]))",
        f'sum by (le) (rate({TIMES}{{node="a"}}[5m]))',
        f'sum by (le) (rate({TIMES}{{type="a", node!~"b"}}[5m]))',
        f'sum by (le) (rate({TIMES}{{type="node=a"}}[5m]))',
        f"sum by (le) (rate({TIMES}[10m]))",
        f"max by (le) (rate({TIMES}[5m]))",
        f"avg(rate({TIMES}[5m]))",
        f"sum by (le) (irate({TIMES}[5m]))",
        f"sum by (le) (rate({TIMES}[5m] offset 1h))",
        f"sum without (node) (rate({TIMES}[5m]))",
        "sum(rate(zerostate_unknown_total[5m]))",
    ],
)
def test_asked__stays_where_it_would_say_something_else(asked):
    """Another label, window, function or aggregation; a value that looks like a matcher, too."""
    assert SHIPPED.asked(asked) == asked


def test_asked__gives_the_same_numbers():
    """By our own engine, over counters of two nodes, recorded as the rule says."""
    end, step = 1_800_000_000_000, 15_000
    times = [end - step * n for n in range(40, -1, -1)]
    raw = [
        (
            (("__name__", TIMES), ("le", le), ("node", node), ("type", kind)),
            times,
            [float(n * grows) for n in range(41)],
        )
        for node, kind, le, grows in (
            *(("a", "wasm", "1.0", 2), ("a", "wasm", "+Inf", 3)),
            *(("b", "wasm", "1.0", 5), ("b", "wasm", "+Inf", 9)),
            *(("b", "data", "1.0", 1), ("b", "data", "+Inf", 4)),
        )
    ]
    made = Engine(MemoryStorage(raw)).instant(parse(RECORDED[NAME]), end).value.samples
    kept = [(tuple(sorted({**dict(s.labels), "__name__": NAME}.items())), s.value) for s in made]
    recorded = [(labels, [end], [value]) for labels, value in kept]
    for asked in (
        f"histogram_quantile(0.5, sum by (le) (rate({TIMES}[5m])))",
        f'sum by (le) (increase({TIMES}{{type=~"w.*"}}[5m]))',
    ):
        theirs, ours = (
            Engine(MemoryStorage(series)).instant(parse(expr), end).value.samples
            for series, expr in ((raw, asked), (recorded, SHIPPED.asked(asked)))
        )
        assert theirs
        assert {s.labels: pytest.approx(s.value) for s in theirs} == {
            s.labels: s.value for s in ours
        }


def record(group, name, expr, **fields):
    return Rule.objects.create(group=group, name=name, expr=expr, kind="recording", **fields)


def test_rows__also_those_of_operators(db):
    """What somebody records is asked for; a slow or labelled or disabled rule is not."""
    expr = "sum by (le) (rate(x_bucket[5m]))"
    groups = [RuleGroup.objects.create(name=f"g{n}", interval_seconds=n) for n in (30, 300)]
    rule = record(groups[0], "x:rate5m", expr)
    asked = f"histogram_quantile(0.5, {expr})"
    assert from_rows().asked(asked) == "histogram_quantile(0.5, sum by (le) (x:rate5m))"
    as_it_was = {"enabled": True, "labels": {}, "group": groups[0], "kind": "recording"}
    as_it_was["expr"] = expr
    for change in (
        {"enabled": False},
        {"labels": {"le": "1"}},
        {"group": groups[1]},
        {"kind": "alerting"},
        {"expr": "sum by (le) (rate(x_bucket[5m])) > 0"},
    ):
        Rule.objects.filter(pk=rule.pk).update(**{**as_it_was, **change})
        assert from_rows() == NOTHING, change
    Rule.objects.filter(pk=rule.pk).update(**as_it_was)
    RuleGroup.objects.update(labels={"type": "a"})
    assert from_rows() == NOTHING


def exprs(made):
    return json.dumps([*made.values()])


def test_files__ask_recorded_series_where_the_rules_are(db):
    """Not without rules, and not where the export is for a Prometheus without them."""
    assert NAME not in exprs(files(ExportOptions()))
    sync_rules(GROUPS, datetime(2026, 11, 26, tzinfo=UTC), using="default")
    made = exprs(files(ExportOptions()))
    assert f"sum by (le) ({NAME})" in made
    assert NAME not in exprs(files(ExportOptions(raw_queries=True)))
    Rule.objects.filter(name=NAME).update(enabled=False)
    assert NAME not in exprs(files(ExportOptions()))
