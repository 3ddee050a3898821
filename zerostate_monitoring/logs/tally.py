"""How many events there were and how many were left out: numbers that somebody fetches.

Lines are written anywhere: while other code holds its locks, and by what ends an object. So
an event only adds to a number under a lock that its own thread may take twice; what is
counted goes into instruments later, by the publisher's thread.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Final

LONGEST_NAME: Final = 120
"""Characters of a logger's name in a label."""

MOST: Final = 5000
"""Loggers and levels that are told apart between two fetches."""
OTHER: Final = "other"

SAMPLING: Final = "sampling"
EXPORT: Final = "export"
"""Why a line was lost: it was left out, or OpenTelemetry did not take it."""

Counts = dict[tuple[str, ...], int]
"""By logger and level; of what was lost also by the reason."""


class Tally:
    """Counts of one process since they were last fetched."""

    def __init__(self) -> None:
        self._wake: Callable[[], bool] | None = None
        self.reasons: tuple[str, ...] = (SAMPLING,)
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget all: a child of a fork counts its own."""
        self._lock = threading.RLock()
        self._is_awake = False
        self._seen: Counts = {}
        self._dropped: Counts = {}

    def attach(self, wake: Callable[[], bool]) -> None:
        """Call ``wake`` with each event until it says that somebody will fetch."""
        self._wake = wake

    def exports(self) -> None:
        """Lines of this process are exported, so that this can fail."""
        self.reasons = (SAMPLING, EXPORT)

    def seen(self, name: str, level: str) -> None:
        """An event came."""
        self._add(self._seen, (name[:LONGEST_NAME], level))

    def dropped(self, name: str, level: str, reason: str = SAMPLING) -> None:
        """It was lost."""
        self._add(self._dropped, (name[:LONGEST_NAME], level, reason))

    def _add(self, counts: Counts, key: tuple[str, ...]) -> None:
        with self._lock:
            if key not in counts and len(counts) >= MOST:
                # Nobody fetches, or somebody makes a logger for each thing.
                key = (OTHER, *key[1:])
            counts[key] = counts.get(key, 0) + 1
        if not self._is_awake and self._wake is not None:
            # Waking may itself log.
            self._is_awake = True
            self._is_awake = self._wake()

    def fetch(self) -> tuple[Counts, Counts]:
        """What was seen and what was lost since the last time."""
        with self._lock:
            # Emptied in place: whoever waits for the lock holds these very objects.
            seen, dropped = dict(self._seen), dict(self._dropped)
            self._seen.clear()
            self._dropped.clear()
        return seen, dropped


TALLY: Final = Tally()
"""This process's."""

os.register_at_fork(after_in_child=TALLY.begin_anew)
