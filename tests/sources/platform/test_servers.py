"""What may stand between this app and the platform: a pooler, a replica, settings of the alias."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from tests.servers import wait_until
from tests.sources.platform.cluster import Cluster, pooler, standby
from tests.sources.platform.fixtures import ALIAS, Platform, ago, alias
from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.sources.platform import ECONOMIC, EXECUTION, Answer, read
from zerostate_monitoring.sources.platform.snapshot import snapshot

pytestmark = [pytest.mark.real, pytest.mark.parametrize("vendor", ["postgresql"])]
SETTINGS = ("TimeZone", "statement_timeout", "jit", "transaction_read_only", "role")


@pytest.fixture
def pooled(postgresql: Cluster, platform: Platform, monkeypatch: Any) -> Iterator[Cluster]:
    """The platform behind a PgBouncer that has two server connections for everybody."""
    with pooler(postgresql, default_pool_size="2", max_client_conn="50") as server:
        # Another zone than Django's: what Django would set for the session is then set.
        platform.execute("ALTER ROLE platform SET TimeZone = 'Asia/Tokyo'")
        alias(monkeypatch, **server.alias())
        yield server
        platform.execute("ALTER ROLE platform RESET ALL")


def ask(_: int = 0) -> tuple[Answer, Answer]:
    return read(EXECUTION, ALIAS, 20), read(ECONOMIC, ALIAS, 20)


def test_pooler__gives_what_the_server_gives(
    postgresql: Cluster, platform: Platform, pooled: Cluster, monkeypatch: Any
) -> None:
    """Runs at once share two server connections, and each finds what a run alone finds."""
    platform.insert("tasks", task_id="1", status="failed")
    platform.insert("escrows", status="released", released_at=ago(1800), amount=3)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(16)))
    alias(monkeypatch, **postgresql.alias())
    alone = ask()
    for run in (0, 1):
        assert alone[run].values
        assert all(answer[run].values == alone[run].values for answer in answers)
        assert all(not answer[run].missing for answer in answers)


def test_pooler__holds_each_run_in_its_own_snapshot(platform: Platform, pooled: Cluster) -> None:
    """Two runs that take turns on the pool each see the moment at which they began."""
    sql = "SELECT count(*) FROM tasks"
    with snapshot(ALIAS, 5) as first:
        assert first.rows(sql)[0][0] == 0
        platform.insert("tasks", task_id="1")
        with snapshot(ALIAS, 5) as second:
            assert [first.rows(sql)[0][0], second.rows(sql)[0][0]] == [0, 1]


def settings_of(server: Cluster, monkeypatch: Any) -> set[tuple[str, ...]]:
    """Settings of the pool's server connections, as its next clients find them."""
    both = threading.Barrier(2, timeout=20)

    def look(_: int) -> tuple[str, ...]:
        connection = connections.create_connection(ALIAS)
        connection.timezone_name = ""  # or Django sets it
        try:
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                both.wait()
                asked = ", ".join(f"current_setting('{name}')" for name in SETTINGS)
                cursor.execute(f"SELECT {asked}")
                row: tuple[str, ...] = cursor.fetchone()
                cursor.execute("COMMIT")
                return row
        finally:
            connection.close()

    alias(monkeypatch, **server.alias())
    with ThreadPoolExecutor(2) as pool:
        return set(pool.map(look, range(2)))


def test_pooler__is_left_as_it_was(platform: Platform, pooled: Cluster, monkeypatch: Any) -> None:
    """No setting of a run stays on a server connection, whether it went well or not."""
    platform.execute("DROP ROLE IF EXISTS analyst")
    platform.execute("CREATE ROLE analyst")
    platform.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO analyst")
    before = settings_of(pooled, monkeypatch)
    try:
        alias(monkeypatch, **pooled.alias(OPTIONS={"assume_role": "analyst"}))
        ask()
        with pytest.raises(SourceError), snapshot(ALIAS, 0.2) as opened:
            opened.rows("SELECT pg_sleep(600)")
        assert settings_of(pooled, monkeypatch) == before
    finally:
        platform.execute("DROP OWNED BY analyst")
        platform.execute("DROP ROLE analyst")
    assert before == {("Asia/Tokyo", "0", "on", "off", "none")}


def test_replica__is_read_like_the_primary(
    postgresql: Cluster, platform: Platform, monkeypatch: Any
) -> None:
    """A hot standby, on which nothing can be written, gives what the primary gives."""
    platform.insert("tasks", task_id="1", status="completed", completed_at=ago(60))
    platform.insert("escrows", status="funded", amount=3)
    alias(monkeypatch, **postgresql.alias())
    primary = ask()
    with standby(postgresql) as server:
        alias(monkeypatch, **server.alias())
        with snapshot(ALIAS, 5) as opened:
            assert opened.rows("SELECT pg_is_in_recovery()")[0][0] is True
        for answer, expected in zip(ask(), primary, strict=True):
            assert answer.values == expected.values
            assert answer.newest == expected.newest
            assert not answer.missing
        platform.insert("tasks", task_id="2", status="completed", completed_at=ago(30))
        wait_until(lambda: ask()[0].values["tasks_total", ("completed",)] == 2, what="replayed")
        assert ask()[0].newest["tasks_total"] > primary[0].newest["tasks_total"]


def test_alias__a_pool_of_the_project_is_not_shared(
    postgresql: Cluster, platform: Platform, monkeypatch: Any
) -> None:
    """Options that belong to the project's sessions change nothing here."""
    options = {"pool": {"max_size": 1}, "server_side_binding": True, "prepare_threshold": 1}
    alias(monkeypatch, **postgresql.alias(OPTIONS={**options, "isolation_level": 4}))
    with snapshot(ALIAS, 5) as held:
        assert held.rows("SELECT 1")[0][0] == 1
        assert not any(ask()[0].missing)
    assert ALIAS not in DatabaseWrapper._connection_pools  # type: ignore[attr-defined]


def test_alias__its_role_is_taken_for_the_run(
    postgresql: Cluster, platform: Platform, monkeypatch: Any
) -> None:
    """The role that the alias assumes is the one whose rights count."""
    platform.execute('CREATE ROLE "on ""leave"""')
    try:
        alias(monkeypatch, **postgresql.alias(OPTIONS={"assume_role": 'on "leave"'}))
        with pytest.raises(SourceError) as caught:
            read(EXECUTION, ALIAS, 5)
        assert caught.value.kind == "unauthorized"
    finally:
        platform.execute('DROP ROLE "on ""leave"""')
