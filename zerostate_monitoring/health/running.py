"""Checks are run side by side, each once at a time, and nobody waits for one that hangs."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import Error as DatabaseError
from django.db import connections

from zerostate_monitoring.health.registry import KEEP_SECONDS, TIMEOUT_SECONDS, Check
from zerostate_monitoring.health.states import (
    Component,
    Outcome,
    Status,
    fit,
    unhealthy,
    unknown,
)

logger = logging.getLogger(__name__)

BUDGET_SECONDS: Final = 0.05
"""How long a probe waits for checks; what has not answered by then is told from what is known."""


@dataclass(slots=True)
class _Run:
    """A check under way, in a thread of its own; ``began`` is in monotonic seconds."""

    began: float
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True)
class _Seat:
    """What is known of one check: its last answer, and the run under way if there is one.

    ``since`` is when the last answer came, in monotonic seconds; ``timeout`` and ``keep`` are
    its times as its last run found them.
    """

    timeout: float
    keep: float
    run: _Run | None = None
    last: Component | None = None
    since: float = 0.0

    def read_times(self, check: Check) -> None:
        """Ask for the times; functions of a project may do anything, so in the check's thread."""
        self.timeout, self.keep = check.timeout_seconds, check.keep_seconds


def _seat(check: Check) -> _Seat:
    """A seat with the times that are known without asking anybody."""
    timeout, keep = check.timeout, check.keep
    return _Seat(
        TIMEOUT_SECONDS if callable(timeout) else timeout, KEEP_SECONDS if callable(keep) else keep
    )


class Runner:
    """The checks of one process.

    A check that still hangs from the last time is not started again, so a dependency that
    hangs costs one thread, however often somebody asks. Threads are daemons: no end of a
    process waits for them.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._wall = wall
        self._lock = threading.Lock()
        self._seats: dict[str, _Seat] = {}

    def ask(self, checks: Iterable[Check], budget: float = BUDGET_SECONDS) -> list[Component]:
        """Each check's component, in their order, after ``budget`` seconds at the longest.

        One that has answered of late is not asked again; one that has not answered yet is
        told from its last answer, or as unknown; past its timeout it is unhealthy.
        """
        asked = list(checks)
        now = self._clock()
        begun = [self._begin(check, now) for check in asked]
        for run in begun:
            # What hung before this call is not waited for again.
            if run is not None and (left := run.began + budget - self._clock()) > 0:
                run.done.wait(min(left, max(0.0, now + budget - self._clock())))
        return [self._told(check) for check in asked]

    def _begin(self, check: Check, now: float) -> _Run | None:
        """The run that is to be waited for; None where the last answer will do."""
        with self._lock:
            seat = self._seats.get(check.name)
            if seat is None:
                seat = self._seats[check.name] = _seat(check)
            if seat.run is not None:
                return seat.run
            if seat.last is not None and now - seat.since < seat.keep:
                return None
            run = seat.run = _Run(now)
        name = f"zerostate-health-{check.name}"
        try:
            threading.Thread(
                target=self._run, args=(check, seat, run), name=name, daemon=True
            ).start()
        except RuntimeError as error:
            self._finish(check, seat, run, unhealthy(f"cannot be asked: {error}"), 0.0)
        return run

    def _run(self, check: Check, seat: _Seat, run: _Run) -> None:
        began = self._clock()
        found = unhealthy("ended without an answer")
        try:
            seat.read_times(check)
            found = guarded(check)
        finally:
            took, timeout = self._clock() - began, seat.timeout
            if took > timeout:
                found = unhealthy(f"answered after {took:.1f} s; its timeout is {timeout:g} s")
            self._finish(check, seat, run, found, took)

    def _finish(self, check: Check, seat: _Seat, run: _Run, found: Outcome, took: float) -> None:
        made = Component(check.name, found, self._wall(), took)
        with self._lock:
            before, seat.last, seat.since, seat.run = seat.last, made, self._clock(), None
        run.done.set()
        if before is None or before.status is not found.status:
            _log_change(check.name, before, found)

    def _told(self, check: Check) -> Component:
        with self._lock:
            seat = self._seats[check.name]
            run, last, since = seat.run, seat.last, seat.since
        now = self._clock()
        if last is not None and run is None:
            return last
        began = now if run is None else run.began
        waits, timeout = now - began, seat.timeout
        if waits > timeout:
            hangs = unhealthy(
                f"has hung for {waits:.1f} s; its timeout is {timeout:g} s", hangs_seconds=waits
            )
            return Component(check.name, hangs, self._wall(), waits)
        if last is not None and now - since <= timeout + seat.keep:
            return last
        found = unknown(_silent(last, now - since))
        return Component(check.name, found, self._wall(), waits)


def _silent(last: Component | None, seconds: float) -> str:
    """That it does not answer, and what it answered the last time, which is no answer any more."""
    if last is None:
        return "has not answered yet"
    status, message = last.status.value, last.outcome.message
    if not message:
        return f"has not answered yet; {seconds:.0f} s ago it was {status}"
    return f"has not answered yet; {seconds:.0f} s ago it was {status}: {message}"


def guarded(check: Check) -> Outcome:
    """What a check says; one that breaks is unhealthy. The boundary of this room.

    Runs in a thread of its own, whose database connections are closed after it.
    """
    try:
        found: Any = check.ask()
    except (Exception, SystemExit) as error:
        logger.exception("health_check_failed", extra={"component": check.name})
        return fit(unhealthy(f"{type(error).__name__}: {error}"))
    finally:
        with suppress(DatabaseError):
            connections.close_all()
    if isinstance(found, Outcome):
        return fit(found)
    return unhealthy(f"{check.place} gave {type(found).__name__}, and not an Outcome")


def _log_change(name: str, before: Component | None, found: Outcome) -> None:
    was = Status.UNKNOWN if before is None else before.status
    # A process that looks for the first time finds nothing new in what is well, or not known.
    if before is None and found.status in {Status.HEALTHY, Status.UNKNOWN}:
        return
    details = {"component": name, "was": was.value, "is": found.status.value}
    logger.warning("health_changed", extra={**details, "reason": found.message})


_runners: Final[dict[int, Runner]] = {}


def runner() -> Runner:
    """The runner of this process; a forked child has one of its own, with no thread in it."""
    return _runners.setdefault(os.getpid(), Runner())
