"""Lines of Celery tasks, and the context that goes with a message from sender to worker.

Loaded where structlog was set up alone: it needs the extra ``logs``.
"""

from __future__ import annotations

from typing import Any, Final

from django_structlog.celery import signals
from django_structlog.celery.receivers import CeleryReceiver

from zerostate_monitoring import logs
from zerostate_monitoring.logs.context import carried, clear


class TaskLines(CeleryReceiver):
    """Carries known keys alone, and leaves an eager task the context of its caller."""

    def bind_context(self, context: Any) -> None:
        """Bind what came with the message: whoever can send one may have put in anything."""
        super().bind_context(carried(context))

    def receiver_task_prerun(self, task_id: str, task: Any, *args: Any, **kwargs: Any) -> None:
        """Begin a task with its own context."""
        if not task.request.is_eager:
            super().receiver_task_prerun(task_id, task, *args, **kwargs)

    def ended(self, task: Any = None, **kwargs: Any) -> None:
        """Forget what the task has bound."""
        if task is None or not task.request.is_eager:
            clear()


_receiver: Final = TaskLines()
"""Held here: Celery's signals hold their receivers weakly."""


def connect(postrun: Any) -> None:
    """Listen to Celery; ``postrun`` is its signal of that name."""
    _receiver.connect_worker_signals()
    postrun.connect(_receiver.ended)
    signals.modify_context_before_task_publish.connect(_trim, dispatch_uid="zerostate_trim")
    signals.bind_extra_task_metadata.connect(_name, dispatch_uid="zerostate_name")


def _trim(context: dict[str, Any], **kwargs: Any) -> None:
    kept = carried(context)
    context.clear()
    context.update(kept)


def _name(task: Any, **kwargs: Any) -> None:
    logs.bind(task=task.name)
