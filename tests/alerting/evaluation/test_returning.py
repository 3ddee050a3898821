"""A clock that ran ahead and came back: the next tick evaluates again, and no slot twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.alerting.evaluation.harness import (
    INTERVAL_MS,
    START_MS,
    Installation,
    alerts,
    at,
    group,
    labels_of,
    rule,
    state,
    trail,
)
from zerostate_monitoring.alerting import clocks
from zerostate_monitoring.alerting.evaluation import returning, ticking
from zerostate_monitoring.alerting.evaluation.claims import claim_due
from zerostate_monitoring.alerting.evaluation.persisting import Slot, persist
from zerostate_monitoring.alerting.evaluation.slots import Clock
from zerostate_monitoring.models import Tally
from zerostate_monitoring.models.alert import Alert, AlertEvent
from zerostate_monitoring.models.rule_group import Evaluation, GroupState

HOURS = 3 * 3_600_000
DOWN = labels_of("up", job="x")


@pytest.fixture(autouse=True)
def database_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's clock goes like this host's, unless a test says otherwise."""
    monkeypatch.setattr(returning, "latest", lambda now: now)


def jump(made: Installation, to_ms: int) -> None:
    """The clocks jump, and the one series that there is stands on the first page."""
    made.begin_anew(to_ms, {DOWN: 0})


def slots() -> list[int]:
    return sorted(Evaluation.objects.values_list("slot_ms", flat=True))


def test_slots__of_the_future_are_taken_back_by_the_next_tick(made: Installation) -> None:
    """Firing goes on, pending fires in its time, and the trail, the log and the row say so."""
    of = group()
    rule(of, for_duration=timedelta(seconds=30))
    for _ in range(3):
        made.step({DOWN: 0})
    before, last = slots(), made.newest
    assert alerts() == [("firing", "job=x")]
    jump(made, last + HOURS)
    assert made.tick() == 1
    for _ in range(2):
        assert made.step({DOWN: 0, labels_of("up", job="y"): 0}) == 1
    assert alerts() == [("firing", "job=x"), ("pending", "job=y")]
    jump(made, last + INTERVAL_MS)
    assert made.tick() == 1
    assert slots() == [*before, last + INTERVAL_MS]
    row = state(of)
    assert (row.claimed_slot_ms, row.last_slot_ms) == (last + INTERVAL_MS,) * 2
    assert alerts() == [("firing", "job=x"), ("expired", "job=y")]
    assert made.tick() == 0
    kept = Tally.objects.get(name="clock")
    assert (kept.totals, kept.counted_until) == ({'["slots"]': 3}, at(made.now_ms))


def test_alerts__of_the_future_are_alerts_of_now(made: Installation) -> None:
    """One that fired then fires on, and one that was pending fires after its time, not in hours."""
    rule(group(), for_duration=timedelta(seconds=30))
    jump(made, START_MS + HOURS)
    made.tick()
    jump(made, START_MS)
    assert [made.tick(), made.step({DOWN: 0}), made.step({DOWN: 0})] == [1, 1, 1]
    assert alerts() == [("firing", "job=x")]
    assert trail() == ["pending", "gap", "firing"]
    gap = AlertEvent.objects.get(kind="gap")
    assert gap.detail == {"seconds": -HOURS / 1000}
    one = Alert.objects.get()
    assert (one.started_at, one.active_at, one.fired_at) == (
        at(START_MS), at(START_MS), at(START_MS + 2 * INTERVAL_MS)
    )  # fmt: skip


def test_slots__of_the_future_are_evaluated_when_their_time_comes(made: Installation) -> None:
    """They were those of another time: what was told of them is no answer to what is then."""
    of = group()
    rule(of)
    jump(made, START_MS + 2 * INTERVAL_MS)
    made.tick()
    jump(made, START_MS)
    assert made.tick() == 1
    assert [made.step({DOWN: 0}) for _ in range(3)] == [1, 1, 1]
    assert slots() == [START_MS + n * INTERVAL_MS for n in range(4)]
    assert state(of).slots_missed == 0


