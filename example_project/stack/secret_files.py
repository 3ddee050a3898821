"""The stack's secrets: made at its first start, a file each, for the owner alone."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet


def _text() -> str:
    return secrets.token_urlsafe(32)


MADE_BY: Final[Mapping[str, Callable[[], str]]] = {
    "admin-password": lambda: secrets.token_urlsafe(12),
    "postgres-password": _text,
    "database-password": _text,
    "platform-password": _text,
    "platform-reader-password": _text,
    "secret-key": lambda: secrets.token_urlsafe(64),
    "monitoring-secret-keys": lambda: Fernet.generate_key().decode(),
    "metrics-token": _text,
    "webhook-token": _text,
    "api-token": _text,
    "grafana-admin-password": lambda: secrets.token_urlsafe(12),
    "grafana-secret-key": _text,
}
"""File name to what makes its first text."""


def keep(directory: Path) -> dict[str, str]:
    """Every secret by its file's name; those that are missing are made."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {name: _kept(directory / name, make) for name, make in MADE_BY.items()}


def _kept(path: Path, make: Callable[[], str]) -> str:
    if path.exists() and (text := path.read_text().strip()):
        return text
    text = make()
    # Whole or not at all: a file that a crash left empty would be an empty password.
    unfinished = path.with_suffix(".new")
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.replace(path)
    return text
