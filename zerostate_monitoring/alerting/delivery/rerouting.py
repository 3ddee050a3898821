"""When routes are edited while alerts fire: whoever would be told now, and was not, is told.

As Alertmanager does with a new configuration, but that nobody who was told before is told again.
Of the end of an alert hears whoever was told that it fires, by whatever route.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_noop

from zerostate_monitoring.alerting.delivery.enqueuing import tellings_of
from zerostate_monitoring.alerting.delivery.outbox import Telling, lock_groups, write
from zerostate_monitoring.alerting.delivery.printing import print_of
from zerostate_monitoring.alerting.delivery.reading import MAYBE_TOLD
from zerostate_monitoring.alerting.routing import Routing, load
from zerostate_monitoring.models import Alert, AlertEvent, Mark, NotificationGroup, OutboxEntry
from zerostate_monitoring.models.mark import ROUTES
from zerostate_monitoring.models.outbox import Notice
from zerostate_monitoring.models.words import AlertState, EventKind

SETTLING: Final = timedelta(seconds=120)
"""After so long nobody writes an alert any more that was led by the routes of before."""

BATCH: Final = 500
WHY: Final = gettext_noop("Routes were edited.")


def route_edited(now: datetime) -> int:
    """Tell of alerts that fire by routes that were edited since; returns how many entries.

    All of them are looked at when the routes are others than before, and once more a while
    later: what was written at the same time had seen the old ones. Routes that were edited and
    edited back in between are told of by who was led by them (``printing.notice``).
    """
    routing = load()
    text = print_of(routing)
    mark = Mark.objects.filter(name=ROUTES).first()
    if mark is None:
        Mark.objects.bulk_create([Mark(name=ROUTES, text=text)], ignore_conflicts=True)
        return 0
    is_new = mark.text != text
    if not is_new and (mark.at is None or now < mark.at + SETTLING):
        return 0
    # First the work, then the mark: whoever ends in between leaves it to the next pass.
    done = sum(_route(alerts, routing, now) for alerts in _firing())
    _look_at_the_quiet(now)
    Mark.objects.filter(name=ROUTES).update(text=text, at=now if is_new else None)
    return done


def _look_at_the_quiet(now: datetime) -> None:
    """Groups of what fires that were led elsewhere, and may be led back: of reminders they know."""
    told = OutboxEntry.objects.filter(group=OuterRef("pk"), state__in=MAYBE_TOLD)
    fires = told.exclude(notice=Notice.RESOLVED).filter(alert__state=AlertState.FIRING)
    quiet = NotificationGroup.objects.filter(Exists(fires), flush_at=None, route__isnull=False)
    quiet.update(flush_at=now)


def _firing() -> Iterator[list[Alert]]:
    """Alerts that fire, but for those that have no receiver at all: they are led anew anyway."""
    rows = Alert.objects.filter(state=AlertState.FIRING, is_unrouted=False).order_by("pk")
    alerts = rows.iterator(chunk_size=BATCH)
    while batch := list(islice(alerts, BATCH)):
        yield batch


def _route(alerts: Sequence[Alert], routing: Routing, now: datetime) -> int:
    known = _known({alert.pk for alert in alerts})
    return sum(
        _tell(alert, missing, now)
        for alert in alerts
        if (missing := _missing(alert, routing, known.get(alert.pk, set()), now))
    )


def _missing(alert: Alert, routing: Routing, known: set[int], now: datetime) -> list[Telling]:
    """Who is to be told first by each route, and has heard nothing of the alert."""
    event = AlertEvent(alert=alert, kind=EventKind.REROUTED, at=now, detail={"reason": WHY})
    told = {one.place.receiver_id: one for one in reversed(tellings_of(routing, event))}
    return [one for receiver, one in told.items() if receiver not in known]


def _known(alerts: set[int]) -> Mapping[int, set[int]]:
    """Receivers of whom something was written down of each alert; not of its end alone."""
    rows = OutboxEntry.objects.filter(alert__in=alerts).exclude(notice=Notice.RESOLVED)
    found: dict[int, set[int]] = {}
    for alert, receiver in rows.order_by().values_list("alert", "receiver").distinct():
        found.setdefault(alert, set()).add(receiver)
    return found


def _tell(alert: Alert, tellings: Sequence[Telling], now: datetime) -> int:
    """Write them down, but for what another worker has written since."""
    with transaction.atomic():
        lock_groups([one.place for one in tellings])
        if not Alert.objects.filter(pk=alert.pk, state=AlertState.FIRING).exists():
            return 0
        known = _known({alert.pk}).get(alert.pk, set())
        left = [one for one in tellings if one.place.receiver_id not in known]
        if left:
            left[0].event.save()
            write(left, now)
    return len(left)
