"""Which slot of a group is due. Pure; all times in milliseconds.

Slots are multiples of the interval, without an offset: they sit on the columns of history, so
that a rule sees what was recorded at the very instant it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_SILENT_INTERVALS: Final = 2
"""History without a new column for so many intervals no longer says what time it is."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What decides which slots have begun: the newest column of history, or the time of day.

    ``newest_ms`` is 0 where there is no history, ``history_ms`` the interval of its columns.
    """

    now_ms: int
    newest_ms: int
    history_ms: int

    @property
    def reference_ms(self) -> int:
        """Up to when slots have begun."""
        silent = self.now_ms - self.newest_ms > _SILENT_INTERVALS * self.history_ms
        return self.now_ms if silent else self.newest_ms

    @property
    def latest_ms(self) -> int:
        """No slot that begins more than an interval after this can have been evaluated."""
        return max(self.now_ms, self.reference_ms)

    def slot(self, interval_ms: int) -> int:
        """The newest slot of a group that is evaluated every ``interval_ms``."""
        width = spacing(interval_ms, self.history_ms)
        return self.reference_ms // width * width


def spacing(interval_ms: int, history_ms: int) -> int:
    """How far a group's slots are apart: between two columns there is nothing new to see."""
    return max(interval_ms, history_ms, 1)


def missed(last_ms: int, slot_ms: int, spacing_ms: int) -> int:
    """How many slots lie between the last one that was evaluated (0: none was) and this one."""
    return max(0, (slot_ms - last_ms) // spacing_ms - 1) if last_ms else 0
