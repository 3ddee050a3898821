"""When what runs: the entries for Celery beat, and the limits of one run.

This module is imported by settings files, so it touches neither models nor the app
registry, and reads no setting before beat asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from zerostate_monitoring.conf import conf

COLLECT: Final = "zerostate_monitoring.collect"
COLLECT_NODES: Final = "zerostate_monitoring.collect_nodes"
COLLECT_DUE: Final = "zerostate_monitoring.collect_due"
SCRAPE_NODES: Final = "zerostate_monitoring.scrape_nodes"
RECORD_HISTORY: Final = "zerostate_monitoring.record_history"
EVALUATE: Final = "zerostate_monitoring.evaluate"
DELIVER: Final = "zerostate_monitoring.deliver"
KEEP_EVIDENCE: Final = "zerostate_monitoring.keep_evidence"
PRUNE: Final = "zerostate_monitoring.prune"

NODES: Final = "p2p"
"""The collector that scrapes nodes; it has tasks of its own."""

MONITORING_INTERVAL_SECONDS: Final = 60.0
TICK_SECONDS: Final = 5.0
"""How often the project's own collectors are looked through for one that is due."""

DELIVER_SECONDS: Final = 5.0
"""How often it is looked for messages that are due."""

DELIVERY_BUDGET_SECONDS: Final = 20.0
"""After this one pass of the delivery begins no try."""

_DELIVERY_GRACE_SECONDS: Final = 10.0

HISTORY_TICKS: Final = 3
"""How often in an interval of history somebody looks whether its column is made."""

TTL_INTERVALS: Final = 3
"""Series vanish this many intervals after the last success of what gives them."""

EVIDENCE_SECONDS: Final = 30.0
"""How often it is looked for alerts whose numbers are to be kept."""

PRUNE_SECONDS: Final = 600.0
"""How often what is old is deleted: often and little, not once and much."""

BEAT_NOTE: Final = "beat"
"""Kind of the note in which beat's last tick stands, under the key ``tick``."""

# Shares of the interval: a run that began with its interval is over, dead or alive, when
# the next one begins.
_SOFT: Final = 0.6
_HARD: Final = 0.7
_LEASE: Final = 0.8
_LONGEST_INTERVAL_SECONDS: Final = 500.0
_SCRAPE_GRACE_SECONDS: Final = 5.0

_SEND: Final[Mapping[str, Any]] = {
    "retry": True,
    "retry_policy": {"max_retries": 1, "interval_start": 0, "interval_max": 0.2},
}
"""One more try, for a connection that went stale; the next run is never far."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one run may take, in seconds.

    At ``soft`` the run is told to end, at ``hard`` its process is killed. A lease that
    lasts for ``lease`` seconds outlives both, so runs do not overlap; and it ends before
    the next run is wanted, so a process that was killed costs that one run alone. Where
    nothing kills it, a run that lasts renews its lease.
    """

    soft: float
    hard: float
    lease: float


def limits(interval: float) -> Limits:
    """The limits of a run that is wanted every ``interval`` seconds: at most 300 seconds."""
    span = min(max(interval, TICK_SECONDS), _LONGEST_INTERVAL_SECONDS)
    return Limits(_SOFT * span, _HARD * span, _LEASE * span)


def scrape_limits(interval: float) -> Limits:
    """The limits of a scrape of nodes, which itself ends within ``interval`` seconds."""
    span = min(max(interval, TICK_SECONDS), _LONGEST_INTERVAL_SECONDS)
    soft = span + _SCRAPE_GRACE_SECONDS
    return Limits(soft, soft + _SCRAPE_GRACE_SECONDS, span)


def delivery_limits() -> Limits:
    """The limits of a pass of the delivery: its last try may take as long as any."""
    soft = DELIVERY_BUDGET_SECONDS + 2 * conf.DELIVERY_TIMEOUT_SECONDS + _DELIVERY_GRACE_SECONDS
    return Limits(soft, soft + _DELIVERY_GRACE_SECONDS, soft)


def history_tick() -> float:
    """How often it is looked whether a slot of history is still free, in seconds.

    Beat's ticks jitter: one that came once per interval would now and then find the slot of
    the tick before it, and then miss the next.
    """
    return conf.HISTORY_INTERVAL_SECONDS / HISTORY_TICKS


EVALUATION: Final = Limits(soft=60.0, hard=75.0, lease=75.0)
"""The limits of one tick of evaluation. It claims nothing new in its last third, a group that
takes longer than its interval is not begun twice, and others are free for another worker."""


def evaluation_tick() -> float:
    """How often it is looked whether a group of rules is due, in seconds.

    Slots sit on the columns of history, and no group has more slots than there are columns.
    """
    return history_tick()


def bounds_of(task: str, interval: float) -> Limits:
    """The limits of a run of ``task``, which is wanted every ``interval`` seconds.

    A column has two intervals: the first of a process has all series to learn, and whoever
    comes too late is refused by its slot.
    """
    if task == RECORD_HISTORY:
        return scrape_limits(interval * HISTORY_TICKS)
    if task == EVALUATE:
        return EVALUATION
    if task == DELIVER:
        return delivery_limits()
    return scrape_limits(interval) if task == COLLECT_NODES else limits(interval)


