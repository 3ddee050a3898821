"""How a message ends, and with it its entries: each in one transaction of the caller's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Field, Q, Value, When

from zerostate_monitoring.alerting.delivery.composing import CANARY
from zerostate_monitoring.alerting.delivery.passing import pass_on
from zerostate_monitoring.alerting.delivery.saying import say_of_messages
from zerostate_monitoring.models import Message, NotificationGroup, OutboxEntry
from zerostate_monitoring.models.outbox import MessageState, OutboxState
from zerostate_monitoring.models.words import EventKind

_OPEN = (MessageState.DUE, MessageState.LEASED)


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that its receiver took while it was leased by ``token``, and what it answered."""

    message: Message
    token: str
    answer: str
    status: int | None


def end_sent(taken: Sequence[Taken], now: datetime) -> bool:
    """The receivers took them; False if a lease is lost, and nothing is written of any."""
    mine = Q()
    for one in taken:
        mine |= Q(pk=one.message.pk, lease_token=one.token)
        one.message.answer, one.message.status = one.answer, one.status
    rows = Message.objects.filter(mine, state__in=_OPEN)
    locked = rows.select_for_update().order_by("pk").values("pk")
    ended = Message.objects.filter(pk__in=locked).update(
        state=MessageState.SENT,
        answer=_each(taken, lambda one: one.answer, Message._meta.get_field("answer")),
        status=_each(taken, lambda one: one.status, Message._meta.get_field("status")),
        lease_token="",
        lease_until=None,
        ended_at=now,
        sent_at=now,
    )
    if ended < len(taken):
        return False
    messages = [one.message for one in taken]
    alerts = _end_entries(messages, OutboxState.SENT, now)
    _note_sent({one.group_id for one in messages if one.group_id is not None}, now)
    told = [(one, alerts[one.pk]) for one in messages if one.purpose != CANARY]
    say_of_messages(EventKind.SENT, told, now)
    return True


def _each(taken: Sequence[Taken], value: Callable[[Taken], object], field: Field[Any, Any]) -> Case:
    """The value of each message as one expression."""
    cases = (When(pk=one.message.pk, then=Value(value(one), output_field=field)) for one in taken)
    return Case(*cases, output_field=field)


def _note_sent(groups: Collection[int], now: datetime) -> None:
    """Locked in the order of their keys, as by whoever writes entries."""
    rows = NotificationGroup.objects.filter(pk__in=groups)
    locked = rows.select_for_update().order_by("key").values("pk")
    NotificationGroup.objects.filter(pk__in=locked).update(sent_at=now)


def end_dead(
    message: Message, now: datetime, answer: str, status: int | None = None, token: str = ""
) -> bool:
    """It will not be taken: its alerts say so, and the next receiver of its route is told."""
    if not _close(message, token, MessageState.DEAD, answer, status, ended_at=now):
        return False
    pass_on(message, now)
    alerts = _end_entries([message], OutboxState.DEAD, now)
    say_of_messages(EventKind.DEAD, [(message, alerts[message.pk])], now)
    return True


def postpone(
    message: Message, token: str, now: datetime, *, answer: str, status: int | None, wait: float
) -> bool:
    """It is tried again after ``wait`` seconds."""
    next_try_at = now + timedelta(seconds=wait)
    return _close(message, token, MessageState.DUE, answer, status, next_try_at=next_try_at)


def _close(
    message: Message,
    token: str,
    state: MessageState,
    answer: str,
    status: int | None,
    **changes: datetime,
) -> bool:
    """Change a message that is open, and leased by ``token`` if one is given."""
    rows = Message.objects.filter(pk=message.pk, state__in=_OPEN, lease_token=token)
    message.answer, message.status = answer, status
    return bool(
        rows.update(
            state=state,
            answer=answer,
            status=status,
            lease_token="",
            lease_until=None,
            **changes,
        )
    )


def _end_entries(
    messages: Sequence[Message], state: OutboxState, now: datetime
) -> Mapping[int, Sequence[int]]:
    """End their entries; returns the alerts of each message."""
    entries = OutboxEntry.objects.filter(message__in=messages, state=OutboxState.FROZEN)
    found: dict[int, set[int]] = {message.pk: set() for message in messages}
    for message, alert in entries.values_list("message", "alert"):
        found[message].add(alert)
    entries.update(state=state, ended_at=now)
    return {message: sorted(alerts) for message, alerts in found.items()}
