"""The tasks of collectors and of history."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import Any

from celery import shared_task
from django.db import Error as DatabaseError
from kombu.exceptions import OperationalError

from zerostate_monitoring import tracing
from zerostate_monitoring.collectors import node_scraping, nodes
from zerostate_monitoring.collectors.base import COLLECTORS
from zerostate_monitoring.collectors.due import Slot, claim_due, give_back
from zerostate_monitoring.collectors.node_steps import bounded
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.exposition.recording import record
from zerostate_monitoring.querying import storage
from zerostate_monitoring.schedule import (
    BEAT_NOTE,
    COLLECT,
    COLLECT_DUE,
    COLLECT_NODES,
    NODES,
    RECORD_HISTORY,
    SCRAPE_NODES,
)
from zerostate_monitoring.storage.kept import keep_marked, marked_on_page
from zerostate_monitoring.storage.store import Store, current_store
from zerostate_monitoring.tasks.options import OPTIONS, STOPS, TIMEOUTS
from zerostate_monitoring.tracing import names

logger = logging.getLogger(__name__)


@shared_task(name=COLLECT, **OPTIONS)
def collect(name: str, *, forced: bool = False) -> None:
    """Run the collector ``name`` once."""
    if conf.ENABLED:
        run(name, store=current_store(), forced=forced, timeouts=TIMEOUTS)


@shared_task(name=COLLECT_NODES, **OPTIONS)
def collect_nodes(*, forced: bool = False) -> None:
    """Scrape all nodes: here if one task can, else dealt out to all workers."""
    if not conf.ENABLED:
        return
    store = current_store()
    deal = partial(_deal_out, store, forced=forced)
    if bounded("nodes_not_dealt_out", deal, store=store, timeouts=TIMEOUTS) is not False:
        run(NODES, store=store, timeouts=TIMEOUTS)


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


@shared_task(name=SCRAPE_NODES, **OPTIONS)
def scrape_nodes(node_ids: list[int]) -> None:
    """Scrape one chunk of nodes, without those that another task is scraping."""
    if not conf.ENABLED:
        return
    store, now = current_store(), time.time()
    with tracing.span(names.COLLECT, {names.COLLECTOR: NODES, names.COUNT: len(node_ids)}):
        bounded(
            "nodes_not_scraped",
            lambda: node_scraping.scrape_chunk(node_ids, store=store, now=now, stops=STOPS),
            store=store,
            timeouts=TIMEOUTS,
        )


@shared_task(name=COLLECT_DUE, **OPTIONS)
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


@shared_task(name=RECORD_HISTORY, **OPTIONS)
def record_history() -> None:
    """Append what the page says now to history; one column, however many beats ask for it."""
    if not conf.ENABLED:
        return
    try:
        slot_ms = record(time.time())
    except (StoreError, *TIMEOUTS) as error:
        # Nothing is made up for a slot that was missed: it is a gap, and counted.
        details = {"kind": type(error).__name__, "error": str(error)}
        logger.warning("history_gap", extra=details)
        return
    if slot_ms is not None:
        _keep(slot_ms)


def _keep(slot_ms: int) -> None:
    """Keep what is marked of a column that was made; without it the long tier has a gap."""
    try:
        keep_marked(storage(), slot_ms, marked_on_page)
    except (StoreError, DatabaseError, *TIMEOUTS) as error:
        details = {"kind": type(error).__name__, "error": str(error), "slot": slot_ms}
        logger.warning("history_not_kept", extra=details)


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
