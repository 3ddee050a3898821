"""What an examination gives."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is; ``unknown`` where it could not be found out."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer of the doctor: how it stands, and what to do next."""

    name: str
    level: Level
    message: str
    advice: str = ""

    def as_dict(self) -> dict[str, str]:
        """The finding for JSON."""
        return {key: str(value) for key, value in asdict(self).items()}


def ok(name: str, message: str) -> Finding:
    """All is well."""
    return Finding(name, Level.OK, message)


def unknown(name: str, message: str, advice: str = "") -> Finding:
    """It cannot be told."""
    return Finding(name, Level.UNKNOWN, message, advice)


def warning(name: str, message: str, advice: str) -> Finding:
    """It works, but not for good, or not all of it."""
    return Finding(name, Level.WARNING, message, advice)


def error(name: str, message: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(name, Level.ERROR, message, advice)
