"""Where the numbers of a process stand in what the store remembers of it."""

from __future__ import annotations

from typing import Final

MOST_CLEARED: Final = 500
"""Most places that one publication clears."""
_MOST_WAITING: Final = 100_000


class Places:
    """Gives out places, counted in numbers, and takes them back.

    A place is used again only when the store has cleared it: else its next tenant would begin
    where the last one stopped.
    """

    def __init__(self) -> None:
        self._next = 0
        self._free: dict[int, list[int]] = {}
        self._waiting: list[tuple[int, int]] = []

    def take(self, width: int) -> int:
        """A place for ``width`` numbers."""
        free = self._free.get(width)
        if free:
            return free.pop()
        place, self._next = self._next, self._next + width
        return place

    def give_back(self, place: int, width: int) -> None:
        """Nobody uses it any more; while the store is away for long, some are given up."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append((place, width))

    def swapped(self, place: int, width: int) -> int:
        """Another place for the tenant of this one, which begins there at nothing."""
        self.give_back(place, width)
        return self.take(width)

    @property
    def to_clear(self) -> list[tuple[int, int]]:
        """The next places that the store is to clear."""
        return self._waiting[:MOST_CLEARED]

    def cleared(self, number: int) -> None:
        """The store has cleared the first ``number`` of them."""
        for place, width in self._waiting[:number]:
            self._free.setdefault(width, []).append(place)
        self._waiting = self._waiting[number:]

    def distrust(self) -> None:
        """The store may have lost a clearing: what was free is not used any more."""
        self._free = {}
