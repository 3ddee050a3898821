"""Rows that were written past a form, and what they cost: nothing but their own group."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import OperationalError

from tests.alerting.evaluation.harness import Installation, alerts, group, labels_of, rule, state
from zerostate_monitoring.alerting.evaluation.deciding import decide as real
from zerostate_monitoring.models import Alert, Rule, RuleGroup

UP = labels_of("up", node="a")
FIELDS = [
    {"labels": [1]},
    {"labels": "x"},
    {"labels": {"a": 1, "b": None}},
    {"annotations": ["x"]},
    {"annotations": {"a": {"b": 1}, "c": None}},
]


@pytest.mark.parametrize("fields", FIELDS)
def test_rule__with_texts_that_are_none_is_evaluated(
    made: Installation, fields: dict[str, Any]
) -> None:
    """And so are all others: none of them would be, for ever, if its row broke the tick."""
    bad = rule(group(), "Bad")
    rule(group("other"), "Good")
    Rule.objects.filter(pk=bad.pk).update(**fields)
    assert made.step({UP: 0}) == 2
    assert set(Alert.objects.values_list("rule_name", "state")) == {
        ("Bad", "firing"),
        ("Good", "firing"),
    }


def test_label__that_is_a_number_is_its_text(made: Installation) -> None:
    """As who wrote it meant it; nothing is no label."""
    of = group(labels={"c": True})
    bad = rule(of)
    Rule.objects.filter(pk=bad.pk).update(labels={"a": 1, "b": None})
    RuleGroup.objects.filter(pk=of.pk).update(labels={"c": True, "d": [1]})
    made.step({UP: 0})
    assert alerts() == [("firing", "a=1", "c=true", "d=[1]", "node=a")]


def test_group__that_breaks_the_evaluation_costs_no_other_one_its_slot(
    made: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is in its rows: it is named in the log, and its slot counts as missed."""
    bad, good = group("bad"), group("good")
    rule(bad, "Bad")
    rule(good, "Good")

    def decide(work: Any, *rest: Any) -> Any:
        if work.row.name == "Bad" and made.newest == broken:
            raise TypeError("a row that nobody has thought of")
        return real(work, *rest)

    monkeypatch.setattr("zerostate_monitoring.alerting.evaluation.evaluating.decide", decide)
    broken = 0
    made.step({UP: 0})
    broken = made.column({UP: 0})
    with caplog.at_level(logging.ERROR):
        assert made.tick() == 1
    assert [one.group for one in caplog.records if one.message == "group_not_evaluated"] == ["bad"]  # type: ignore[attr-defined]
    assert made.step({UP: 0}) == 2
    assert (state(good).slots_evaluated, state(good).slots_missed) == (3, 0)
    assert (state(bad).slots_evaluated, state(bad).slots_missed) == (2, 1)


def test_database_that_is_away__ends_the_tick(
    made: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is no row's fault: nobody tries it group by group."""
    rule(group())
    asked = []

    def away(*args: Any) -> None:
        asked.append(args)
        raise OperationalError("away")

    monkeypatch.setattr("zerostate_monitoring.alerting.evaluation.ticking.load", away)
    made.column({UP: 0})
    with pytest.raises(OperationalError):
        made.tick()
    assert len(asked) == 1
    assert state(RuleGroup.objects.get()).claimed_until is None
