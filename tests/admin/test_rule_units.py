"""One way to write the value of a rule, wherever it stands."""

from __future__ import annotations

import math

import pytest

from zerostate_monitoring.admin import words
from zerostate_monitoring.admin.rule_units import ABOUT, SHARE_OR_COUNT, rule_unit
from zerostate_monitoring.rules.shipped import RULES

TASKS = "zerostate_tasks_total"
COUNT = f"sum by (type) (increase({TASKS}[5m])) > 0"
SHARE = f"max({TASKS}) / max(zerostate_agents) > 0.1"


@pytest.mark.parametrize(
    ("expr", "summary", "unit"),
    [
        ("time() - zerostate_dispute_oldest_open_timestamp_seconds > 9", "", "seconds"),
        (SHARE, "{{ $value | humanizePercentage }} are black-listed", "ratio"),
        (SHARE, "{{ $value }} are black-listed", ""),
        (SHARE, "{{ if le $value 1.0 }}{{$value|humanizePercentage}}{{ end }}", SHARE_OR_COUNT),
        ("x > 3", "{{ $value | humanizeDuration }}", "seconds"),
        ("x > 3", "{{ $value | humanize1024 }}B", "bytes"),
        (COUNT, "", ABOUT),
        (f"2 < {COUNT.removesuffix(' > 0')}", "", ABOUT),
        (f"{COUNT} and on () {TASKS} > 1", "", ABOUT),
        (f"rate({TASKS}[5m])", "", "/s"),
        (f"2 * increase({TASKS}[5m])", "", ""),
        ("x", '{{ printf "%.0f" $value }} of them', ABOUT),
        ("sum(", "", ""),
    ],
)
def test_unit__by_the_expression_then_by_the_summary(expr, summary, unit):
    """What neither says is not claimed."""
    assert rule_unit(expr, summary) == unit


def test_unit__of_each_shipped_rule_whose_headline_has_one():
    """A headline in percent, seconds or bytes stands beside a value of the same unit."""
    wanted = {"humanizePercentage": {"ratio", SHARE_OR_COUNT}, "humanizeDuration": {"seconds"}}
    for rule in RULES.values():
        for name, units in wanted.items():
            if f"$value | {name}" in rule.summary:
                assert rule_unit("x", rule.summary) in units, rule.name


@pytest.mark.parametrize(
    ("number", "unit", "shown"),
    [
        (0.4542, "ratio", "45.42 %"),
        (0.4542, SHARE_OR_COUNT, "45.42 %"),
        (1.0, SHARE_OR_COUNT, "100 %"),
        (3.2, SHARE_OR_COUNT, "about 3"),
        (1.031, ABOUT, "about 1"),
        (2.062, ABOUT, "about 2"),
        (2.0, ABOUT, "2"),
        (0.2, ABOUT, "less than 1"),
        (1234.5, ABOUT, "about 1\u202f234"),
        (math.nan, "seconds", "unknown"),
        (math.nan, "", "unknown"),
        (math.inf, "seconds", "+Inf"),
        (59.4, "seconds", "59.4 s"),
        (207.42, "seconds", "3 min 27 s"),
        (3599.7, "seconds", "1 h"),
        (-150, "seconds", "−2 min 30 s"),
        (90_000, "seconds", "1 d 1 h"),
        (86_465, "seconds", "1 d"),
        (5e14, "seconds", "5.787e+09 d"),
    ],
)
def test_value__as_people_say_it(number, unit, shown):
    """Shares in percent, times in two units, counted things whole, and NaN as what it means."""
    assert words.with_unit(number, unit) == shown


@pytest.mark.parametrize(
    ("number", "unit", "shown"),
    [
        (0.5, ABOUT, "0.5"),
        (0, ABOUT, "0"),
        (0.5, SHARE_OR_COUNT, "50 %"),
        (120, "seconds", "2 min"),
        (3, "", "3"),
    ],
)
def test_threshold__is_not_rounded(number, unit, shown):
    """Somebody wrote it: a count of 0.5 stays one."""
    assert words.threshold(number, unit) == shown
