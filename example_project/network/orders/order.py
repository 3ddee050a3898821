"""What somebody has ordered."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

from example_project.network.nodes.family import TASK_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A task of ``kind`` for ``price`` units; ``placed_at`` in unix seconds."""

    number: str
    kind: str
    price: float
    placed_at: float


def new_order(now: float | None = None) -> Order:
    """An order like any other; its number says what kind it is and what it costs."""
    drawn = uuid.uuid4()
    return Order(
        number=str(drawn),
        kind=TASK_TYPES[drawn.int % len(TASK_TYPES)],
        price=1 + drawn.int % 40 / 10,
        placed_at=time.time() if now is None else now,
    )
