"""The collector of health: what a worker finds, as families, and as notes with the last change."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Feed
from zerostate_monitoring.collectors.base import collector
from zerostate_monitoring.collectors.items import Item
from zerostate_monitoring.health.judging import NETWORK, judged
from zerostate_monitoring.health.network import JUDGES
from zerostate_monitoring.health.notes import Noted, note_of, noted, remember
from zerostate_monitoring.health.registry import CHECKS
from zerostate_monitoring.health.running import runner
from zerostate_monitoring.health.states import Component, Status
from zerostate_monitoring.health.workers import forget_old
from zerostate_monitoring.querying import querier

INTERVAL_SECONDS: Final = 15.0
BUDGET_SECONDS: Final = 4.0
"""How long the collector waits for checks: nobody stands before it."""

_PREFIX: Final = "zerostate_monitoring_health_"


@collector("health", interval=INTERVAL_SECONDS, feed=Feed.SELF)
def health() -> Iterator[Item]:
    """Ask all checks, judge the network's numbers, and remember since when each is as it is."""
    before = noted()
    found = {component.name: note_of(component, before.get(component.name)) for component in look()}
    remember(found)
    forget_old(time.time())
    for name, note in found.items():
        yield from _readings(name, note)


def look() -> Iterator[Component]:
    """Each component as this process finds it now."""
    yield from runner().ask([c for c in CHECKS.values() if c.about != NETWORK], BUDGET_SECONDS)
    began, at = time.perf_counter(), time.time()
    outcomes = judged(querier, at)
    each = (time.perf_counter() - began) / len(JUDGES)
    for name, outcome in outcomes.items():
        yield Component(name, outcome, at, each)


def _readings(name: str, note: Noted) -> Iterator[Item]:
    for status in Status:
        stands = float(status is note.status)
        yield CATALOGUE[_PREFIX + "status"].reading(stands, component=name, status=status.value)
    yield CATALOGUE[_PREFIX + "duration_seconds"].reading(note.seconds, component=name)
    changed = CATALOGUE[_PREFIX + "last_change_timestamp_seconds"]
    yield changed.reading(note.since, component=name)
