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
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.util import Finalize, register_after_fork
from typing import Final

from prometheus_client import REGISTRY as DEFAULT_REGISTRY
from prometheus_client import CollectorRegistry

from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.instrumentation import cells, registry
from zerostate_monitoring.instrumentation.ledger import Ledger
from zerostate_monitoring.instrumentation.present import Present
from zerostate_monitoring.instrumentation.rounds import LOOKS, Look, prepare
from zerostate_monitoring.instrumentation.teller import Teller
from zerostate_monitoring.storage.connection import Address
from zerostate_monitoring.storage.publishing import Publishing

logger = logging.getLogger(__name__)

TTL_INTERVALS: Final = 3
_SHORTEST_TTL_SECONDS: Final = 5.0
_MOST_ENDED: Final = 100_000

_releases: Final[list[Callable[[str, tuple[str, ...]], bool]]] = []


def registries() -> Sequence[CollectorRegistry]:
    """This app's registry and prometheus_client's default, in which libraries register."""
    return (registry.REGISTRY, DEFAULT_REGISTRY)


def _release(name: str, labels: tuple[str, ...]) -> bool:
    return sum(release(name, labels) for release in _releases) > 0


def _read_all() -> tuple[Ledger, Present]:
    ledger = Ledger(registries, lambda: conf.PROCESS_MAX_SERIES, _release)
    return ledger, Present(registries, lambda: conf.PROCESS_FAMILIES, _release)


class Publisher:
    """The thread around a teller. Made once per process; ``wake`` may be called by all.

    ``_telling`` is held by whoever speaks for this process; never while gauges are read, for
    those may be functions of the project's own that hang.
    """

    def __init__(self) -> None:
        self._ended: deque[tuple[str, tuple[str, ...]]] = deque()
        self._guarded = False
        self._reset()
        self._ledger, self._present = _read_all()

    def _reset(self) -> None:
        self._lock, self._telling = threading.Lock(), threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._teller: Teller | None = None
        self._door: Publishing | None = None
        self._key: object = None
        self._complained = False
        self._ended.clear()

    @property
    def is_running(self) -> bool:
        """Whether the thread lives in this process."""
        return self._thread is not None and self._thread.is_alive()

    # -- beginning and ending ------------------------------------------------------

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
        self.guard_exit()
        self._thread = threading.Thread(target=self._run, name="zerostate-publisher", daemon=True)
        self._thread.start()

    def guard_exit(self) -> None:
        """Publish once more at a clean exit, here and in forked children.

        Children of multiprocessing know no atexit, and forget what was to be done at their
        parent's end.
        """
        if not self._guarded:
            self._guarded = True
            atexit.register(self.stop)
            _finalize(self)
            register_after_fork(self, _finalize)

    def _run(self) -> None:
        while not self._stop.wait(conf.PUBLISH_INTERVAL_SECONDS):
            self.publish()
            self.look()

    def look(self) -> None:
        """Let those look into the store who asked for it. Never raises."""
        for action in LOOKS:
            self._attempt(partial(self._look, action))

    def _look(self, action: Look) -> None:
        with self._telling:
            self._current()
            door = self._door
        if door is not None:
            action(door)

    def stop(self) -> None:
        """Publish once more, say that this process ends, and end the thread.

        Waits for a publication under way as long as the store goes on answering.
        """
        self._stop.set()
        if self._await_thread() and conf.ENABLED:
            self._attempt(self._last_words)
        if self._door is not None:
            self._door.close()

    def _await_thread(self) -> bool:
        """Whether this thread may speak for the process now."""
        answers = -1
        while not self._telling.acquire(timeout=2 * conf.REDIS_TIMEOUT_SECONDS):
            now = self._teller.answers if self._teller else 0
            if now == answers:
                return False
            answers = now
        self._telling.release()
        return True

    def forked(self) -> None:
        """In a child: no thread, no connection, no lock of the parent; numbers of its own."""
        parent = self._ledger
        self._reset()
        cells.forked(registries())
        self._ledger, self._present = _read_all()
        self._ledger.forked(parent)
        self._present.forked()

    # -- publishing ------------------------------------------------------------------

    def ended(self, name: str, labels: tuple[str, ...]) -> None:
        """Note a removed series for the next publication."""
        if conf.ENABLED and len(self._ended) < _MOST_ENDED:
            self._ended.append((name, labels))

    def publish(self) -> bool:
        """Publish now; whether the store took it. Never raises."""
        taken = self._attempt(self._tell)
        self._complained = self._complained and not taken
        return taken

    def _tell(self) -> None:
        prepare()
        ttl = max(TTL_INTERVALS * conf.PUBLISH_INTERVAL_SECONDS, _SHORTEST_TTL_SECONDS)
        with self._telling:
            teller, present = self._current(), self._present
            self._tell_ended(teller)
            teller.tell_totals(time.time(), ttl)
        gauges = present.read(time.time())
        with self._telling:
            if not self._stop.is_set():
                teller.tell_gauges(gauges, time.time(), ttl)

    def _last_words(self) -> None:
        prepare()
        with self._telling:
            if self._teller is None:
                self._ledger.scan()
                if not self._ledger.has_counted:
                    return
            teller, now = self._current(), time.time()
            self._tell_ended(teller)
            teller.tell_totals(now, _SHORTEST_TTL_SECONDS)
            teller.close(now)
            self._teller = None

    def _tell_ended(self, teller: Teller) -> None:
        while self._ended:
            teller.ended(*self._ended.popleft())

    def _attempt(self, action: Callable[[], None]) -> bool:
        try:
            action()
        except MonitoringError as error:
            # Once per outage, and not by a command that only passes by: a store that is
            # away is told of elsewhere, too.
            quiet = self._complained or self._thread is None
            level = logging.DEBUG if quiet else logging.WARNING
            logger.log(level, "publication_deferred", extra={"error": str(error)})
            self._complained = True
            return False
        except Exception:
            # The one boundary of this thread: what goes wrong here must not end it.
            logger.exception("publication_failed")
            return False
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


def _finalize(publisher: Publisher) -> None:
    Finalize(None, publisher.stop, exitpriority=1)


_publisher: Final = Publisher()
_after_fork: Final[list[Callable[[], None]]] = []


def wake() -> None:
    """Start publishing in this process, if it has not begun."""
    _publisher.wake()


def guard_exit() -> None:
    """See that a process tells at its clean end what it counted, also if it never woke."""
    _publisher.guard_exit()


def ended(name: str, labels: tuple[str, ...]) -> None:
    """A series was removed from its instrument."""
    _publisher.ended(name, labels)


def stop() -> None:
    """Publish once more and end the thread; a worker that ends calls it."""
    _publisher.stop()


def flush() -> None:
    """Publish now."""
    _publisher.publish()


def begin_anew() -> None:
    """After ``stop``: be ready to publish again, as another process. For tests."""
    _publisher.forked()


def after_fork(action: Callable[[], None]) -> None:
    """Call ``action`` in every child that is forked from now on."""
    _after_fork.append(action)


def on_release(release: Callable[[str, tuple[str, ...]], bool]) -> None:
    """Ask ``release`` to take series out of this process that others have ended."""
    _releases.append(release)


def look() -> None:
    """Do now what is done after each publication."""
    _publisher.look()


def _forked() -> None:
    registry.forked()
    _publisher.forked()
    for action in _after_fork:
        action()


os.register_at_fork(after_in_child=_forked)
