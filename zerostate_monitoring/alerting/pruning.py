"""What is old goes, in small batches; what lives, and what nobody has closed, never does.

Each batch is a transaction of its own, over rows found by an index, so no lock is held long
and a run that is stopped has done what it has done. Children go before their parents. A row
that somebody else works on is left for the next run, and what is locked is looked at again
before it goes.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, OperationalError, connections, router, transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import (
    Alert,
    AlertEvent,
    Attempt,
    Evaluation,
    Evidence,
    Message,
    NotificationGroup,
    OutboxEntry,
    Silence,
)
from zerostate_monitoring.models.outbox import MessageState, OutboxState
from zerostate_monitoring.models.words import LIVE, AlertState

logger = logging.getLogger(__name__)

BATCH: Final = 1_000
SECONDS: Final = 20.0

_ENDED: Final = (AlertState.RESOLVED, AlertState.EXPIRED)
_DONE: Final = (OutboxState.SENT, OutboxState.SUPERSEDED, OutboxState.SUPPRESSED)

Delete = Callable[[list[Any]], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """One table: its rows that may go, oldest first, and how some of them are deleted."""

    name: str
    old: QuerySet[Any]
    delete: Delete


def prune(
    now: datetime,
    *,
    batch: int = BATCH,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Mapping[str, int]:
    """Delete what is older than the settings allow; rows by table.

    It ends after ``seconds``; what is left goes with the next run.
    """
    deadline = clock() + seconds
    found = Counter[str]()
    for stage in stages(now):
        while clock() < deadline:
            done = _one_batch(stage, batch)
            found[stage.name] += done.deleted
            if done.is_last:
                break
    if gone := {name: n for name, n in found.items() if n}:
        logger.info("alerts_pruned", extra={"rows": gone})
    return found


@dataclass(frozen=True, slots=True)
class _Done:
    """How many rows a batch has deleted, and whether there is no more to do of its stage."""

    deleted: int
    is_last: bool


def _one_batch(stage: Stage, batch: int) -> _Done:
    """A batch that the database refuses, as where all wait for one writer, is for the next run."""
    keys = list(stage.old.values_list("pk", flat=True)[:batch])
    if not keys:
        return _Done(0, is_last=True)
    try:
        with transaction.atomic():
            going = _going(stage.old, keys)
            if going:
                stage.delete(going)
    except (OperationalError, IntegrityError) as error:
        logger.warning("pruning_put_off", extra={"table": stage.name, "error": str(error)})
        return _Done(0, is_last=True)
    return _Done(len(going), is_last=len(keys) < batch or not going)


def _going(old: QuerySet[Any], keys: list[Any]) -> list[Any]:
    """Those of ``keys`` that are old still, now that nobody else can change them."""
    rows = old.model._default_manager.filter(pk__in=keys).order_by("pk")
    if connections[router.db_for_write(old.model)].features.has_select_for_update_skip_locked:
        keys = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
    return list(old.filter(pk__in=keys).order_by().values_list("pk", flat=True))


def stages(now: datetime) -> tuple[Stage, ...]:
    """What may go at ``now``, children first."""
    short = now - timedelta(seconds=conf.EVALUATIONS_RETENTION_SECONDS)
    messages = now - timedelta(seconds=conf.MESSAGES_RETENTION_SECONDS)
    alerts = now - timedelta(seconds=conf.ALERTS_RETENTION_SECONDS)
    expired = Q(state=AlertState.EXPIRED, ended_at__lt=short)
    ended = Q(state__in=_ENDED, ended_at__lt=alerts)
    return (
        Stage("evaluations", _old_evaluations(short), _deleter(Evaluation)),
        Stage("outbox", _old_entries(messages), _deleter(OutboxEntry)),
        Stage("messages", _old_messages(messages), _delete_messages),
        Stage("groups", _old_groups(messages), _deleter(NotificationGroup)),
        Stage("expired", _old_alerts(expired), _delete_alerts),
        Stage("alerts", _old_alerts(ended), _delete_alerts),
    )


def _old_evaluations(before: datetime) -> QuerySet[Evaluation]:
    return Evaluation.objects.filter(started_at__lt=before).order_by("started_at")


def _old_entries(before: datetime) -> QuerySet[OutboxEntry]:
    """Of alerts that have ended as long ago, and of which nothing is to be told any more.

    Who was told that an alert fires is asked when it ends, however long it has fired, and again
    when word of its end that could not be delivered is sent once more.
    """
    found = OutboxEntry.objects.filter(state__in=_DONE, ended_at__lt=before)
    found = found.filter(alert__ended_at__lt=before).exclude(alert__state__in=LIVE)
    others = OutboxEntry.objects.filter(alert=OuterRef("alert")).filter(_is_open())
    return found.exclude(Exists(others)).order_by("ended_at")


def _is_open() -> Q:
    """An entry that is to be told, or stands in a dead letter that nobody has closed."""
    dead = Q(message__state=MessageState.DEAD, message__closed_at=None)
    return dead | Q(state__in=(OutboxState.DUE, OutboxState.FROZEN))


def _old_messages(before: datetime) -> QuerySet[Message]:
    """Those that were delivered, or closed by somebody, and tell of nothing that is kept."""
    delivered = Q(state__in=(MessageState.SENT, MessageState.SUPERSEDED))
    closed = Q(state=MessageState.DEAD, closed_at__lt=before)
    told = OutboxEntry.objects.filter(message=OuterRef("pk"))
    found = Message.objects.filter(delivered | closed, ended_at__lt=before)
    found = found.exclude(Exists(told.exclude(state=OutboxState.DEAD)))
    return found.exclude(Exists(told.filter(alert__state__in=LIVE))).order_by("ended_at")


def _old_groups(before: datetime) -> QuerySet[NotificationGroup]:
    """Groups in which nothing has happened for as long, and of which nothing is left."""
    quiet = Q(flushed_at__lt=before) | Q(flushed_at=None)
    found = NotificationGroup.objects.filter(quiet, flush_at=None)
    entries = OutboxEntry.objects.filter(group=OuterRef("pk"))
    messages = Message.objects.filter(group=OuterRef("pk"))
    return found.exclude(Exists(entries)).exclude(Exists(messages)).order_by("pk")


def _old_alerts(old: Q) -> QuerySet[Alert]:
    """Without those of which something is to be told still."""
    entries = OutboxEntry.objects.filter(alert=OuterRef("pk")).filter(_is_open())
    return Alert.objects.filter(old).exclude(Exists(entries)).order_by("ended_at")


# -- deleting --------------------------------------------------------------------


def _deleter(model: type[Model]) -> Delete:
    return lambda keys: _gone(model._default_manager.filter(pk__in=keys))


def _gone(rows: QuerySet[Any]) -> None:
    """One statement: Django would fetch each row, look for what hangs on it, and take few at once.

    What is forgotten here is refused by the database, with the whole batch.
    """
    rows._raw_delete(rows.db)  # noqa: SLF001


def _delete_messages(keys: list[Any]) -> None:
    _gone(Attempt.objects.filter(message__in=keys))
    Message.objects.filter(instead_of__in=keys).update(instead_of=None)
    OutboxEntry.objects.filter(message__in=keys).update(message=None)
    OutboxEntry.objects.filter(instead_of__in=keys).update(instead_of=None)
    _gone(Message.objects.filter(pk__in=keys))


def _delete_alerts(keys: list[Any]) -> None:
    _gone(Evidence.objects.filter(alert__in=keys))
    _gone(OutboxEntry.objects.filter(alert__in=keys))
    _gone(AlertEvent.objects.filter(alert__in=keys))
    Silence.objects.filter(alert__in=keys).update(alert=None)
    _gone(Alert.objects.filter(pk__in=keys))
