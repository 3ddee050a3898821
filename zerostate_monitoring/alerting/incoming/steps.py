"""What a told alert does to the rows of its labels. Pure: decided from times alone.

An incident begins at ``startsAt``. Messages may come twice, late, and in any order; what is
older than what stands says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Step(StrEnum):
    """What is to be done."""

    NOTHING = "nothing"
    FIRE = "fire"
    RESOLVE = "resolve"
    REPLACE = "replace"
    """What fires ended without word of it, and the same alert fires anew, or did."""
    PAST = "past"
    """An incident of which only the end was told: it is kept whole."""


@dataclass(frozen=True, slots=True)
class Known:
    """The newest row of an alert's labels: when it fired, and when it ended if it has."""

    fired_at: datetime
    ended_at: datetime | None = None


def step(known: Known | None, started_at: datetime, ended_at: datetime | None) -> Step:
    """What becomes of ``known`` when an alert is told to have begun, and ended or not."""
    if ended_at is None:
        return _firing(known, started_at)
    return _resolved(known, started_at, ended_at)


def _firing(known: Known | None, started_at: datetime) -> Step:
    if known is None:
        return Step.FIRE
    if started_at <= known.fired_at:
        return Step.NOTHING
    if known.ended_at is None:
        return Step.REPLACE
    # A repeat that was sent before the end, and comes after the word of it.
    return Step.FIRE if started_at >= known.ended_at else Step.NOTHING


def _resolved(known: Known | None, started_at: datetime, ended_at: datetime) -> Step:
    if known is None:
        return Step.PAST
    if known.ended_at is None:
        if started_at > known.fired_at:
            return Step.REPLACE
        is_its = started_at == known.fired_at or ended_at > known.fired_at
        return Step.RESOLVE if is_its else Step.NOTHING
    return Step.PAST if started_at >= known.ended_at else Step.NOTHING
