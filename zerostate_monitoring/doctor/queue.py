"""Do beat and a worker do their part, and does the worker keep up?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Final

from zerostate_monitoring.collectors.signals import Worker, Workforce, workers_requested
from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.finding import Finding, error, ok, unknown, warning
from zerostate_monitoring.doctor.server import SKEW_SECONDS
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.schedule import TICK_SECONDS
from zerostate_monitoring.storage.store import current_store

WORKER_TIMEOUT_SECONDS: Final = 2.0
BEAT_NOTE: Final = "beat"
STALE_TICKS: Final = 6
BACKLOG_MESSAGES: Final = 100
"""More than a few rounds of a large network; what is older is thrown away when it is taken."""
PREFORK: Final = "prefork"

_START_BROKER: Final = (
    "Start the broker, and see that the project's __init__.py imports its Celery app, so that "
    "this process knows CELERY_BROKER_URL."
)
_START_WORKER: Final = "Start one: celery -A PROJECT worker -Q {queue}"
_START_BEAT: Final = (
    "Start beat (celery -A PROJECT beat), put beat_schedule() into CELERY_BEAT_SCHEDULE, and "
    "see that a worker takes the queue {queue}."
)


_SET_CLOCK: Final = "Run NTP on all hosts with workers; ages and intervals are wrong until then."
_PREFORK: Final = (
    "Start it with --pool prefork, Celery's default: celery -A PROJECT worker --pool prefork "
    "-Q {queue}. In another pool a run that hangs keeps its place until the worker is restarted; "
    "see Pools in docs/operating.md."
)
_CLEAR_QUEUE: Final = (
    "See that a worker takes the queue, and add workers if one does. Runs that waited longer than "
    "their interval are thrown away; to be rid of all: celery -A PROJECT purge -Q {queue}"
)


def examine_beat() -> Iterator[Finding]:
    """Whether beat's entries reach a worker."""
    try:
        note = current_store().notes(BEAT_NOTE).get("tick")
    except StoreError:
        yield unknown("beat", "the store, where beat's ticks are noted, does not answer")
        return
    yield judge_beat(None if note is None else float(note["at"]), time.time(), conf.QUEUE)


def judge_beat(last: float | None, now: float, queue: str) -> Finding:
    """Whether the last tick (unix seconds) is fresh; the clock of who took it may be wrong."""
    advice = _START_BEAT.format(queue=queue)
    if last is None:
        return error("beat", "no tick has ever been run", advice)
    age = now - last
    if age < -SKEW_SECONDS:
        ahead = f"the last tick lies {-age:.0f} s ahead of this host's clock"
        return warning("beat", f"{ahead}: whether it is fresh cannot be told", _SET_CLOCK)
    if age <= STALE_TICKS * TICK_SECONDS:
        return ok("beat", f"last tick {max(age, 0):.0f} s ago")
    return error("beat", f"last tick {age:.0f} s ago, one is due every {TICK_SECONDS:g} s", advice)


def examine_worker() -> Iterator[Finding]:
    """Whether a worker answers, takes our queue, keeps up, and can end what hangs."""
    workers: dict[str, Worker] = {}
    waiting: list[int | None] = []
    problems = []
    answers = workers_requested.send_robust(
        sender=None, timeout=WORKER_TIMEOUT_SECONDS, queue=conf.QUEUE
    )
    for _, answer in answers:
        if isinstance(answer, Workforce):
            workers.update(answer.workers)
            waiting.append(answer.waiting)
        elif isinstance(answer, Exception):
            problems.append(str(answer) or type(answer).__name__)
    problem = "; ".join(problems)
    yield judge_workers(workers, conf.QUEUE, problem)
    if conf.EVALUATE:
        yield judge_workers(workers, conf.EVALUATE_QUEUE, problem, "evaluation worker")
        yield judge_workers(workers, conf.DELIVER_QUEUE, problem, "delivery worker")
    yield from judge_pools(workers, conf.QUEUE)
    yield from (judge_backlog(count, conf.QUEUE) for count in waiting)


def judge_workers(
    workers: Mapping[str, Worker], queue: str, problem: str, name: str = "worker"
) -> Finding:
    """Whether one of ``workers`` (by name) consumes ``queue``."""
    ours = _on(workers, queue)
    advice = _START_WORKER.format(queue=queue)
    if ours:
        return ok(name, f"{', '.join(ours)} on the queue {queue}")
    if problem:
        return error(name, f"the broker does not answer: {problem}", _START_BROKER)
    if workers:
        names = ", ".join(sorted(workers))
        return error(name, f"{names} answered, but none takes the queue {queue}", advice)
    message = f"nobody answered within {WORKER_TIMEOUT_SECONDS:g} s"
    return warning(name, message, f"{advice}. A worker that is busy answers later.")


def judge_pools(workers: Mapping[str, Worker], queue: str) -> Iterator[Finding]:
    """Whether Celery's time limits hold where ``queue`` is consumed; nothing without workers."""
    pools = {name: workers[name].pool for name in _on(workers, queue)}
    others = [f"{name} ({pool})" for name, pool in pools.items() if pool not in {"", PREFORK}]
    if others:
        message = f"Celery's time limits do not hold in the pool of {', '.join(others)}"
        yield warning("worker pool", message, _PREFORK.format(queue=queue))
    elif "" in pools.values():
        yield unknown(
            "worker pool", "a worker does not tell its pool", _PREFORK.format(queue=queue)
        )
    elif pools:
        yield ok("worker pool", f"{PREFORK}: a run that hangs is ended")


def judge_backlog(waiting: int | None, queue: str) -> Finding:
    """Whether what is sent is also taken."""
    if waiting is None:
        return unknown("queue", f"the broker does not tell how many messages wait in {queue}")
    message = f"{waiting} messages wait in {queue}"
    if waiting <= BACKLOG_MESSAGES:
        return ok("queue", message)
    return warning("queue", message, _CLEAR_QUEUE.format(queue=queue))


def _on(workers: Mapping[str, Worker], queue: str) -> list[str]:
    return sorted(name for name, worker in workers.items() if queue in worker.queues)
