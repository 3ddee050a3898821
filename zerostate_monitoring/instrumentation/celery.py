"""Celery tasks, counted by Celery's signals: how they end, run, wait and are retried.

Labels are bounded: a task's name only if this project has it, a queue's only if a worker
takes from it. Nothing is labelled with a worker's name, a host or a task's id.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any, Final

from celery import Task, current_app, signals

from zerostate_monitoring.instrumentation import publisher
from zerostate_monitoring.instrumentation.families import counts, distributions

OTHER: Final = "other"
SENT_AT: Final = "zerostate_sent_at"
"""Header of a message: when it was sent, in unix seconds by the sender's clock."""

_tasks: Final = counts("zerostate_celery_tasks_total")
_seconds: Final = distributions("zerostate_celery_task_duration_seconds")
_waits: Final = distributions("zerostate_celery_task_queue_wait_seconds")

_MOST_RUNNING: Final = 10_000
_OUTCOMES: Final = {
    "SUCCESS": "success",
    "FAILURE": "failure",
    "RETRY": "retry",
    "REJECTED": "rejected",
}
_running: Final[OrderedDict[str, float]] = OrderedDict()
"""When the tasks that run here began, by id; bounded, for an end may never be told."""


def connect() -> None:
    """Listen. Signals hold their receivers weakly, so these are functions of this module."""
    signals.before_task_publish.connect(_before_publish)
    signals.task_prerun.connect(_before_run)
    signals.task_postrun.connect(_after_run)
    signals.task_failure.connect(_failed)
    signals.task_revoked.connect(_revoked)
    signals.task_rejected.connect(_rejected)
    signals.task_unknown.connect(_unknown)
    signals.worker_process_init.connect(_process_began)
    signals.worker_process_shutdown.connect(_process_ends)
    signals.worker_shutdown.connect(_process_ends)


def _before_publish(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    if headers is not None and SENT_AT not in headers:
        headers[SENT_AT] = time.time()


def _before_run(task_id: str, task: Task[Any, Any], **kwargs: Any) -> None:
    _running[task_id] = time.perf_counter()
    while len(_running) > _MOST_RUNNING:
        _running.popitem(last=False)
    request = task.request
    if not request.get("is_eager"):
        waited = _waited(request, time.time())
        if waited is not None:
            _waits[_queue(request.get("delivery_info") or {})](waited)


def _waited(request: Any, now: float) -> float | None:
    """Seconds between sending, or the time that was asked for, and now."""
    sent = (request.get("headers") or {}).get(SENT_AT) or request.get(SENT_AT)
    # A task that was to wait, or is a retry, has waited for its own time, not for a worker.
    if not isinstance(sent, int | float) or request.get("eta"):
        return None
    return max(now - sent, 0.0)


def _queue(delivery: dict[str, Any]) -> str:
    """The queue by its routing key, if this project has such a one."""
    name = str(delivery.get("routing_key") or "")
    return name if name in current_app.amqp.queues else OTHER


def _after_run(task_id: str, task: Task[Any, Any], state: str = "", **kwargs: Any) -> None:
    name = _name(task.name)
    began = _running.pop(task_id, None)
    if began is not None:
        _seconds[name](time.perf_counter() - began)
    if outcome := _OUTCOMES.get(state or ""):
        _tasks[name, outcome](1)


def _failed(task_id: str, sender: Any = None, **kwargs: Any) -> None:
    """A task whose process was killed is told of by the worker's main process alone."""
    if task_id not in _running:
        _tasks[_name(getattr(sender, "name", "")), "failure"](1)


def _revoked(sender: Any = None, **kwargs: Any) -> None:
    _tasks[_name(getattr(sender, "name", "")), "revoked"](1)


def _rejected(**kwargs: Any) -> None:
    _tasks[OTHER, "rejected"](1)


def _unknown(**kwargs: Any) -> None:
    _tasks[OTHER, "rejected"](1)


def _name(name: str) -> str:
    """A task's name; of tasks that this project does not have, one for all."""
    return name if name in current_app.tasks else OTHER


def _process_began(**kwargs: Any) -> None:
    publisher.wake()


def _process_ends(**kwargs: Any) -> None:
    publisher.stop()
