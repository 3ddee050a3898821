"""Celery's signals as the life of a process: a worker or a beat starts, is ready, ends."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any, Final

from celery import signals

Told = Callable[[str, str, str, tuple[str, ...]], None]
"""Takes role, name, state (``starting``, ``ready``, ``draining``), and the worker's queues."""

_listeners: Final[list[Told]] = []
_loaders: Final[list[Callable[[], object]]] = []
_worker: Final[dict[str, Any]] = {"name": "", "queues": ()}


def connect(told: Told) -> None:
    """Tell ``told`` of this process's life, if it is a worker or a beat."""
    if told not in _listeners:
        _listeners.append(told)
    # Signals hold their receivers weakly, so these are functions of this module.
    signals.worker_init.connect(_worker_starts)
    signals.worker_ready.connect(_worker_ready)
    signals.worker_shutting_down.connect(_worker_ends)
    signals.beat_init.connect(_beat_ready)


def connect_modules(load: Callable[[], object]) -> None:
    """Call ``load`` where Celery loads its tasks: in a worker, in a beat, for a list of tasks."""
    if load not in _loaders:
        _loaders.append(load)
    signals.import_modules.connect(_tasks_wanted)
    # Where Django is set up by a receiver of import_modules, that one is not heard any more.
    signals.worker_init.connect(_tasks_wanted)
    signals.beat_init.connect(_tasks_wanted)


def _tasks_wanted(**kwargs: Any) -> None:
    for load in _loaders:
        load()


def _tell(role: str, name: str, state: str, queues: tuple[str, ...] = ()) -> None:
    for told in _listeners:
        told(role, name, state, queues)


def _worker_starts(sender: Any = None, **kwargs: Any) -> None:
    _worker["name"] = str(sender or f"worker@{socket.gethostname()}")
    _tell("worker", _worker["name"], "starting")


def _worker_ready(sender: Any = None, **kwargs: Any) -> None:
    """The worker takes messages; ``sender`` is its consumer."""
    amqp = getattr(getattr(sender, "app", None), "amqp", None)
    _worker["queues"] = tuple(sorted(amqp.queues.consume_from)) if amqp else ()
    _tell("worker", _worker["name"], "ready", _worker["queues"])


def _worker_ends(**kwargs: Any) -> None:
    """SIGTERM: the worker ends what it has begun, and takes no more."""
    _tell("worker", _worker["name"], "draining", _worker["queues"])


def _beat_ready(**kwargs: Any) -> None:
    _tell("beat", f"beat@{socket.gethostname()}-{os.getpid()}", "ready")
