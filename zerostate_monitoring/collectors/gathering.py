"""Threads that fetch, one thread that takes in: reading beside fetching would cost both.

Threads that wait for the network and threads that compute disturb each other under the
interpreter's lock. So threads only fetch, and who called takes their results in batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Condition
from typing import Final, Generic, TypeVar

from zerostate_monitoring.tracing.threads import carried

J = TypeVar("J")
R = TypeVar("R")

_FLUSH_SECONDS: Final = 2.0
_HELD_BYTES: Final = 32 * 1024 * 1024


class Gathering(Generic[J, R]):
    """Do ``work`` on jobs in ``threads`` threads and hand its results out in batches.

    A batch goes out when all is done, every two seconds, and when it holds
    ``held_bytes`` by ``size_of``. Threads with a result wait while so many are held, so
    memory is bounded by that and one result per thread. A result of ``None`` is left out.
    """

    def __init__(
        self,
        work: Callable[[J], R | None],
        size_of: Callable[[R], int],
        *,
        threads: int,
        held_bytes: int = _HELD_BYTES,
    ) -> None:
        self._work: Final = work
        self._size_of: Final = size_of
        self._threads: Final = threads
        self._held_bytes: Final = held_bytes
        self._changed: Final = Condition()
        self._jobs: Iterator[J] = iter(())
        self._results: list[R] = []
        self._size = 0
        self._running = 0
        self._stopped = False

    def run(self, jobs: Iterable[J], take: Callable[[list[R]], None]) -> None:
        """Do all ``jobs``; ``take`` gets the batches, in the caller's thread.

        An error of ``take`` or of ``work`` ends the run: no further job is begun.
        """
        self._jobs, self._stopped, self._running = iter(jobs), False, self._threads
        with ThreadPoolExecutor(self._threads) as pool:
            workers = [pool.submit(carried(self._fetch)) for _ in range(self._threads)]
            try:
                while batch := self._batch():
                    take(batch)
            finally:
                self._stop()
        for worker in workers:
            worker.result()

    def _fetch(self) -> None:
        try:
            while (job := self._next()) is not None:
                result = self._work(job[0])
                if result is not None:
                    self._put(result)
        except BaseException:
            self._stop()
            raise
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def _next(self) -> tuple[J] | None:
        with self._changed:
            if not self._stopped:
                for job in self._jobs:
                    return (job,)
        return None

    def _put(self, result: R) -> None:
        with self._changed:
            while self._is_full() and not self._stopped:
                self._changed.wait()
            self._results.append(result)
            self._size += self._size_of(result)
            if self._is_full():
                self._changed.notify_all()

    def _is_full(self) -> bool:
        return self._size >= self._held_bytes

    def _batch(self) -> list[R]:
        """The next results; none when there will be no more."""
        with self._changed:
            while True:
                done = self._changed.wait_for(
                    lambda: self._is_full() or not self._running, _FLUSH_SECONDS
                )
                if self._results or done:
                    break
            batch, self._results, self._size = self._results, [], 0
            self._changed.notify_all()
            return batch

    def _stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
