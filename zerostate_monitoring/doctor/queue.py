"""Do beat and a worker do their part?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from zerostate_monitoring.collectors.signals import workers_requested
from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.finding import Finding, error, ok, unknown, warning
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.schedule import TICK_SECONDS
from zerostate_monitoring.storage.store import current_store

WORKER_TIMEOUT_SECONDS: Final = 2.0
BEAT_NOTE: Final = "beat"
STALE_TICKS: Final = 6

_START_BROKER: Final = (
    "Start the broker, and see that the project's __init__.py imports its Celery app, so that "
    "this process knows CELERY_BROKER_URL."
)
_START_WORKER: Final = "Start one: celery -A PROJECT worker -Q {queue}"
_START_BEAT: Final = (
    "Start beat (celery -A PROJECT beat), put beat_schedule() into CELERY_BEAT_SCHEDULE, and "
    "see that a worker takes the queue {queue}."
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
    """Whether the last tick (unix seconds) is fresh."""
    advice = _START_BEAT.format(queue=queue)
    if last is None:
        return error("beat", "no tick has ever been run", advice)
    age = max(now - last, 0)
    if age <= STALE_TICKS * TICK_SECONDS:
        return ok("beat", f"last tick {age:.0f} s ago")
    return error("beat", f"last tick {age:.0f} s ago, one is due every {TICK_SECONDS:g} s", advice)


def examine_worker() -> Iterator[Finding]:
    """Whether a worker answers and takes our queue."""
    workers: dict[str, Sequence[str]] = {}
    problems = []
    answers = workers_requested.send_robust(sender=None, timeout=WORKER_TIMEOUT_SECONDS)
    for _, answer in answers:
        if isinstance(answer, Exception):
            problems.append(str(answer) or type(answer).__name__)
        elif answer:
            workers.update(answer)
    yield judge_workers(workers, conf.QUEUE, "; ".join(problems))


def judge_workers(workers: Mapping[str, Sequence[str]], queue: str, problem: str) -> Finding:
    """Whether one of ``workers`` (name to queues) consumes ``queue``."""
    ours = sorted(name for name, queues in workers.items() if queue in queues)
    advice = _START_WORKER.format(queue=queue)
    if ours:
        return ok("worker", f"{', '.join(ours)} on the queue {queue}")
    if problem:
        return error("worker", f"the broker does not answer: {problem}", _START_BROKER)
    if workers:
        names = ", ".join(sorted(workers))
        return error("worker", f"{names} answered, but none takes the queue {queue}", advice)
    message = f"nobody answered within {WORKER_TIMEOUT_SECONDS:g} s"
    return warning("worker", message, f"{advice}. A worker that is busy answers later.")
