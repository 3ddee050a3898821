"""Levels of loggers on their way from the database to all processes, by way of the store."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from zerostate_monitoring.logs.levels import MOST, written
from zerostate_monitoring.models import LogLevel
from zerostate_monitoring.storage.publishing import LEVELS_KEY, LEVELS_NOTE, LOGGERS_NOTE
from zerostate_monitoring.storage.store import Store

_LONGEST_NAME: Final = 200


def announce(store: Store, now: datetime) -> int:
    """Write the levels that hold at ``now`` where processes look; how many there are.

    Raises:
        StoreError: the store does not take them.
    """
    rows = LogLevel._default_manager.filter(until__gt=now).order_by("created_at", "pk")[:MOST]
    # Of one logger the last word counts.
    overrides = {row.logger: row.override for row in rows}
    store.note(LEVELS_NOTE, {LEVELS_KEY: written(overrides.values())})
    return len(overrides)


def known_loggers(store: Store) -> set[str]:
    """Loggers that any process has told of within a day.

    Raises:
        StoreError: the store does not answer.
    """
    return {name[:_LONGEST_NAME] for name in store.notes(LOGGERS_NOTE)}
