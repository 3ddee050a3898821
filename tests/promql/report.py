"""Lines for the end of a run: what was compared, what was not, and what could not be had."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

NOT_COMPARED: Final = "NOT COMPARED"
"""The subject of what cannot be compared on this machine; a failure in ``.ci/run``."""
NO_JAEGER: Final = "NO JAEGER"
"""The subject of traces that nobody has seen in a Jaeger; a failure there, too."""

_LINES: Final[dict[str, list[str]]] = {}


def add(subject: str, text: str) -> None:
    """Keep a line under its subject, beside others that it has."""
    _LINES.setdefault(subject, []).append(text)


def of(subject: str) -> list[str]:
    """What was kept under a subject."""
    return _LINES.get(subject, [])


def lines() -> Iterable[str]:
    """All of them, by subject."""
    return [f"{subject}: {text}" for subject in sorted(_LINES) for text in _LINES[subject]]
