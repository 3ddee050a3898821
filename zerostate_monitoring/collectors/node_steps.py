"""The boundary around a step of a round over the nodes: one that fails costs no other one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from zerostate_monitoring.collectors.outcome import TIMEOUTS, Outcome, failed
from zerostate_monitoring.collectors.record import count_error, will_count
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.schedule import NODES
from zerostate_monitoring.storage.store import Store

logger = logging.getLogger(__name__)

R = TypeVar("R")


def bounded(
    event: str,
    work: Callable[[], R],
    *,
    store: Store,
    timeouts: tuple[type[BaseException], ...] = TIMEOUTS,
) -> R | Outcome:
    """Do one step; what goes wrong is logged as ``event``, counted by kind, and given back.

    The project's database, the broker and the clock of the worker end steps as well as
    the store does. ``timeouts`` are exceptions by which the caller says that time is up.
    """
    try:
        return work()
    except Exception as error:
        outcome = failed(NODES, error, timeouts=timeouts)
        expected = isinstance(error, (StoreError, *timeouts))
        level = logging.WARNING if expected else logging.ERROR
        details = {"collector": NODES, "kind": outcome.error_kind, "error": outcome.error}
        logger.log(level, event, extra=details, exc_info=not expected)
        # A store that has just failed is not made to fail once more.
        count = will_count if isinstance(error, StoreError) else count_error
        count(store, NODES, outcome.error_kind)
        return outcome
