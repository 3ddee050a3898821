"""Routes as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """A receiver of a route, told so long after the one before it; ``None``: if that one fails."""

    receiver_id: int
    after_seconds: float | None = None
    receiver_name: str = ""


@dataclass(frozen=True, slots=True)
class Routed:
    """What a route says of the messages of its alerts."""

    pk: int
    name: str
    group_by: tuple[str, ...] = ()
    group_wait_seconds: float = 30
    group_interval_seconds: float = 300
    repeat_interval_seconds: float = 4 * 3600


@dataclass(frozen=True, slots=True)
class Taken:
    """A route that takes an alert, with its usable receivers in order: at least one."""

    route: Routed
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A route as it stands in the table: what it asks, and what becomes of what it takes."""

    taken: Taken
    matchers: str = ""
    is_continued: bool = False
    disabled_receivers: Sequence[str] = ()
