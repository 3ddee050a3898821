"""What went wrong on the platform's database, as one bounded word."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, ProgrammingError

from zerostate_monitoring.exceptions import ConfigurationError, SourceError

# First characters of an SQLSTATE (appendix A of PostgreSQL's manual), longest first.
_SQLSTATES: Final = (
    ("57014", "timeout"),
    ("55P03", "timeout"),
    ("25P03", "timeout"),
    ("42501", "unauthorized"),
    ("3D000", "missing"),
    ("28", "unauthorized"),
    ("08", "refused"),
    ("53", "refused"),
    ("57P", "refused"),
)
# libpq gives no SQLSTATE for a connection that was not made, only words; the server's
# own are in its language, so what is not recognised counts as refused.
_CONNECTING: Final = (
    ("password authentication failed", "unauthorized"),
    ("no password supplied", "unauthorized"),
    ("pg_hba.conf", "unauthorized"),
    ("authentication failed", "unauthorized"),
    ('role "', "unauthorized"),
    ("permission denied for database", "unauthorized"),
    ('database "', "missing"),
    ("timeout", "timeout"),
    ("timed out", "timeout"),
)
_SQLITE: Final = {
    sqlite3.SQLITE_INTERRUPT: "timeout",
    sqlite3.SQLITE_BUSY: "timeout",
    sqlite3.SQLITE_LOCKED: "timeout",
    sqlite3.SQLITE_CANTOPEN: "missing",
    sqlite3.SQLITE_PERM: "unauthorized",
    sqlite3.SQLITE_AUTH: "unauthorized",
    sqlite3.SQLITE_READONLY: "unauthorized",
    sqlite3.SQLITE_NOTADB: "invalid",
    sqlite3.SQLITE_CORRUPT: "invalid",
}
_PRIMARY_CODE: Final = 0xFF

# A statement that fails with one of these says something of its tables, not of the
# database: syntax or access rule (a table dropped since the look-up, types that cannot
# be compared), data (text that is no JSON), a cast.
_OF_STATEMENT: Final = ("42", "22")


def sqlstate(error: BaseException) -> str:
    """The five characters of the SQL standard, empty where the driver gives none."""
    return str(getattr(error.__cause__, "sqlstate", None) or "")


def kind(error: BaseException) -> str:
    """One of the words that ``SourceError.kind`` may be."""
    state = sqlstate(error)
    if state:
        return next((word for prefix, word in _SQLSTATES if state.startswith(prefix)), "error")
    if isinstance(error.__cause__, sqlite3.Error):
        code = getattr(error.__cause__, "sqlite_errorcode", 0) & _PRIMARY_CODE
        return _SQLITE.get(code, "error")
    if isinstance(error, ProgrammingError):
        return "invalid"  # an option of the connection that the driver does not know
    text = str(error).lower()
    return next((word for words, word in _CONNECTING if words in text), "refused")


def is_of_statement(error: BaseException) -> bool:
    """Whether other statements of the run can still succeed."""
    state = sqlstate(error)
    if state:
        return state[:2] in _OF_STATEMENT
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    return code == sqlite3.SQLITE_ERROR


@contextmanager
def translated(alias: str) -> Iterator[None]:
    """Turn what Django raises on the alias into this app's errors.

    Raises:
        ConfigurationError: the driver of the alias cannot be loaded.
        SourceError: the database failed; ``kind`` says how.
    """
    try:
        yield
    except ImproperlyConfigured as error:
        raise ConfigurationError(f"platform database {alias!r}: {error}") from error
    except Error as error:
        message = f"platform database {alias!r}: {first_line(error)}"
        raise SourceError(message, kind=kind(error)) from error


def first_line(error: BaseException) -> str:
    """What the database said, without the statement that it quotes."""
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__
