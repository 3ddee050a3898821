from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from example_project.stack import lapse
from zerostate_monitoring.alerting.shipping import sync_rules
from zerostate_monitoring.generators import parts
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.rules.files import read_rules
from zerostate_monitoring.rules.shipped import GROUPS, RULES, applied


@pytest.fixture
def rule_file(db, settings):
    """The exported file of the built-in rules."""
    settings.ZEROSTATE_MONITORING_OBSERVE_SECONDS = 0
    sync_rules(GROUPS, datetime(2026, 11, 26, tzinfo=UTC), using="default")
    return parts.exported(ExportOptions(), ["rules"])["rules/zerostate.yml"]


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("sum(rate(a[5m])) > 300", "sum(rate(a[30s])) > 300"),
        ("a offset 1h > 0.5", "a offset 6m > 0.5"),
        ("max_over_time(a[1h:30s]) and b == 5", "max_over_time(a[6m:3s]) and b == 5"),
        ('a{window="5m"}', 'a{window="5m"}'),
    ],
)
def test_expression__windows_and_nothing_else(text, shorter):
    """What is looked back at becomes shorter; numbers, names and texts stay."""
    assert lapse.expression(text, 10) == shorter


@given(st.integers(0, 10**9), st.floats(1, 15))
def test_shorter__something_stays_something(milliseconds, factor):
    """Only nothing becomes nothing, and nothing becomes longer."""
    duration = timedelta(milliseconds=milliseconds)
    made = lapse.shorter(duration, factor)
    assert timedelta(0) <= made <= duration
    assert bool(made) == bool(duration)
    assert made % timedelta(milliseconds=1) == timedelta(0)


def test_rules__same_rules_ten_times_faster(rule_file):
    """The exported file keeps its groups, rules, labels and texts; durations alone differ."""
    before, after = read_rules(rule_file), read_rules(lapse.rules(rule_file, 10))
    assert len(before) > 5
    assert [g.name for g in before] == [g.name for g in after]
    for group, faster in zip(before, after, strict=True):
        assert faster.interval == (group.interval and group.interval / 10)
        for rule, quick in zip(group.rules, faster.rules, strict=True):
            assert (rule.name, rule.labels) == (quick.name, quick.labels)
            if hasattr(rule, "alert"):
                assert (rule.annotations, rule.for_ / 10) == (quick.annotations, quick.for_)


def test_rules__do_not_wait_an_hour_for_missing_data(rule_file):
    """A rule that keeps alerts without data ends with its cause; the head says what was done."""
    made = lapse.rules(rule_file, 10)
    assert made.startswith("# 10 times faster")
    found = {r.name: r for g in read_rules(made) for r in g.rules}
    kept = applied(RULES["PaymentsFailing"]).keep_firing_for
    assert found["PaymentsFailing"].keep_firing_for == kept / 10


def test_alertmanager__routes_are_faster():
    """Times of routes, also of inner ones, are shorter; all else stays as it was."""
    text = """
route:
  receiver: a
  group_interval: 5m
  routes:
  - {receiver: b, group_wait: 0s, repeat_interval: 1h, group_by: ["..."]}
receivers: [{name: a}, {name: b}]
"""
    found = yaml.safe_load(lapse.alertmanager(text, 10))
    assert found["route"] == {
        "receiver": "a",
        "group_interval": "30s",
        "routes": [
            {"receiver": "b", "group_wait": "0s", "repeat_interval": "6m", "group_by": ["..."]}
        ],
    }
    assert found["receivers"] == [{"name": "a"}, {"name": "b"}]
