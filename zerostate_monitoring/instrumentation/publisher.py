"""One thread in each process that publishes what its instruments say.

It starts with the first event and ends with the process. A fork, an exit, a scrape or a
store that is away never blocks the code that counts: that code only adds to a number.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.util import Finalize
from typing import Final

from prometheus_client import REGISTRY as DEFAULT_REGISTRY
from prometheus_client import CollectorRegistry

from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.instrumentation import registry
from zerostate_monitoring.instrumentation.ledger import Ledger
from zerostate_monitoring.instrumentation.present import Present
from zerostate_monitoring.instrumentation.teller import Teller
from zerostate_monitoring.storage.connection import Address
from zerostate_monitoring.storage.publishing import Publishing

logger = logging.getLogger(__name__)

TTL_INTERVALS: Final = 3
_SHORTEST_TTL_SECONDS: Final = 5.0


def registries() -> Sequence[CollectorRegistry]:
    """This app's registry and prometheus_client's default, in which libraries register."""
    return (registry.REGISTRY, DEFAULT_REGISTRY)


class Publisher:
    """The thread around a teller. Made once per process; ``wake`` may be called by all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._ledger, self._present = _read_all()
        self._teller: Teller | None = None
        self._door: Publishing | None = None
        self._key: object = None
        self._ended: list[tuple[str, tuple[str, ...]]] = []
        self._complained = False
        self._guarded = -1

    @property
    def is_running(self) -> bool:
        """Whether the thread lives in this process."""
        return self._thread is not None and self._thread.is_alive()

    def wake(self) -> None:
        """Start the thread, if it does not run."""
        if self.is_running or not conf.ENABLED or not self._lock.acquire(blocking=False):
            return
        try:
            self._start()
        except RuntimeError as error:
            # The interpreter is ending, or there may be no more threads.
            logger.warning("publisher_not_started", extra={"error": str(error)})
        finally:
            self._lock.release()

    def _start(self) -> None:
        if self.is_running or self._stop.is_set():
            return
        self._guard_exit()
        self._thread = threading.Thread(target=self._run, name="zerostate-publisher", daemon=True)
        self._thread.start()

    def _guard_exit(self) -> None:
        """Publish once more at a clean exit; children of multiprocessing know no atexit."""
        if self._guarded != os.getpid():
            self._guarded = os.getpid()
            atexit.register(self.stop)
            Finalize(None, self.stop, exitpriority=1)

    def ended(self, name: str, labels: tuple[str, ...]) -> None:
        """Note a removed series for the next publication."""
        self._ended.append((name, labels))

    def _run(self) -> None:
        while not self._stop.wait(conf.PUBLISH_INTERVAL_SECONDS):
            self.publish()

    def publish(self, *, closing: bool = False) -> bool:
        """Publish now; whether the store took it. Never raises."""
        interval = conf.PUBLISH_INTERVAL_SECONDS
        try:
            teller = self._current()
            while self._ended:
                teller.ended(*self._ended.pop(0))
            teller.tell(
                time.time(),
                ttl=max(TTL_INTERVALS * interval, _SHORTEST_TTL_SECONDS),
                closing=closing,
            )
        except MonitoringError as error:
            self._complain(error)
            return False
        except Exception:
            # The one boundary of this thread: what goes wrong here must not end it.
            logger.exception("publication_failed")
            return False
        self._complained = False
        return True

    def _current(self) -> Teller:
        """The teller of the store that the settings name now."""
        address = Address.of(conf)
        key = (conf.KEY_PREFIX, address.url, address.timeout, str(address.options))
        if self._teller is None or key != self._key:
            if self._teller is not None:
                # Another store has nothing of what was told to this one.
                self._ledger, self._present = _read_all()
            self._key = key
            self._door = Publishing(address, conf.KEY_PREFIX)
            self._teller = Teller(self._door, self._ledger, self._present)
        return self._teller

    def _complain(self, error: Exception) -> None:
        """Once per outage: a store that is away is told of elsewhere, too."""
        level = logging.DEBUG if self._complained else logging.WARNING
        logger.log(level, "publication_deferred", extra={"error": str(error)})
        self._complained = True

    def stop(self) -> None:
        """Publish once more, say that this process ends, and end the thread."""
        if self._thread is None or self._stop.is_set():
            return
        self._stop.set()
        self._thread.join(2 * conf.REDIS_TIMEOUT_SECONDS)
        if not self._thread.is_alive():
            self.publish(closing=True)
        if self._door is not None:
            self._door.close()

    def forked(self) -> None:
        """In a child: no thread, no connection, no lock of the parent; numbers of its own."""
        self._lock, self._stop, self._thread = threading.Lock(), threading.Event(), None
        self._teller, self._door, self._key = None, None, None
        self._ended, self._complained = [], False
        self._ledger, self._present = _read_all()
        self._ledger.forked()
        self._present.forked()


def _read_all() -> tuple[Ledger, Present]:
    ledger = Ledger(registries, lambda: conf.PROCESS_MAX_SERIES)
    return ledger, Present(registries, lambda: conf.PROCESS_FAMILIES)


_publisher: Final = Publisher()
_after_fork: Final[list[Callable[[], None]]] = []


def wake() -> None:
    """Start publishing in this process, if it has not begun."""
    _publisher.wake()


def ended(name: str, labels: tuple[str, ...]) -> None:
    """A series was removed from its instrument."""
    _publisher.ended(name, labels)


def stop() -> None:
    """Publish once more and end the thread; a worker that ends calls it."""
    _publisher.stop()


def begin_anew() -> None:
    """After ``stop``: be ready to publish again, as another process. For tests."""
    _publisher.forked()


def after_fork(action: Callable[[], None]) -> None:
    """Call ``action`` in every child that is forked from now on."""
    _after_fork.append(action)


def _forked() -> None:
    registry.forked()
    _publisher.forked()
    for action in _after_fork:
        action()


os.register_at_fork(after_in_child=_forked)
