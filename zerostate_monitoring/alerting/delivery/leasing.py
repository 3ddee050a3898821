"""Which message is sent next, and by whom: a lease is taken by a conditional update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from zerostate_monitoring.alerting.delivery.backoff import backoff
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Attempt, Message, Receiver, ReceiverState
from zerostate_monitoring.models.outbox import MessageState

GRACE_SECONDS: Final = 20.0
"""How long a lease outlasts the longest try."""

PROBE_BASE_SECONDS: Final = 5.0
PROBE_CAP_SECONDS: Final = 120.0

OPEN: Final = (MessageState.DUE, MessageState.LEASED)


@dataclass(frozen=True, slots=True)
class Lease:
    """A message that is this worker's alone until the lease ends, and the try that is made."""

    message: Message
    token: str
    attempt: Attempt


def receivers_due(now: datetime) -> Sequence[Receiver]:
    """Receivers with messages that are due, without those that are not to be tried yet."""
    due = Message.objects.filter(
        receiver=OuterRef("pk"), state=MessageState.DUE, next_try_at__lte=now
    )
    # One that fails waits for its probe; any other one, as long as it asked to.
    rows = Receiver.objects.filter(Exists(due), enabled=True).exclude(state__probe_at__gt=now)
    return list(rows.select_related("state").order_by("pk"))


def messages_due(receiver: Receiver, now: datetime, most: int) -> Sequence[Message]:
    """Its due messages for which no earlier one of their group is open."""
    rows = Message.objects.filter(
        ~Exists(earlier()), receiver=receiver, state=MessageState.DUE, next_try_at__lte=now
    )
    return list(rows.order_by("next_try_at", "pk")[:most])


def earlier() -> QuerySet[Message]:
    """Messages of the same group that must end before: an order per receiver and group."""
    return Message.objects.filter(group=OuterRef("group"), state__in=OPEN, pk__lt=OuterRef("pk"))


def claim_probe(state: ReceiverState, now: datetime) -> bool:
    """Whether this worker may try a failing receiver: one message at a time, ever more rarely."""
    tries = max(state.failures_in_a_row - 1, 1)
    wait = PROBE_BASE_SECONDS + backoff(
        tries, f"receiver {state.pk}", base=PROBE_BASE_SECONDS, cap=PROBE_CAP_SECONDS
    )
    free = Q(probe_at=None) | Q(probe_at__lte=now)
    rows = ReceiverState.objects.filter(free, pk=state.pk, failing_since__isnull=False)
    return bool(rows.update(probe_at=now + timedelta(seconds=wait)))


def take(messages: Sequence[Message], now: datetime) -> Sequence[Lease]:
    """Lease messages and write down their tries; those that are not due any more are left out."""
    if not messages:
        return ()
    token, until = uuid4().hex, now + lease_time()
    rows = Message.objects.filter(pk__in=[message.pk for message in messages])
    # What another worker takes at the same moment is its own.
    due = rows.filter(state=MessageState.DUE).select_for_update(skip_locked=True)
    with transaction.atomic():
        taken = rows.filter(pk__in=due.values("pk")).update(
            state=MessageState.LEASED,
            lease_token=token,
            lease_until=until,
            attempts=F("attempts") + 1,
        )
        if taken < len(messages):
            mine = set(rows.filter(lease_token=token).values_list("pk", flat=True))
            messages = [message for message in messages if message.pk in mine]
        tries = [Attempt(message=message, started_at=now) for message in messages]
        Attempt.objects.bulk_create(tries)
    for message in messages:
        message.attempts += 1
    return [Lease(one, token, made) for one, made in zip(messages, tries, strict=True)]


def lease_time() -> timedelta:
    """How long a lease lasts: longer than any try."""
    return timedelta(seconds=conf.DELIVERY_TIMEOUT_SECONDS * 1.5 + GRACE_SECONDS)
