"""How long each node of a chunk may take, so that the chunk ends within its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_SHARE_OF_INTERVAL: Final = 0.9
_LEAST_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Budget:
    """The time of one chunk.

    A node that answered last time gets its whole ``timeout``, or waits for the next
    round if that would end too late. The others, new ones among them, come after and
    share what is left, so that many that hang neither delay those that answer nor make
    the next round be skipped. ``ends`` is on the monotonic clock; ``total`` and
    ``timeout`` are in seconds; ``threads`` nodes are asked at a time.
    """

    ends: float
    total: float
    timeout: float
    threads: int

    @classmethod
    def of(cls, began: float, *, interval: float, timeout: float, threads: int) -> Budget:
        """The budget of a chunk that ``began`` (monotonic) and is wanted every ``interval``."""
        total = _SHARE_OF_INTERVAL * interval
        return cls(began + total, total, min(timeout, total), threads)

    def seconds(self, now: float, *, answered: bool, waiting: int) -> float | None:
        """How long the next node may take; ``None`` if it is left to the next round.

        ``answered`` says how its last scrape ended; ``waiting`` counts the nodes that
        are not begun, this one among them.
        """
        left = self.ends - now
        if answered:
            enough = min(self.timeout, self.total / 3)
            return min(self.timeout, left) if left >= enough else None
        least = min(_LEAST_SECONDS, self.total / 10)
        share = left * self.threads / waiting
        return min(self.timeout, left, max(share, least)) if left >= least else None
