"""How often children have died, and when each is to be started again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

MOST: Final = 5
SPAN_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.5


@dataclass(slots=True)
class Deaths:
    """Times are seconds of any clock that only rises."""

    _times: dict[str, deque[float]] = field(default_factory=dict)
    _due: dict[str, float] = field(default_factory=dict)

    def is_new(self, name: str) -> bool:
        """Whether this death has not been noted yet."""
        return name not in self._due

    def note(self, name: str, now: float) -> bool:
        """Note a death; True if it was one too many."""
        times = self._times.setdefault(name, deque(maxlen=MOST))
        times.append(now)
        recent = sum(now - at < SPAN_SECONDS for at in times)
        # Longer each time: what it stumbles over may need a while to go away.
        self._due[name] = now + PAUSE_SECONDS * recent
        return recent == MOST

    def is_due(self, name: str, now: float) -> bool:
        """Whether it is to be started now; its next death is a new one then."""
        if now < self._due[name]:
            return False
        del self._due[name]
        return True
