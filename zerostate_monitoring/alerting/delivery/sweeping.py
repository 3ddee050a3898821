"""Tidies up: leases whose worker is gone, receivers that are gone, groups that nobody flushes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_noop

from zerostate_monitoring.alerting.delivery.backoff import backoff
from zerostate_monitoring.alerting.delivery.ending import end_dead, postpone
from zerostate_monitoring.alerting.delivery.guarding import guarded
from zerostate_monitoring.alerting.delivery.passing import pass_on
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Attempt, Message, NotificationGroup, OutboxEntry
from zerostate_monitoring.models.outbox import MessageState, OutboxState

logger = logging.getLogger(__name__)

LOST: Final = gettext_noop("The worker ended before the answer was recorded: it may have arrived.")
DISABLED: Final = gettext_noop("The receiver is disabled.")
DELETED: Final = gettext_noop("The receiver was deleted.")
MOST: Final = 200
"""Messages that one pass looks at, of each sort."""


def sweep(now: datetime) -> int:
    """Do all of it; returns how many rows were touched."""
    swept = _each(_expired(now), lambda message: _take_back(message, now))
    swept += _each(_without_receiver(), lambda message: _end(message, now))
    swept += _each(_failing(), lambda message: bool(pass_on(message, now)))
    return swept + _flush_forgotten(now)


def _each(messages: Iterable[Message], work: Callable[[Message], bool]) -> int:
    def do(message: Message) -> bool:
        with transaction.atomic():
            return work(message)

    return sum(guarded(partial(do, one), False, "sweep_failed", one.key) for one in messages)


def _expired(now: datetime) -> Iterable[Message]:
    rows = Message.objects.filter(state=MessageState.LEASED, lease_until__lte=now)
    return rows.order_by("lease_until")[:MOST]


def _take_back(message: Message, now: datetime) -> bool:
    """A message whose lease has ended is due again; one that was tried too long is dead."""
    given = timedelta(seconds=conf.DELIVERY_GIVE_UP_SECONDS)
    if _last_tried(message, now) - (message.resent_at or message.created_at) >= given:
        taken = end_dead(message, now, LOST, token=message.lease_token)
    else:
        # The first time at once: most workers that end were only restarted.
        wait = backoff(message.attempts, message.key) if message.attempts > 1 else 0.0
        token = message.lease_token
        taken = postpone(message, token, now, answer=LOST, status=None, wait=wait)
    if taken:
        begun = Attempt.objects.filter(message=message, outcome="started")
        begun.update(outcome="lost", answer=LOST)
        logger.warning("lease_expired", extra={"key": message.key, "tries": message.attempts})
    return taken


def _last_tried(message: Message, now: datetime) -> datetime:
    """When its last try began: that of a machine that slept, or of a clock that jumped, long ago.

    One more is due to it then, whatever the time is now.
    """
    times = Attempt.objects.filter(message=message).order_by("-pk").values_list("started_at")
    return next((min(at, now) for (at,) in times[:1]), now)


def _without_receiver() -> Iterable[Message]:
    gone = Q(receiver=None) | Q(receiver__enabled=False)
    rows = Message.objects.filter(gone, state=MessageState.DUE)
    return rows.select_related("receiver").order_by("pk")[:MOST]


def _end(message: Message, now: datetime) -> bool:
    return end_dead(message, now, DELETED if message.receiver_id is None else DISABLED)


def _failing() -> Iterable[Message]:
    """Open messages of receivers that fail: the next receiver is told while these are probed."""
    rows = Message.objects.filter(
        state=MessageState.DUE,
        passed_on_at=None,
        receiver__state__failing_since__isnull=False,
    )
    return rows.order_by("pk")[:MOST]


def _flush_forgotten(now: datetime) -> int:
    """A group with due entries and no next flush: there is none, unless rows were edited."""
    due = OutboxEntry.objects.filter(group=OuterRef("pk"), state=OutboxState.DUE)
    return NotificationGroup.objects.filter(Exists(due), flush_at=None).update(flush_at=now)
