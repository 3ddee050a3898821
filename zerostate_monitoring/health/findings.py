"""The doctor's findings as outcomes: what it knows already is not found out twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import Final

from django.utils import translation

from zerostate_monitoring.doctor import Finding, Level
from zerostate_monitoring.health.states import Outcome, Status, healthy, unknown

_STATUSES: Final[Mapping[Level, Status]] = MappingProxyType(
    {
        Level.OK: Status.HEALTHY,
        Level.UNKNOWN: Status.UNKNOWN,
        Level.WARNING: Status.DEGRADED,
        Level.ERROR: Status.UNHEALTHY,
    }
)
_WORST_FIRST: Final = (Level.ERROR, Level.WARNING, Level.UNKNOWN, Level.OK)
_NAMED: Final = 3


def in_english(examined: Callable[[], Outcome]) -> Callable[[], Outcome]:
    """Let a check ask the doctor for English: outcomes are kept, and read by programs."""

    @wraps(examined)
    def asked() -> Outcome:
        with translation.override(None):
            return examined()

    return asked


def outcome_of(finding: Finding) -> Outcome:
    """One finding; its advice is in the metadata."""
    about = {"advice": finding.advice} if finding.advice else {}
    return Outcome(_STATUSES[finding.level], finding.message, about)


def worst_of(findings: Iterable[Finding], what: str) -> Outcome:
    """Several findings as one outcome: the worst, and the first of those that are as bad."""
    found = list(findings)
    if not found:
        return unknown(f"nothing is known of {what}")
    worst = min((finding.level for finding in found), key=_WORST_FIRST.index)
    if worst is Level.OK:
        return healthy(f"all is well with {len(found)} {what}", count=len(found))
    bad = [finding for finding in found if finding.level is worst]
    named = [f"{one.name}: {one.message}" for one in bad[:_NAMED]]
    more = [f"and {len(bad) - _NAMED} more"] if len(bad) > _NAMED else []
    about = {"count": len(found), "failing": len(bad), "advice": bad[0].advice}
    return Outcome(_STATUSES[worst], "; ".join([*named, *more]), about)
