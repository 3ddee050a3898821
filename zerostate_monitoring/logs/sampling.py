"""Of each event the first N of a second, then every Mth: a storm does not fill the disk."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from zerostate_monitoring.logs.security import LOGGER, STRANGERS
from zerostate_monitoring.logs.tally import TALLY, Tally

FIRST: Final = 100
THEN_EVERY: Final = 100
MOST_EVENTS: Final = 10_000
"""Kinds of events that are told apart in one second; all others share one count."""

_LONGEST_EVENT: Final = 200
_LEVELS: Final = ((50, "critical"), (40, "error"), (30, "warning"), (20, "info"))


def level_of(number: int) -> str:
    """The bounded word of a level, whatever a project calls its own."""
    for least, word in _LEVELS:
        if number >= least:
            return word
    return "debug"


class Sampler:
    """Decides by logger, level and event; pure but for its memory of the running second."""

    def __init__(self, first: int = FIRST, then_every: int = THEN_EVERY) -> None:
        self._first: Final = first
        self._every: Final = then_every
        self._second = -1
        self._counts: dict[object, int] = {}

    def keeps(self, key: object, second: int) -> bool:
        """Whether this one is written. Two threads at once may miscount by one, no more."""
        if second != self._second:
            self._second, self._counts = second, {}
        counts = self._counts
        if len(counts) >= MOST_EVENTS and key not in counts:
            key = None
        number = counts[key] = counts.get(key, 0) + 1
        return number <= self._first or (number - self._first) % self._every == 0


class EventFilter(logging.Filter):
    """Counts every event that comes to its handler, and leaves out what sampling does.

    What people did, by the logger for security, is never left out; what strangers can do
    any number of times is. ``first`` 0 writes all.
    """

    def __init__(
        self,
        first: int = FIRST,
        then_every: int = THEN_EVERY,
        *,
        tally: Tally = TALLY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._sampler: Final = Sampler(first, then_every) if first else None
        self._tally: Final = tally
        self._clock: Final = clock

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        level = level_of(record.levelno)
        self._tally.seen(record.name, level)
        if self._sampler is None:
            return True
        event = event_of(record)
        if record.name == LOGGER and event not in STRANGERS:
            return True
        if self._sampler.keeps((record.name, level, event), int(self._clock())):
            return True
        self._tally.dropped(record.name, level)
        return False


def event_of(record: logging.LogRecord) -> str:
    """What happened, without its arguments."""
    message: Any = record.msg
    event = message.get("event") if type(message) is dict else message
    return event[:_LONGEST_EVENT] if isinstance(event, str) else type(event).__name__
