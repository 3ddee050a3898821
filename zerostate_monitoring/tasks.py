"""Celery's door: what a worker runs, each a few lines over the rooms below.

Results are ignored, nothing is retried (the next run is never far), and a message is
acknowledged before its run: a run that dies with its worker is not run again later with
numbers that have gone stale.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from functools import partial
from math import ceil
from typing import Any, Final

from celery import Task, current_app, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from kombu import Connection
from kombu.exceptions import OperationalError

from zerostate_monitoring.collectors import nodes
from zerostate_monitoring.collectors.base import COLLECTORS
from zerostate_monitoring.collectors.due import Slot, claim_due, give_back
from zerostate_monitoring.collectors.node_steps import bounded
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.collectors.signals import Worker, Workforce
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import ConfigurationError, StoreError
from zerostate_monitoring.schedule import (
    BEAT_NOTE,
    COLLECT,
    COLLECT_DUE,
    COLLECT_NODES,
    NODES,
    SCRAPE_NODES,
    TICK_SECONDS,
    limits,
    scrape_limits,
    task_options,
)
from zerostate_monitoring.storage.store import Store, current_store

logger = logging.getLogger(__name__)

_STOPS: Final = (SoftTimeLimitExceeded,)
_TIMEOUTS: Final = (TimeoutError, *_STOPS)

# A message that does not say otherwise, because it was sent by a process that does not
# know these tasks, is bounded by these.
_INTERVAL_SECONDS: Final = 60.0
_FALLBACK: Final = limits(_INTERVAL_SECONDS)


class Collection(Task[Any, Any]):
    """A task that is sent with the queue, the expiry and the limits of its interval.

    Whoever sends it: beat, django-celery-beat, which forgets most options of an entry,
    an operator, or a task. What the sender says goes first.
    """

    def apply_async(self, *positional: Any, **options: Any) -> Any:
        """Send a message; see Celery's own."""
        args, kwargs = (*positional, None, None)[:2]
        own = _options_of(self.name, args or options.get("args"), kwargs or options.get("kwargs"))
        return super().apply_async(*positional, **{**own, **options})


_OPTIONS: Final[Mapping[str, Any]] = {
    "base": Collection,
    "ignore_result": True,
    "acks_late": False,
    "max_retries": 0,
    "expires": _INTERVAL_SECONDS,
    "soft_time_limit": _FALLBACK.soft,
    "time_limit": _FALLBACK.hard,
}


def _options_of(
    task: str, args: Sequence[Any] | None, kwargs: Mapping[str, Any] | None
) -> dict[str, Any]:
    if task in {COLLECT_NODES, SCRAPE_NODES}:
        interval = conf.NODES_INTERVAL_SECONDS
        return task_options(interval, scrape_limits(interval))
    if task == COLLECT_DUE:
        return task_options(TICK_SECONDS)
    return task_options(_interval_of(args[0] if args else (kwargs or {}).get("name", "")))


def _interval_of(collector: str) -> float:
    """Its interval in seconds; where that cannot be had its run tells why, so it is sent."""
    definition = COLLECTORS.get(collector)
    try:
        return definition.checked_interval() if definition else _INTERVAL_SECONDS
    except ConfigurationError:
        return _INTERVAL_SECONDS


@shared_task(name=COLLECT, **_OPTIONS)
def collect(name: str, *, forced: bool = False) -> None:
    """Run the collector ``name`` once."""
    if conf.ENABLED:
        run(name, store=current_store(), forced=forced, timeouts=_TIMEOUTS)


@shared_task(name=COLLECT_NODES, **_OPTIONS)
def collect_nodes(*, forced: bool = False) -> None:
    """Scrape all nodes: here if one task can, else dealt out to all workers."""
    if not conf.ENABLED:
        return
    store = current_store()
    deal = partial(_deal_out, store, forced=forced)
    if bounded("nodes_not_dealt_out", deal, store=store, timeouts=_TIMEOUTS) is not False:
        run(NODES, store=store, timeouts=_TIMEOUTS)


def _deal_out(store: Store, *, forced: bool) -> bool:
    """See that all nodes are scraped; whether this interval's scrape is not another beat's."""
    if not (forced or nodes.claim_slot(store=store)):
        return False
    chunks = nodes.plan(store=store)
    if len(chunks) == 1:
        scrape_nodes(chunks[0])
        return True
    for chunk in chunks:
        scrape_nodes.apply_async((chunk,))
    return True


@shared_task(name=SCRAPE_NODES, **_OPTIONS)
def scrape_nodes(node_ids: list[int]) -> None:
    """Scrape one chunk of nodes, without those that another task is scraping."""
    if not conf.ENABLED:
        return
    store, now = current_store(), time.time()
    bounded(
        "nodes_not_scraped",
        lambda: nodes.scrape_chunk(node_ids, store=store, now=now, stops=_STOPS),
        store=store,
        timeouts=_TIMEOUTS,
    )


@shared_task(name=COLLECT_DUE, **_OPTIONS)
def collect_due() -> None:
    """Hand out the project's own collectors that are due; the heartbeat of beat, too."""
    if not conf.ENABLED:
        return
    now = time.time()
    try:
        current_store().note(BEAT_NOTE, {"tick": {"at": now}})
    except StoreError as error:
        logger.warning("beat_note_not_written", extra={"error": str(error)})
    _hand_out(claim_due(now))


def _hand_out(slots: list[Slot]) -> None:
    """Send a message for each slot; those that could not be sent are given back."""
    left = list(slots)
    try:
        while left:
            collect.apply_async((left[0].name,))
            left.pop(0)
    except OperationalError as error:
        details = {"collectors": [slot.name for slot in left], "error": str(error)}
        logger.warning("runs_not_queued", extra=details)
    finally:
        for slot in left:
            give_back(slot)


def request_run(sender: object, name: str, **kwargs: Any) -> bool:
    """Queue a run that an operator asked for; receiver of ``run_requested``.

    Returns whether a message was sent; False where the queue does not answer.
    """
    COLLECTORS.find(name)
    task, args = (collect_nodes, ()) if name == NODES else (collect, (name,))
    try:
        task.apply_async(args, {"forced": True})
    except OperationalError as error:
        logger.warning("run_not_queued", extra={"collector": name, "error": str(error)})
        return False
    return True


def list_workers(sender: object, timeout: float, queue: str, **kwargs: Any) -> Workforce:
    """Who works, and how much of ``queue`` is left; receiver of ``workers_requested``."""
    with current_app.connection_for_write(connect_timeout=timeout) as connection:
        # Celery would try for minutes to reach a broker that is away.
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=ceil(timeout))
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


def list_queues(
    sender: object, timeout: float, queues: Sequence[str], **kwargs: Any
) -> dict[str, int | None]:
    """How many messages wait in each queue; receiver of ``queues_requested``."""
    with current_app.connection_for_write(connect_timeout=timeout) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=ceil(timeout))
        return {queue: _waiting(connection, queue) for queue in queues}


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
