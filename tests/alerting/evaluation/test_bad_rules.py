"""Rules that no installation should have: what they cost, what they keep, what admin says."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import unescape
from time import monotonic, process_time
from typing import Any

import numpy as np
import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from tests.alerting.evaluation.harness import (
    INTERVAL_MS,
    Installation,
    alerts,
    at,
    group,
    labels_of,
    rule,
    state,
    trail,
)
from zerostate_monitoring.alerting.evaluation import evaluating, ticking
from zerostate_monitoring.models.alert import Alert
from zerostate_monitoring.models.rule import Rule, RuleState
from zerostate_monitoring.models.rule_group import Evaluation, GroupState
from zerostate_monitoring.models.words import Health
from zerostate_monitoring.promql import engine
from zerostate_monitoring.promql.data import Block, Series
from zerostate_monitoring.promql.steps import Budget

UP_A, UP_B = labels_of("up", node="a"), labels_of("up", node="b")
MILLION = 1_000_000


@pytest.fixture
def shown(admin_client: Client) -> Callable[[Rule], str]:
    """What a rule's page in admin says of how it goes."""

    def page(row: Rule) -> str:
        answer = admin_client.get(reverse("admin:zerostate_monitoring_rule_change", args=[row.pk]))
        assert answer.status_code == 200
        return unescape(answer.content.decode())

    return page


def health(row: Rule) -> tuple[str, str]:
    found = RuleState.objects.get(rule=row)
    return found.health, found.reason


def slow(made: Installation, monkeypatch: pytest.MonkeyPatch, name: str) -> list[int]:
    """Let whoever asks for series of ``name`` wait until the time is over; how often.

    It is the clock that goes on: whoever asks for others has time, however busy the machine is.
    """
    asked: list[int] = []
    waited = [0.0]
    budget = partial(Budget, now=lambda: monotonic() + waited[0])
    monkeypatch.setattr(engine, "Budget", budget)

    def select_within(matchers: Any, start_ms: int, end_ms: int, check: Callable[[], None]) -> Any:
        if any(one.value == name for one in matchers):
            asked.append(end_ms)
            while True:
                waited[0] += 3600
                check()
        return made.select(matchers, start_ms, end_ms)

    monkeypatch.setattr(made, "select_within", select_within, raising=False)
    return asked


def test_slow_rule__is_given_up_and_delays_nobody(
    made: Installation, monkeypatch: pytest.MonkeyPatch, shown: Callable[[Rule], str]
) -> None:
    """Rules beside it and groups behind it have their slot with the same tick; its alerts stay."""
    first, other = group("first"), group("other")
    before, late = rule(first, "Before"), rule(first, "Slow", "lasting == 0")
    after, elsewhere = rule(first, "After"), rule(other, "Elsewhere")
    lasting = labels_of("lasting", node="a")
    made.step({UP_A: 1, lasting: 0})
    (kept,) = Alert.objects.filter(rule=late)
    asked = slow(made, monkeypatch, "lasting")
    assert made.step({UP_A: 0, lasting: 1}) == 2
    assert asked
    for one in (before, after, elsewhere):
        assert Alert.objects.get(rule=one).state == "firing"
        assert health(one) == (Health.OK, "")
    kept.refresh_from_db()
    assert (kept.state, trail(kept)) == ("firing", ["firing", "held"])
    found, reason = health(late)
    assert found == Health.ERROR
    assert "second" in reason
    assert reason in shown(late)
    assert [one.failed for one in Evaluation.objects.filter(group=first)] == [0, 1]


def test_slow_group__is_evaluated_after_the_others(made: Installation) -> None:
    """What took long the last time is asked alone, when the others have been written."""
    for name in ("slow", "quick", "quick too"):
        rule(group(name), name)
    made.step({UP_A: 1})
    GroupState.objects.filter(group__name="slow").update(duration_seconds=5.0)
    slot = made.column({UP_A: 0})
    assert made.tick() == 3
    written = Evaluation.objects.filter(slot_ms=slot).order_by("pk")
    assert [one.group.name for one in written] == ["quick", "quick too", "slow"]


