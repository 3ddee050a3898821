"""Times that SQLite cannot read: it holds them as text, and takes what it cannot read for NULL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from string import Formatter
from typing import Final

from zerostate_monitoring.sources.platform.figures import Statement, quoted
from zerostate_monitoring.sources.platform.snapshot import Snapshot
from zerostate_monitoring.sources.platform.tables import LackingError, Tables, is_time

_UNREADABLE: Final = (
    "SELECT {names} WHERE EXISTS (SELECT 1 FROM {table}"
    ' WHERE "{column}" IS NOT NULL AND julianday("{column}") IS NULL)'
)


def unreadable_times(
    opened: Snapshot, tables: Tables, statements: Iterable[Statement]
) -> frozenset[tuple[str, str]]:
    """Tables and columns of which at least one time cannot be read; one statement.

    Raises:
        StatementError: the tables cannot be asked.
    """
    if opened.vendor != "sqlite":
        return frozenset()
    used = sorted({place for s in statements for place in _times(s, tables)})
    asked = (
        _UNREADABLE.format(names=f"{quoted(table)}, {quoted(column)}", table=table, column=column)
        for table, column in used
    )
    found = opened.rows(" UNION ALL ".join(asked)) if used else ()
    return frozenset((table, column) for table, column in found)


def _times(statement: Statement, tables: Tables) -> Iterator[tuple[str, str]]:
    """The table and column of each time that a statement needs and that is there."""
    templates = (statement.ctes, statement.source, *(figure.sql for figure in statement.figures))
    events = (("t", column) for column in statement.events)
    for alias, name in (*_placeholders(templates), *events):
        try:
            table = statement.tables[alias]
            yield table, tables.column(table, name)
        except LackingError:
            continue


def _placeholders(templates: Iterable[str]) -> Iterator[tuple[str, str]]:
    for template in templates:
        for _, field, spec, _ in Formatter().parse(template):
            if field is not None and is_time(spec or ""):
                alias, _, name = field.rpartition(".")
                yield alias or "t", name