def ttl(interval: float) -> float:
    """For how many seconds the series of a run that is wanted every ``interval`` stand."""
    return TTL_INTERVALS * max(interval, TICK_SECONDS)


def task_options(
    interval: float, bounds: Limits | None = None, queue: str | None = None
) -> dict[str, Any]:
    """Celery's options for such a run: its queue, its expiry, its limits, how it is sent.

    ``bounds`` are those of ``limits(interval)`` if left out, ``queue`` is that of collectors.
    """
    bounds = bounds or limits(interval)
    return {
        "queue": conf.QUEUE if queue is None else queue,
        "expires": interval,
        "soft_time_limit": bounds.soft,
        "time_limit": bounds.hard,
        **_SEND,
    }


def queue_of(task: str) -> str:
    """The queue of a task of this app: no long task of a project may delay an alert."""
    if task == EVALUATE:
        return conf.EVALUATE_QUEUE
    return conf.DELIVER_QUEUE if task == DELIVER else conf.QUEUE


def is_due(now: float, last: float | None, interval: float) -> bool:
    """Whether a slot of ``interval`` seconds has begun since ``last`` (unix seconds).

    Slots, not distances: the ticks' jitter does not add up. A ``last`` in the future
    means that the clock was set back; the run is due.
    """
    if last is None or last > now:
        return True
    return now // interval > last // interval


class BeatEntry(Mapping[str, Any]):
    """One entry of beat's schedule whose fields are computed when beat reads them.

    A settings file is still being read when it calls ``beat_schedule()``: a setting
    may stand below that line, or in a file that imports this one.
    """

    def __init__(self, task: str, interval: Callable[[], float], *args: str) -> None:
        self._task = task
        self._interval = interval
        self._args = args

    def _fields(self) -> dict[str, Any]:
        interval = self._interval()
        bounds = bounds_of(self._task, interval)
        # django-celery-beat keeps no ``expires`` but this, in whole seconds; Celery itself
        # does not look at it.
        expires = {"expire_seconds": ceil(interval)}
        return {
            "task": self._task,
            "schedule": interval,
            "args": self._args,
            "options": {**task_options(interval, bounds, queue_of(self._task)), **expires},
        }

    def __getitem__(self, key: str) -> Any:
        return self._fields()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(("task", "schedule", "args", "options"))

    def __len__(self) -> int:
        return 4

    def __repr__(self) -> str:
        return f"<BeatEntry {self._task}{self._args}>"


def beat_schedule() -> dict[str, Mapping[str, Any]]:
    """The entries of this app for ``CELERY_BEAT_SCHEDULE``.

    Write ``CELERY_BEAT_SCHEDULE = {**beat_schedule(), ...}``. Works with the plain
    scheduler and with django-celery-beat, which copies the entries into its tables.
    Where ``ZEROSTATE_MONITORING_ENABLED`` is False the entries stay and their tasks do
    nothing: the setting may stand below this call.
    One more entry looks every few seconds for collectors of the project's own that are
    due; those are registered later than any settings file is read.
    """
    return {
        "zerostate_monitoring: nodes": BeatEntry(COLLECT_NODES, _nodes),
        "zerostate_monitoring: execution": BeatEntry(COLLECT, _execution, "execution"),
        "zerostate_monitoring: economic": BeatEntry(COLLECT, _economic, "economic"),
        "zerostate_monitoring: monitoring": BeatEntry(COLLECT, _monitoring, "monitoring"),
        "zerostate_monitoring: celery": BeatEntry(COLLECT, _monitoring, "celery"),
        "zerostate_monitoring: the project's own": BeatEntry(COLLECT_DUE, _tick),
        "zerostate_monitoring: history": BeatEntry(RECORD_HISTORY, _history),
        "zerostate_monitoring: rules": BeatEntry(EVALUATE, _evaluation),
        "zerostate_monitoring: evidence": BeatEntry(KEEP_EVIDENCE, _evidence),
        "zerostate_monitoring: pruning": BeatEntry(PRUNE, _pruning),
        "zerostate_monitoring: delivery": BeatEntry(DELIVER, _delivery),
    }


def scheduled_collectors() -> frozenset[str]:
    """Names of the collectors that have a beat entry of their own."""
    return frozenset({NODES, "execution", "economic", "monitoring", "celery"})


# Functions, not lambdas: an entry must survive pickling.
def _nodes() -> float:
    return conf.NODES_INTERVAL_SECONDS


def _execution() -> float:
    return conf.EXECUTION_INTERVAL_SECONDS


def _economic() -> float:
    return conf.ECONOMIC_INTERVAL_SECONDS


def _monitoring() -> float:
    return MONITORING_INTERVAL_SECONDS


def _history() -> float:
    return history_tick()


def _evaluation() -> float:
    return evaluation_tick()


def _delivery() -> float:
    return DELIVER_SECONDS


def _evidence() -> float:
    return EVIDENCE_SECONDS


def _pruning() -> float:
    return PRUNE_SECONDS


def _tick() -> float:
    return TICK_SECONDS
