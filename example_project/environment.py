"""Reads what the environment sets; everything has a default that works on one machine.

What ``NAME`` may hold, a file that ``NAME_FILE`` names may hold in its place: so no secret
stands in the environment of a container.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# WAL lets readers go on while one writes; IMMEDIATE takes the write lock at the start of a
# transaction, where waiting for it still helps.
SQLITE_OPTIONS: Final[dict[str, Any]] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}

BASE_DIR: Final = Path(__file__).resolve().parent.parent
STORE: Final = "store"
"""The file in which a running demo says where its Valkey is."""


def data_directory() -> Path:
    """Where the example keeps its files: ``DATA``, by default ``.demo`` in the checkout."""
    return Path(os.environ.get("DATA", BASE_DIR / ".demo")).absolute()


def demo_store(data: Path, otherwise: str) -> str:
    """The address of the demo's Valkey while it runs, so that ``manage.py`` finds it by itself."""
    try:
        return (data / STORE).read_text("utf-8").strip() or otherwise
    except OSError:
        return otherwise


def value(name: str, default: str = "") -> str:
    """What ``name`` holds, or the file that ``name_FILE`` names, without white space around it.

    Raises:
        ImproperlyConfigured: both are set, or the file cannot be read.
    """
    path = os.environ.get(f"{name}_FILE", "")
    if not path:
        return os.environ.get(name, default)
    if os.environ.get(name):
        raise ImproperlyConfigured(f"Set one of {name} and {name}_FILE, not both.")
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE: {path} cannot be read: {error}") from error


def required(name: str, hint: str) -> str:
    """The value of an environment variable that has no default.

    Raises:
        ImproperlyConfigured: it is not set, or empty.
    """
    found = value(name)
    if not found:
        raise ImproperlyConfigured(f"Set the environment variable {name} or {name}_FILE: {hint}")
    return found


def listed(name: str) -> list[str]:
    """What ``name`` holds, parted by commas."""
    return [part.strip() for part in value(name).split(",") if part.strip()]


def choice(name: str, *choices: str) -> str:
    """One of ``choices``; the first if ``name`` is not set.

    Raises:
        ImproperlyConfigured: it is none of them.
    """
    found = value(name) or choices[0]
    if found not in choices:
        raise ImproperlyConfigured(f"{name} is one of {', '.join(choices)}, not {found!r}.")
    return found


def database(name: str, default: Path) -> dict[str, Any]:
    """Django's entry for a database: a ``postgresql://`` address or the path of a SQLite file.

    The address need not hold the password: ``name_PASSWORD`` may.

    Raises:
        ImproperlyConfigured: it is an address of another kind.
    """
    address = value(name)
    if "://" not in address:
        path = Path(address) if address else default
        engine = "django.db.backends.sqlite3"
        return {"ENGINE": engine, "NAME": path, "OPTIONS": SQLITE_OPTIONS}
    parts = urlsplit(address)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} is neither a postgresql:// address nor a path.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or "") or value(f"{name}_PASSWORD"),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
    }


def redis_address(name: str, default: str) -> str:
    """The address of a Redis; the password may stand in ``REDIS_PASSWORD`` instead."""
    address = value(name, default)
    parts, password = urlsplit(address), value("REDIS_PASSWORD")
    if not password or parts.password:
        return address
    user, _, place = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{place}").geturl()


def redis_database(url: str, number: int) -> str:
    """The address of database ``number`` on the server at ``url``."""
    return urlsplit(url)._replace(path=f"/{number}").geturl()
