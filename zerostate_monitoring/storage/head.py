"""What stands at the head of the timeline, for those who only look at its size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Head:
    """What stands at the head of the timeline; slots in ms, 0 for none; size in bytes."""

    epoch: str = ""
    first: int = 0
    last: int = 0
    size: int = 0
    columns: int = 0
    missed: int = 0
    cut: int = 0
    interval: int = 0
    recorded: str = ""
    """What is other whenever evaluation has recorded something; empty where nobody asked."""

    @classmethod
    def of(cls, fields: Mapping[bytes, bytes]) -> Head:
        """Read the hash."""
        numbers = ("first", "last", "columns", "missed", "cut", "interval")
        found = {name: int(float(fields.get(name.encode(), 0))) for name in numbers}
        found["size"] = int(float(fields.get(b"bytes", 0)))
        epoch, recorded = (
            fields.get(name, b"").decode("ascii", "replace") for name in (b"epoch", b"recorded")
        )
        return cls(epoch=epoch, recorded=recorded, **found)


NO_HISTORY: Final = Head()
"""Of a store without a timeline, or one that does not answer."""
