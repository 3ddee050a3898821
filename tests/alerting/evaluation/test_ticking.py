"""A tick, from what is due to what stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from tests.alerting.evaluation.harness import (
    INTERVAL_MS,
    SECONDS,
    Installation,
    alerts,
    at,
    group,
    labels_of,
    record,
    rule,
    state,
    trail,
)
from zerostate_monitoring.alerting.evaluation import evaluating, ticking
from zerostate_monitoring.alerting.evaluation.asking import Answer, Bounds
from zerostate_monitoring.alerting.evaluation.persisting import persist
from zerostate_monitoring.alerting.verdicts import Verdict
from zerostate_monitoring.models.alert import Alert, AlertEvent
from zerostate_monitoring.models.rule import Rule, RuleState
from zerostate_monitoring.models.rule_group import Evaluation, GroupState, RuleGroup
from zerostate_monitoring.models.words import Health

UP_A, UP_B = labels_of("up", node="a"), labels_of("up", node="b")


def test_alert__goes_from_pending_to_firing_to_resolved(made: Installation) -> None:
    """Times are slots, the trail is whole, and a row is written where something changes."""
    rule(group(), for_duration=30 * SECONDS, severity="critical", annotations={"n": "{{ $value }}"})
    first = made.column({UP_A: 0, UP_B: 1})
    for _ in range(4):
        assert made.tick() == 1
        made.column({UP_A: 0, UP_B: 1})
    assert alerts() == [("firing", "node=a", "severity=critical")]
    alert = Alert.objects.get()
    assert (alert.started_at, alert.fired_at) == (at(first), at(first + 2 * INTERVAL_MS))
    assert (alert.severity, alert.annotations, alert.value) == ("critical", {"n": "0"}, 0)
    made.step({UP_A: 1, UP_B: 1})
    alert.refresh_from_db()
    assert (alert.state, alert.end_reason, alert.ended_at) == (
        "resolved",
        "resolved",
        at(made.newest),
    )
    assert trail() == ["pending", "firing", "resolved"]
    events = AlertEvent.objects.exclude(slot_ms=None).order_by("pk")
    assert list(events.values_list("slot_ms", flat=True)) == [
        first,
        first + 2 * INTERVAL_MS,
        made.newest,
    ]


def test_slot__is_evaluated_once_however_often_it_ticks(made: Installation) -> None:
    """A second tick finds nothing that is due."""
    of = group()
    rule(of)
    assert made.step({UP_A: 0}) == 1
    assert [made.tick(), made.tick()] == [0, 0]
    found = state(of)
    assert (found.slots_evaluated, found.slots_missed, found.last_slot_ms) == (1, 0, made.newest)
    assert Evaluation.objects.get().rules == 1


def test_missed_slots__are_counted_and_not_replayed(made: Installation) -> None:
    """Evaluated and missed together are all slots since the first."""
    of = group()
    rule(of, for_duration=60 * SECONDS)
    made.step({UP_A: 0})
    made.step({UP_A: 0}, slots=4)
    found = state(of)
    assert (found.slots_evaluated, found.slots_missed) == (2, 3)
    assert [one.missed_before for one in Evaluation.objects.order_by("slot_ms")] == [0, 3]
    # Four intervals count.
    assert alerts() == [("firing", "node=a")]


def test_long_gap__does_not_count_and_the_trail_says_so(made: Installation) -> None:
    """Nor is the time before it lost."""
    rule(group(), for_duration=30 * SECONDS)
    made.step({UP_A: 0})
    made.step({UP_A: 0}, slots=100)
    assert alerts() == [("pending", "node=a")]
    assert trail() == ["pending", "gap"]
    assert AlertEvent.objects.get(kind="gap").detail == {"seconds": 99 * 15.0}
    made.step({UP_A: 0})
    assert trail() == ["pending", "gap", "firing"]


def test_group__slower_than_history_has_its_own_slots(made: Installation) -> None:
    """Every second column, on the multiples of its interval."""
    of = group(interval_seconds=30)
    rule(of)
    assert [made.step({UP_A: 0}) for _ in range(5)] == [1, 0, 1, 0, 1]
    assert state(of).slots_missed == 0


def test_group__faster_than_history_is_evaluated_with_each_column(made: Installation) -> None:
    """Between columns there is nothing new, so nothing is missed."""
    of = group(interval_seconds=1)
    rule(of)
    assert [made.step({UP_A: 0}) for _ in range(3)] == [1, 1, 1]
    assert state(of).slots_missed == 0


def test_offset__asks_for_an_earlier_instant_and_records_there(made: Installation) -> None:
    """As Prometheus: what is asked for comes late, and what rules see of each other stands
    where it was asked for. The alert's own times are those of its slot."""
    of = group(query_offset_seconds=INTERVAL_MS / 1000)
    rule(of)
    record(of, "rec:up", "up")
    rule(of, "Later", "rec:up == 0")
    made.step({UP_A: 0})
    assert alerts() == []
    first = made.newest
    made.step({UP_A: 1})
    assert alerts() == [("firing", "node=a"), ("firing", "node=a")]
    assert {row.fired_at for row in Alert.objects.all()} == {at(made.newest)}
    _, recorded_at, samples, _ = made.recorded[-1]
    assert (recorded_at, samples[labels_of("rec:up", node="a")]) == (first, 0)
    made.step({UP_A: 1})
    assert {row.state for row in Alert.objects.all()} == {"resolved"}


