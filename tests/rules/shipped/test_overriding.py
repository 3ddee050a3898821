"""What an operator may change of a built-in rule, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zerostate_monitoring.exceptions import OverrideError
from zerostate_monitoring.rules.shipped import RULES, applied, override_problems, possible

MANY = RULES["NodesDownMany"]
PAYMENTS = RULES["PaymentsFailing"]


def test_applied__without_overrides_is_what_is_shipped():
    """Nothing is changed."""
    got = applied(MANY)
    assert "> 0.3" in got.expr
    assert (got.severity, got.for_duration, got.enabled) == (
        *("critical", timedelta(minutes=2), True),
    )
    assert got.labels == {"fault": "nodes_down_many"}


def test_applied__lays_each_override_over_it():
    """Parameters stand in the expression and in the texts; the others in their columns."""
    got = applied(
        PAYMENTS,
        {
            "parameters": {"share": 0.05, "window": 600},
            "severity": "warning",
            "for": "15m",
            "keep_firing_for": "1h",
            "labels": {"team": "money"},
            "enabled": False,
        },
    )
    assert "[10m]" in got.expr
    assert "> 0.05" in got.expr
    assert "limit 5% over 10m" in got.annotations["summary"]
    assert (got.severity, got.for_duration, got.enabled) == (
        *("warning", timedelta(minutes=15), False),
    )
    assert got.keep_firing_for == timedelta(hours=1)
    assert got.labels == {"team": "money", "fault": "payment_failures"}


REFUSED = [
    ({"expr": "vector(1)"}, "expr"),
    ({"parameters": {"shares": 0.5}}, "parameters.shares"),
    ({"parameters": {"share": 7}}, "parameters.share"),
    ({"parameters": {"share": "0.5"}}, "parameters.share"),
    ({"parameters": {"share": True}}, "parameters.share"),
    ({"parameters": {"share": float("nan")}}, "parameters.share"),
    ({"parameters": {"window": 299.5}}, "parameters.window"),
    ({"parameters": {"window": 60}}, "parameters.window"),
    ({"parameters": [1]}, "parameters"),
    ({"severity": "urgent"}, "severity"),
    ({"severity": ["critical"]}, "severity"),
    ({"for": "soon"}, "for"),
    ({"for": None}, "for"),
    ({"keep_firing_for": "5"}, "keep_firing_for"),
    ({"labels": {"severity": "none"}}, "labels.severity"),
    ({"labels": {"alertname": "x"}}, "labels.alertname"),
    ({"labels": {"team": 1}}, "labels.team"),
    ({"labels": {"team": "{{ nonsense }}"}}, "labels.team"),
    ({"labels": "team"}, "labels"),
    ({"enabled": "no"}, "enabled"),
    ([], ""),
]


@pytest.mark.parametrize(("overrides", "field"), REFUSED)
def test_applied__refuses_by_name(overrides, field):
    """What cannot be is named with its place, and nothing is applied."""
    problems = override_problems(PAYMENTS, overrides)
    assert [problem.field for problem in problems] == [field]
    if overrides:
        with pytest.raises(OverrideError) as refused:
            applied(PAYMENTS, overrides)
        assert refused.value.faults == tuple(map(str, problems))


def test_out_of_range__says_the_range_with_its_unit():
    """So that one sees at once what is meant."""
    problems = override_problems(
        PAYMENTS, {"parameters": {"share": 20, "window": 86_400, "payments": 0}}
    )
    assert [problem.reason for problem in problems] == [
        "2000% is out of range: 1% to 99%.",
        "0 is out of range: 1 to 1,000,000.",
        "1d is out of range: 4m to 30m.",
    ]


def test_possible__keeps_what_can_be():
    """After an upgrade the rest of an operator's changes still holds."""
    overrides = {
        "parameters": {"share": 0.5, "gone": 1},
        "labels": {"team": "money", "layer": "x"},
        "severity": "urgent",
        "for": "1h",
    }
    kept, problems = possible(PAYMENTS, overrides)
    assert kept == {"parameters": {"share": 0.5}, "labels": {"team": "money"}, "for": "1h"}
    assert {problem.field for problem in problems} == {
        *("parameters.gone", "labels.layer", "severity"),
    }
    assert applied(PAYMENTS, kept).severity == "critical"


@pytest.mark.parametrize("overrides", [[], "x", None, 5])
def test_possible__of_what_is_no_object_is_nothing(overrides):
    """A row may hold any JSON."""
    kept, _ = possible(PAYMENTS, overrides)
    assert kept == {}
