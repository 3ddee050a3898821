"""What Prometheus does not know of alerts: gaps, missing data, clocks. Whatever stands."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.alerting.states import (
    COUNTED_GAP,
    Hold,
    Live,
    Present,
    advance,
    advance_sparing,
    bridge,
    close,
    fire,
    keep,
)
from zerostate_monitoring.models.words import AlertState, EndReason, EventKind

INTERVAL = 15_000
NOW = 1_000 * INTERVAL
HOLD = Hold(for_ms=60_000, keep_ms=60_000)


@st.composite
def lives(draw: st.DrawFn, latest: int = NOW) -> dict[str, Live]:
    """Alerts that are pending, firing, or kept firing, some held; all times before ``latest``."""
    found = {}
    for key in draw(st.lists(st.sampled_from("abcd"), unique=True)):
        times = st.lists(st.integers(1, latest), min_size=4, max_size=4).map(sorted)
        started, active, fired, kept = draw(times)
        fires = draw(st.booleans())
        found[key] = Live(
            key,
            (("name", key),),
            {},
            1.0,
            AlertState.FIRING if fires else AlertState.PENDING,
            started,
            active,
            fired_ms=fired if fires else None,
            keep_ms=kept if fires and draw(st.booleans()) else None,
            held=draw(st.sampled_from(["", "no data"])),
        )
    return found


def lasted(one: Live, at_ms: int) -> int | None:
    """What has run of the time that decides about it; ``None`` where none does."""
    if one.state is AlertState.PENDING:
        return at_ms - one.active_ms
    return None if one.keep_ms is None else at_ms - one.keep_ms


def identity(live: dict[str, Live]) -> dict[str, object]:
    return {key: (one.state, one.labels, one.started_ms) for key, one in live.items()}


@given(lives(), st.integers(0, 100 * INTERVAL))
def test_bridge__ends_nothing_and_counts_one_interval_of_a_long_gap(
    live: dict[str, Live], gap: int
) -> None:
    """A short one counts whole; nobody fires for time in which nobody looked."""
    at_ms = NOW + gap
    step = bridge(live, at_ms, NOW, INTERVAL)
    assert identity(step.live) == identity(live)
    counted = gap if gap <= COUNTED_GAP * INTERVAL else INTERVAL
    for key, one in live.items():
        before = lasted(one, NOW)
        after = lasted(step.live[key], at_ms)
        assert after == (None if before is None else before + counted)
        assert (step.live[key] != one) is (counted < gap and before is not None)
    moved = {key for key, one in live.items() if step.live[key] != one}
    assert {change.live.key for change in step.changes} == moved
    assert {change.kind for change in step.changes} <= {EventKind.GAP}


@given(lives(latest=2 * NOW))
def test_bridge__leaves_no_time_in_the_future(live: dict[str, Live]) -> None:
    """A clock that ran ahead came back: whatever it has written counts from now at the latest."""
    step = bridge(live, NOW, NOW - INTERVAL, INTERVAL)
    assert step.live.keys() == live.keys()
    for key, one in step.live.items():
        assert max(one.started_ms, one.active_ms, one.fired_ms or 0, one.keep_ms or 0) <= NOW
        assert one.state is live[key].state
    again = bridge(step.live, NOW, NOW - INTERVAL, INTERVAL)
    assert (again.live, again.changes) == (step.live, ())


@given(lives(), st.integers(1, 4).map(lambda n: n * INTERVAL))
def test_keep__stops_the_time_and_says_so_once(live: dict[str, Live], passed: int) -> None:
    """However long nothing is known, and however often that is said."""
    step = keep(live, "no data", passed)
    assert identity(step.live) == identity(live)
    for key, one in live.items():
        assert lasted(step.live[key], NOW + passed) == lasted(one, NOW)
        assert step.live[key].held == "no data"
    assert {change.live.key for change in step.changes} == {
        k for k, v in live.items() if not v.held
    }
    assert keep(step.live, "no data", passed).changes == ()


@given(lives(), st.lists(st.sampled_from("abcdef"), unique=True), st.integers(0, NOW + 1))
def test_sparing__ends_only_what_began_since(
    live: dict[str, Live], keys: list[str], born: int
) -> None:
    """The rest of it is what an evaluation gives that knows of the young ones alone."""
    present = [Present(key, (("name", key),), {}, 2.0) for key in keys]
    step = advance_sparing(
        live, present, HOLD, NOW, born_before_ms=born, why="young", lost_ms=INTERVAL
    )
    spared = {k for k, one in live.items() if k not in keys and one.started_ms < born}
    plain = advance({k: v for k, v in live.items() if k not in spared}, present, HOLD, NOW)
    assert {k: one for k, one in step.live.items() if k not in spared} == plain.live
    for key in spared:
        assert step.live[key].state is live[key].state
        assert step.live[key].held == "young"
    told = [change for change in step.changes if change.live.key not in spared]
    assert tuple(told) == plain.changes


@given(lives())
def test_marker__is_one_alert_more_and_ends_none(live: dict[str, Live]) -> None:
    """Where nothing is known and that is a reason to fire."""
    marker = Present("m", (("name", "m"),), {}, float("nan"))
    step = fire(live, marker, Hold(), NOW, "no data", INTERVAL)
    others = {key: one for key, one in step.live.items() if key != "m"}
    assert others == keep(live, "no data", INTERVAL).live
    assert step.live["m"].state is AlertState.FIRING
    assert not [change for change in step.changes if change.end_reason]


@given(lives())
def test_close__ends_each_once(live: dict[str, Live]) -> None:
    """Who was told that it fires can be told of its end, and nobody else."""
    step = close(live, EndReason.DELETED)
    assert step.live == {}
    kinds = {change.live.key: change.kind for change in step.changes}
    assert len(step.changes) == len(live)
    assert kinds == {
        key: EventKind.RESOLVED if one.state is AlertState.FIRING else EventKind.EXPIRED
        for key, one in live.items()
    }
