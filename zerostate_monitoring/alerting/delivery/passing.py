"""Passes messages that cannot be delivered to the next receiver of their route."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from zerostate_monitoring.alerting.delivery.enqueuing import next_step
from zerostate_monitoring.alerting.delivery.outbox import Telling, write
from zerostate_monitoring.alerting.delivery.places import place_of_row
from zerostate_monitoring.alerting.routing import Step
from zerostate_monitoring.models import Message, OutboxEntry, RouteStep
from zerostate_monitoring.models.outbox import Notice

MOST_PASSES = 20
"""More receivers in a row than this are looked at by nobody."""


def pass_on(message: Message, now: datetime) -> int:
    """Tell the next receiver of the route the same at once; returns how many entries.

    Once per message, in the caller's transaction, and never to a receiver that has failed
    with it.
    """
    unpassed = Message.objects.filter(pk=message.pk, passed_on_at=None)
    if not unpassed.update(passed_on_at=now):
        return 0
    entries = OutboxEntry.objects.filter(message=message)
    rows = list(entries.select_related("group__route", "alert", "event__alert").order_by("pk"))
    route = rows[0].group.route_id if rows else None
    if route is None:
        return 0
    steps, failed = steps_of(route), _failed(message)
    tellings = [t for row in rows if (t := _passed(row, steps, failed, message)) is not None]
    write(tellings, now)
    return len(tellings)


def steps_of(route: int) -> Sequence[Step]:
    """The usable steps of a route, as an alert takes them."""
    rows = RouteStep.objects.filter(route=route, receiver__enabled=True)
    ordered = rows.select_related("receiver").order_by("position", "pk")
    return [Step(row.receiver_id, row.after_seconds, row.receiver.name) for row in ordered]


def _passed(
    entry: OutboxEntry, steps: Sequence[Step], failed: set[int], message: Message
) -> Telling | None:
    at = next((n for n, s in enumerate(steps) if s.receiver_id == entry.receiver_id), -1)
    step = next_step(steps, entry.alert.labels, at + 1, failed)
    if step is None:
        return None
    # What the next receiver hears of for the first time is not a repetition for it.
    notice = Notice.FIRED if entry.notice == Notice.REPEATED else Notice(entry.notice)
    return Telling(
        event=entry.event,
        place=place_of_row(entry.group, steps[step].receiver_id),
        notice=notice,
        step=step,
        instead_of_id=message.pk,
        at_once=True,
    )


def _failed(message: Message) -> set[int]:
    """Receivers that have failed with this message or with those that it stands for."""
    failed: set[int] = set()
    one: Message | None = message
    for _ in range(MOST_PASSES):
        if one is None:
            break
        if one.receiver_id is not None:
            failed.add(one.receiver_id)
        one = one.instead_of
    return failed
