"""Signals to the project's own code: after commit, at least once, and nobody waits for them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Event
from typing import Final

from django.db.models import Q, QuerySet
from django.dispatch import Signal

from zerostate_monitoring.alerting.delivery import posting
from zerostate_monitoring.alerting.delivery.backoff import CAP_SECONDS, backoff
from zerostate_monitoring.alerting.signals import alert_acknowledged, alert_fired, alert_resolved
from zerostate_monitoring.models import AlertEvent
from zerostate_monitoring.models.alert import ANNOUNCED
from zerostate_monitoring.models.words import EventKind

logger = logging.getLogger(__name__)

SIGNALS: Final[Mapping[str, Signal]] = {
    EventKind.FIRING: alert_fired,
    EventKind.RESOLVED: alert_resolved,
    EventKind.ACKNOWLEDGED: alert_acknowledged,
}
MOST_TRIES: Final = 5
MOST: Final = 100
PATIENCE_SECONDS: Final = 5.0
"""How long the delivery waits for the receivers of one signal before it goes on."""
LONGEST_WAIT: Final = timedelta(seconds=PATIENCE_SECONDS * 2 + CAP_SECONDS)
"""Between two calls of the receivers of one event."""


def announce(now: datetime, is_over: Callable[[], bool]) -> int:
    """Send the signals that are due, the oldest event first; returns how many."""
    if not any(signal.has_listeners() for signal in SIGNALS.values()):
        return _unannounced(now).update(announced_at=now)
    sent = 0
    for event in _unannounced(now).select_related("alert").order_by("pk")[:MOST]:
        if is_over():
            break
        if _claim(event, now):
            sent += 1
            _send_in_time(event, now)
    return sent


def _unannounced(now: datetime) -> QuerySet[AlertEvent]:
    is_due = Q(announce_after=None) | Q(announce_after__lte=now)
    return AlertEvent.objects.filter(is_due, announced_at=None, kind__in=ANNOUNCED)


def _claim(event: AlertEvent, now: datetime) -> bool:
    """Take the next try; a worker that ends in it leaves it to the one after that."""
    tries = event.announce_tries
    wait = PATIENCE_SECONDS * 2 + backoff(tries + 1, f"event {event.pk}")
    rows = AlertEvent.objects.filter(pk=event.pk, announced_at=None, announce_tries=tries)
    return bool(rows.update(announce_tries=tries + 1, announce_after=now + timedelta(seconds=wait)))


def _send_in_time(event: AlertEvent, now: datetime) -> None:
    done = Event()

    if event.alert.observed:
        # What is only observed is told to nobody, and code that acts on alerts is somebody.
        AlertEvent.objects.filter(pk=event.pk).update(announced_at=now)
        return

    def send() -> None:
        try:
            _send(event, now)
        finally:
            done.set()

    posting.run(send)
    if not done.wait(PATIENCE_SECONDS):
        logger.warning("signal_receiver_slow", extra={"event": event.pk, "kind": event.kind})


def _send(event: AlertEvent, now: datetime) -> None:
    answers = SIGNALS[event.kind].send_robust(
        sender=AlertEvent, alert=event.alert, event=event, key=key_of(event)
    )
    errors = [answer for _, answer in answers if isinstance(answer, Exception)]
    for error in errors:
        extra = {"event": event.pk, "kind": event.kind, "error": str(error)}
        logger.error("signal_receiver_failed", extra=extra, exc_info=error)
    if not errors or event.announce_tries + 1 >= MOST_TRIES:
        AlertEvent.objects.filter(pk=event.pk).update(announced_at=now)


def key_of(event: AlertEvent) -> str:
    """The same for each time that a signal is sent."""
    return f"{event.kind}-{event.alert_id}-{event.pk}"
