"""Which of the project's own collectors are due; each is handed out once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from zerostate_monitoring.collectors.base import COLLECTORS, CollectorDefinition
from zerostate_monitoring.collectors.collector_row import row_of
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models import Collector
from zerostate_monitoring.schedule import NODES, is_due, scheduled_collectors

logger = logging.getLogger(__name__)


def own_collectors() -> list[CollectorDefinition]:
    """The collectors without an entry of their own in beat's schedule."""
    scheduled = scheduled_collectors()
    return [definition for name, definition in COLLECTORS.items() if name not in scheduled]


@dataclass(frozen=True, slots=True)
class Slot:
    """A due run of the collector ``name``, claimed ``at`` a time for one caller.

    ``before`` is when the slot before it was claimed.
    """

    name: str
    at: datetime
    before: datetime | None


def claim_due(now: float) -> list[Slot]:
    """The project's own collectors that are due now, each claimed for this caller.

    With them those of beat's schedule that have never run: beat waits a whole interval
    before its first message, and a new installation should not. Two beats may ask at
    once: a conditional update gives each slot to one of them.
    """
    rows = _rows(COLLECTORS.values())
    definitions = [*own_collectors(), *_never_run(rows)]
    slots = (_try_claim(d, rows.get(d.name), now) for d in definitions)
    return [slot for slot in slots if slot is not None]


def give_back(slot: Slot) -> None:
    """Undo a claim whose run could not be handed out, so that the next tick tries again."""
    claimed = Collector.objects.filter(name=slot.name, dispatched_at=slot.at)
    claimed.update(dispatched_at=slot.before)


def _never_run(rows: Mapping[str, Collector]) -> Iterator[CollectorDefinition]:
    for name in scheduled_collectors() - {NODES}:
        row = rows.get(name)
        if row is None or (row.last_started_at is None and row.dispatched_at is None):
            yield COLLECTORS.find(name)


def _rows(definitions: Iterable[CollectorDefinition]) -> dict[str, Collector]:
    names = [definition.name for definition in definitions]
    return {row.name: row for row in Collector.objects.filter(name__in=names)}


def _try_claim(definition: CollectorDefinition, row: Collector | None, now: float) -> Slot | None:
    try:
        return _claim(definition, row, now)
    except ConfigurationError as error:
        # One collector's interval must not cost the others their runs.
        details = {"collector": definition.name, "error": str(error)}
        logger.warning("collector_not_handed_out", extra=details)
        return None


def _claim(definition: CollectorDefinition, row: Collector | None, now: float) -> Slot | None:
    interval = definition.checked_interval()
    row = row or row_of(definition)
    # To the microsecond, as the row holds it: a slot must not lie before its own claim.
    slot = Slot(row.name, at=datetime.fromtimestamp(now, UTC), before=row.dispatched_at)
    before = None if slot.before is None else slot.before.timestamp()
    if not row.enabled or not is_due(slot.at.timestamp(), before, interval):
        return None
    free = Collector.objects.filter(pk=row.pk, dispatched_at=slot.before)
    return slot if free.update(dispatched_at=slot.at) else None
