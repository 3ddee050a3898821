"""What is asked of a table: figures in a small template language, several per statement.

A figure is an SQL aggregate in which columns stand in braces by their logical name:
``{amount}``, or ``{d.created_at}`` for the table with the alias ``d``. What follows a
colon is written by the dialect:

========================== ====================================================
``{x:epoch}``              seconds since 1970
``{x:within 3600}``        true if x lies in the last 3600 s, or in the future
``{x:older 900}``          true if x lies more than 900 s back
``{x:median}``             median over all rows, NULL without rows
``{x:id}``                 x in a form in which identifiers of any two types compare
``{x:key priority}``       text of one key of a JSON object
``{x:text}``               x as text
========================== ====================================================

So the columns that a figure needs are read from the figure itself, and one place
serves both dialects. Aggregates use ``FILTER``, which PostgreSQL and SQLite share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from zerostate_monitoring.catalogue.shapes import WINDOWS

OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class Figure:
    """One aggregate: the series of ``family`` (without ``zerostate_``) with these label values."""

    family: str
    labels: tuple[str, ...]
    sql: str


@dataclass(frozen=True, slots=True)
class Statement:
    """All figures that one pass over ``source`` gives.

    ``tables`` maps each alias used in ``source`` to its table; the alias ``t`` is meant
    where a column stands without one. ``ctes`` is put before the SELECT. ``events`` are
    the columns that say when rows came or changed; the newest of these times is
    given with the figures.
    """

    tables: Mapping[str, str]
    source: str
    figures: tuple[Figure, ...]
    ctes: str = ""
    events: tuple[str, ...] = ()


def over(table: str, *figures: Iterable[Figure], events: tuple[str, ...] = ()) -> Statement:
    """Ask ``figures`` in one pass over one table."""
    return replace(joined({"t": table}, f"{table} AS t", *figures), events=events)


def joined(
    tables: Mapping[str, str], source: str, *figures: Iterable[Figure], ctes: str = ""
) -> Statement:
    """Ask ``figures`` over a join, or over tables of the statement's own making."""
    return Statement(tables, source, tuple(f for group in figures for f in group), ctes)


def single(family: str, sql: str, *labels: str) -> Iterator[Figure]:
    """Give the family's series with these label values from one aggregate."""
    yield Figure(family, labels, sql)


def rows(family: str, where: str, *labels: str) -> Iterator[Figure]:
    """Count the rows for which ``where`` holds."""
    return single(family, f"count(*) FILTER (WHERE {where})", *labels)


def added(family: str, what: str, where: str = "true", *labels: str) -> Iterator[Figure]:
    """Add ``what`` over the rows for which ``where`` holds; no row adds up to 0."""
    return single(family, f"coalesce(sum({what}) FILTER (WHERE {where}), 0)", *labels)


def by_value(
    family: str, column: str, known: Mapping[str, Sequence[str]], *, what: str = ""
) -> Iterator[Figure]:
    """Count rows, or add ``what``, for each known value of a column and for all others.

    ``known`` maps label values to their spellings in the table. What is none of these,
    NULL included, is ``other``: no row is lost.
    """
    spellings = [word for words in known.values() for word in words]
    conditions = {label: one_of(column, words) for label, words in known.items()}
    conditions[OTHER] = f"({column} IS NULL OR NOT {one_of(column, spellings)})"
    for label, where in conditions.items():
        yield from added(family, what, where, label) if what else rows(family, where, label)


def by_window(family: str, column: str, where: str, *labels: str) -> Iterator[Figure]:
    """Count rows over each window of the event time ``column``."""
    for window, seconds in WINDOWS.items():
        yield from rows(family, f"{where} AND {{{column}:within {seconds}}}", *labels, window)


def mean_by_window(
    mean: str, count: str, column: str, what: str, where: str = "true"
) -> Iterator[Figure]:
    """Give the mean of ``what`` over each window, and of how many rows it is the mean.

    Rows of which ``what`` is not known are in neither; the mean of none is NULL.
    """
    for window, seconds in WINDOWS.items():
        within = f"FILTER (WHERE {where} AND {{{column}:within {seconds}}})"
        yield from single(mean, f"avg({what}) {within}", window)
        if count:
            yield from single(count, f"count({what}) {within}", window)


def one_of(column: str, words: Iterable[str]) -> str:
    """Condition that ``column`` (SQL or a placeholder) is one of ``words``."""
    return f"{column} IN ({', '.join(quoted(word) for word in words)})"


def quoted(word: str) -> str:
    """``word`` as an SQL literal."""
    return "'" + word.replace("'", "''") + "'"


def spelled(*words: str, **aliases: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Label values with their spellings in the table: their own, and the ``aliases`` given."""
    return {word: (word, *aliases.get(word, ())) for word in words}
