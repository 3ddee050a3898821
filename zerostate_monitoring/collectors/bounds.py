"""How long a run may take, in whichever pool it runs, and by hand.

Celery ends a run that hangs, and does so in its prefork pool alone. These hold everywhere:
a run is told to end between two items, and its lease lasts as long as it does. Where it has
a process's main thread, as in the solo pool and in a command, it is interrupted.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.schedule import Limits
from zerostate_monitoring.storage.lease import Lease
from zerostate_monitoring.storage.store import Store

logger = logging.getLogger(__name__)

T = TypeVar("T")


def until(
    items: Iterable[T], seconds: float, clock: Callable[[], float] = time.monotonic
) -> Iterator[T]:
    """The items, as long as they come within ``seconds``.

    Raises:
        TimeoutError: one came later.
    """
    ends = clock() + seconds
    for item in items:
        if clock() > ends:
            raise TimeoutError(f"it was told to end after {seconds:g} s")
        yield item


@contextmanager
def held(store: Store, lease: Lease, bounds: Limits, longest: float) -> Iterator[None]:
    """Hold ``lease`` for as long as the block runs, and give it back.

    Where a pool ends what hangs nothing is left to be held when the lease ends. Elsewhere it
    is renewed, so that no other run begins beside one that hangs; but for ``longest`` seconds
    at most. Then the run is given up: it cannot write any more, and the next one may try.
    """
    over = threading.Event()
    arguments = (store, lease, bounds, longest, over)
    threading.Thread(target=_renew, args=arguments, name="zerostate-lease", daemon=True).start()
    try:
        yield
    finally:
        over.set()
        _release(store, lease)


def _renew(
    store: Store, lease: Lease, bounds: Limits, longest: float, over: threading.Event
) -> None:
    ends = time.monotonic() + longest
    # Not before a pool would have ended it, and by little: of a process that was killed
    # the lease ends before the next run is wanted.
    wait = (bounds.hard + bounds.lease) / 2
    while not over.wait(wait):
        details = {"lease": lease.name}
        if time.monotonic() > ends:
            logger.error("run_given_up", extra=details)
            return
        try:
            if not store.extend(lease, bounds.lease / 4):
                return
        except StoreError as error:
            logger.warning("lease_not_renewed", extra={**details, "error": str(error)})
        wait = bounds.lease / 8


def _release(store: Store, lease: Lease) -> None:
    try:
        store.release(lease)
    except StoreError as error:
        # It ends by itself.
        logger.warning("lease_not_released", extra={"lease": lease.name, "error": str(error)})


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Interrupt the block with ``TimeoutError`` when ``seconds`` are over.

    Only a process's main thread can be interrupted, where there are timers; elsewhere the
    block goes on.
    """
    timers = hasattr(signal, "setitimer")
    if not timers or threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: Any) -> None:
        raise TimeoutError(f"it was interrupted after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
