"""Ask statements of a snapshot; what a platform lacks becomes a reason, never a 0."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import inf, isfinite
from typing import Final

from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.sources.platform.dialects import DIALECTS, Dialect
from zerostate_monitoring.sources.platform.figures import Figure, Statement, quoted
from zerostate_monitoring.sources.platform.snapshot import Snapshot, StatementError, snapshot
from zerostate_monitoring.sources.platform.statements import DIVISIBLE
from zerostate_monitoring.sources.platform.tables import LackingError, Tables, Writer
from zerostate_monitoring.sources.platform.times import unreadable_times

logger: Final = logging.getLogger(__name__)

Series = tuple[str, tuple[str, ...]]
"""Family without ``zerostate_``, and label values."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one run found, all of it at one moment.

    ``values`` maps series to numbers; a series whose aggregate is NULL (the median of
    nothing) is not in it. ``missing`` maps families, all of which or a part of
    which could not be asked, to the reason. ``newest`` maps families that count
    rows to the time of the newest event in their table. ``at`` is the database's clock;
    both are in seconds since 1970. ``statements`` is how many were sent for data.
    """

    at: float
    values: Mapping[Series, float]
    missing: Mapping[str, str]
    statements: int
    newest: Mapping[str, float] = field(default_factory=dict)

    def series(self, family: str) -> Mapping[tuple[str, ...], float]:
        """Values of one family by label values."""
        return {labels: v for (name, labels), v in self.values.items() if name == family}


def read_platform(statements: Iterable[Statement], seconds: float = inf) -> Answer | None:
    """Ask the configured platform within ``seconds``; None where none is configured.

    Raises:
        ConfigurationError, SourceError: see ``read``.
    """
    alias = conf.PLATFORM_DATABASE
    if not alias:
        return None
    return read(statements, alias, conf.PLATFORM_TIMEOUT_SECONDS, seconds)


def read(
    statements: Iterable[Statement], alias: str, timeout: float, seconds: float = inf
) -> Answer:
    """Ask all statements in one snapshot of the Django alias.

    The number of statements sent does not depend on what the tables hold.

    Args:
        statements: what to ask.
        alias: Django database alias.
        timeout: seconds for each statement.
        seconds: for all of them; no statement is begun later.

    Raises:
        ConfigurationError: the alias is unknown or of another kind.
        SourceError: the database cannot be reached or read in time, or has none of the tables.
    """
    statements = tuple(statements)
    ends = time.monotonic() + seconds
    with snapshot(alias, timeout) as opened:
        tables, dialect = look_up(opened, statements)
        run = _Run(opened, _Preparation(tables, dialect))
        for statement in statements:
            if time.monotonic() > ends:
                message = f"platform database {alias!r}: not all was read within {seconds:g} s"
                raise SourceError(message, kind="timeout")
            run.ask(statement)
        return Answer(dialect.now, run.whole(), run.reasons(), opened.statements, run.newest)


def look_up(opened: Snapshot, statements: Sequence[Statement]) -> tuple[Tables, Dialect]:
    """Which of the statements' tables and columns are there, and the database's clock.

    Raises:
        SourceError: there is none of the tables, or none that may be read.
    """
    wanted = sorted({table for s in statements for table in s.tables.values()})
    kind = DIALECTS[opened.vendor]
    names = ", ".join(quoted(table) for table in wanted)
    try:
        found = opened.rows(kind.LOOK_UP.format(tables=names))
    except StatementError as error:
        raise SourceError("the platform's tables cannot be looked up") from error
    tables = Tables.of((t, c, readable) for t, c, readable in found if t)
    if not tables.columns:
        reason = "unauthorized" if tables.forbidden else "missing"
        raise SourceError(f"no platform table is readable, of {', '.join(wanted)}", kind=reason)
    try:
        unreadable = unreadable_times(opened, tables, statements)
    except StatementError as error:
        raise SourceError("the platform's times cannot be looked at") from error
    clock = next(float(clock) for table, clock, _ in found if not table)
    return replace(tables, unreadable=unreadable), kind(now=clock)


def lacks(tables: Tables, dialect: Dialect, statements: Iterable[Statement]) -> list[LackingError]:
    """What keeps these tables from giving all figures, each once; nothing is asked."""
    preparation = _Preparation(tables, dialect)
    for statement in statements:
        preparation.of(statement)
    return [*{str(error): error for error in preparation.lacking.values()}.values()]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as SQL: ``frame`` has ``{}`` where figures and events will stand."""

    frame: str
    figures: Mapping[Figure, str]
    events: Sequence[str]


