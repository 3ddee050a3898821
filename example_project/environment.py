"""Reads what the environment sets; everything has a default that works on one machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# WAL lets readers go on while one writes; IMMEDIATE takes the write lock at the start of a
# transaction, where waiting for it still helps.
SQLITE_OPTIONS: Final[dict[str, Any]] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}

BASE_DIR: Final = Path(__file__).resolve().parent.parent


def data_directory() -> Path:
    """Where the example keeps its files: ``DATA``, by default ``.demo`` in the checkout."""
    return Path(os.environ.get("DATA", BASE_DIR / ".demo")).absolute()


def required(name: str, hint: str) -> str:
    """The value of an environment variable that has no default.

    Raises:
        ImproperlyConfigured: it is not set, or empty.
    """
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"Set the environment variable {name}: {hint}")
    return value


def database(name: str, default: Path) -> dict[str, Any]:
    """Django's entry for a database: a ``postgresql://`` address or the path of a SQLite file.

    Raises:
        ImproperlyConfigured: it is an address of another kind.
    """
    value = os.environ.get(name, "")
    if "://" not in value:
        path = Path(value) if value else default
        engine = "django.db.backends.sqlite3"
        return {"ENGINE": engine, "NAME": path, "OPTIONS": SQLITE_OPTIONS}
    parts = urlsplit(value)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} is neither a postgresql:// address nor a path.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
    }


def redis_database(url: str, number: int) -> str:
    """The address of database ``number`` on the server at ``url``."""
    return urlsplit(url)._replace(path=f"/{number}").geturl()
