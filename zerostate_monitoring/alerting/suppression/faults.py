"""The one place where a broken row is caught: it holds nothing back, and says so once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar, TypeVarTuple, Unpack

from zerostate_monitoring.alerting.suppression.reasons import Fault, FaultKind

logger: Final = logging.getLogger(__name__)
T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_MOST_REMEMBERED: Final = 10_000
_told: set[Fault] = set()


class Faults:
    """Rows that raised, with what they raised."""

    def __init__(self) -> None:
        self.found: dict[tuple[FaultKind, int], Fault] = {}

    def attempt(
        self,
        kind: FaultKind,
        pk: int,
        name: str,
        action: Callable[[Unpack[Ts]], T],
        *args: *Ts,
    ) -> T | None:
        """What ``action`` gives; ``None`` if it raises, and for a row that has raised before."""
        if (kind, pk) in self.found:
            return None
        try:
            return action(*args)
        except Exception as error:  # noqa: BLE001 - one broken row must not hold back, nor stop others
            self._note(Fault(kind, pk, name, str(error) or type(error).__name__))
            return None

    def _note(self, fault: Fault) -> None:
        self.found[fault.kind, fault.pk] = fault
        if fault in _told:
            return
        if len(_told) >= _MOST_REMEMBERED:
            _told.clear()
        _told.add(fault)
        extra = {"kind": fault.kind, "pk": fault.pk, "object": fault.name, "reason": fault.reason}
        logger.error("suppression_broken", extra=extra)
