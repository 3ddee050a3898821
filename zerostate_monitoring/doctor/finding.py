"""What an examination gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from django.utils.translation import ngettext

from zerostate_monitoring.doctor.titles import title_of


class Level(StrEnum):
    """How bad it is; ``unknown`` where it could not be found out."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer of the doctor: how it stands, and what to do next.

    ``name`` is for programs and the same in every language; the rest is for people.
    """

    name: str
    level: Level
    message: str
    advice: str = ""

    @property
    def title(self) -> str:
        """What it is called, in the language of who asks."""
        return title_of(self.name)

    def as_dict(self) -> dict[str, str]:
        """The finding for JSON."""
        return {key: str(value) for key, value in asdict(self).items()}


def some(names: Sequence[str], most: int) -> str:
    """The first ``most`` of the names, and how many there are besides."""
    shown, more = ", ".join(names[:most]), len(names) - most
    if more <= 0:
        return shown
    said = ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more)
    return said % {"names": shown, "n": more}


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
