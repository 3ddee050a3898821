"""The right to write."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write for a while. A later lease has a higher token."""

    name: str
    token: int
