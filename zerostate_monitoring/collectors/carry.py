"""Counts of rows, made totals that never fall.

A database holds the rows that nobody has purged yet, and what a look at it finds may be
old: a replica lags, and looks alternate between several. What is shown is ``total``: the
rows that were purged, and the most rows that were seen since the last purge. It is kept as
one number and only added to: a sum of fractions that is put together anew may come out a
last digit smaller, and to Prometheus that is a counter that began again.

Fewer rows than before are a purge only if the look is **later** than all looks before,
which it is if it finds a newer event than any of them: a copy that lags holds no event that
the original did not hold before. The total stays then, and grows from there. Any other
look may be an old one, and the highest count stays. After a purge, a look without an event
newer than those of the look that found it may even be from before the purge; it says nothing.

So a total never falls, and never exceeds the number of rows that ever were, in whatever
order old and new looks come. What came between the last look before a purge and the look
that finds it can be lost, for nobody counted it. A database that does not tell the time of
its newest event is held to the highest count that it ever had.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NotRequired, TypedDict

from zerostate_monitoring.catalogue.definition import Definition, Reading


class Carried(TypedDict):
    """What is remembered of one series; times in unix seconds, of events in the rows' table.

    ``last`` is the most that was found since the last purge. ``newest`` is the newest time
    that any look found, ``fell`` the one of the look that found the last purge; None where
    there was none.
    """

    total: float
    last: float
    newest: NotRequired[float | None]
    fell: NotRequired[float | None]


Memory = Mapping[str, Carried]


def carry(previous: Memory, counted: Iterable[Reading]) -> tuple[list[Reading], dict[str, Carried]]:
    """The totals to show, and what to remember for the next run.

    What is remembered of a series that this run did not count stays as it is.
    """
    present = {key_of(reading): reading for reading in counted}
    following: dict[str, Carried] = dict(previous)
    for key, reading in present.items():
        following[key] = advance(previous.get(key), reading.value, reading.newest)
    totals = [
        replace(reading, value=following[key]["total"], counted=False, newest=None)
        for key, reading in present.items()
    ]
    return totals, following


def advance(known: Carried | None, rows: float, newest: float | None = None) -> Carried:
    """What to remember once a look found ``rows`` rows and events up to ``newest``."""
    if known is None:
        return Carried(total=rows, last=rows, newest=newest, fell=None)
    total, last = known["total"], known["last"]
    seen, fell = known.get("newest"), known.get("fell")
    if newest is not None and fell is not None and newest <= fell:
        return known
    if rows < last and newest is not None and seen is not None and newest > seen:
        return Carried(total=total, last=rows, newest=newest, fell=newest)
    grown = max(rows - last, 0.0)
    return Carried(
        total=total + grown, last=max(last, rows), newest=_later(seen, newest), fell=fell
    )


def purged(
    memory: Memory, totals: Iterable[Reading], definitions: Mapping[str, Definition]
) -> list[Reading]:
    """Totals of remembered series of these definitions that no row speaks of any more."""
    shown = {key_of(reading) for reading in totals}
    return [
        Reading(definitions[family_of(key)], labels_of(key), memory[key]["total"])
        for key in memory
        if key not in shown and _fits(key, definitions.get(family_of(key)))
    ]


def key_of(reading: Reading) -> str:
    """The series as text: the family, then its label values as JSON."""
    return f"{reading.definition.name} {json.dumps(reading.labels, ensure_ascii=True)}"


def family_of(key: str) -> str:
    """The family of a key."""
    return key.partition(" ")[0]


def labels_of(key: str) -> tuple[str, ...]:
    """The label values of a key."""
    return tuple(json.loads(key.partition(" ")[2]))


def _fits(key: str, definition: Definition | None) -> bool:
    return definition is not None and len(labels_of(key)) == len(definition.labels)


def _later(one: float | None, other: float | None) -> float | None:
    return max((time for time in (one, other) if time is not None), default=None)