class Exploded:
    """A page on which one family has very many series."""

    def __init__(self, made: Installation, number: int) -> None:
        self._select = made.select
        labels = [(("__name__", "up"), ("node", str(n))) for n in range(number)]
        self._series = Series(labels)

    def select(self, matchers: Any, start_ms: int, end_ms: int) -> Any:
        if any(one.value == "up" for one in matchers):
            times = np.array([end_ms], dtype=np.int64)
            return (Block(self._series, times, np.zeros((1, len(self._series)))),)
        return self._select(matchers, start_ms, end_ms)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (MILLION, "finds 1,000,000 series, of which 500,000 may be read: add matchers."),
        (100_000, "gives 100,000 series, the limit is 1,000: let it give less"),
    ],
)
def test_explosion__to_a_million_series_keeps_the_state(
    made: Installation,
    monkeypatch: pytest.MonkeyPatch,
    shown: Callable[[Rule], str],
    number: int,
    why: str,
) -> None:
    """What fired fires on, no row is written, others go on, and its health says what to do."""
    # Time that others on a busy machine take counts for nothing.
    for module in (evaluating, ticking):
        monkeypatch.setattr(module, "monotonic", process_time)
    monkeypatch.setattr(engine, "Budget", partial(Budget, now=process_time))
    one, other = rule(group("one")), rule(group("other"), "Other", "calm == 0")
    calm = labels_of("calm")
    made.step({UP_A: 0, calm: 1})
    monkeypatch.setattr(made, "select", Exploded(made, number).select)
    assert made.step({UP_A: 0, calm: 0}) == 2
    assert alerts(rule_name="Down") == [("firing", "node=a")]
    assert Alert.objects.get(rule=other).state == "firing"
    found, reason = health(one)
    assert found == Health.ERROR
    assert why in reason
    assert reason in shown(one)


def test_template__that_fails_is_shown_and_the_alert_fires(
    made: Installation, shown: Callable[[Rule], str]
) -> None:
    """The rule is in order, and its page says which template is not."""
    one = rule(group(), annotations={"summary": '{{ index "x" "y" }}', "fine": "{{ $value }}"})
    made.step({UP_A: 0})
    alert = Alert.objects.get()
    assert (alert.state, alert.annotations["fine"]) == ("firing", "0")
    (warning,) = RuleState.objects.get(rule=one).warnings
    assert warning.startswith("The template of the annotation “summary” fails: ")
    assert warning in shown(one)
    Rule.objects.filter(pk=one.pk).update(annotations={})
    made.step({UP_A: 0})
    assert RuleState.objects.get(rule=one).warnings == []


def test_equal_label_sets__are_named_and_the_state_is_kept(
    made: Installation, shown: Callable[[Rule], str]
) -> None:
    """Nobody can say which of the two an alert would be; the page names them."""
    one, other = rule(group(), expr="up", labels={"node": ""}), rule(group("other"), "Other")
    made.step({UP_A: 1})
    assert made.step({UP_A: 1, UP_B: 0}) == 2
    assert alerts(rule_name="Down") == [("firing",)]
    assert Alert.objects.get(rule=other).state == "firing"
    found, reason = health(one)
    assert found == Health.ERROR
    assert 'alertname="Down"' in reason
    assert reason in shown(one)


def test_overrun__costs_its_own_slots_and_no_others(made: Installation) -> None:
    """While one worker is busy with a group the others go on; nobody begins it a second time."""
    busy, free = group("busy"), group("free")
    rule(busy, "Busy")
    rule(free, "Free")
    made.step({UP_A: 0})
    slot = made.column({UP_A: 0})
    working = GroupState.objects.filter(group=busy)
    working.update(
        claimed_slot_ms=slot, claimed_until=at(made.now_ms + 2 * INTERVAL_MS), token=F("token") + 1
    )
    assert made.tick() == 1
    assert made.step({UP_A: 0}) == 1
    working.update(last_slot_ms=slot, claimed_until=None, slots_evaluated=2)
    assert made.step({UP_A: 0}) == 2
    assert (state(free).slots_evaluated, state(free).slots_missed) == (4, 0)
    assert (state(busy).slots_evaluated, state(busy).slots_missed) == (3, 1)
    last = Evaluation.objects.filter(group=busy).latest("slot_ms")
    assert (last.missed_before, last.slot_ms) == (1, slot + 2 * INTERVAL_MS)
