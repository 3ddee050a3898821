"""Does SQLite, where it is the database, let several processes write?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connections, router
from django.utils.translation import gettext as _

from zerostate_monitoring.doctor.finding import Finding, ok, warning
from zerostate_monitoring.models import Collector


def examine_sqlite() -> Iterator[Finding]:
    """Whether writers wait for each other, and readers for nobody; nothing of other databases."""
    yield from findings_of(connections[router.db_for_write(Collector)])


def findings_of(connection: Any) -> Iterator[Finding]:
    """What is said of one database of Django's."""
    # One that lives in memory has one process.
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():
        with connection.cursor() as cursor:
            journal = str(cursor.execute("PRAGMA journal_mode").fetchone()[0])
        mode = str(connection.settings_dict["OPTIONS"].get("transaction_mode") or "")
        yield judge_sqlite(mode, journal)


def judge_sqlite(transaction_mode: str, journal_mode: str) -> Finding:
    """What its options make of workers, beat and web processes that write at once."""
    # A transaction that begins by reading cannot wait for the lock that it needs for writing.
    waits = transaction_mode.upper() in {"IMMEDIATE", "EXCLUSIVE"}
    if waits and journal_mode.lower() == "wal":
        return ok("sqlite", _("writers wait for each other, readers for nobody"))
    if waits:
        said = _("readers and writers wait for each other (journal mode %(journal)s)")
        said %= {"journal": journal_mode}
    else:
        said = _("workers that write at once may fail: “database is locked”")
    advice = _("Set OPTIONS in DATABASES as docs/operating.md says of SQLite, or take PostgreSQL.")
    return warning("sqlite", said, advice)
