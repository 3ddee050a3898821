"""What a check says, what all of them say together, and the status code for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Status(StrEnum):
    """How a component is; ``unknown`` where nobody has found out, or there is nothing to judge."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


class Probe(StrEnum):
    """Who asks."""

    LIVE = "live"
    STARTUP = "startup"
    READY = "ready"
    DETAIL = "detail"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found. ``metadata`` goes into JSON as it is: numbers and short texts."""

    status: Status
    message: str = ""
    metadata: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


def healthy(message: str = "", **metadata: Any) -> Outcome:
    """It does what it is there for."""
    return Outcome(Status.HEALTHY, message, metadata)


def degraded(message: str, **metadata: Any) -> Outcome:
    """It works, but not as well as it should."""
    return Outcome(Status.DEGRADED, message, metadata)


def unhealthy(message: str, **metadata: Any) -> Outcome:
    """It does not work."""
    return Outcome(Status.UNHEALTHY, message, metadata)


def unknown(message: str, **metadata: Any) -> Outcome:
    """It cannot be told; without a number there is no judgement."""
    return Outcome(Status.UNKNOWN, message, metadata)


MOST_CHARACTERS: Final = 1000
_MOST_ITEMS: Final = 50


def fit(outcome: Outcome) -> Outcome:
    """The outcome as JSON, the store and a page can hold it, whatever a check put in."""
    items = list(outcome.metadata.items())[:_MOST_ITEMS]
    about = {str(name)[:MOST_CHARACTERS]: _plain(value) for name, value in items}
    return Outcome(outcome.status, str(outcome.message)[:MOST_CHARACTERS], about)


def _plain(value: Any) -> Any:
    """Numbers, truth and short texts as they are; what is none of these by its name."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        # NaN is no JSON, and a huge number no number of most readers.
        return value if abs(value) < _LARGEST else str(value)[:MOST_CHARACTERS]
    if isinstance(value, list | tuple):
        return [str(item)[:MOST_CHARACTERS] for item in value[:_MOST_ITEMS]]
    return str(value)[:MOST_CHARACTERS]


_LARGEST: Final = 2**53


@dataclass(frozen=True, slots=True)
class Component:
    """One component as it is told: its outcome, when that was found (unix seconds, by this
    host's clock), and how long finding it took (seconds, by a clock that does not jump).
    """

    name: str
    outcome: Outcome
    at: float
    seconds: float
    critical: bool = False

    @property
    def status(self) -> Status:
        """Its status."""
        return self.outcome.status


def verdict(components: Iterable[Component]) -> Status:
    """All components as one status: see the table in ``docs/health.md``.

    A critical component must be known to work. What is not critical can degrade the whole and
    no more; where it is not known it says nothing.
    """
    found = Status.HEALTHY
    for component in components:
        if component.critical and component.status in {Status.UNHEALTHY, Status.UNKNOWN}:
            return Status.UNHEALTHY
        if component.status in {Status.UNHEALTHY, Status.DEGRADED}:
            found = Status.DEGRADED
    return found


CODES: Final[Mapping[tuple[Probe, Status], int]] = MappingProxyType(
    {
        (Probe.LIVE, Status.HEALTHY): 200,
        (Probe.STARTUP, Status.HEALTHY): 200,
        (Probe.STARTUP, Status.UNHEALTHY): 503,
        (Probe.READY, Status.HEALTHY): 200,
        (Probe.READY, Status.DEGRADED): 200,
        (Probe.READY, Status.UNHEALTHY): 503,
        (Probe.DETAIL, Status.HEALTHY): 200,
        (Probe.DETAIL, Status.DEGRADED): 200,
        (Probe.DETAIL, Status.UNHEALTHY): 503,
    }
)
"""The status code of each probe by the verdict: all that can be. ``docs/health.md`` shows it."""
