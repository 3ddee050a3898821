"""One consistent read-only look, and what becomes of a database that will not give it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from example_project.network.schema import TABLES
from tests.servers import free_port
from tests.sources.platform.cluster import Cluster
from tests.sources.platform.fixtures import ALIAS, Platform, alias
from zerostate_monitoring.exceptions import ConfigurationError, SourceError
from zerostate_monitoring.sources.platform import ECONOMIC, EXECUTION, read, reading
from zerostate_monitoring.sources.platform.snapshot import Snapshot, StatementError, snapshot

COUNT = "SELECT count(*) FROM tasks"
FOR_EVER = {
    "sqlite": "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    " SELECT max(i) FROM n",
    "postgresql": "SELECT pg_sleep(600)",
}


@pytest.fixture(autouse=True)
def _unblocked(django_db_blocker: Any) -> Any:
    with django_db_blocker.unblock():
        yield


def test_snapshot__does_not_see_a_concurrent_writer(platform: Platform) -> None:
    """What is committed between two statements of a run is not seen by the second."""
    platform.insert("tasks", task_id="1")
    with snapshot(ALIAS, 5) as opened:
        assert opened.rows(COUNT)[0][0] == 1
        platform.insert("tasks", task_id="2")
        assert opened.rows(COUNT)[0][0] == 1
    with snapshot(ALIAS, 5) as opened:
        assert opened.rows(COUNT)[0][0] == 2


@pytest.mark.parametrize("sql", ["DELETE FROM tasks", "DROP TABLE tasks", "CREATE TABLE x (i int)"])
def test_snapshot__refuses_to_write(platform: Platform, sql: str) -> None:
    """No statement of this connection can change the platform."""
    platform.insert("tasks", task_id="1")
    with pytest.raises(SourceError), snapshot(ALIAS, 5) as opened:
        opened.rows(sql)
    with snapshot(ALIAS, 5) as opened:
        assert opened.rows(COUNT)[0][0] == 1


def test_timeout__ends_the_statement(platform: Platform) -> None:
    """A statement past its time is ended by the database, and the run with it."""
    with pytest.raises(SourceError) as caught, snapshot(ALIAS, 0.2) as opened:
        opened.rows(FOR_EVER[platform.connection.vendor])
    assert caught.value.kind == "timeout"


def test_snapshot__goes_on_after_a_failed_statement(platform: Platform) -> None:
    """A statement about a table that is gone does not cost the next one."""
    with snapshot(ALIAS, 5) as opened:
        with pytest.raises(StatementError):
            opened.rows("SELECT 1 FROM gone")
        assert opened.rows(COUNT)[0][0] == 0


def test_dropped_table__between_look_up_and_statement(platform: Platform, monkeypatch: Any) -> None:
    """Its families are absent with the reason; the others are there."""
    with snapshot(ALIAS, 5) as opened:
        seen = reading.look_up(opened, ECONOMIC)
    platform.execute("DROP TABLE bids")
    platform.execute("ALTER TABLE disputes RENAME COLUMN resolved_at TO ended_at")
    monkeypatch.setattr(reading, "look_up", lambda *_: seen)
    found = platform.read(ECONOMIC)
    assert "bids could not be asked" in found.missing["auction_bids"]
    assert "disputes could not be asked" in found.missing["disputes"]
    assert not found.series("disputes")
    assert found.series("payment_channels")
    assert found.series("economic_total_value_locked")


@pytest.mark.parametrize("vendor", ["postgresql"])
@pytest.mark.real
def test_dropped_table__really_between_two_statements(
    postgresql: Cluster, platform: Platform, monkeypatch: Any
) -> None:
    """PostgreSQL shows a dropped table to no snapshot, however old."""
    look_up = reading.look_up

    def dropping(opened: Snapshot, *args: Any) -> Any:
        seen = look_up(opened, *args)
        platform.execute("DROP TABLE bids")
        return seen

    monkeypatch.setattr(reading, "look_up", dropping)
    found = platform.read(ECONOMIC)
    assert list(found.missing) == ["auction_bids"]


def test_connections__of_the_project_are_left_alone(platform: Platform) -> None:
    """A run neither uses nor closes what the project has open on the alias."""
    own = connections[ALIAS]
    with own.cursor() as cursor:
        cursor.execute("SELECT 1")
        raw = own.connection
        read(EXECUTION, ALIAS, 5)
        assert own.connection is raw
        cursor.execute("CREATE TABLE still_writable (i int)")
        cursor.execute("DROP TABLE still_writable")
    own.close()
    del connections[ALIAS]


def test_runs__in_several_threads_do_not_meet(platform: Platform) -> None:
    """Each run has a connection of its own."""
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(len(read(EXECUTION, ALIAS, 20).values)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 4
    assert len(set(found)) == 1


def test_no_tables__is_an_error(platform: Platform) -> None:
    """A database without any of the tables is not a platform with nothing in it."""
    for table in TABLES:
        platform.execute(f"DROP TABLE {table}")
    with pytest.raises(SourceError) as caught:
        read(ECONOMIC, ALIAS, 5)
    assert caught.value.kind == "missing"


def test_sqlite__missing_file_is_not_created(monkeypatch: Any, tmp_path: Path) -> None:
    """A wrong path is an error, and no empty platform."""
    path = tmp_path / "nowhere.sqlite3"
    alias(monkeypatch, NAME=str(path))
    with pytest.raises(SourceError) as caught:
        read(EXECUTION, ALIAS, 5)
    assert caught.value.kind == "missing"
    assert not path.exists()


def test_sqlite__other_files_are_invalid(monkeypatch: Any, tmp_path: Path) -> None:
    """A file that is no database is said to be none."""
    path = tmp_path / "text with a ? and a #.sqlite3"
    path.write_text("no database at all" * 100)
    alias(monkeypatch, NAME=str(path))
    with pytest.raises(SourceError) as caught:
        read(EXECUTION, ALIAS, 5)
    assert caught.value.kind == "invalid"


@pytest.mark.parametrize("engine", ["django.db.backends.dummy", "no.such.engine"])
def test_alias__that_cannot_be_a_platform(monkeypatch: Any, engine: str) -> None:
    """Neither PostgreSQL nor SQLite, or no engine at all, is a mistake in the settings."""
    alias(monkeypatch, ENGINE=engine)
    with pytest.raises(ConfigurationError):
        read(EXECUTION, ALIAS, 5)


def test_alias__unknown() -> None:
    """An alias that DATABASES does not have is named."""
    with pytest.raises(ConfigurationError, match="elsewhere"):
        read(EXECUTION, "elsewhere", 5)


@pytest.mark.real
@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"PASSWORD": "wrong"}, "unauthorized"),
        ({"USER": "nobody"}, "unauthorized"),
        ({"NAME": "nowhere"}, "missing"),
        ({"PORT": None}, "refused"),
        ({"OPTIONS": {"no_such_option": 1}}, "invalid"),
        ({"HOST": "no-such-host.invalid"}, "refused"),
    ],
)
def test_postgresql__unreachable(
    postgresql: Cluster, monkeypatch: Any, changes: dict[str, Any], kind: str
) -> None:
    """Each way of not getting in has its word."""
    given = {"PORT": str(free_port())} if "PORT" in changes else changes
    alias(monkeypatch, **postgresql.alias(**given))
    with pytest.raises(SourceError) as caught:
        read(EXECUTION, ALIAS, 5)
    assert caught.value.kind == kind


@pytest.mark.parametrize("vendor", ["postgresql"])
@pytest.mark.real
@pytest.mark.parametrize(
    ("grant", "kind"), [("", "unauthorized"), ("GRANT SELECT ON agents TO reader", "")]
)
def test_postgresql__rights(
    postgresql: Cluster, platform: Platform, monkeypatch: Any, grant: str, kind: str
) -> None:
    """No right at all is an error; a right on some tables gives their families."""
    for sql in ("DROP ROLE IF EXISTS reader", "CREATE ROLE reader LOGIN PASSWORD 'reader'", grant):
        if sql:
            platform.execute(sql)
    alias(monkeypatch, **postgresql.alias(USER="reader", PASSWORD="reader"))
    try:
        if kind:
            with pytest.raises(SourceError) as caught:
                read(EXECUTION, ALIAS, 5)
            assert caught.value.kind == kind
        else:
            found = read(EXECUTION, ALIAS, 5)
            assert found.series("agents")
            assert found.missing["tasks_total"] == "table tasks may not be read by this role"
    finally:
        platform.execute("DROP OWNED BY reader")
        platform.execute("DROP ROLE reader")


@pytest.mark.parametrize("vendor", ["postgresql"])
@pytest.mark.real
def test_postgresql__a_blocked_table_is_a_timeout(platform: Platform) -> None:
    """Waiting for somebody's lock counts as time of the statement."""
    platform.execute("BEGIN")
    platform.execute("LOCK TABLE agents")
    try:
        with pytest.raises(SourceError) as caught:
            read(EXECUTION, ALIAS, 0.3)
        assert caught.value.kind == "timeout"
    finally:
        platform.execute("ROLLBACK")


def test_read__as_a_whole_is_bounded(platform: Platform, monkeypatch: Any) -> None:
    """Many statements, each within its time, do not outlast the run that they are for."""
    asked: list[object] = []
    monkeypatch.setattr(reading._Run, "ask", lambda self, statement: asked.append(statement))
    with pytest.raises(SourceError, match="not all was read within 0 s") as caught:
        read(ECONOMIC, ALIAS, 20, seconds=0)
    assert caught.value.kind == "timeout"
    assert asked == []
    read(ECONOMIC, ALIAS, 20, seconds=60)
    assert asked == [*ECONOMIC]
