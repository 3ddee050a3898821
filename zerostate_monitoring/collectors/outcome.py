"""How one run of a collector ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from zerostate_monitoring.collectors.assembly import Assembled
from zerostate_monitoring.exceptions import (
    ConfigurationError,
    DefinitionError,
    SourceError,
    StoreError,
)

TIMEOUTS: Final[tuple[type[BaseException], ...]] = (TimeoutError,)

_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_KINDS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (StoreError, "store"),
    (DefinitionError, "definition"),
    (ConfigurationError, "configuration"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one run ended.

    ``duration`` is in seconds. ``absent`` and ``refused`` map a family to the reason.
    A run that was not made has a ``skipped_reason`` and is neither ok nor failed.
    ``of_source`` marks a failure that is the source's own: not of the collector's code,
    of the store, of a setting, or of the time that the run had.
    """

    name: str
    ok: bool
    samples: int = 0
    duration: float = 0.0
    error_kind: str = ""
    error: str = ""
    absent: Mapping[str, str] = field(default_factory=lambda: _NONE)
    refused: Mapping[str, str] = field(default_factory=lambda: _NONE)
    skipped_reason: str = ""
    of_source: bool = False

    @property
    def source_up(self) -> bool | None:
        """Whether the source answered; None where the run says nothing of it.

        A source that gave nothing, such as a network without nodes, was not seen up; and
        a worker that was killed says nothing against the database that it read.
        """
        if self.of_source:
            return False
        return True if self.ok and self.samples else None

    @property
    def failed(self) -> bool:
        """Whether the run was made and did not succeed."""
        return not self.ok and not self.skipped_reason


def skipped(name: str, reason: str) -> Outcome:
    """The outcome of a run that was not made."""
    return Outcome(name=name, ok=False, skipped_reason=reason)


def failed(
    name: str,
    error: BaseException,
    duration: float = 0.0,
    timeouts: tuple[type[BaseException], ...] = TIMEOUTS,
) -> Outcome:
    """The outcome of a run that ended in ``error``."""
    return Outcome(
        name=name,
        ok=False,
        duration=duration,
        error_kind=kind_of(error, timeouts),
        error=str(error) or type(error).__name__,
        of_source=isinstance(error, SourceError),
    )


def lost(name: str, began: datetime) -> Outcome:
    """The outcome of a run of which nothing was heard after it ``began``."""
    message = (
        f"the run of {began:%Y-%m-%d %H:%M:%S} UTC did not end: its process was killed, or it hangs"
    )
    return Outcome(name=name, ok=False, error_kind="lost", error=message)


def kind_of(error: BaseException, timeouts: tuple[type[BaseException], ...] = TIMEOUTS) -> str:
    """A short bounded word for ``error``; it becomes a label value.

    ``timeouts`` are the exceptions that say that time is up, wherever they happen.
    """
    if isinstance(error, SourceError):
        return error.kind
    if isinstance(error, timeouts):
        return "timeout"
    for family, kind in _KINDS:
        if isinstance(error, family):
            return kind
    return "error"


def succeeded(name: str, assembled: Assembled, duration: float) -> Outcome:
    """The outcome of a run that gave all that it could."""
    return Outcome(
        name=name,
        ok=True,
        samples=assembled.frame.schema.size,
        duration=duration,
        absent=assembled.absent,
        refused=assembled.refused,
    )
