"""Counts of rows become totals that never fall, whichever copy of the rows is looked at."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.catalogue.definition import Definition, Feed, Kind, Layer, Reading
from zerostate_monitoring.collectors.carry import carry, key_of, labels_of, purged

TASKS = Definition(
    name="zerostate_test_tasks_total",
    kind=Kind.COUNTER,
    help="Tasks.",
    layer=Layer.EXECUTION,
    feeds=(Feed.PLATFORM,),
    labels=("status",),
)


def counted(value, status="done", newest=None):
    return Reading(TASKS, (status,), float(value), counted=True, newest=newest)


def shown(looks, memory=None):
    """Totals of (rows, newest) looks, one after the other."""
    totals, memory = [], memory or {}
    for rows, newest in looks:
        (total,), memory = carry(memory, [counted(rows, newest=newest)])
        totals.append(total.value)
    return totals


@given(st.lists(st.tuples(st.integers(0, 1000), st.none() | st.integers(0, 20)), min_size=1))
def test_carry__totals_never_fall(looks):
    """Whatever is found, the total is never lower than it was, and no count any more."""
    totals = shown(looks)
    assert totals == sorted(totals)
    (total,), _ = carry({}, [counted(3, newest=1.0)])
    assert (total.counted, total.newest) == (False, None)


@dataclass
class Table:
    """A table of events, some of which are counted, and every state that it was in.

    A state is how many events were born and how many of them, the oldest, are gone. A copy
    that lags holds an older state.
    """

    events: list[bool] = field(default_factory=list)
    states: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])

    def step(self, new, purge):
        self.events += new
        self.states.append((len(self.events), min(self.states[-1][1] + purge, len(self.events))))

    def look(self, lag=0):
        """Counted rows and the newest event, ``lag`` states ago."""
        born, gone = self.states[max(len(self.states) - 1 - lag, 0)]
        return sum(self.events[gone:born]), float(born) if born > gone else None


NEW = st.lists(st.booleans(), max_size=9)
STEPS = st.lists(st.tuples(NEW, st.just(0) | st.integers(0, 9), st.integers(0, 4)))


@given(STEPS)
def test_carry__never_counts_a_row_twice(steps):
    """However looks alternate between copies that lag, no total exceeds what ever was."""
    table, looks, born = Table(), [], []
    for new, purge, lag in steps:
        table.step(new, purge)
        looks.append(table.look(lag))
        born.append(sum(table.events))
    assert all(total <= ever for total, ever in zip(shown(looks), born, strict=True))


@given(STEPS)
def test_carry__loses_nothing_without_purges(steps):
    """Without a purge the total is the highest count, of old looks and new."""
    table, looks = Table(), []
    for new, _, lag in steps:
        table.step(new, 0)
        looks.append(table.look(lag))
    rows = [rows for rows, _ in looks]
    assert shown(looks) == [max(rows[: n + 1]) for n in range(len(rows))]


@given(st.lists(st.tuples(NEW, st.integers(0, 50)), min_size=1))
def test_carry__a_purge_costs_at_most_what_came_beside_it(steps):
    """A purge costs no more than what comes between it and the look that finds it."""
    table, looks = Table(), []
    for new, purge in steps:
        table.step(new, 0)
        looks.append(table.look())
        table.step([False], purge)
        looks.append(table.look())
        table.step([True], 0)
        looks.append(table.look())
    lost = sum(table.events) - shown(looks)[-1]
    assert 0 <= lost <= len(steps)


def test_carry__replicas_that_alternate_add_nothing():
    """A replica that is ten rows behind is no purge, however often it is asked."""
    assert shown([(1000, 50.0), (990, 49.0)] * 3) == [1000.0] * 6
    assert shown([(1000, None), (990, None)] * 3) == [1000.0] * 6


def test_carry__a_purge_is_known_by_a_newer_event():
    """Rows that are gone beside a newer event stay counted, and growth goes on from there."""
    assert shown([(1000, 50.0), (500, 60.0), (510, 70.0)]) == [1000.0, 1000.0, 1010.0]


def test_carry__a_replica_from_before_the_purge_adds_nothing():
    """Rows that were purged do not come back with a replica that still has them."""
    looks = [(1000, 50.0), (500, 60.0), (1000, 50.0), (1001, 60.0), (510, 70.0)]
    assert shown(looks) == [1000.0, 1000.0, 1000.0, 1000.0, 1010.0]


def test_carry__an_empty_table_goes_on_where_it_was():
    """When all rows are gone the total stays; the next rows that are seen count again."""
    assert shown([(7, 50.0), (0, None), (1, 60.0), (3, 70.0)]) == [7.0, 7.0, 7.0, 9.0]


@pytest.mark.parametrize("newest", [None, 60.0])
def test_carry__takes_what_an_older_version_remembered(newest):
    """Memory without times is held to its highest count until it has seen two."""
    memory = {key_of(counted(0)): {"total": 15.0, "last": 10.0}}
    assert shown([(8, newest), (12, newest)], memory) == [15.0, 17.0]


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=30))
def test_carry__fractions_never_fall_by_a_last_digit(sums):
    """Whatever is purged, a total of fractions is never put together anew."""
    totals = shown([(amount, float(at)) for at, amount in enumerate(sums)])
    assert totals == sorted(totals)


def test_carry__keeps_a_series_whose_rows_are_all_gone():
    """A series without rows stays at its total."""
    _, memory = carry({}, [counted(7)])
    totals, memory = carry(memory, [])
    found = purged(memory, totals, {TASKS.name: TASKS})

    assert [(reading.labels, reading.value) for reading in found] == [(("done",), 7.0)]


def test_carry__takes_the_part_that_was_read():
    """Of a family that was read in part, that part goes on and the rest is kept."""
    _, memory = carry({}, [counted(7, "done"), counted(3, "failed")])

    totals, after = carry(memory, [counted(8, "done")])

    assert [total.value for total in totals] == [8.0]
    failed = key_of(counted(0, "failed"))
    assert after[failed] == memory[failed]


@given(st.lists(st.text(), max_size=4).map(tuple))
def test_key_of__label_values_survive(values):
    """Any label values can be read back from the key, so series do not melt together."""
    assert labels_of(key_of(Reading(TASKS, values, 0.0))) == values
