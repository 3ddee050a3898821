"""Makes the platform's database unreadable for everybody, and readable again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from example_project.network.schema import TABLES

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

AWAY: Final = ".away"
SUFFIXES: Final = ("", "-wal", "-shm")
NOT_A_DATABASE: Final = "the fault switch 'platform' has put this file here\n" * 40


class Outage:
    """An outage of the database behind ``connection``.

    A SQLite file is moved away and something else put in its place; tables of PostgreSQL
    are renamed.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self.on = False

    def begin(self) -> None:
        """Let every reader fail from now on."""
        if not self.on:
            self.on = True
            if self._connection.vendor == "sqlite":
                self._hide_file()
            else:
                self._rename("{0}", "{0}_away")

    def end(self) -> None:
        """Let readers find everything as it was."""
        if self.on:
            self.on = False
            if self._connection.vendor == "sqlite":
                self._restore_file()
            else:
                self._rename("{0}_away", "{0}")

    @property
    def _path(self) -> Path:
        return Path(self._connection.settings_dict["NAME"])

    def _hide_file(self) -> None:
        self._connection.close()
        for suffix in SUFFIXES:
            file = Path(f"{self._path}{suffix}")
            if file.exists():
                file.replace(f"{self._path}{AWAY}{suffix}")
        self._path.write_text(NOT_A_DATABASE)

    def _restore_file(self) -> None:
        for suffix in SUFFIXES:
            # What readers of the false file left beside it must not meet the true one.
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        for suffix in reversed(SUFFIXES):
            file = Path(f"{self._path}{AWAY}{suffix}")
            if file.exists():
                file.replace(f"{self._path}{suffix}")

    def _rename(self, old: str, new: str) -> None:
        with self._connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {old.format(table)} RENAME TO {new.format(table)}")


def recover(connection: BaseDatabaseWrapper) -> None:
    """End an outage that outlived the process that began it."""
    outage = Outage(connection)
    if connection.vendor == "sqlite":
        outage.on = Path(f"{connection.settings_dict['NAME']}{AWAY}").exists()
    else:
        outage.on = f"{next(iter(TABLES))}_away" in connection.introspection.table_names()
    outage.end()
