"""What the data of a rule allows, and what several needs make together. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from zerostate_monitoring.alerting.needs import Either, Every, Named, Need, Unless
from zerostate_monitoring.models.words import Health


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the data of a rule allows: ``OK``, or else why it is not evaluated, for people.

    ``ready_ms`` is when a rule that is ``WAITING`` has all that it looks back on, if ever. Its
    alerts from before ``since_ms`` may stand on what history no longer has (None: all of them).
    Where it ``begins_nothing``, what it would find now says nothing about what it asks for.
    """

    health: Health
    reason: str = ""
    ready_ms: int | None = None
    since_ms: int | None = None
    begins_nothing: bool = False


OK: Final = Verdict(Health.OK)

_LACKING: Final = (Health.STALE, Health.WAITING, Health.NO_DATA)
"""What is said of a name of which nothing is known: the first of these that is said of any."""


def combined(need: Need, of: Callable[[str], Verdict]) -> Verdict:
    """What the needs of an expression make together."""
    match need:
        case Named(name):
            return of(name)
        case Every(parts):
            return worst([combined(part, of) for part in parts])
        case Either(parts):
            verdicts = [combined(part, of) for part in parts]
            return _lacking(verdicts) or best(verdicts)
        case Unless(wanted, taken):
            verdicts = [combined(wanted, of), combined(taken, of)]
            if verdicts[1].health == Health.DORMANT:
                return verdicts[0]
            return worst(verdicts)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """What is not fed goes first, then that of which nothing is known."""
    found = list(verdicts)
    return _first(found, Health.DORMANT) or _lacking(found) or OK


def best(verdicts: Iterable[Verdict]) -> Verdict:
    """One that is in order is enough."""
    found = list(verdicts)
    if not found or OK in found:
        return OK
    return _lacking(found) or found[0]


def _lacking(verdicts: Sequence[Verdict]) -> Verdict | None:
    found = (_first(verdicts, health) for health in _LACKING)
    return next((one for one in found if one is not None), None)


def _first(verdicts: Iterable[Verdict], health: Health) -> Verdict | None:
    return next((one for one in verdicts if one.health == health), None)
