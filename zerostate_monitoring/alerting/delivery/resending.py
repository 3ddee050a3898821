"""What an operator does with dead letters: send them again, or close them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils.translation import gettext_noop

from zerostate_monitoring.alerting.delivery.outbox import wake_after_commit
from zerostate_monitoring.models import Message, NotificationGroup, OutboxEntry, ReceiverState
from zerostate_monitoring.models.outbox import MessageState, Notice, OutboxState
from zerostate_monitoring.models.words import AlertState

RECOMPOSED: Final = gettext_noop("It was composed anew.")


def dead_letters() -> QuerySet[Message]:
    """Dead letters that nobody has closed."""
    return Message.objects.filter(state=MessageState.DEAD, closed_at=None)


def send_again(messages: Iterable[Message], now: datetime) -> int:
    """Try dead letters again; returns how many.

    With the same bytes and key, unless they would tell what is not so any more: then what it
    was to tell is decided anew.
    """
    done = 0
    for message in messages:
        with transaction.atomic():
            done += _anew(message, now) if is_stale(message) else _again(message, now)
            # Whoever asks for it does not wait for the end of a receiver's pause.
            ReceiverState.objects.filter(receiver=message.receiver_id).update(probe_at=None)
    if done:
        wake_after_commit()
    return done


def close(messages: Iterable[Message], now: datetime, by: str, comment: str) -> int:
    """Mark dead letters as seen to; returns how many."""
    keys = [message.pk for message in messages]
    return (
        dead_letters()
        .filter(pk__in=keys)
        .update(closed_at=now, closed_by=by[:200], comment=comment)
    )


def is_stale(message: Message) -> bool:
    """Whether it cannot be sent as it is: it was not composed, or it would not be the truth.

    A later message of its group, or one that told its receiver of one of its alerts by another
    route, may have said that the alert has ended; that it fires must not come after. Nor where
    the alert has ended, and nothing will say so.
    """
    if not message.payload:
        return True
    later = Message.objects.filter(group=message.group_id, pk__gt=message.pk)
    # The other parts of the same flush tell other alerts.
    later = later.exclude(created_at=message.created_at)
    if message.group_id is not None and later.exists():
        return True
    return _told_since(message).exists() or _ended_untold(message).exists()


def judged(messages: QuerySet[Message]) -> QuerySet[Any]:
    """The same rows, each with ``is_stale_now``: what ``is_stale`` says of it, in one question.

    And with ``is_composed``: whether it has bytes, which need not be read for that.
    """
    later = Message.objects.filter(group=OuterRef("group"), pk__gt=OuterRef("pk"))
    # From a message to its alerts to what was told of them: the few rows, by their indexes.
    since = OutboxEntry.objects.filter(
        alert=OuterRef("alert"), receiver=OuterRef("receiver"), message__gt=OuterRef("message")
    )
    entries = OutboxEntry.objects.filter(message=OuterRef("pk"))
    fires = entries.exclude(notice=Notice.RESOLVED)
    return messages.annotate(
        is_composed=ExpressionWrapper(~Q(payload={}), BooleanField()),
        is_stale_now=ExpressionWrapper(
            Q(payload={})
            | Exists(later.exclude(created_at=OuterRef("created_at")))
            | Exists(entries.filter(Exists(since)))
            | Exists(fires.exclude(alert__state=AlertState.FIRING).exclude(Exists(_ends()))),
            BooleanField(),
        ),
    )


def _told_since(message: Message) -> QuerySet[OutboxEntry]:
    """What its receiver was told later of its alerts."""
    alerts = OutboxEntry.objects.filter(message=message).values("alert")
    return OutboxEntry.objects.filter(
        alert__in=alerts, receiver=message.receiver_id, message__gt=message.pk
    )


def _ended_untold(message: Message) -> QuerySet[OutboxEntry]:
    """Where it says of an alert that it fires, which it does not, and no word of its end waits."""
    fires = OutboxEntry.objects.filter(message=message).exclude(notice=Notice.RESOLVED)
    return fires.exclude(alert__state=AlertState.FIRING).exclude(Exists(_ends()))


def _ends() -> QuerySet[OutboxEntry]:
    """Words of its end that wait for the same receiver."""
    return OutboxEntry.objects.filter(
        alert=OuterRef("alert"),
        receiver=OuterRef("receiver"),
        notice=Notice.RESOLVED,
        state=OutboxState.DUE,
    )


def _again(message: Message, now: datetime) -> bool:
    rows = Message.objects.filter(pk=message.pk, state=MessageState.DEAD)
    taken = rows.update(
        state=MessageState.DUE, next_try_at=now, resent_at=now, ended_at=None, closed_at=None
    )
    if taken:
        entries = OutboxEntry.objects.filter(message=message, state=OutboxState.DEAD)
        entries.update(state=OutboxState.FROZEN, ended_at=None)
    return bool(taken)


def _anew(message: Message, now: datetime) -> bool:
    rows = Message.objects.filter(pk=message.pk, state=MessageState.DEAD)
    if not rows.update(state=MessageState.SUPERSEDED, ended_at=now, answer=RECOMPOSED):
        return False
    entries = OutboxEntry.objects.filter(message=message, state=OutboxState.DEAD)
    entries.update(state=OutboxState.DUE, ended_at=None, message=None)
    NotificationGroup.objects.filter(messages=message).update(flush_at=now)
    return True