def test_unchanged_alert__costs_no_row_but_its_value_is_kept(made: Installation) -> None:
    """The newest value stands with the group."""
    of = group()
    rule(of, expr="up > 0")
    made.step({UP_A: 1})
    made.step({UP_A: 2.5})
    alert = Alert.objects.get()
    assert alert.value == 1
    assert state(of).values == {str(alert.pk): "2.5"}
    made.step({UP_A: float("nan")})
    assert state(of).values == {}


def test_slot__that_could_not_be_written_blocks_no_later_one(
    made: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the database has chosen it to end a deadlock: it is missed, and it alone."""
    of, broken = group(), [OperationalError("deadlock detected")]
    rule(of)
    write = persist

    def breaking(*given: Any) -> bool:
        if broken:
            raise broken.pop()
        return write(*given)

    monkeypatch.setattr(ticking, "persist", breaking)
    assert [made.step({UP_A: 0}), made.step({UP_A: 0})] == [0, 1]
    made.step({UP_A: 0})
    assert (state(of).slots_evaluated, state(of).last_slot_ms) == (2, made.newest)


@pytest.mark.parametrize("step", ["enqueue", "_write_states", "_write_evaluation"])
def test_slot__is_written_whole_or_not_at_all(
    made: Installation, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A worker that ends between two statements leaves no alert of which nobody is told."""
    of = group()
    rule(of)

    def broken(*given: Any) -> None:
        raise OperationalError("the connection is gone")

    with monkeypatch.context() as patch:
        patch.setattr(f"zerostate_monitoring.alerting.evaluation.persisting.{step}", broken)
        assert made.step({UP_A: 0}) == 0
    assert (Alert.objects.count(), AlertEvent.objects.count()) == (0, 0)
    assert (state(of).last_slot_ms, state(of).slots_evaluated) == (0, 0)
    assert made.recorded == []
    assert made.step({UP_A: 0}) == 1
    assert trail() == ["firing"]


def test_series__that_the_store_refuses_are_told_of(
    made: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As after a database was restored: rules that read them see nothing, and nobody knew why."""
    rule(group())
    monkeypatch.setattr(
        "zerostate_monitoring.storage.recorded.write", lambda *args, **kwargs: False
    )
    assert made.step({UP_A: 0}) == 1
    [told] = [one for one in caplog.records if one.message == "evaluation_not_recorded"]
    assert (told.group, told.slot) == ("group", made.newest)  # type: ignore[attr-defined]


def test_alert__that_is_not_found_keeps_its_last_value(made: Installation) -> None:
    """That of the last slot that gave one, as Prometheus keeps it; not that of its firing."""
    of = group()
    one = rule(of, expr="up > 0", keep_firing_for=4 * SECONDS * 15)
    for value in (1, 2, 3):
        made.step({UP_A: value})
    made.step()
    made.verdicts = {one.pk: Verdict(Health.NO_DATA, "silent")}
    made.step()
    alert = Alert.objects.get()
    assert (alert.state, alert.value, state(of).values) == ("firing", 1, {str(alert.pk): "3"})


def test_alert__keeps_the_labels_that_its_templates_see(made: Installation) -> None:
    """Without the rule's own and with the metric's name; also once its series is gone."""
    of = group()
    rule(of, expr="up > 0", severity="warning", labels={"job": "own"}, keep_firing_for=SECONDS * 60)
    made.step({labels_of("up", job="x", node="a"): 1})
    made.step()
    (alert,) = Alert.objects.all()
    assert alert.labels == {"alertname": "Down", "job": "own", "node": "a", "severity": "warning"}
    assert alert.series == {"__name__": "up", "job": "x", "node": "a"}


def test_queries__do_not_grow_with_rules_and_alerts(
    made: Installation, django_assert_max_num_queries: object
) -> None:
    """Ten rules with three new alerts each take what one rule takes."""
    of = group()
    rule(of)
    made.column({UP_A: 0})
    with django_assert_max_num_queries(30) as one:  # type: ignore[operator]
        made.tick()
    other = group("other")
    for number in range(10):
        rule(other, f"Down{number}", f"up == {number + 5}")
    many = {labels_of("up", node=str(n)): float(5 + n % 10) for n in range(30)}
    made.column(many)
    RuleGroup.objects.filter(pk=of.pk).update(enabled=False)
    Alert.objects.all().delete()
    with django_assert_max_num_queries(len(one.captured_queries)):  # type: ignore[operator]
        made.tick()
    assert Alert.objects.count() == 30


# -- rules of a group see each other ----------------------------------------------------


def test_recording_rule__is_seen_by_later_rules_at_the_same_slot(made: Installation) -> None:
    """And by no rule before it; what it gave is recorded."""
    of = group()
    rule(of, "Early", "rec:up == 0")
    record(of, "rec:up", "sum by (node) (up)", labels={"kind": "sum"})
    rule(of, "Late", "rec:up == 0")
    made.step({UP_A: 0})
    assert alerts(rule_name="Early") == []
    assert alerts(rule_name="Late") == [("firing", "kind=sum", "node=a")]
    made.step({UP_A: 0})
    assert alerts(rule_name="Early") == [("firing", "kind=sum", "node=a")]
    _, slot, samples, _ = made.recorded[-1]
    assert slot == made.newest
    assert samples[labels_of("rec:up", node="a", kind="sum")] == 0


def test_recording_rule__joins_what_it_gave_before(made: Installation) -> None:
    """A range over its series holds the sample of this slot, too."""
    of = group()
    record(of, "rec:up", "up")
    rule(of, "Sum", "sum_over_time(rec:up[1m]) >= 6")
    for value in (1, 2, 3):
        made.step({UP_A: value})
    assert alerts() == [("firing", "node=a")]


def test_recorded_series__that_ends_is_not_seen_any_more(made: Installation) -> None:
    """Not by later rules of its group at the same slot either."""
    of = group()
    record(of, "rec:up", "up")
    rule(of, "There", "rec:up")
    made.step({UP_A: 1})
    made.step({UP_B: 1})
    assert alerts() == [("resolved", "node=a"), ("firing", "node=b")]


def test_alerts__are_series_for_later_rules(made: Installation) -> None:
    """``ALERTS`` and since when."""
    of = group()
    rule(of, for_duration=30 * SECONDS)
    rule(of, "Pending", 'ALERTS{alertstate="pending"}', labels={"alertstate": ""})
    rule(of, "Since", "time() - ALERTS_FOR_STATE{alertname='Down'} >= 15")
    made.step({UP_A: 0})
    assert alerts(rule_name="Pending") == [("firing", "node=a")]
    made.step({UP_A: 0})
    assert alerts(rule_name="Since") == [("firing", "node=a")]
    _, _, samples, _ = made.recorded[0]
    assert samples[labels_of("ALERTS", alertname="Down", alertstate="pending", node="a")] == 1


# -- errors, missing data -----------------------------------------------------------------


def test_broken_rule__keeps_its_alerts_and_costs_no_other_anything(made: Installation) -> None:
    """Its state says why, and what is wrong with which series."""
    of = group()
    broken = rule(of, "Broken", "up == 0")
    rule(of, "Fine", "up == 0")
    made.step({UP_A: 0})
    Rule.objects.filter(pk=broken.pk).update(expr="sum(")
    made.step({UP_A: 1})
    assert alerts(rule_name="Fine") == [("resolved", "node=a")]
    kept = Alert.objects.get(rule=broken)
    assert kept.state == "firing"
    assert kept.held.startswith("error: The expression has no answer")
    assert RuleState.objects.get(rule=broken).health == Health.ERROR
    assert Evaluation.objects.latest("slot_ms").failed == 1
    Rule.objects.filter(pk=broken.pk).update(expr="up == 0")
    made.step({UP_A: 0})
    assert trail(kept) == ["firing", "held", "released"]
    assert RuleState.objects.get(rule=broken).health == Health.OK


def test_equal_label_sets__are_an_error_that_keeps_the_state(made: Installation) -> None:
    """Two series that become one are refused."""
    one = rule(group(), expr="up", labels={"node": ""})
    made.step({UP_A: 1})
    made.step({UP_A: 1, UP_B: 1})
    found = RuleState.objects.get(rule=one)
    assert found.health == Health.ERROR
    assert "same labels" in found.reason
    assert alerts() == [("firing",)]


@pytest.mark.parametrize("number", [3, 20_000])
def test_limit__that_is_exceeded_keeps_the_state(made: Installation, number: int) -> None:
    """However many there are, none is written."""
    one = rule(group(limit=2), expr="up")
    made.step({UP_A: 1})
    made.step({labels_of("up", node=str(n)): 1.0 for n in range(number)})
    found = RuleState.objects.get(rule=one)
    assert found.health == Health.ERROR
    assert "limit" in found.reason
    assert alerts() == [("firing", "node=a")]


def test_template__that_fails_is_told_in_the_rules_state(made: Installation) -> None:
    """The alert fires with the error in its text."""
    one = rule(group(), annotations={"summary": '{{ index "x" "y" }}'})
    made.step({UP_A: 0})
    assert Alert.objects.get().annotations["summary"].startswith("<error expanding template: ")
    found = RuleState.objects.get(rule=one)
    assert found.health == Health.OK
    assert [text.partition(" fails")[0] for text in found.warnings] == [
        "The template of the annotation “summary”"
    ]


def test_template__may_ask_at_the_same_instant(made: Installation) -> None:
    """It gets what the rules get."""
    rule(group(), annotations={"n": '{{ query "sum(up)" | first | value }}'})
    made.step({UP_A: 0, UP_B: 7})
    assert Alert.objects.get().annotations == {"n": "7"}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("keep", [("firing", "node=a")]),
        ("resolve", [("resolved", "node=a")]),
        ("fire", [("firing", "node=a"), ("firing",)]),
    ],
)
def test_no_data__is_met_by_policy(
    made: Installation, policy: str, expected: list[tuple[str, ...]]
) -> None:
    """Kept, resolved, or one alert more."""
    one = rule(group(), no_data_policy=policy)
    made.step({UP_A: 0})
    made.verdicts[one.pk] = Verdict(Health.NO_DATA, "node is silent", None)
    made.step({})
    assert alerts() == expected
    assert RuleState.objects.get(rule=one).health == Health.NO_DATA
    made.verdicts.clear()
    made.step({UP_A: 0})
    firing = [("firing", "node=a")]
    assert [one for one in alerts() if one[0] == "firing"] == firing


def test_dormant_rule__is_not_asked_and_its_alerts_end(made: Installation) -> None:
    """A family that is no longer fed fires nothing."""
    one = rule(group())
    made.step({UP_A: 0})
    made.verdicts[one.pk] = Verdict(Health.DORMANT, "up is not fed", None)
    made.step({UP_A: 0})
    assert Alert.objects.get().end_reason == "rule_dormant"
    assert RuleState.objects.get(rule=one).reason == "up is not fed"


def test_waiting_rule__keeps_what_is_older_than_history(made: Installation) -> None:
    """After the store was emptied nothing old ends; what is new begins and ends."""
    one = rule(group())
    made.step({UP_A: 0})
    made.series.clear()
    made.first = 0
    made.verdicts[one.pk] = Verdict(Health.WAITING, "ready soon", made.newest + 600_000)
    made.first = made.column({UP_B: 0})
    made.tick()
    made.step({})
    assert alerts() == [("firing", "node=a"), ("resolved", "node=b")]
    found = RuleState.objects.get(rule=one)
    assert (found.health, found.reason) == (Health.WAITING, "ready soon")
    assert found.ready_at is not None
    made.verdicts.clear()
    made.step({})
    assert alerts()[0] == ("resolved", "node=a")


def test_waiting_rule__over_recorded_series_begins_nothing(made: Installation) -> None:
    """It is not asked before they are as old as its window; what it has is kept."""
    one = rule(group())
    made.step({UP_A: 0})
    made.verdicts[one.pk] = Verdict(
        Health.WAITING, "ready soon", made.newest + 600_000, begins_nothing=True
    )
    made.step({UP_B: 0})
    assert alerts() == [("firing", "node=a")]
    assert Alert.objects.get().held == "needs history"
    assert RuleState.objects.get(rule=one).health == Health.WAITING
    made.verdicts.clear()
    made.step({UP_B: 0})
    assert alerts() == [("resolved", "node=a"), ("firing", "node=b")]


def test_store_away__fires_the_rule_about_it_and_holds_the_others(made: Installation) -> None:
    """The wall clock decides; what this process knows is not read from the store."""
    of = group()
    store = rule(of, "StoreDown", "min(zerostate_monitoring_store_up) == 0")
    other = rule(of, "Down")
    made.step({UP_A: 0, labels_of("zerostate_monitoring_store_up"): 1})
    assert alerts() == [("firing", "node=a")]
    made.is_away = True
    made.now_ms += 2 * INTERVAL_MS - 500
    assert made.tick() == 0
    made.now_ms += INTERVAL_MS
    assert made.tick() == 1
    assert alerts() == [("firing", "node=a"), ("firing",)]
    assert Alert.objects.get(rule=other).held.startswith("error: ")
    assert RuleState.objects.get(rule=other).health == Health.ERROR
    made.is_away = False
    made.newest += 3 * INTERVAL_MS
    made.step({UP_A: 0, labels_of("zerostate_monitoring_store_up"): 1})
    assert alerts() == [("firing", "node=a"), ("resolved",)]
    assert RuleState.objects.get(rule=store).health == Health.OK


# -- edits past admin -------------------------------------------------------------------


def test_disabled_rule__has_its_alerts_closed_with_the_next_tick(made: Installation) -> None:
    """Whether the rule or its group was disabled."""
    one, other = group(), group("other")
    rule(one)
    rule(other, for_duration=60 * SECONDS)
    made.step({UP_A: 0})
    Rule.objects.filter(group=one).update(enabled=False)
    RuleGroup.objects.filter(pk=other.pk).update(enabled=False)
    made.tick()
    assert [alert[0] for alert in alerts()] == ["resolved", "expired"]
    assert {alert.end_reason for alert in Alert.objects.all()} == {"rule_disabled"}


def test_deleted_rule__has_its_alerts_closed_and_they_outlive_it(made: Installation) -> None:
    """The reason says that it was deleted."""
    of = group()
    one = rule(of)
    made.step({UP_A: 0})
    one.delete()
    made.tick()
    alert = Alert.objects.get()
    assert (alert.state, alert.end_reason, alert.rule_name) == ("resolved", "rule_deleted", "Down")


@pytest.mark.parametrize("change", [{"name": "Other"}, {"severity": "info"}])
def test_renamed_rule__closes_what_it_was_as_edited(
    made: Installation, change: dict[str, str]
) -> None:
    """Another name, or another label, is another alert."""
    one = rule(group())
    made.step({UP_A: 0})
    Rule.objects.filter(pk=one.pk).update(**change)
    made.step({UP_A: 0})
    old, new = Alert.objects.order_by("pk")
    assert (old.state, old.end_reason) == ("resolved", "rule_edited")
    assert new.state == "firing"


def test_alert_from_elsewhere__is_left_alone(made: Installation) -> None:
    """One that never had a rule here is not ours to close."""
    Alert.objects.create(
        rule_name="Theirs",
        fingerprint="f",
        labels={},
        state="firing",
        started_at=at(1),
        active_at=at(1),
    )
    made.tick()
    assert alerts() == [("firing",)]


def test_rule__disabled_while_it_is_evaluated_writes_nothing(
    made: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an operator did in between stands."""
    one = rule(group())
    made.step({UP_A: 0})
    made.column({UP_A: 0, UP_B: 0})
    judge = made.judge

    def disabling(rules: object, at_ms: int) -> object:
        Rule.objects.filter(pk=one.pk).update(enabled=False)
        return judge(rules, at_ms)  # type: ignore[arg-type]

    monkeypatch.setattr("zerostate_monitoring.alerting.evaluation.ticking.judge", disabling)
    assert made.tick() == 1
    assert alerts() == [("firing", "node=a")]


# -- who evaluates --------------------------------------------------------------------


def test_claim__of_a_dead_worker_ends(made: Installation) -> None:
    """Until then nobody evaluates; its slot counts as missed."""
    of = group()
    rule(of)
    made.step({UP_A: 0})
    made.column({UP_A: 0})
    GroupState.objects.update(
        claimed_slot_ms=made.newest, claimed_until=at(made.now_ms) + timedelta(seconds=30), token=9
    )
    assert made.tick() == 0
    assert made.step({UP_A: 0}) == 0
    assert made.step({UP_A: 0}) == 1
    assert (state(of).slots_evaluated, state(of).slots_missed, state(of).token) == (2, 2, 10)


def test_overtaken__writes_nothing(made: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that slept past its claim changes no row, and leaves no evaluation."""
    of = group()
    rule(of)
    made.column({UP_A: 0})

    def overtaking(rules: object, at_ms: int) -> dict[int, Verdict]:
        GroupState.objects.update(token=99)
        return {}

    monkeypatch.setattr("zerostate_monitoring.alerting.evaluation.ticking.judge", overtaking)
    assert made.tick() == 0
    assert (Alert.objects.count(), Evaluation.objects.count()) == (0, 0)
    assert made.recorded == []
    assert (state(of).token, state(of).last_slot_ms) == (99, 0)


def test_crash__gives_the_claim_back(made: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next slot is nobody's yet; the one that crashed is missed."""
    of = group()
    rule(of)
    made.step({UP_A: 0})
    made.column({UP_A: 0})
    judge = made.judge

    def crashing(rules: object, at_ms: int) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr("zerostate_monitoring.alerting.evaluation.ticking.judge", crashing)
    with pytest.raises(RuntimeError):
        made.tick()
    monkeypatch.setattr("zerostate_monitoring.alerting.evaluation.ticking.judge", judge)
    assert made.step({UP_A: 0}) == 1
    assert (state(of).slots_evaluated, state(of).slots_missed) == (2, 1)


class SlowAsker:
    """A server that takes ten seconds for whatever it is asked at once."""

    def __init__(self, clock: list[float]) -> None:
        self.clock = clock
        self.bounds: list[float] = []

    def ask(self, texts: Sequence[str], bounds: Bounds) -> list[Answer]:
        self.bounds.append(bounds.seconds)
        self.clock[0] += 10
        return [Answer()] * len(texts)

    def add(self, *told: object) -> None:
        """It knows nothing of it."""

    def query(self, text: str) -> list[tuple[Mapping[str, str], float]]:
        """No template of these rules asks."""
        return []


def test_stages__have_one_time_together(
    made: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long a chain of rules is, a slow server leaves time for their slot to be written."""
    chain = group()
    record(chain, "a:up:sum", "sum(up)")
    record(chain, "b:up:sum", "a:up:sum * 2")
    rule(chain, expr="b:up:sum == 0")
    made.column({UP_A: 1})
    clock = [1000.0]
    asker = SlowAsker(clock)
    monkeypatch.setattr(evaluating, "monotonic", lambda: clock[0])
    monkeypatch.setattr(ticking, "_asker", lambda at_ms, known: asker)
    assert made.tick() == 1
    assert asker.bounds == [25, 15, 5]
