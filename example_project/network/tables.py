"""Writes what changed into the platform's tables, one transaction per step."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from example_project.network.schema import TABLES, create_tables, drop_tables
from example_project.network.simulation.entities import Row
from example_project.network.simulation.world import Batch

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

MARKER: Final = "example_network"
"""A table that says: these tables were made by the example and may be dropped by it."""

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    table: tuple(column.split()[0] for column in columns.split(","))
    for table, columns in TABLES.items()
}


class ForeignTablesError(Exception):
    """The database holds platform tables that this example did not make."""


def recreate(connection: BaseDatabaseWrapper) -> None:
    """Start with empty tables.

    Raises:
        ForeignTablesError: tables are there, but not the example's mark.
    """
    present = set(connection.introspection.table_names())
    if present & set(TABLES) and MARKER not in present:
        raise ForeignTablesError(
            "The platform database holds tables that the example did not make; "
            "it would have to drop them. Name another database."
        )
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {MARKER} (id integer)")
        drop_tables(connection)
        create_tables(connection)


def write(connection: BaseDatabaseWrapper, batch: Batch) -> None:
    """Insert the rows of ``batch``, or replace those whose id is there, all or none."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for table, rows in batch.items():
            values = [_values(connection, table, row) for row in rows]
            cursor.executemany(_upsert(table), values)


def _upsert(table: str) -> str:
    columns = COLUMNS[table]
    places = ", ".join(["%s"] * len(columns))
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name != "id")
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}) "  # noqa: S608 - own names
        f"ON CONFLICT (id) DO UPDATE SET {changes}"
    )


def _values(connection: BaseDatabaseWrapper, table: str, row: Row) -> list[Any]:
    return [_adapted(connection, row.get(column)) for column in COLUMNS[table]]


def _adapted(connection: BaseDatabaseWrapper, value: Any) -> Any:
    match value:
        case dict() | list():
            return json.dumps(value)
        case Decimal() if connection.vendor == "sqlite":
            return str(value)
        case _ if hasattr(value, "tzinfo"):
            return connection.ops.adapt_datetimefield_value(value)
    return value
