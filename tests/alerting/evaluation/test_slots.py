"""Which slot is due."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.alerting.evaluation.slots import Clock, missed, spacing

WIDTHS = st.integers(1, 600_000)
TIMES = st.integers(1, 10**13)


def test_slot__is_the_newest_that_a_column_has_reached() -> None:
    """Columns come every 15 s, slots every 30 s."""
    newest = 1_000_035_000
    clock = Clock(newest + 3_000, newest, 15_000)
    assert clock.slot(30_000) == 1_000_020_000
    assert clock.slot(15_000) == newest


def test_slot__does_not_run_ahead_of_history() -> None:
    """While columns come, the time of day makes no slot; after two intervals of silence it does."""
    newest = 1_000_020_000
    assert Clock(newest + 30_000, newest, 15_000).slot(15_000) == newest
    assert Clock(newest + 30_001, newest, 15_000).slot(15_000) == newest + 30_000


def test_slot__without_history_is_by_the_time_of_day() -> None:
    """As where a server answers."""
    assert Clock(1_000_034_567, 0, 15_000).slot(30_000) == 1_000_020_000


@given(TIMES, TIMES, WIDTHS, WIDTHS)
def test_slot__lies_on_the_grid_and_not_in_the_future(
    now: int, newest: int, history: int, interval: int
) -> None:
    """Whatever the clocks say."""
    clock = Clock(now, min(now, newest), history)
    slot, width = clock.slot(interval), spacing(interval, history)
    assert slot % width == 0
    assert clock.reference_ms - width < slot <= clock.reference_ms <= now


@given(st.lists(st.integers(1, 20), min_size=1), WIDTHS)
def test_missed__with_the_evaluated_are_all_slots(steps: list[int], width: int) -> None:
    """Since the first one."""
    slots = [width]
    for step in steps:
        slots.append(slots[-1] + step * width)
    lost = [missed(before, slot, width) for before, slot in zip([0, *slots], slots, strict=False)]
    assert lost[0] == 0
    assert sum(lost) + len(slots) == (slots[-1] - slots[0]) // width + 1
