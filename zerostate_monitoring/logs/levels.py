"""Levels that are raised or lowered while a process runs, each until its end.

What stood before comes back at the end, also where nobody can be asked any more. Time is
passed in, by two clocks: by the wall an end is said, by the other one it comes also where
the wall's was set back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from zerostate_monitoring.logs.security import LOGGER as SECURITY

logger = logging.getLogger(__name__)

ROOT: Final = "root"
LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LONGEST_SECONDS: Final = 7 * 24 * 3600
"""For how long a level may be set."""
MOST: Final = 200
"""Levels at one time."""
LONGEST_NAME: Final = 200
"""Characters of a logger's name."""


@dataclass(frozen=True, slots=True)
class Override:
    """``logger`` has ``level`` until ``until`` (unix seconds)."""

    logger: str
    level: str
    until: float


def read(document: object) -> tuple[Override, ...]:
    """Overrides out of a document of the store; what cannot be one is left out."""
    rows = document.get("levels") if isinstance(document, Mapping) else None
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        return ()
    return tuple(filter(None, map(_read, rows[:MOST])))


def _read(row: Any) -> Override | None:
    match row:
        case {"logger": str(name), "level": str(level), "until": float() | int() as until}:
            is_level = level in LEVELS and not would_hide(name, level)
            if is_level and 0 < len(name) <= LONGEST_NAME:
                return Override(name, level, float(until))
    return None


def would_hide(name: str, level: str) -> bool:
    """Whether this would keep lines of security from being written: nobody may."""
    return name == SECURITY and level not in {"DEBUG", "INFO"}


def written(overrides: Iterable[Override]) -> dict[str, Any]:
    """The document of ``read``."""
    return {
        "levels": [
            {"logger": one.logger, "level": one.level, "until": one.until} for one in overrides
        ]
    }


@dataclass(slots=True)
class _Held:
    override: Override
    before: int
    ends: float


class Levels:
    """What this process has changed, and what stood there before."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._over: set[Override] = set()

    @property
    def held(self) -> Mapping[str, Override]:
        """What holds now, by logger."""
        return {name: one.override for name, one in self._held.items()}

    def apply(self, wanted: Iterable[Override], now: float, ticks: float) -> None:
        """Set what is wanted and not over, and take back what is wanted no more."""
        asked = [*wanted]
        # What had its time stays over, though the wall's clock was set back before its end.
        self._over &= {*asked}
        current = {one.logger: one for one in asked if one.until > now and one not in self._over}
        for name in [name for name in self._held if name not in current]:
            self._revert(name, "ended")
        for override in current.values():
            self._set(override, now, ticks)

    def expire(self, now: float, ticks: float) -> None:
        """Take back what is over, by either clock."""
        for name, one in [*self._held.items()]:
            if now >= one.override.until or ticks >= one.ends:
                self._revert(name, "expired")
                if ticks >= one.ends:
                    self._over.add(one.override)

    def _set(self, override: Override, now: float, ticks: float) -> None:
        held = self._held.get(override.logger)
        if held is not None and held.override == override:
            return
        found = _logger(override.logger)
        before = found.level if held is None else held.before
        ends = ticks + min(override.until - now, LONGEST_SECONDS)
        self._held[override.logger] = _Held(override, before, ends)
        found.setLevel(override.level)
        extra = {"of": override.logger, "to": override.level, "until": override.until}
        logger.warning("log_level_set", extra=extra)

    def _revert(self, name: str, reason: str) -> None:
        held, found = self._held.pop(name), _logger(name)
        # Told while the line is still written, and left alone where the project set its own.
        extra = {"of": name, "to": logging.getLevelName(held.before), "reason": reason}
        logger.warning("log_level_reverted", extra=extra)
        if found.level == logging.getLevelNamesMapping()[held.override.level]:
            found.setLevel(held.before)


def _logger(name: str) -> logging.Logger:
    return logging.getLogger() if name == ROOT else logging.getLogger(name)


def known_loggers() -> set[str]:
    """Names of the loggers of this process, those that only hold others together among them."""
    return {ROOT, *[*logging.Logger.manager.loggerDict]}
