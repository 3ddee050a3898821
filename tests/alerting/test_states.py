"""The state machine, alone and beside Prometheus's as it is written down."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.alerting.reference import Reference, Refused
from zerostate_monitoring.alerting import states
from zerostate_monitoring.alerting.states import Hold, Live, Present, Step
from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.models.words import AlertState, EndReason, EventKind

MINUTE = 60_000


def found(*keys: str, value: float = 1.0) -> list[Present]:
    return [Present(key, (("name", key),), {"at": key}, value) for key in keys]


def walk(hold: Hold, *evaluations: Iterable[str]) -> list[Step]:
    """Steps of evaluations a minute apart, the first at minute 1."""
    live: dict[str, Live] = {}
    steps = []
    for minute, keys in enumerate(evaluations, start=1):
        step = states.advance(live, found(*keys), hold, minute * MINUTE)
        live = step.live
        steps.append(step)
    return steps


def kinds(step: Step) -> list[EventKind]:
    return [change.kind for change in step.changes]


def test_for__is_reached_by_the_fourth_evaluation() -> None:
    """Three minutes at one a minute are four evaluations."""
    steps = walk(Hold(for_ms=3 * MINUTE), "a", "a", "a", "a")
    assert [step.live["a"].state for step in steps] == ["pending"] * 3 + ["firing"]
    assert [kinds(step) for step in steps] == [["pending"], [], [], ["firing"]]
    last = steps[-1].live["a"]
    assert (last.started_ms, last.active_ms, last.fired_ms) == (MINUTE, MINUTE, 4 * MINUTE)


def test_for__of_nothing_fires_at_once() -> None:
    """Without ``for`` there is one change: it fires."""
    (step,) = walk(Hold(), "a")
    assert kinds(step) == ["firing"]
    assert step.live["a"].fired_ms == MINUTE


def test_pending__that_vanishes_expires_and_is_not_resolved() -> None:
    """Who was never told of an alert is not told of its end."""
    _, step, again = walk(Hold(for_ms=3 * MINUTE), "a", "", "a")
    assert not step.live
    assert [(one.kind, one.end_reason) for one in step.changes] == [("expired", "resolved")]
    assert again.live["a"].active_ms == 3 * MINUTE


def test_firing__that_vanishes_resolves() -> None:
    """The change holds the alert as it was."""
    _, step = walk(Hold(), "a", "")
    (change,) = step.changes
    assert (change.kind, change.end_reason) == (EventKind.RESOLVED, EndReason.RESOLVED)
    assert change.live.fired_ms == MINUTE
    assert not step.live


def test_resolved__comes_back_as_another_alert() -> None:
    """Its time begins anew."""
    *_, step = walk(Hold(for_ms=MINUTE), "a", "a", "", "a")
    one = step.live["a"]
    assert (one.state, one.started_ms, one.fired_ms) == (AlertState.PENDING, 4 * MINUTE, None)


def test_keep_firing_for__lasts_from_the_first_absence() -> None:
    """Last true at minute 1 with two minutes to keep: firing at 2 and 3, gone at 4."""
    steps = walk(Hold(keep_ms=2 * MINUTE), "a", "", "", "")
    assert [list(step.live) for step in steps] == [["a"], ["a"], ["a"], []]
    assert kinds(steps[-1]) == ["resolved"]


def test_keep_firing_for__begins_again_after_it_was_found() -> None:
    """An alert that is seen in between is kept the whole time once more."""
    steps = walk(Hold(keep_ms=2 * MINUTE), "a", "", "a", "", "")
    assert list(steps[-1].live) == ["a"]


def test_keep_firing_for__freezes_value_and_annotations() -> None:
    """What is not found has no new value."""
    one = states.advance({}, found("a", value=7), Hold(keep_ms=MINUTE), 0).live
    kept = states.advance(one, [], Hold(keep_ms=MINUTE), 1).live["a"]
    assert (kept.value, kept.annotations) == (7, {"at": "a"})


def test_raised_for__sends_a_firing_alert_back() -> None:
    """An alert that is younger than the new ``for`` is pending again, and fires again."""
    live = walk(Hold(), "a")[0].live
    step = states.advance(live, found("a"), Hold(for_ms=5 * MINUTE), 2 * MINUTE)
    assert kinds(step) == ["back_to_pending"]
    assert (step.live["a"].state, step.live["a"].fired_ms) == (AlertState.PENDING, None)
    later = states.advance(step.live, found("a"), Hold(for_ms=5 * MINUTE), 6 * MINUTE)
    assert later.live["a"].fired_ms == 6 * MINUTE


def test_raised_for__leaves_an_older_alert_firing() -> None:
    """An alert that is old enough for the new ``for`` goes on."""
    live = walk(Hold(), "a", "a", "a")[-1].live
    step = states.advance(live, found("a"), Hold(for_ms=2 * MINUTE), 4 * MINUTE)
    assert step.live["a"].state is AlertState.FIRING
    assert not step.changes


def test_equal_labels__are_an_error_of_the_whole_rule() -> None:
    """The message shows the labels."""
    with pytest.raises(RuleError, match=r'same labels.*name="a"'):
        states.advance({}, found("b", "a", "a"), Hold(), 0)


def test_limit__counts_what_is_kept_firing_too() -> None:
    """Two found and one kept are three."""
    live = states.advance({}, found("a"), Hold(keep_ms=MINUTE), 0).live
    hold = Hold(keep_ms=MINUTE, limit=2)
    with pytest.raises(RuleError, match="3 alerts, its limit is 2"):
        states.advance(live, found("b", "c"), hold, 1)
    assert len(states.advance(live, found("b"), hold, 1).live) == 2


def test_values__are_the_newest() -> None:
    """An alert that stays has the value and the annotations of now; its labels stay."""
    live = states.advance({}, found("a"), Hold(), 0).live
    now = [Present("a", (("name", "a"),), {"at": "now"}, math.nan)]
    one = states.advance(live, now, Hold(), 1).live["a"]
    assert math.isnan(one.value)
    assert one.annotations == {"at": "now"}


# -- gaps --------------------------------------------------------------------------


def pending_and_kept() -> dict[str, Live]:
    hold = Hold(keep_ms=10 * MINUTE)
    live = states.advance({}, found("kept"), hold, MINUTE).live
    hold = Hold(for_ms=0, keep_ms=10 * MINUTE)
    live = states.advance(live, [], hold, 2 * MINUTE).live
    pending = Live("new", (), {}, 1, AlertState.PENDING, 2 * MINUTE, 2 * MINUTE)
    return {**live, "new": pending}


def test_gap__of_four_intervals_counts() -> None:
    """Nothing is changed by it."""
    live = pending_and_kept()
    step = states.bridge(live, 6 * MINUTE, 2 * MINUTE, MINUTE)
    assert (step.live, step.changes) == (live, ())


def test_gap__that_is_longer_does_not_count() -> None:
    """Of an hour there is left what one interval takes, for both clocks, and the trail says so."""
    live = pending_and_kept()
    step = states.bridge(live, 62 * MINUTE, 2 * MINUTE, MINUTE)
    assert sorted(kinds(step)) == ["gap", "gap"]
    assert step.live["new"].active_ms == 61 * MINUTE
    assert step.live["new"].started_ms == 2 * MINUTE
    assert step.live["kept"].keep_ms == 61 * MINUTE
    assert step.live["kept"].active_ms == MINUTE


def test_gap__before_the_first_evaluation_is_none() -> None:
    """A group that was never evaluated has missed nothing."""
    live = pending_and_kept()
    assert states.bridge(live, 62 * MINUTE, 0, MINUTE).live == live


# -- nothing is known ----------------------------------------------------------------


def test_clock_that_came_back__moves_what_began_after_now() -> None:
    """What fires goes on firing, what is pending waits anew; what began before stays as it is."""
    at, later = 100 * MINUTE, 300 * MINUTE
    pending, firing = AlertState.PENDING, AlertState.FIRING
    live = {
        "new": Live("new", (), {}, 1, pending, later, later),
        "fires": Live("fires", (), {}, 1, firing, later - 5, later - 5, later),
        "kept": Live("kept", (), {}, 1, firing, 7, 7, 9, later),
        "old": Live("old", (), {}, 1, firing, 7, 7, 9),
    }
    step = states.bridge(live, at, at - MINUTE, MINUTE)
    assert [(one.started_ms, one.active_ms, one.fired_ms, one.keep_ms)
            for one in step.live.values()] == [
        (at, at, None, None),
        (at, at - 5, at, None),
        (7, 7, 9, at),
        (7, 7, 9, None),
    ]  # fmt: skip
    assert [(one.kind, one.live.key) for one in step.changes] == [
        (EventKind.GAP, "new"),
        (EventKind.GAP, "fires"),
        (EventKind.GAP, "kept"),
    ]
    now = [Present(key, (), {}, 1) for key in live]
    after = states.advance(step.live, now, Hold(for_ms=5), at)
    assert [one.state for one in after.live.values()] == [pending, firing, firing, firing]


def test_keep__stops_what_is_pending_and_says_why_once() -> None:
    """Time without data does not count; the firing ones stay."""
    live = pending_and_kept()
    step = states.keep(live, "no data", MINUTE)
    assert kinds(step) == ["held", "held"]
    assert {one.held for one in step.live.values()} == {"no data"}
    again = states.keep(step.live, "an error", MINUTE)
    assert not again.changes
    assert again.live["new"].active_ms == 4 * MINUTE
    assert {one.held for one in again.live.values()} == {"an error"}


def test_held__is_released_by_the_next_evaluation() -> None:
    """Whatever it gives: data is back, and then it resolves."""
    held = states.keep(walk(Hold(), "ab")[0].live, "no data", MINUTE).live
    step = states.advance(held, found("a"), Hold(), 3 * MINUTE)
    assert kinds(step) == ["released", "released", "resolved"]
    assert not step.live["a"].held


def test_fire__lets_the_marker_fire_after_for_and_keeps_the_others() -> None:
    """A rule without data becomes one alert more."""
    hold = Hold(for_ms=MINUTE)
    live = walk(hold, "a", "a")[-1].live
    (marker,) = found("rule", value=math.nan)
    first = states.fire(live, marker, hold, 3 * MINUTE, "no data", MINUTE)
    assert kinds(first) == ["held", "pending"]
    second = states.fire(first.live, marker, hold, 4 * MINUTE, "no data", MINUTE)
    assert kinds(second) == ["firing"]
    back = states.advance(second.live, found("a"), hold, 5 * MINUTE)
    assert kinds(back) == ["released", "resolved"]


def test_fire__takes_an_alert_with_the_markers_labels_for_the_marker() -> None:
    """A rule that gives one series without labels goes on as it is."""
    live = walk(Hold(), "a")[0].live
    step = states.fire(live, found("a", value=math.nan)[0], Hold(), 2 * MINUTE, "no data", MINUTE)
    assert not step.changes
    assert list(step.live) == ["a"]
    assert not step.live["a"].held


def test_emptied_store__spares_what_is_older_than_history() -> None:
    """The old one that is not found is held, the young one resolves, a new one begins."""
    live = walk(Hold(), "a", "ab")[-1].live
    step = states.advance_sparing(
        live,
        found("c"),
        Hold(),
        3 * MINUTE,
        born_before_ms=2 * MINUTE,
        why="history begins anew",
        lost_ms=MINUTE,
    )
    assert kinds(step) == ["held", "resolved", "firing"]
    assert sorted(step.live) == ["a", "c"]
    assert step.live["a"].held == "history begins anew"


def test_close__ends_all_with_the_reason() -> None:
    """Firing ones are resolved, pending ones expire."""
    step = states.close(pending_and_kept(), EndReason.DISABLED)
    assert sorted(kinds(step)) == ["expired", "resolved"]
    assert {one.end_reason for one in step.changes} == {EndReason.DISABLED}
    assert not step.live


# -- beside the reference ----------------------------------------------------------------


KEYS = st.lists(st.sampled_from("abcd"), max_size=4)
DURATIONS = st.sampled_from([0, 30, 60, 90, 120, 300])


class Beside(RuleBasedStateMachine):
    """Both machines have the same evaluations and edits, with slots missed in between.

    Ours is written out and read again before each: what a restart would do.
    """

    def __init__(self) -> None:
        super().__init__()
        self.reference = Reference()
        self.live: dict[str, Live] = {}
        self.at = 0
        self.trail: dict[str, list[EventKind]] = {}
        self.expected: dict[str, tuple[str, float, float | None]] = {}

    @rule(keys=KEYS, slots=st.integers(1, 6))
    def evaluate(self, keys: list[str], slots: int) -> None:
        """The next slot, or one after some that were missed."""
        self.at += slots * 30
        hold = Hold(
            self.reference.hold * 1000,  # type: ignore[arg-type]
            self.reference.keep * 1000,  # type: ignore[arg-type]
            self.reference.limit,
        )
        try:
            expected = self.reference.evaluate(self.at, keys)
        except Refused:
            with pytest.raises(RuleError):
                states.advance(dict(self.live), found(*keys), hold, self.at * 1000)
            return
        step = states.advance(dict(self.live), found(*keys), hold, self.at * 1000)
        self.expected, self.live = expected, step.live
        for change in step.changes:
            self.trail.setdefault(change.live.key, []).append(change.kind)

    @rule(hold=DURATIONS, keep=DURATIONS, limit=st.sampled_from([0, 2, 3]))
    def edit(self, hold: int, keep: int, limit: int) -> None:
        """An edit that leaves name and labels alone keeps the state."""
        self.reference.hold, self.reference.keep, self.reference.limit = hold, keep, limit

    @invariant()
    def same(self) -> None:
        """The same is live, in the same state, since the same time."""
        ours = {
            key: (one.state.value, one.active_ms / 1000, one.fired_ms and one.fired_ms / 1000)
            for key, one in self.live.items()
        }
        assert ours == self.expected

    @invariant()
    def trail_tells_all(self) -> None:
        """Who reads the changes alone knows what is live and how."""
        for key, told in self.trail.items():
            last = told[-1]
            one = self.live.get(key)
            if last in {EventKind.RESOLVED, EventKind.EXPIRED}:
                assert one is None
            else:
                assert one is not None
                assert (one.state is AlertState.FIRING) == (last is EventKind.FIRING)
        assert self.live.keys() <= self.trail.keys()


TestBeside = Beside.TestCase
TestBeside.settings = settings(
    max_examples=300,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
