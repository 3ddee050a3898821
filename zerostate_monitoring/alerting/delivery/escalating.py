"""Passes alerts that nobody acknowledges to the next receiver of their route."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from zerostate_monitoring.alerting.delivery.deciding import ReasonFor
from zerostate_monitoring.alerting.delivery.enqueuing import next_step
from zerostate_monitoring.alerting.delivery.outbox import Telling, lock_groups, write
from zerostate_monitoring.alerting.delivery.passing import steps_of
from zerostate_monitoring.alerting.delivery.places import place_of_row
from zerostate_monitoring.alerting.routing import Step
from zerostate_monitoring.models import AlertEvent, OutboxEntry, RouteStep
from zerostate_monitoring.models.outbox import Notice, OutboxState
from zerostate_monitoring.models.words import AlertState, EventKind

_FIRST_WORDS = (Notice.FIRED, Notice.ESCALATED)
_TOLD = (OutboxState.SENT, OutboxState.DEAD)


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of a route that is told when nobody acknowledges."""

    route_id: int
    steps: Sequence[Step]
    index: int
    after: timedelta

    @property
    def known(self) -> Q:
        """Entries of this step and of those behind it; a receiver may stand in a route twice."""
        others = self._receivers(self.index, None)
        alone = others - self._receivers(0, self.index)
        return Q(receiver__in=alone) | Q(receiver__in=others, step__gte=self.index)

    @property
    def before(self) -> Q:
        """Entries of the step before: that with a time, or the first, and who stands in for it.

        Receivers that are no steps any more, as one that was disabled, count as the first.
        """
        timed = (n for n in range(self.index) if self.steps[n].after_seconds is not None)
        start = max(timed, default=0)
        found = Q(receiver__in=self._receivers(start, self.index))
        return found if start else found | ~Q(receiver__in=self._receivers(0, None))

    def _receivers(self, start: int, end: int | None) -> set[int]:
        return {step.receiver_id for step in self.steps[start:end]}


def escalate(now: datetime, reason_for: ReasonFor) -> int:
    """Tell the next receivers of alerts that fire and that nobody acknowledged in time."""
    done = 0
    for rung in _rungs():
        for entry in _late(rung, now):
            if reason_for(entry.alert) is None:
                done += _pass(entry, rung, now)
    return done


def _rungs() -> Iterator[Rung]:
    waiting = RouteStep.objects.filter(after_seconds__isnull=False, route__enabled=True)
    for route in sorted(set(waiting.values_list("route", flat=True))):
        steps = steps_of(route)
        for index, step in enumerate(steps):
            if step.after_seconds is not None:
                yield Rung(route, steps, index, timedelta(seconds=step.after_seconds))


def _late(rung: Rung, now: datetime) -> QuerySet[OutboxEntry]:
    """What the step before was told so long ago, of alerts that this step does not know."""
    before = now - rung.after
    words = OutboxEntry.objects.filter(group__route=rung.route_id, notice__in=_FIRST_WORDS)
    same = words.filter(alert=OuterRef("alert"))
    known = same.filter(rung.known)
    newer = same.filter(rung.before, state__in=_TOLD, ended_at__gt=before)
    never_taken = Q(alert__acknowledged_at=None, alert__acknowledged_until=None)
    is_nobodys = never_taken | Q(alert__acknowledged_until__lte=before)
    rows = words.filter(
        is_nobodys,
        rung.before,
        ~Exists(known),
        ~Exists(newer),
        state__in=_TOLD,
        ended_at__lte=before,
        alert__state=AlertState.FIRING,
    )
    return rows.select_related("alert", "group__route").order_by("pk")


def _pass(entry: OutboxEntry, rung: Rung, now: datetime) -> bool:
    step = next_step(rung.steps, entry.alert.labels, rung.index, (entry.receiver_id,))
    if step is None:
        return False
    taken = rung.steps[step]
    place = place_of_row(entry.group, taken.receiver_id)
    with transaction.atomic():
        lock_groups([place])
        if not _late(rung, now).filter(pk=entry.pk).exists():
            return False
        detail = {"receiver": taken.receiver_name, "step": step}
        event = AlertEvent.objects.create(
            alert=entry.alert, kind=EventKind.ESCALATED, at=now, detail=detail
        )
        telling = Telling(
            event=event, place=place, notice=Notice.ESCALATED, step=step, at_once=True
        )
        write([telling], now)
    return True