@dataclass(slots=True)
class _Preparation:
    """Writes statements, and remembers which series cannot be had, and why."""

    tables: Tables
    dialect: Dialect
    lacking: dict[Series, LackingError] = field(default_factory=dict)

    def of(self, statement: Statement) -> _Prepared | None:
        """The statement with all figures of it that this platform can give; None without any."""
        writer = Writer(self.tables, self.dialect, statement.tables)
        try:
            writer.require_tables()
            frame = _frame(statement, writer)
        except LackingError as error:
            self.lack(statement.figures, error)
            return None
        figures = self._written(statement.figures, writer)
        return _Prepared(frame, figures, self._events(statement, writer)) if figures else None

    def _events(self, statement: Statement, writer: Writer) -> list[str]:
        """The newest time of each column of events that there is; a time to come is none."""
        found = []
        for column in statement.events:
            with suppress(LackingError):
                past = f"FILTER (WHERE {{{column}:older 0}})"
                found.append(writer.write(f"max({{{column}:epoch}}) {past}"))
        return found

    def _written(self, figures: Iterable[Figure], writer: Writer) -> dict[Figure, str]:
        written: dict[Series, tuple[Figure, str]] = {}
        for figure in figures:
            series = figure.family, figure.labels
            try:
                sql = writer.write(figure.sql)
            except LackingError as error:
                self.lack([figure], error)
            else:
                # Of several ways to a series, the first that this platform knows counts.
                written.setdefault(series, (figure, sql))
        for series in written:
            self.lacking.pop(series, None)
        return dict(written.values())

    def lack(self, figures: Iterable[Figure], error: LackingError) -> None:
        """Remember that these series cannot be had."""
        for figure in figures:
            self.lacking[figure.family, figure.labels] = error


@dataclass(slots=True)
class _Run:
    """The statements of one snapshot, and what they gave so far."""

    opened: Snapshot
    preparation: _Preparation
    values: dict[Series, float] = field(default_factory=dict)
    newest: dict[str, float] = field(default_factory=dict)

    def ask(self, statement: Statement) -> None:
        """Send one statement with all figures of it that this platform can give."""
        prepared = self.preparation.of(statement)
        if prepared is not None:
            self._send(prepared, statement)

    def _send(self, prepared: _Prepared, statement: Statement) -> None:
        figures = prepared.figures
        columns = ", ".join((*figures.values(), *prepared.events))
        try:
            (row,) = self.opened.rows(prepared.frame.format(columns))
        except StatementError as error:
            self._fail(figures, statement, error)
            return
        times = [float(time) for time in row[len(figures) :] if time is not None]
        for figure, value in zip(figures, row[: len(figures)], strict=True):
            if times:
                self.newest[figure.family] = max(times)
            if value is None:
                continue
            if not isfinite(value):
                reason = f"a row of {figure.family} holds NaN or infinity"
                self.preparation.lack([figure], LackingError(reason))
                continue
            self.values[figure.family, figure.labels] = float(value)

    def _fail(self, figures: Iterable[Figure], statement: Statement, error: Exception) -> None:
        tables = ", ".join(sorted(set(statement.tables.values())))
        logger.warning("platform_statement_failed", extra={"tables": tables, "error": str(error)})
        said = str(error).partition("\n")[0]
        self.preparation.lack(figures, LackingError(f"{tables} could not be asked: {said}"))

    def whole(self) -> dict[Series, float]:
        """The values, but none of a family that lacks a series that it cannot do without."""
        lacking = {family for family, _ in self.preparation.lacking} - DIVISIBLE
        return {series: value for series, value in self.values.items() if series[0] not in lacking}

    def reasons(self) -> dict[str, str]:
        """One reason for each family that lacks a series."""
        found: dict[str, dict[str, None]] = {}
        for (family, _), error in self.preparation.lacking.items():
            found.setdefault(family, {})[str(error)] = None
        return {family: "; ".join(reasons) for family, reasons in found.items()}


def _frame(statement: Statement, writer: Writer) -> str:
    """The statement with ``{}`` where its figures will stand."""
    parts: Sequence[str] = (
        f"WITH {writer.write(statement.ctes)}" if statement.ctes else "",
        "SELECT {}",
        f"FROM {writer.write(statement.source)}",
    )
    return " ".join(part for part in parts if part)
