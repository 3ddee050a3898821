"""Lines of log in numbers, and levels that change while a process runs.

Both ride on the publisher's thread: before it speaks, what was counted since goes into
instruments; after it has spoken, it looks whether somebody has set levels.
"""

from __future__ import annotations

import time
from typing import Final

from zerostate_monitoring.instrumentation import publisher
from zerostate_monitoring.instrumentation.families import counts
from zerostate_monitoring.instrumentation.rounds import before_telling, each_round
from zerostate_monitoring.logs.levels import Levels, known_loggers, read
from zerostate_monitoring.logs.tally import TALLY
from zerostate_monitoring.storage.publishing import Publishing

_events: Final = counts("zerostate_log_events_total")
_dropped: Final = counts("zerostate_log_events_dropped_total")

_MOST_LOGGERS: Final = 2000
_LONGEST_NAME: Final = 200
_TELL_SECONDS: Final = 600.0
"""How often a process tells all its loggers; new ones it tells at once."""

LEVELS: Final = Levels()
"""What is set in this process."""


class _Known:
    """Which loggers this process has told of, and when."""

    def __init__(self) -> None:
        self.names: frozenset[str] = frozenset()
        self.told_at = -_TELL_SECONDS

    def untold(self, ticks: float) -> list[str]:
        """Names that are to be told now."""
        names = {name for name in known_loggers() if len(name) <= _LONGEST_NAME}
        if ticks - self.told_at < _TELL_SECONDS:
            names -= self.names
        return sorted(names)[:_MOST_LOGGERS]

    def told(self, names: list[str], ticks: float) -> None:
        """These are known to the store."""
        if ticks - self.told_at >= _TELL_SECONDS:
            self.names, self.told_at = frozenset(), ticks
        self.names |= frozenset(names)

    def forget(self) -> None:
        """A child of a fork tells its own."""
        self.__init__()  # type: ignore[misc]


_known: Final = _Known()


_LASTING_SECONDS: Final = 10.0
_began: Final = time.monotonic()


def wake() -> bool:
    """Wake the publisher, in a process that lasts; whether it was woken.

    A command that only passes by tells at its end what it counted, without a thread.
    """
    if time.monotonic() - _began < _LASTING_SECONDS:
        return False
    publisher.wake()
    return True


def connect() -> None:
    """Count lines, and follow levels, from now on."""
    TALLY.attach(wake)
    before_telling(count)
    each_round(follow)
    publisher.after_fork(_known.forget)


def count() -> None:
    """Put what was counted since the last time into the instruments."""
    seen, dropped = TALLY.fetch()
    for key, number in seen.items():
        _events[key](number)
        # At 0 from the first event on: who looks sees that nothing was lost.
        for reason in TALLY.reasons:
            _dropped[*key, reason](0)
    for key, number in dropped.items():
        _dropped[key](number)


def follow(door: Publishing) -> None:
    """Take back levels that are over, then set what the store says.

    Raises:
        StoreError: the store does not answer; what is over has been taken back nevertheless.
    """
    now, ticks = time.time(), time.monotonic()
    LEVELS.expire(now, ticks)
    if names := _known.untold(ticks):
        door.tell_loggers(names)
        _known.told(names, ticks)
    document = door.log_levels()
    # No document is no news: the store was emptied, or nobody ever set a level.
    if document is not None:
        LEVELS.apply(read(document), now, ticks)
