"""Texts that a database does not keep cost no alert anything."""

from __future__ import annotations

import pytest

from tests.alerting.evaluation.harness import Installation, alerts, group, labels_of, rule, state
from zerostate_monitoring.alerting.identity import Surroundings, present
from zerostate_monitoring.models import Alert, RuleState
from zerostate_monitoring.promql.data import Sample
from zerostate_monitoring.rules.definitions import AlertingRule

STRANGE = ["a\0b", "a\ud800b"]


@pytest.mark.parametrize("text", STRANGE)
def test_strange_label__keeps_no_other_alert_from_firing(made: Installation, text: str) -> None:
    """Of one node that says NUL, PostgreSQL would refuse the whole group, at each slot."""
    of = group()
    rule(of, annotations={"n": "{{ $labels.node }}"}, labels={"seen": "{{ $labels.node }}"})
    made.step({labels_of("up", node=text): 0, labels_of("up", node="b"): 0})
    assert state(of).slots_evaluated == 1
    assert {found[:2] for found in alerts()} == {("firing", "node=a�b"), ("firing", "node=b")}
    assert {row.annotations["n"] for row in Alert.objects.all()} == {"a�b", "b"}


def test_error__may_repeat_a_strange_label(made: Installation) -> None:
    """It stands at the rule, and the group is evaluated."""
    of = group()
    rule(of, expr="up * on (node) up")
    two = [labels_of("up", node="a\0b", job=job) for job in "xy"]
    made.step(dict.fromkeys(two, 1))
    assert state(of).slots_evaluated == 1
    assert RuleState.objects.get().health == "error"


def test_present__tells_series_apart_that_differ_in_strange_characters_alone() -> None:
    """A node must not be able to break a rule by saying two of them."""
    samples = [Sample((("node", text),), 1.0) for text in ("\0", "\ud800", "�")]
    found = present(AlertingRule(alert="Down", expr="up"), samples, Surroundings(0))
    assert len({one.key for one in found}) == 3
    assert {one.labels for one in found} == {(("alertname", "Down"), ("node", "�"))}
