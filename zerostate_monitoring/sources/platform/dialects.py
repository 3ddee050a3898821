"""The few words in which PostgreSQL and SQLite differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol

_UNIX_EPOCH_JULIAN: Final = 2440587.5
_DAY_SECONDS: Final = 86400


class Dialect(Protocol):
    """Write what stands after the colon of a placeholder.

    ``now`` is the database's clock at the start of the run, in seconds since 1970: one
    moment for all statements of a run.
    """

    @property
    def now(self) -> float:
        """The moment that all times are compared with."""

    def epoch(self, column: str) -> str:
        """Seconds since 1970 of a time."""

    def moment(self, seconds_ago: float) -> str:
        """A time before now, in the form that ``comparable`` gives."""

    def comparable(self, column: str) -> str:
        """A time in a form that can be compared; an index on it stays useful if it can."""

    def median(self, column: str, table: str) -> str:
        """Median of a column over all rows of ``table``."""

    def key(self, column: str, name: str) -> str:
        """Text of one key of a JSON object."""

    def identifier(self, column: str) -> str:
        """An identifier in a form that compares with those of other tables."""


@dataclass(frozen=True, slots=True)
class Postgresql:
    """PostgreSQL 13 and later."""

    now: float
    LOOK_UP: ClassVar[str] = """
        SELECT c.relname, a.attname, has_column_privilege(c.oid, a.attnum, 'SELECT')
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_catalog.pg_table_is_visible(c.oid)
          AND a.attnum > 0 AND NOT a.attisdropped AND c.relname IN ({tables})
        UNION ALL SELECT '', extract(epoch FROM now())::text, true"""

    def epoch(self, column: str) -> str:
        return f"extract(epoch FROM {column})"

    def moment(self, seconds_ago: float) -> str:
        return f"to_timestamp({self.now - seconds_ago:.6f})"

    def comparable(self, column: str) -> str:
        return column

    def median(self, column: str, table: str) -> str:
        del table
        return f"percentile_cont(0.5) WITHIN GROUP (ORDER BY {column})"

    def key(self, column: str, name: str) -> str:
        return f"{column}::jsonb ->> '{name}'"

    def identifier(self, column: str) -> str:
        # uuid and varchar do not compare; of text and varchar the cast costs nothing.
        return f"CAST({column} AS text)"


@dataclass(frozen=True, slots=True)
class Sqlite:
    """SQLite 3.31 and later; times are ISO 8601 text."""

    now: float
    LOOK_UP: ClassVar[str] = """
        SELECT m.name, c.name, 1 FROM sqlite_master AS m, pragma_table_info(m.name) AS c
        WHERE m.type IN ('table', 'view') AND m.name IN ({tables})
        UNION ALL SELECT '', (julianday('now') - 2440587.5) * 86400, 1"""

    def epoch(self, column: str) -> str:
        return f"((julianday({column}) - {_UNIX_EPOCH_JULIAN}) * {_DAY_SECONDS})"

    def moment(self, seconds_ago: float) -> str:
        return repr((self.now - seconds_ago) / _DAY_SECONDS + _UNIX_EPOCH_JULIAN)

    def comparable(self, column: str) -> str:
        return f"julianday({column})"

    def median(self, column: str, table: str) -> str:
        ranked = (
            f"SELECT {column} AS x, row_number() OVER (ORDER BY {column}) AS place, "
            f"count(*) OVER () AS size FROM {table} AS t WHERE {column} IS NOT NULL"
        )
        return f"(SELECT avg(x) FROM ({ranked}) WHERE place IN ((size + 1) / 2, (size + 2) / 2))"

    def key(self, column: str, name: str) -> str:
        value = f"CASE WHEN json_valid({column}) THEN json_extract({column}, '$.{name}') END"
        return f"CAST({value} AS text)"

    def identifier(self, column: str) -> str:
        # Whatever it was declared as, it is text; a cast would only hide it from its index.
        return column


DIALECTS: Final[Mapping[str, type[Postgresql | Sqlite]]] = {
    "postgresql": Postgresql,
    "sqlite": Sqlite,
}


def written(dialect: Dialect, column: str, spec: str, table: str) -> str:
    """SQL of a placeholder: ``column`` is quoted and resolved, ``spec`` follows the colon."""
    verb, _, argument = spec.partition(" ")
    verbs: dict[str, Callable[[], str]] = {
        "": lambda: column,
        "epoch": lambda: dialect.epoch(column),
        "within": lambda: f"{dialect.comparable(column)} > {dialect.moment(float(argument))}",
        "older": lambda: f"{dialect.comparable(column)} < {dialect.moment(float(argument))}",
        "median": lambda: dialect.median(column, table),
        "key": lambda: dialect.key(column, argument),
        "text": lambda: f"CAST({column} AS text)",
        "id": lambda: dialect.identifier(column),
    }
    return verbs[verb]()
