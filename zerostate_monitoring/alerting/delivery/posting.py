"""Makes tries: each in a thread of its own, so that a receiver that hangs delays no other."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Final

from django.db import connections

from zerostate_monitoring import tracing
from zerostate_monitoring.alerting.delivery.leasing import Lease
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Receiver
from zerostate_monitoring.notifiers import notifier_of, target_of
from zerostate_monitoring.notifiers.base import Answer, Composed, DeliveryError
from zerostate_monitoring.tracing import names, unfollowed
from zerostate_monitoring.tracing.threads import carried

logger = logging.getLogger(__name__)

MOST_ANSWER: Final = 2000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try: an answer or an error."""

    lease: Lease
    seconds: float
    answer: Answer | None = None
    error: DeliveryError | None = None


def post(lease: Lease, receiver: Receiver, done: SimpleQueue[Outcome]) -> None:
    """Begin a try; its outcome comes to ``done``."""
    run(carried(lambda: done.put(attempt(lease, receiver))))


def run(work: Callable[[], None]) -> None:
    """Do ``work`` in a thread that keeps nobody from ending, and closes what it has opened."""

    def bounded() -> None:
        try:
            work()
        finally:
            connections.close_all()

    Thread(target=bounded, name="zerostate-delivery", daemon=True).start()


def attempt(lease: Lease, receiver: Receiver) -> Outcome:
    """Send the frozen message once; whatever goes wrong is an outcome."""
    # Receivers are strangers, and their addresses hold secrets: no request of it is followed.
    with tracing.call(names.SEND, {names.RECEIVER_KIND: receiver.kind}) as span, unfollowed():
        outcome = _attempt(lease, receiver)
        if outcome.error is not None:
            span.fail("delivery_error")
    return outcome


def _attempt(lease: Lease, receiver: Receiver) -> Outcome:
    message, begun = lease.message, time.monotonic()
    try:
        notifier, target = notifier_of(receiver.kind), target_of(receiver)
        composed = Composed(message.subject, message.payload)
        timeout = conf.DELIVERY_TIMEOUT_SECONDS
        answer = notifier.send(composed, target, key=message.key, timeout=timeout)
    except DeliveryError as error:
        return Outcome(lease, time.monotonic() - begun, error=error)
    except Exception as error:  # A broken notifier is a failed try, and the next one follows.
        logger.exception("notifier_failed", extra={"receiver": receiver.name})
        wrapped = DeliveryError(f"{type(error).__name__}: {error}")
        return Outcome(lease, time.monotonic() - begun, error=wrapped)
    return Outcome(lease, time.monotonic() - begun, answer=answer)
