"""How large the network is and how fast it lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HISTORY_SECONDS: Final = 24 * 3600.0
HISTORY_STEP_SECONDS: Final = 900.0
HISTORY_PACE: Final = 0.01
"""Before it is watched the network lives at this share of its pace: some 430 tasks a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """``speed`` multiplies how often things happen; how long they take is not changed."""

    seed: int = 7
    agents: int = 40
    users: int = 15
    nodes: int = 10
    speed: float = 1.0
    profile: str = "full"

    def __post_init__(self) -> None:
        if min(self.agents, self.users, self.nodes) < 1 or not 0 < self.speed <= 100:
            raise ValueError("agents, users and nodes are at least 1, speed is in (0, 100]")
