"""Writes down who is to be told what: outbox entries, and when their groups are flushed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from zerostate_monitoring.alerting.delivery.places import Place, flush_time
from zerostate_monitoring.alerting.signals import messages_due
from zerostate_monitoring.models import AlertEvent, NotificationGroup, OutboxEntry
from zerostate_monitoring.models.outbox import Notice, OutboxState


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """That a receiver is to be told of an event; or, with another state, that it is not."""

    event: AlertEvent
    place: Place
    notice: Notice
    step: int = 0
    state: OutboxState = OutboxState.DUE
    reason: str = ""
    instead_of_id: int | None = None
    at_once: bool = False


def write(tellings: Sequence[Telling], now: datetime) -> None:
    """Write entries and the next flush of their groups: four queries, in the caller's transaction.

    Groups are locked in the order of their keys, so that two writers never wait for each
    other; an entry that is there already stays as it is.
    """
    if not tellings:
        return
    groups = lock_groups([telling.place for telling in tellings])
    rows = [_entry(telling, groups[telling.place.key], now) for telling in tellings]
    OutboxEntry.objects.bulk_create(rows, ignore_conflicts=True)
    _set_flushes(tellings, groups, now)


def lock_groups(places: Sequence[Place]) -> dict[str, NotificationGroup]:
    """The rows of these groups by key, made if they are not there, and locked."""
    by_key = {place.key: place for place in places}
    rows: dict[str, NotificationGroup] = {}
    # What was pruned between the two statements is made again, and then it is ours.
    while len(rows) < len(by_key):
        new = [_group(by_key[key]) for key in sorted(by_key.keys() - rows.keys())]
        NotificationGroup.objects.bulk_create(new, ignore_conflicts=True)
        found = NotificationGroup.objects.select_for_update().filter(key__in=by_key)
        rows = {row.key: row for row in found.order_by("key")}
    return rows


def wake_after_commit() -> None:
    """Have the delivery run at once; a broker that is away costs the time to its next tick."""
    transaction.on_commit(lambda: messages_due.send_robust(sender=OutboxEntry), robust=True)


def _group(place: Place) -> NotificationGroup:
    return NotificationGroup(
        key=place.key,
        route_id=place.route_id,
        receiver_id=place.receiver_id,
        labels=dict(place.labels),
    )


def _entry(telling: Telling, group: NotificationGroup, now: datetime) -> OutboxEntry:
    return OutboxEntry(
        event=telling.event,
        alert_id=telling.event.alert_id,
        receiver_id=telling.place.receiver_id,
        group=group,
        notice=telling.notice,
        step=telling.step,
        state=telling.state,
        reason=telling.reason,
        created_at=now,
        ended_at=None if telling.state is OutboxState.DUE else now,
        instead_of_id=telling.instead_of_id,
    )


def _set_flushes(
    tellings: Sequence[Telling], groups: dict[str, NotificationGroup], now: datetime
) -> None:
    due = {t.place.key: t.place for t in tellings if t.state is OutboxState.DUE}
    urgent = {t.place.key for t in tellings if t.at_once}
    for key, place in due.items():
        row = groups[key]
        row.flush_at = flush_time(
            place,
            now,
            flush_at=row.flush_at,
            flushed_at=row.flushed_at,
            at_once=key in urgent,
        )
    if changed := [groups[key] for key in due]:
        NotificationGroup.objects.bulk_update(changed, ["flush_at"])
        if any(row.flush_at is not None and row.flush_at <= now for row in changed):
            wake_after_commit()
