"""One consistent, read-only look at the platform's database, on a connection of its own.

The connection is opened for the run and closed after it: no state of it (a read-only
switch, a time limit, an open transaction) can reach the project's own connections, and
a run inside a project's transaction is not caught up in it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.sources.platform.failures import is_of_statement, translated

Row = Sequence[Any]
_STEPS_BETWEEN_LOOKS: Final = 10_000


class StatementError(Exception):
    """One statement failed, the snapshot goes on; never leaves this room."""


class Snapshot(Protocol):
    """An open transaction in which every statement sees the same moment."""

    @property
    def vendor(self) -> str:
        """``postgresql`` or ``sqlite``."""

    @property
    def statements(self) -> int:
        """How many statements asked for data so far."""

    def rows(self, sql: str) -> Sequence[Row]:
        """All rows of a statement.

        Raises:
            StatementError: the statement cannot be answered, others can.
            django.db.Error: the snapshot is lost.
        """


@contextmanager
def snapshot(alias: str, timeout: float) -> Iterator[Snapshot]:
    """Open a snapshot on a Django alias; ``timeout`` seconds bound each statement.

    Raises:
        ConfigurationError: the alias is unknown, or neither PostgreSQL nor SQLite.
        SourceError: the database cannot be reached or read; also from within the block.
    """
    if alias not in set(connections):
        raise ConfigurationError(f"platform database {alias!r} is not among DATABASES")
    with translated(alias):
        connection = connections.create_connection(alias)
        if connection.vendor not in _KINDS:
            raise ConfigurationError(
                f"platform database {alias!r} is {connection.vendor}, not PostgreSQL or SQLite"
            )
        opened = _KINDS[connection.vendor](connection, timeout)
        try:
            opened.begin()
            yield opened
        finally:
            _end(connection)


def _end(connection: BaseDatabaseWrapper) -> None:
    # A pooler throws the server connection of a client away that leaves in a transaction.
    with suppress(Error):
        if connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
    connection.close()


class _Snapshot:
    def __init__(self, connection: BaseDatabaseWrapper, timeout: float) -> None:
        self.connection: Final = connection
        self.vendor: Final[str] = connection.vendor
        self.timeout: Final = timeout
        self.statements = 0
        connection.settings_dict = {**connection.settings_dict, **self.settings()}

    def settings(self) -> Mapping[str, Any]:
        """Settings of the connection that differ from the alias's."""
        raise NotImplementedError

    def begin(self) -> None:
        """Connect and open the transaction."""
        raise NotImplementedError

    def recover(self) -> None:
        """Make the transaction usable again after a failed statement."""

    def rows(self, sql: str) -> Sequence[Row]:
        """All rows of a statement."""
        self.statements += 1
        try:
            return self._fetch(sql)
        except Error as error:
            if not is_of_statement(error):
                raise
            self.recover()
            raise StatementError(str(error)) from error

    def _fetch(self, sql: str) -> Sequence[Row]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            found: Sequence[Row] = cursor.fetchall()
            return found

    def _run(self, *commands: str) -> None:
        with self.connection.cursor() as cursor:
            for command in commands:
                cursor.execute(command)


class PostgresqlSnapshot(_Snapshot):
    """REPEATABLE READ READ ONLY; everything is set LOCAL, so a transaction pooler may be between.

    That includes what Django would set for the session: the time zone and the role of
    ``assume_role``. JIT is off: compiling dozens of aggregates takes longer than computing them.
    """

    role: str | None = None

    def settings(self) -> Mapping[str, Any]:
        """Bound connecting, notice a server that vanished, share no pool, prepare nothing."""
        given = dict(self.connection.settings_dict["OPTIONS"])
        self.role = given.pop("assume_role", None)
        # A pool would be the project's own, and keep the connection; the transaction's
        # isolation level is said where it begins.
        for name in ("pool", "isolation_level", "server_side_binding", "prepare_threshold"):
            given.pop(name, None)
        seconds = max(1, math.ceil(self.timeout))
        options = {
            "connect_timeout": seconds,
            "keepalives_idle": seconds,
            "keepalives_interval": seconds,
            "keepalives_count": 2,
            "tcp_user_timeout": 2000 * seconds,
            **given,
        }
        return {"OPTIONS": options, "DISABLE_SERVER_SIDE_CURSORS": True}

    def begin(self) -> None:
        """Open the transaction; the savepoint is what ``recover`` returns to."""
        zone, self.connection.timezone_name = self.connection.timezone_name, ""
        role = [f"SET LOCAL ROLE {self._quoted(self.role)}"] if self.role else []
        self._run(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            f"SET LOCAL statement_timeout = {math.ceil(self.timeout * 1000)}",
            f"SET LOCAL TimeZone = {self._quoted(zone)}",
            "SET LOCAL jit = off",
            *role,
            "SAVEPOINT zerostate",
        )

    def _quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def recover(self) -> None:
        """Forget the failed statement; nothing else is lost, for nothing was written."""
        self._run("ROLLBACK TO SAVEPOINT zerostate")


class SqliteSnapshot(_Snapshot):
    """A deferred transaction with ``query_only``; a statement past its time is interrupted."""

    _deadline = math.inf

    def settings(self) -> Mapping[str, Any]:
        """Open without creating: a wrong path must not become an empty platform."""
        name = str(self.connection.settings_dict["NAME"])
        if name.startswith("file:") or name == ":memory:":
            return {}
        return {"NAME": f"file:{quote(str(Path(name).absolute()))}?mode=rw"}

    def begin(self) -> None:
        """Open the transaction; its snapshot begins with the first statement."""
        self._run("PRAGMA query_only = ON", "BEGIN DEFERRED")
        self.connection.connection.set_progress_handler(self._is_late, _STEPS_BETWEEN_LOOKS)

    def _fetch(self, sql: str) -> Sequence[Row]:
        self._deadline = time.monotonic() + self.timeout
        try:
            return super()._fetch(sql)
        finally:
            self._deadline = math.inf

    def _is_late(self) -> bool:
        return time.monotonic() > self._deadline


_KINDS: Final[Mapping[str, Callable[[BaseDatabaseWrapper, float], _Snapshot]]] = {
    "postgresql": PostgresqlSnapshot,
    "sqlite": SqliteSnapshot,
}
