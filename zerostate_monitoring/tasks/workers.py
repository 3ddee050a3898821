"""Who works, and what waits: answers to the doctor and to the collector of Celery."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import ceil
from typing import Any, TypeVar

from celery import current_app
from kombu import Connection
from kombu.exceptions import OperationalError

from zerostate_monitoring.collectors.signals import Worker, Workforce

_T = TypeVar("_T")


def list_workers(
    sender: object, timeout: float, queue: str, **kwargs: Any
) -> Workforce | Exception:
    """Who works, and how much of ``queue`` is left; receiver of ``workers_requested``."""
    return _asked(timeout, partial(_workforce, timeout=timeout, queue=queue))


def list_queues(
    sender: object, timeout: float, queues: Sequence[str], **kwargs: Any
) -> dict[str, int | None] | Exception:
    """How many messages wait in each queue; receiver of ``queues_requested``."""
    return _asked(timeout, lambda broker: {queue: _waiting(broker, queue) for queue in queues})


def _asked(timeout: float, ask: Callable[[Connection], _T]) -> _T | Exception:
    """What the broker says; where it does not answer, why.

    That is an answer, too, for whoever asks tells of it. Django would log what is raised, with a
    traceback, at each look of a probe.
    """
    try:
        with current_app.connection_for_write(connect_timeout=timeout) as connection:
            # Celery would try for minutes to reach a broker that is away.
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=ceil(timeout))
            return ask(connection)
    except (OperationalError, OSError) as error:
        return error


def _workforce(connection: Connection, timeout: float, queue: str) -> Workforce:
    waiting = _waiting(connection, queue)
    ask = partial(current_app.control.inspect, timeout=timeout, connection=connection)
    queues = ask().active_queues() or {}
    # Those are known by now: who has answered is not waited for any longer.
    stats = ask(destination=[*queues], limit=len(queues)).stats() or {} if queues else {}
    workers = {
        name: Worker(tuple(one["name"] for one in consumed), _pool_of(stats.get(name)))
        for name, consumed in queues.items()
    }
    return Workforce(workers, waiting)


def _waiting(connection: Connection, queue: str) -> int | None:
    """How many messages wait; a queue that is not there is an empty one of Redis."""
    channel: Any = connection.channel()
    try:
        with channel:
            return int(channel.queue_declare(queue=queue, passive=True).message_count)
    except connection.channel_errors as error:
        return 0 if "NOT_FOUND" in str(error) else None


def _pool_of(stats: Mapping[str, Any] | None) -> str:
    """The pool's name: ``prefork`` of ``celery.concurrency.prefork:TaskPool``."""
    pool = (stats or {}).get("pool")
    module = str(pool.get("implementation", "")) if isinstance(pool, Mapping) else ""
    return module.partition(":")[0].rpartition(".")[2]