def test_slots__that_were_evaluated_in_their_time_are_not_again(made: Installation) -> None:
    """The clock comes back to before the last one, by no more than hosts may differ."""
    rule(group())
    for _ in range(4):
        made.step({DOWN: 0})
    before, last = slots(), made.newest
    jump(made, last + HOURS)
    made.tick()
    jump(made, last - INTERVAL_MS)
    assert [made.tick(), made.step({DOWN: 0})] == [0, 0]
    assert slots() == before
    assert made.step({DOWN: 0}) == 1


@pytest.mark.parametrize(("ahead", "taken_back"), [(1, 0), (2, 1)])
def test_slots__may_be_an_interval_ahead(made: Installation, ahead: int, taken_back: int) -> None:
    """So much two hosts may differ."""
    rule(group())
    jump(made, START_MS + ahead * INTERVAL_MS)
    made.tick()
    jump(made, START_MS)
    assert made.tick() == taken_back


@pytest.mark.parametrize("newest", [0, START_MS + HOURS])
def test_slots__stand_where_one_host_alone_is_slow(
    made: Installation, monkeypatch: pytest.MonkeyPatch, newest: int
) -> None:
    """By the database's clock they are not of the future: this worker leaves all as it is."""
    of = group()
    rule(of)
    jump(made, START_MS + HOURS)
    made.tick()
    row = GroupState.objects.values().get()
    monkeypatch.setattr(returning, "latest", lambda now: at(START_MS + HOURS))
    made.now_ms, made.newest = START_MS, newest
    assert made.tick() == 0
    assert GroupState.objects.values().get() == row
    assert not Tally.objects.exists()


def test_history__of_the_future_does_not_say_what_time_it_is(made: Installation) -> None:
    """As when nobody records any more: the time of day decides."""
    of = group()
    rule(of)
    jump(made, START_MS + HOURS)
    made.tick()
    made.now_ms = START_MS + 100
    assert ticking.tick(at(made.now_ms)) == 1
    assert state(of).last_slot_ms == START_MS


def test_slot__that_is_evaluated_when_the_clock_comes_back_is_overtaken(
    made: Installation,
) -> None:
    """Its worker writes nothing; and of two workers that see it, one takes it back."""
    of = group()
    rule(of)
    then, now = START_MS + HOURS, START_MS
    (claim,) = claim_due(Clock(then, then, INTERVAL_MS), at(then))
    seen = GroupState.objects.get(group=of)
    (again,) = claim_due(Clock(now, now, INTERVAL_MS), at(now))
    assert not persist(Slot(claim, at(then), 0.1, at(now)), [])
    assert (again.slot_ms, again.token, again.last_ms) == (START_MS, claim.token + 2, 0)
    of.state = seen
    returning.bring_back(of, Clock(now, now, INTERVAL_MS), at(now))
    assert GroupState.objects.get(group=of).token == again.token
    assert persist(Slot(again, at(now), 0.1, at(now)), [])


@pytest.mark.parametrize(("database_ms", "evaluated"), [(0, 1), (HOURS, 0)])
def test_claim__of_a_host_that_is_ahead_holds_no_longer_than_others(
    made: Installation, monkeypatch: pytest.MonkeyPatch, database_ms: int, evaluated: int
) -> None:
    """It was killed; the slot is right, for history says so, and the end of the claim is not."""
    of = group()
    rule(of)
    made.step({DOWN: 0})
    slot = made.column({DOWN: 0})
    clock = Clock(slot + HOURS, slot, INTERVAL_MS)
    monkeypatch.setattr(Clock, "reference_ms", property(lambda one: one.newest_ms))
    (claim,) = claim_due(clock, at(slot + HOURS))
    monkeypatch.setattr(returning, "latest", lambda now: max(now, at(slot + database_ms)))
    assert made.tick() == evaluated
    assert state(of).last_slot_ms == (slot if evaluated else slot - INTERVAL_MS)
    assert state(of).slots_missed == 0
    written = persist(Slot(claim, at(slot), 0.1, at(slot)), [])
    assert written is not bool(evaluated)


@pytest.mark.django_db
def test_latest__is_that_of_the_database_where_this_host_is_slow() -> None:
    """Whichever is later."""
    now: datetime = clocks.database_now()
    assert clocks.latest(now - timedelta(hours=1)) >= now
    assert clocks.latest(now + timedelta(hours=1)) == now + timedelta(hours=1)
