"""What a collector yields."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from prometheus_client import Metric

from zerostate_monitoring.catalogue.definition import Reading


@dataclass(frozen=True, slots=True)
class Absent:
    """A family that this run cannot give, and why; never a 0 in its place."""

    family: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A family that somebody offered and that was not taken, and why."""

    family: str
    reason: str


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why a run is no success although what it gives is right and is shown.

    ``kind`` is one of ``ERROR_KINDS``.
    """

    kind: str
    reason: str


Item = Reading | Metric | Absent | Refused | Shortfall
Collect = Callable[[], Iterable[Item]]
