"""Templates resolved against what a platform has."""

from __future__ import annotations

import pytest

from zerostate_monitoring.sources.platform import ECONOMIC, EXECUTION
from zerostate_monitoring.sources.platform.dialects import Postgresql, Sqlite
from zerostate_monitoring.sources.platform.tables import LackingError, Tables, Writer

TABLES = Tables.of([("tasks", "id", True), ("tasks", "status", True), ("bids", "id", False)])


def writer(dialect: Postgresql | Sqlite) -> Writer:
    return Writer(TABLES, dialect, {"t": "tasks", "b": "bids", "x": "escrows"})


def test_column__by_its_own_name_or_a_candidate() -> None:
    """A column goes by the first of its names that the table has."""
    assert writer(Sqlite(0)).write("{status} = {t.task_id}") == 't."status" = t."id"'


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{error}", "tasks.error is missing"),
        ("{b.id}", "table bids may not be read"),
        ("{x.id}", "table escrows is missing"),
    ],
)
def test_lacking__says_what(template: str, reason: str) -> None:
    """The reason names the table or the column, and whether it is there at all."""
    with pytest.raises(LackingError, match=reason):
        writer(Postgresql(0)).write(template)


@pytest.mark.parametrize("dialect", [Postgresql(1e9), Sqlite(1e9)])
def test_within_and_older__are_opposites(dialect: Postgresql | Sqlite) -> None:
    """Both compare with one moment, that of the run."""
    within = writer(dialect).write("{status:within 60}")
    older = writer(dialect).write("{status:older 60}")
    assert within.replace(">", "<") == older


def test_series__are_asked_once_per_run() -> None:
    """Queue priorities and ends of tasks have two ways; no other series stands twice in a run."""
    for run in (EXECUTION, ECONOMIC):
        asked = [(f.family, f.labels) for s in run for f in s.figures]
        twice = {family for family, labels in asked if asked.count((family, labels)) > 1}
        overdue = {family for family, labels in asked if labels == ("channel_escrowed",)}
        assert twice <= {"task_queue_depth", *overdue}
