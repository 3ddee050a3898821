"""Which of the built-in rules promtool has seen to work: each by a test of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tests.real.promtool import run
from zerostate_monitoring.generators.rule_files import written, written_tests
from zerostate_monitoring.rules.definitions import AlertingRule, Group, RecordingRule
from zerostate_monitoring.rules.files import Target
from zerostate_monitoring.rules.shipped import (
    GROUPS,
    OUTSIDE,
    ShippedRecording,
    ShippedRule,
    applied,
)

_SUCCESS: Final = re.compile(r"Unit Testing: +(\S+)\n +SUCCESS")

SERIES: Final = {
    'zerostate_tasks_total{status="failed"}': "0+3x40",
    'zerostate_tasks_total{status="completed"}': "0+7x40",
    'zerostate_tasks_total{status="submitted"}': "0+50x40",
    'zerostate_economic_payments_total{status="failed"}': "0+1x40",
    'zerostate_economic_payments_total{status="success"}': "0+9x40",
    'zerostate_node_up{node="a", node_role="bootnode"}': "1x40",
    'zerostate_node_up{node="b", node_role="relay"}': "0x40",
    'zerostate_node_up{node="c", node_role="edge"}': "1x40",
    "zerostate_reputation_median_score": "55x40",
    'zerostate_economic_total_value_locked{node="a"}': "70x40",
    'zerostate_economic_total_value_locked{node="b"}': "30x40",
    'zerostate_task_duration_seconds_bucket{node="a", type="wasm", le="1.0"}': "0+3x40",
    'zerostate_task_duration_seconds_bucket{node="b", type="wasm", le="1.0"}': "0+6x40",
    'zerostate_task_duration_seconds_bucket{node="b", type="data", le="1.0"}': "0+12x40",
    'zerostate_task_duration_seconds_bucket{node="b", type="wasm", le="+Inf"}': "0+15x40",
    'zerostate_task_queue_latency_seconds_bucket{node="a", priority="high", le="1.0"}': "0+3x40",
    'zerostate_task_queue_latency_seconds_bucket{node="b", priority="low", le="1.0"}': "0+6x40",
    'zerostate_task_cost_actual_units_bucket{node="a", type="wasm", le="1.0"}': "0+3x40",
    'zerostate_task_cost_actual_units_bucket{node="b", type="wasm", le="1.0"}': "0+6x40",
    'zerostate_wasm_memory_bytes_bucket{node="a", le="1024.0"}': "0+3x40",
    'zerostate_wasm_memory_bytes_bucket{node="b", le="1024.0"}': "0+6x40",
    'zerostate_economic_payment_duration_seconds_bucket{node="a", le="1.0"}': "0+3x40",
    'zerostate_economic_payment_duration_seconds_bucket{node="b", le="1.0"}': "0+6x40",
    'zerostate_p2p_operation_duration_seconds_bucket{node="a", operation="send", le="1.0"}': (
        "0+3x40"
    ),
    'zerostate_p2p_operation_duration_seconds_bucket{node="b", operation="send", le="1.0"}': (
        "0+6x40"
    ),
    'zerostate_p2p_messages_sent_total{node="a", type="task"}': "0+3x40",
    'zerostate_p2p_messages_sent_total{node="b", type="gossip"}': "0+12x40",
    'zerostate_p2p_messages_failed_total{node="a", type="task", reason="timeout"}': "0+3x40",
    'zerostate_p2p_messages_failed_total{node="b", type="task", reason="closed"}': "0+6x40",
}
"""Two values a minute; in five minutes a counter grows by ten of its steps."""
_OF_ONE_SECOND: Final = '{le="1.0"}'
RECORDED: Final[dict[str, float | dict[str, float]]] = {
    "zerostate:tasks_failed:increase5m": 30,
    "zerostate:tasks_ended:increase5m": 100,
    "zerostate:payments_failed:increase5m": 10,
    "zerostate:payments_ended:increase5m": 100,
    "zerostate:infrastructure_up:avg5m": 0.5,
    "zerostate:reputation_median:avg5m": 55,
    "zerostate:value_locked:avg5m": 100,
    "zerostate:task_duration_seconds_bucket:rate5m": {
        '{le="+Inf", type="wasm"}': 0.5,
        '{le="1.0", type="data"}': 0.4,
        '{le="1.0", type="wasm"}': 0.3,
    },
    "zerostate:task_queue_latency_seconds_bucket:rate5m": {_OF_ONE_SECOND: 0.3},
    "zerostate:task_cost_actual_units_bucket:rate5m": {'{le="1.0", type="wasm"}': 0.3},
    "zerostate:wasm_memory_bytes_bucket:rate10m": {'{le="1024.0"}': 0.3},
    "zerostate:economic_payment_duration_seconds_bucket:rate5m": {_OF_ONE_SECOND: 0.3},
    "zerostate:p2p_operation_duration_seconds_bucket:rate5m": {
        '{le="1.0", operation="send"}': 0.3,
    },
    "zerostate:p2p_messages_sent_total:rate5m": 0.5,
    "zerostate:p2p_messages_failed_total:rate5m": 0.3,
}
"""What each gives, by its labels where it has some."""


def groups() -> tuple[Group, ...]:
    """All built-in rules, as they are shipped."""
    return tuple(
        Group(name=group.name, interval=group.interval, rules=tuple(map(_rule, group.rules)))
        for group in (*GROUPS, OUTSIDE)
    )


def names() -> list[str]:
    """What they are called; each once."""
    return [rule.name for group in groups() for rule in group.rules]


def passing(promtool: str, directory: Path) -> set[str]:
    """Rules that have a test, and pass it."""
    found = {name: list(_tests(name, directory)) for name in names()}
    files = [path for paths in found.values() for path in paths]
    said = run(promtool, "test", "rules", *files).stdout
    passed = {Path(path).name for path in _SUCCESS.findall(said)}
    return {n for n, paths in found.items() if paths and {p.name for p in paths} <= passed}


def _rule(rule: ShippedRule | ShippedRecording) -> AlertingRule | RecordingRule:
    if isinstance(rule, ShippedRecording):
        return RecordingRule(record=rule.name, expr=rule.expr)
    return applied(rule).rule("")


def _tests(name: str, directory: Path) -> Iterator[Path]:
    """The files of a rule's test, which see it and what is recorded; none where it has none."""
    stem = name.replace(":", "_")
    needed = tuple(filter(None, (_without_others(group, name) for group in groups())))
    rule_file = directory / f"{stem}-rules.yml"
    rule_file.write_text(written(needed, target=Target.DEBIAN_12).text, encoding="utf-8")
    for number, text in enumerate(_texts(name, needed, rule_file.name)):
        path = directory / f"{stem}-{number}.yml"
        path.write_text(text, encoding="utf-8")
        yield path


