"""What is remembered of targets between scrapes: bounded by series, and steady when full.

Nodes are scraped in turns. A memory that drops what was unused longest would, with one
node more than it can hold, drop each just before its turn and help nobody. So who came
first stays: a newcomer finds room only where something has not been asked for lately.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import Final, Generic, TypeVar

V = TypeVar("V")

MAX_SERIES: Final = 2_000_000
_UNUSED_SECONDS: Final = 600.0


class Memory(Generic[V]):
    """One value for each target; several may share one, which then counts once.

    Holds at most ``max_targets`` targets and values of ``max_series`` series. A value is
    unused after ten minutes without a ``get``, by the clock of its callers. Not safe for
    threads: who uses it holds a lock. Values are told apart by ``==``, so they are
    hashable and should be compared by identity.
    """

    def __init__(self, max_targets: int, max_series: int) -> None:
        self._max_targets: Final = max_targets
        self._max_series: Final = max_series
        self._entries: Final[OrderedDict[str, tuple[V, float]]] = OrderedDict()
        self._sizes: Final[dict[V, int]] = {}
        self._users: Final[Counter[V]] = Counter()
        self.series = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, target: str) -> bool:
        return target in self._entries

    def get(self, target: str, at: float) -> V | None:
        """The value of ``target``, which is in use at ``at`` (unix seconds)."""
        entry = self._entries.get(target)
        if entry is None:
            return None
        self._entries[target] = (entry[0], at)
        self._entries.move_to_end(target)
        return entry[0]

    def put(self, target: str, value: V, size: int, at: float) -> bool:
        """Replace the value of ``target`` by one of ``size`` series; false if there is no room."""
        self.forget(target)
        while not self._fits(value, size):
            oldest = next(iter(self._entries), None)
            if oldest is None or at - self._entries[oldest][1] < _UNUSED_SECONDS:
                return False
            self.forget(oldest)
        self._entries[target] = (value, at)
        if value not in self._sizes:
            self._sizes[value] = size
            self.series += size
        self._users[value] += 1
        return True

    def _fits(self, value: V, size: int) -> bool:
        added = 0 if value in self._sizes else size
        return len(self._entries) < self._max_targets and self.series + added <= self._max_series

    def latest(self, count: int) -> list[V]:
        """The values that were put last, the last one at the end."""
        return list(self._sizes)[-count:]

    def forget(self, target: str) -> None:
        """Drop the value of ``target``, if there is one."""
        entry = self._entries.pop(target, None)
        if entry is None:
            return
        value = entry[0]
        self._users[value] -= 1
        if not self._users[value]:
            del self._users[value]
            self.series -= self._sizes.pop(value)
