"""Do beat and a worker do their part, and does the worker keep up?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

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

_START_BROKER: Final = gettext_noop(
    "Start the broker, and see that the project's __init__.py imports its Celery app, so that "
    "this process knows CELERY_BROKER_URL."
)
_START_WORKER: Final = gettext_noop("Start one: celery -A PROJECT worker -Q %(queue)s")
_START_BUSY: Final = gettext_noop(
    "Start one: celery -A PROJECT worker -Q %(queue)s. A worker that is busy answers later."
)
_START_BEAT: Final = gettext_noop(
    "Start beat (celery -A PROJECT beat), put beat_schedule() into CELERY_BEAT_SCHEDULE, and "
    "see that a worker takes the queue %(queue)s."
)


_SET_CLOCK: Final = gettext_noop(
    "Run NTP on all hosts with workers; ages and intervals are wrong until then."
)
_PREFORK: Final = gettext_noop(
    "Start it with --pool prefork, Celery's default: celery -A PROJECT worker --pool prefork "
    "-Q %(queue)s. In another pool a run that hangs keeps its place until the worker is restarted; "
    "see Pools in docs/operating.md."
)
_CLEAR_QUEUE: Final = gettext_noop(
    "See that a worker takes the queue, and add workers if one does. Runs that waited longer than "
    "their interval are thrown away; to be rid of all: celery -A PROJECT purge -Q %(queue)s"
)


def examine_beat() -> Iterator[Finding]:
    """Whether beat's entries reach a worker."""
    try:
        note = current_store().notes(BEAT_NOTE).get("tick")
    except StoreError:
        yield unknown("beat", _("the store, where beat's ticks are noted, does not answer"))
        return
    yield judge_beat(None if note is None else float(note["at"]), time.time(), conf.QUEUE)


def judge_beat(last: float | None, now: float, queue: str) -> Finding:
    """Whether the last tick (unix seconds) is fresh; the clock of who took it may be wrong."""
    advice = _(_START_BEAT) % {"queue": queue}
    if last is None:
        return error("beat", _("no tick has ever been run"), advice)
    age = now - last
    if age < -SKEW_SECONDS:
        said = _(
            "the last tick lies %(ahead).0f s ahead of this host's clock: whether it is fresh "
            "cannot be told"
        )
        return warning("beat", said % {"ahead": -age}, _(_SET_CLOCK))
    if age <= STALE_TICKS * TICK_SECONDS:
        return ok("beat", _("last tick %(age).0f s ago") % {"age": max(age, 0)})
    said = _("last tick %(age).0f s ago, one is due every %(interval)g s")
    return error("beat", said % {"age": age, "interval": TICK_SECONDS}, advice)


def examine_worker() -> Iterator[Finding]:
    """Whether a worker answers, takes our queue, keeps up, and can end what hangs."""
    workers: dict[str, Worker] = {}
    waiting: list[int | None] = []
    problems = []
    answers = workers_requested.send_robust(
        sender=None, timeout=WORKER_TIMEOUT_SECONDS, queue=conf.QUEUE
    )
    for _receiver, answer in answers:
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
    asked = {"queue": queue}
    if ours:
        said = _("%(names)s on the queue %(queue)s")
        return ok(name, said % {"names": ", ".join(ours), "queue": queue})
    if problem:
        said = _("the broker does not answer: %(problem)s") % {"problem": problem}
        return error(name, said, _(_START_BROKER))
    if workers:
        said = _("%(names)s answered, but none takes the queue %(queue)s")
        message = said % {"names": ", ".join(sorted(workers)), "queue": queue}
        return error(name, message, _(_START_WORKER) % asked)
    said = _("nobody answered within %(timeout)g s") % {"timeout": WORKER_TIMEOUT_SECONDS}
    return warning(name, said, _(_START_BUSY) % asked)


def judge_pools(workers: Mapping[str, Worker], queue: str) -> Iterator[Finding]:
    """Whether Celery's time limits hold where ``queue`` is consumed; nothing without workers."""
    advice = _(_PREFORK) % {"queue": queue}
    pools = {name: workers[name].pool for name in _on(workers, queue)}
    others = [f"{name} ({pool})" for name, pool in pools.items() if pool not in {"", PREFORK}]
    if others:
        said = _("Celery's time limits do not hold in the pool of %(names)s")
        yield warning("worker pool", said % {"names": ", ".join(others)}, advice)
    elif "" in pools.values():
        yield unknown("worker pool", _("a worker does not tell its pool"), advice)
    elif pools:
        yield ok("worker pool", _("%(pool)s: a run that hangs is ended") % {"pool": PREFORK})


def judge_backlog(waiting: int | None, queue: str) -> Finding:
    """Whether what is sent is also taken."""
    if waiting is None:
        said = _("the broker does not tell how many messages wait in %(queue)s")
        return unknown("queue", said % {"queue": queue})
    said = ngettext("%(n)d message waits in %(queue)s", "%(n)d messages wait in %(queue)s", waiting)
    message = said % {"n": waiting, "queue": queue}
    if waiting <= BACKLOG_MESSAGES:
        return ok("queue", message)
    return warning("queue", message, _(_CLEAR_QUEUE) % {"queue": queue})


def _on(workers: Mapping[str, Worker], queue: str) -> list[str]:
    return sorted(name for name, worker in workers.items() if queue in worker.queues)
