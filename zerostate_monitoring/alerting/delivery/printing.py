"""By which routes alerts are led, as a text short enough to be kept: it tells of an edit."""

from __future__ import annotations

from zerostate_monitoring.alerting.delivery.places import digest
from zerostate_monitoring.alerting.routing import Routing
from zerostate_monitoring.models import Mark
from zerostate_monitoring.models.mark import ROUTES


def print_of(routing: Routing) -> str:
    """What decides who is told, as a short text: routes in their order, and their receivers."""
    return digest(
        [
            (
                one.taken.route.pk,
                one.matchers,
                one.is_continued,
                [(step.receiver_id, step.receiver_name) for step in one.taken.steps],
            )
            for one in routing.entries
        ]
    )


def notice(routing: Routing) -> None:
    """Have all that fires looked at again where ``routing`` is not what was looked at last.

    A receiver that is switched off and on again between two passes of the delivery leaves the
    routes as they were; only who was led meanwhile knows that they were others. Whoever is led
    before the first pass leaves by what.
    """
    text = print_of(routing)
    mark = Mark.objects.filter(name=ROUTES).first()
    if mark is None:
        Mark.objects.bulk_create([Mark(name=ROUTES, text=text)], ignore_conflicts=True)
    elif mark.text != text:
        Mark.objects.filter(name=ROUTES).exclude(text=text).update(text="")