def _without_others(group: Group, name: str) -> Group | None:
    """Nothing but a rule, and recording rules; else each test would evaluate all there are."""
    kept = (r for r in group.rules if r.name == name or isinstance(r, RecordingRule))
    rules = tuple(kept)
    return replace(group, rules=rules) if rules else None


def _texts(name: str, needed: tuple[Group, ...], rule_file: str) -> list[str]:
    if name in RECORDED:
        return [json.dumps(_recorded(name, RECORDED[name], rule_file))]
    (rule,) = (rule for group in needed for rule in group.rules if rule.name == name)
    if not isinstance(rule, AlertingRule):
        return []
    return list(written_tests([rule], needed, rule_file, Target.DEBIAN_12).values())


def _recorded(name: str, values: float | dict[str, float], rule_file: str) -> dict[str, Any]:
    by_labels = values if isinstance(values, dict) else {"": values}
    samples = [{"labels": of or "{}", "value": value} for of, value in by_labels.items()]
    # promtool compares to the last bit; thousandths are enough to tell what is summed.
    expected = {"expr": f"round({name}, 0.001)", "eval_time": "10m", "exp_samples": samples}
    series = [{"series": each, "values": values} for each, values in SERIES.items()]
    test = {"interval": "30s", "input_series": series, "promql_expr_test": [expected]}
    return {"rule_files": [rule_file], "evaluation_interval": "30s", "tests": [test]}
