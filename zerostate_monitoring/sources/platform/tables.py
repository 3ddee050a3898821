"""Which tables and columns a platform has, and templates resolved against them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any, Final

from zerostate_monitoring.sources.platform.dialects import Dialect, written

# The SQLite schema with which ZeroState is developed names some columns otherwise.
CANDIDATES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("payment_channels", "payer_did"): ("payer_id",),
    ("payment_channels", "payee_did"): ("payee_id",),
    ("payment_channels", "current_balance"): ("balance",),
    ("payment_channels", "state"): ("status",),
    ("reputation_scores", "agent_did"): ("agent_id",),
    ("reputation_scores", "overall_score"): ("score",),
    ("tasks", "task_id"): ("id",),
    ("tasks", "user_did"): ("user_id",),
    ("tasks", "agent_did"): ("agent_id",),
    ("auctions", "updated_at"): ("closed_at",),
    ("bids", "price"): ("amount",),
}


_OF_TIMES: Final = frozenset({"epoch", "within", "older"})


def is_time(spec: str) -> bool:
    """Whether a placeholder with this after its colon takes its column for a time."""
    return spec.partition(" ")[0] in _OF_TIMES


class LackingError(Exception):
    """A template needs something that the platform does not have; never leaves this app.

    ``table`` is where it should be. ``forbidden`` says that it is there and a grant is not.
    """

    def __init__(self, message: str, table: str = "", *, forbidden: bool = False) -> None:
        super().__init__(message)
        self.table = table
        self.forbidden = forbidden


@dataclass(frozen=True, slots=True)
class Tables:
    """The platform's tables with the columns that this role may read.

    ``forbidden`` holds tables that exist and of which no column may be read; ``hidden``
    tables and columns that may not; ``unreadable`` those that hold a time which the
    database cannot read.
    """

    columns: Mapping[str, frozenset[str]]
    forbidden: frozenset[str]
    unreadable: frozenset[tuple[str, str]] = frozenset()
    hidden: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, found: Iterable[tuple[str, str, Any]]) -> Tables:
        """Gather (table, column, whether it may be read)."""
        columns: dict[str, set[str]] = {}
        hidden = set()
        for table, column, readable in found:
            if not readable:
                hidden.add((table, column))
            columns.setdefault(table, set()).update([column] if readable else [])
        forbidden = frozenset(table for table, names in columns.items() if not names)
        readable_tables = {t: frozenset(names) for t, names in columns.items() if names}
        return cls(readable_tables, forbidden, hidden=frozenset(hidden))

    def column(self, table: str, name: str) -> str:
        """The table's own name of the column.

        Raises:
            LackingError: the table or the column is missing, or may not be read.
        """
        self.require(table)
        candidates = (name, *CANDIDATES.get((table, name), ()))
        for candidate in candidates:
            if candidate in self.columns[table]:
                return candidate
        for candidate in candidates:
            if (table, candidate) in self.hidden:
                reason = f"column {table}.{candidate} may not be read by this role"
                raise LackingError(reason, table, forbidden=True)
        raise LackingError(f"column {table}.{name} is missing", table)

    def require(self, table: str) -> None:
        """Refuse a table that cannot be read.

        Raises:
            LackingError: the table is missing, or may not be read.
        """
        if table in self.forbidden:
            reason = f"table {table} may not be read by this role"
            raise LackingError(reason, table, forbidden=True)
        if table not in self.columns:
            raise LackingError(f"table {table} is missing", table)


@dataclass(frozen=True, slots=True)
class Writer:
    """Resolve templates of one statement: ``aliases`` maps its aliases to tables."""

    tables: Tables
    dialect: Dialect
    aliases: Mapping[str, str]

    def write(self, template: str) -> str:
        """``template`` as SQL.

        Raises:
            LackingError: it needs a table or column that is not there, or cannot be read.
        """
        parts = []
        for text, field, spec, _ in Formatter().parse(template):
            parts.append(text)
            if field is not None:
                parts.append(self._placeholder(field, spec or ""))
        return "".join(parts)

    def _placeholder(self, field: str, spec: str) -> str:
        alias, _, name = field.rpartition(".")
        alias = alias or "t"
        table = self.aliases[alias]
        found = self.tables.column(table, name)
        if is_time(spec) and (table, found) in self.tables.unreadable:
            raise LackingError(f"column {table}.{found} holds a time that cannot be read", table)
        return written(self.dialect, f'{alias}."{found}"', spec, table)

    def require_tables(self) -> None:
        """Refuse the statement if one of its tables cannot be read.

        Raises:
            LackingError: which table.
        """
        for table in self.aliases.values():
            self.tables.require(table)
