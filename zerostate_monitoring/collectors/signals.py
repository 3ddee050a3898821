"""How a room below ``tasks`` asks for what only Celery can do; ``tasks`` receives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.dispatch import Signal

run_requested: Final = Signal()
"""Somebody wants a collector to run soon. Argument: ``name``."""

workers_requested: Final = Signal()
"""Somebody wants to know who works. Arguments: ``timeout`` (seconds), ``queue``. The answer
is a ``Workforce``, or the error where the broker does not answer."""


queues_requested: Final = Signal()
"""Somebody wants to know what waits. Arguments: ``timeout`` (seconds), ``queues``. The answer
maps each of these to its number of messages, None where nobody can tell; or it is the error where
the broker does not answer."""


@dataclass(frozen=True, slots=True)
class Worker:
    """What a worker says of itself: the names of its queues, and of the pool that runs its
    tasks, such as ``prefork``; empty if it does not say.
    """

    queues: tuple[str, ...]
    pool: str = ""


@dataclass(frozen=True, slots=True)
class Workforce:
    """Workers by name, and how many messages wait in the queue; None if nobody can tell."""

    workers: Mapping[str, Worker]
    waiting: int | None = None
