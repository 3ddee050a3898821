"""Tasks, from submission to what they cost, and the errors on the way."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

from zerostate_monitoring.instrumentation.families import counts, distributions, levels, moves
from zerostate_monitoring.instrumentation.operations import (
    Amount,
    Id,
    Operation,
    checked,
    said,
    word,
)
from zerostate_monitoring.tracing import Attribute, names

_tasks: Final = counts("zerostate_tasks_total")
_tasks_active: Final = moves("zerostate_tasks_active")
_task_seconds: Final = distributions("zerostate_task_duration_seconds")
_queue_depth: Final = levels("zerostate_task_queue_depth")
_queue_seconds: Final = distributions("zerostate_task_queue_latency_seconds")
_errors: Final = counts("zerostate_execution_errors_total")
_invalid: Final = counts("zerostate_validation_errors_total")
_timeouts: Final = counts("zerostate_timeout_errors_total")
_estimated: Final = distributions("zerostate_task_cost_estimated_units")
_actual: Final = distributions("zerostate_task_cost_actual_units")
_capped: Final = counts("zerostate_task_cost_capped_total")
_savings: Final = distributions("zerostate_task_cost_savings_units")

# -- tasks -----------------------------------------------------------------------


def task_submitted() -> None:
    """A task was handed in."""
    _tasks["submitted"](1)


def task_ended(kind: str, seconds: float, *, ok: bool = True) -> None:
    """A task was completed, or failed, so long after its submission."""
    _task_seconds[word("kind", kind)](checked("seconds", seconds))
    _tasks["completed" if ok else "failed"](1)


class Task(Operation):
    """A task while this process works on it."""

    span_name = names.EXECUTION_TASK

    def __init__(self, kind: str, waited_seconds: float = 0.0, task_id: Id | None = None) -> None:
        self.kind = word("kind", kind)
        self.waited_seconds = checked("waited_seconds", waited_seconds)
        self._task_id = task_id

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return said(
            {
                names.TASK_TYPE: self.kind,
                names.TASK_ID: self._task_id,
                names.WAITED_SECONDS: self.waited_seconds,
            }
        )

    def __enter__(self) -> Self:
        _tasks_active[self.kind](1)
        return super().__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _tasks_active[self.kind](-1)
        super().__exit__(kind, error, trace)

    def record(self) -> None:
        task_ended(self.kind, self.waited_seconds + self.seconds, ok=self.ok)


def task(kind: str, *, waited_seconds: float = 0.0, task_id: Id | None = None) -> Task:
    """Count a task as active meanwhile, and then how it ended.

    ``waited_seconds`` is how long it had waited: its duration is from its submission.
    """
    return Task(kind, waited_seconds, task_id)


def task_queue_depth(count: int, priority: str) -> None:
    """So many tasks wait."""
    _queue_depth[word("priority", priority)](checked("count", count))


def task_queue_wait(seconds: float, priority: str) -> None:
    """A task waited so long for an executor."""
    _queue_seconds[word("priority", priority)](checked("seconds", seconds))


# -- errors ----------------------------------------------------------------------


def execution_error(part: str, reason: str) -> None:
    """A run broke off in a part, such as wasm, for a reason, such as out_of_memory."""
    _errors[word("part", part), word("reason", reason)](1)


def validation_error(part: str, reason: str) -> None:
    """An input was refused, such as a manifest for missing_field."""
    _invalid[word("part", part), word("reason", reason)](1)


def timeout_error(part: str = "execution") -> None:
    """A deadline passed."""
    _timeouts[word("part", part)](1)


# -- costs -----------------------------------------------------------------------


def cost_estimated(units: Amount, kind: str) -> None:
    """A task is expected to cost so much."""
    _estimated[word("kind", kind)](checked("units", units))


def cost_charged(units: Amount, kind: str, *, estimated: Amount | None = None) -> None:
    """A task did cost so much; savings are counted only where it was cheaper than expected."""
    cost = checked("units", units)
    saved = 0.0 if estimated is None else checked("estimated", estimated) - cost
    _actual[word("kind", kind)](cost)
    if saved > 0:
        _savings[()](saved)


def cost_capped(kind: str) -> None:
    """A task's cost stopped at its manifest's limit."""
    _capped[word("kind", kind)](1)
