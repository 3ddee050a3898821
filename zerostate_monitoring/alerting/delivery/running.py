"""One pass of the delivery. Many may run at once, in as many processes; each step claims."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Final

from django.utils import timezone

from zerostate_monitoring.alerting import suppression
from zerostate_monitoring.alerting.acknowledging import end_due
from zerostate_monitoring.alerting.delivery.announcing import announce
from zerostate_monitoring.alerting.delivery.escalating import escalate
from zerostate_monitoring.alerting.delivery.flushing import flush_due
from zerostate_monitoring.alerting.delivery.following import route_again, tell_again
from zerostate_monitoring.alerting.delivery.heartbeat import beat
from zerostate_monitoring.alerting.delivery.rerouting import route_edited
from zerostate_monitoring.alerting.delivery.returning import bring_back
from zerostate_monitoring.alerting.delivery.sending import Sender
from zerostate_monitoring.alerting.delivery.sweeping import sweep
from zerostate_monitoring.alerting.suppression.tending import remind, tend
from zerostate_monitoring.schedule import DELIVERY_BUDGET_SECONDS

logger = logging.getLogger(__name__)

MOST_ROUNDS: Final = 20
"""Flushes and sends of one pass: what fails may go to another receiver at once."""

Clock = Callable[[], datetime]


def deliver(
    now: datetime,
    *,
    clock: Clock = timezone.now,
    stops: tuple[type[BaseException], ...] = (),
    budget_seconds: float = DELIVERY_BUDGET_SECONDS,
) -> int:
    """Sweep, follow, flush, send, announce; returns how many tries were made.

    A step that fails is logged and keeps none of the others from being done; ``stops`` are
    errors that end the pass, such as a worker's time limit.
    """
    one = _Pass(clock, stops, monotonic() + budget_seconds)
    one.step("clock", lambda: bring_back(now))
    one.step("sweep", lambda: sweep(now))
    one.step("tend", lambda: (tend(now), end_due(now)))
    one.step("follow", lambda: _follow(now))
    one.step("send", one.flush_and_send)
    one.step("heartbeat", lambda: beat(clock()))
    one.step("announce", lambda: announce(clock(), one.is_over))
    one.step("remind", lambda: remind(clock()))
    return one.tries


def _follow(now: datetime) -> None:
    reason_for = suppression.load(now).reason_for
    tell_again(now, reason_for)
    escalate(now, reason_for)
    route_again(now)
    route_edited(now)


class _Pass:
    def __init__(self, clock: Clock, stops: tuple[type[BaseException], ...], ends: float) -> None:
        self._clock = clock
        self._stops = stops
        self._ends = ends
        self.tries = 0

    def is_over(self) -> bool:
        return monotonic() >= self._ends

    def step(self, name: str, work: Callable[[], object]) -> None:
        try:
            work()
        except self._stops:
            raise
        except Exception:
            logger.exception("delivery_step_failed", extra={"step": name})

    def flush_and_send(self) -> None:
        """Until there is nothing to do, or no time."""
        for _ in range(MOST_ROUNDS):
            flushed = self._flush()
            made = Sender(self._clock, self._ends, self._flush).run()
            self.tries += made
            if self.is_over() or not (flushed or made):
                return

    def _flush(self) -> int:
        now = self._clock()
        reason_for = suppression.load(now).reason_for
        return flush_due(now, reason_for, is_over=self.is_over, stops=self._stops)
