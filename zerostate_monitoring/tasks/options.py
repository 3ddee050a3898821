"""How tasks are sent, and what ends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from celery import Task
from celery.exceptions import SoftTimeLimitExceeded

from zerostate_monitoring.collectors.base import COLLECTORS
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.schedule import (
    COLLECT_DUE,
    COLLECT_NODES,
    DELIVER,
    DELIVER_SECONDS,
    EVALUATE,
    EVIDENCE_SECONDS,
    KEEP_EVIDENCE,
    PRUNE,
    PRUNE_SECONDS,
    RECORD_HISTORY,
    SCRAPE_NODES,
    TICK_SECONDS,
    bounds_of,
    delivery_limits,
    evaluation_tick,
    history_tick,
    limits,
    queue_of,
    scrape_limits,
    task_options,
)

STOPS: Final = (SoftTimeLimitExceeded,)
"""What a worker's time limit raises in a task."""

TIMEOUTS: Final = (TimeoutError, *STOPS)

# A message that does not say otherwise, because it was sent by a process that does not
# know these tasks, is bounded by these.
_INTERVAL_SECONDS: Final = 60.0
_FALLBACK: Final = limits(_INTERVAL_SECONDS)

_BESIDE: Final = {KEEP_EVIDENCE: EVIDENCE_SECONDS, PRUNE: PRUNE_SECONDS}
"""What neither evaluation nor delivery waits for: it has the queue of collectors."""


class Collection(Task[Any, Any]):
    """A task that is sent with the queue, the expiry and the limits of its interval.

    Whoever sends it: beat, django-celery-beat, which forgets most options of an entry,
    an operator, or a task. What the sender says goes first.
    """

    def apply_async(self, *positional: Any, **options: Any) -> Any:
        """Send a message; see Celery's own."""
        args, kwargs = (*positional, None, None)[:2]
        own = options_of(self.name, args or options.get("args"), kwargs or options.get("kwargs"))
        return super().apply_async(*positional, **{**own, **options})


OPTIONS: Final[Mapping[str, Any]] = {
    "base": Collection,
    "ignore_result": True,
    "acks_late": False,
    "max_retries": 0,
    "expires": _INTERVAL_SECONDS,
    "soft_time_limit": _FALLBACK.soft,
    "time_limit": _FALLBACK.hard,
}


def options_of(
    task: str, args: Sequence[Any] | None, kwargs: Mapping[str, Any] | None
) -> dict[str, Any]:
    if task in {COLLECT_NODES, SCRAPE_NODES}:
        interval = conf.NODES_INTERVAL_SECONDS
        return task_options(interval, scrape_limits(interval))
    if task == COLLECT_DUE:
        return task_options(TICK_SECONDS)
    if task == RECORD_HISTORY:
        tick = history_tick()
        return task_options(tick, bounds_of(task, tick))
    if task == EVALUATE:
        return task_options(evaluation_tick(), bounds_of(task, 0), queue_of(task))
    if task == DELIVER:
        return task_options(DELIVER_SECONDS, delivery_limits(), queue_of(task))
    beside = _BESIDE.get(task)
    return task_options(beside or _interval_of(args[0] if args else (kwargs or {}).get("name", "")))


def _interval_of(collector: str) -> float:
    """Its interval in seconds; where that cannot be had its run tells why, so it is sent."""
    definition = COLLECTORS.get(collector)
    try:
        return definition.checked_interval() if definition else _INTERVAL_SECONDS
    except ConfigurationError:
        return _INTERVAL_SECONDS
