"""Celery tasks, counted by Celery's signals: how they end, run, wait and are retried.

Where a task runs, ``task_postrun`` tells how it ended; ``task_failure`` counts only where
the process that ran it is gone, and nobody else tells. So each run counts once.

Labels are bounded: a task's name only if this project has it, a queue's only if a worker
takes from it. Nothing is labelled with a worker's name, a host or a task's id.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from celery import current_app, signals
from celery.exceptions import TimeLimitExceeded, WorkerLostError

from zerostate_monitoring import tracing
from zerostate_monitoring.instrumentation import publisher
from zerostate_monitoring.instrumentation.families import counts, distributions
from zerostate_monitoring.logs.optional import loaded, needed

if TYPE_CHECKING:
    from celery import Task

OTHER: Final = "other"
SENT_AT: Final = "zerostate_sent_at"
"""Header of a message: when it was sent, in unix seconds by the sender's clock."""

_tasks: Final = counts("zerostate_celery_tasks_total")
_seconds: Final = distributions("zerostate_celery_task_duration_seconds")
_waits: Final = distributions("zerostate_celery_task_queue_wait_seconds")

_MOST_REMEMBERED: Final = 10_000
_OUTCOMES: Final = {
    "SUCCESS": "success",
    "FAILURE": "failure",
    "RETRY": "retry",
    "REJECTED": "rejected",
}
_BEGAN: Final = "zerostate_began"
"""Attribute of a run's request: when it began. Each run has one, in its thread and process."""
_timed_out: Final[OrderedDict[str, bool]] = OrderedDict()
"""Ids of runs over their time whose failure is counted; bounded, for an end may be told once."""


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


def connect_lines() -> None:
    """Let tasks write lines and carry context, where the project's lines are structured."""
    if loaded("zerostate_monitoring.logs.chain") is not None:
        signals.setup_logging.connect(_logging_is_set_up)
        # Those that run no task follow levels, too, and tell how much they log.
        signals.worker_ready.connect(_process_began)
        signals.beat_init.connect(_process_began)
        lines: Any = needed("zerostate_monitoring.instrumentation.task_lines")
        lines.connect(signals.task_postrun)


def _logging_is_set_up(**kwargs: Any) -> None:
    """Keep Celery from setting levels and handlers of its own: LOGGING says all."""


def _before_publish(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    if headers is not None:
        # A retry carries the headers of the message before; its own wait begins now.
        headers[SENT_AT] = time.time()


def _before_run(task_id: str, task: Task[Any, Any], **kwargs: Any) -> None:
    request = task.request
    setattr(request, _BEGAN, time.perf_counter())
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
    began = getattr(task.request, _BEGAN, None)
    if began is not None:
        _seconds[name](time.perf_counter() - began)
    if outcome := _OUTCOMES.get(state or ""):
        _tasks[name, outcome](1)


def _failed(
    task_id: str, sender: Any = None, exception: BaseException | None = None, **kwargs: Any
) -> None:
    """A task whose process was killed is told of by the worker's main process alone."""
    request = getattr(sender, "request", None)
    is_lost = isinstance(exception, TimeLimitExceeded | WorkerLostError)
    # One who waits for another task may fail by that one's error.
    if not is_lost or getattr(request, _BEGAN, None) is not None:
        return
    if isinstance(exception, TimeLimitExceeded) and _is_second(task_id, request):
        return
    _tasks[_name(getattr(sender, "name", "")), "failure"](1)


def _is_second(task_id: str, request: Any) -> bool:
    """Whether this run's time limit was told of before.

    Celery says it twice: with the run's request first, where the message is done with, and
    then without. The second is the only one where the message goes back to its queue.
    """
    if getattr(request, "id", None) != task_id:
        return _timed_out.pop(task_id, False)
    _timed_out[task_id] = True
    while len(_timed_out) > _MOST_REMEMBERED:
        _timed_out.popitem(last=False)
    return False


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
    tracing.flush()
