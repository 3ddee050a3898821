"""SQLite's options: whether processes that write at once wait, or fail."""

from __future__ import annotations

import sqlite3

import pytest
from django.db import connections

from zerostate_monitoring.doctor.finding import Level
from zerostate_monitoring.doctor.sqlite import findings_of, judge_sqlite

WAITS = {
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


@pytest.fixture
def opened(db, tmp_path):
    """Makes a database in a file, with given options."""
    other = connections.create_connection("default")

    def made(options):
        name = str(tmp_path / "project.sqlite3")
        other.settings_dict = {**other.settings_dict, "NAME": name, "OPTIONS": options}
        return other

    yield made
    other.close()


@pytest.mark.parametrize(
    ("options", "level"),
    [
        pytest.param({}, Level.WARNING, id="Django's defaults"),
        pytest.param({"transaction_mode": "IMMEDIATE"}, Level.WARNING, id="readers wait"),
        pytest.param(WAITS, Level.OK, id="as docs/operating.md says"),
    ],
)
def test_sqlite__in_a_file_is_judged_by_its_options(options, level, opened):
    """Several processes write to it."""
    assert [finding.level for finding in findings_of(opened(options))] == [level]


def test_sqlite__in_memory_has_one_process():
    """So nobody waits, and there is nothing to say."""
    assert list(findings_of(connections["default"])) == []


def test_sqlite__without_waiting_is_told_in_the_words_of_its_error():
    """An operator who searches for the error finds the finding."""
    assert "database is locked" in judge_sqlite("", "wal").message
    assert "SQLite" in judge_sqlite("", "wal").advice


def test_options__let_a_writer_wait_that_began_by_reading(tmp_path):
    """What the advice is about: the default refuses at once, whatever the timeout."""

    def writes(begin):
        with sqlite3.connect(tmp_path / "x", timeout=30, isolation_level=None) as one:
            one.execute("PRAGMA journal_mode=WAL")
            one.execute("CREATE TABLE IF NOT EXISTS t (n)")
            other = sqlite3.connect(tmp_path / "x", timeout=30, isolation_level=None)
            other.execute(begin)
            if begin == "BEGIN":
                other.execute("SELECT * FROM t").fetchall()
                one.execute("INSERT INTO t VALUES (1)")
            other.execute("INSERT INTO t VALUES (2)")
            other.execute("COMMIT")
            other.close()

    writes("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        writes("BEGIN")
