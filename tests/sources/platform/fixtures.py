"""Fixtures: a platform to read; SQLite always, a private PostgreSQL for the tests marked real."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import HealthCheck, settings

from example_project.network.schema import TABLES, create_tables, drop_tables
from tests.sources.platform.cluster import Cluster, cluster
from zerostate_monitoring.sources.platform import Answer, read
from zerostate_monitoring.sources.platform.figures import Statement

FEW = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
"""For properties that fill a platform for each example."""
ALIAS = "platform"
DEFAULTS = {"text": "x", "bool": True, "int": 0}


@dataclass(frozen=True)
class Platform:
    """A platform's tables, with a connection that may write them."""

    connection: BaseDatabaseWrapper

    def insert(self, table: str, **values: Any) -> None:
        """Add a row; columns that must be filled and are not given get something plain."""
        row = {**_plain(table), **values}
        columns, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        with self.connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", [*row.values()])

    def execute(self, sql: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)

    def clear(self) -> None:
        for table in TABLES:
            self.execute(f"DELETE FROM {table}")

    def read(self, statements: tuple[Statement, ...], timeout: float = 20) -> Answer:
        return read(statements, ALIAS, timeout)


def ago(seconds: float) -> datetime:
    """A moment before now."""
    return datetime.now(UTC) - timedelta(seconds=seconds)


def _plain(table: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column in TABLES[table].split(","):
        name, kind = column.split()
        if kind == "key" or kind == "uuid!":
            found[name] = str(uuid.uuid4())
        elif kind == "time!":
            found[name] = ago(10)
        elif kind.endswith("!"):
            found[name] = DEFAULTS.get(kind[:-1], 0)
    return found


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """One private server for the whole run."""
    with cluster() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def platform(
    vendor: str, request: pytest.FixtureRequest, monkeypatch: Any, tmp_path: Any, settings: Any
) -> Iterator[Platform]:
    """An empty platform behind the alias ``platform``."""
    changes = {"NAME": str(tmp_path / "platform.sqlite3")}
    if vendor == "postgresql":
        changes = dict(request.getfixturevalue("postgresql").alias())
    alias(monkeypatch, **changes)
    settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = ALIAS
    # Not one of Django's test databases: what is guarded there is not what is read here.
    with request.getfixturevalue("django_db_blocker").unblock():
        connection = connections.create_connection(ALIAS)
        if vendor == "sqlite":
            connection.cursor().execute("PRAGMA journal_mode = WAL")
        drop_tables(connection)
        create_tables(connection)
        yield Platform(connection)
        connection.close()


def alias(monkeypatch: Any, **changes: Any) -> None:
    """Point the alias ``platform`` elsewhere."""
    settings = {**connections.settings["default"], "OPTIONS": {}, **changes}
    monkeypatch.setitem(connections.settings, ALIAS, settings)
