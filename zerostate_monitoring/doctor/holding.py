"""Does what holds alerts back, and what sends them, say what it means?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from zerostate_monitoring.doctor.finding import Finding, error, ok, some, warning
from zerostate_monitoring.models import Alert, Inhibition, MaintenanceWindow, Route, Silence
from zerostate_monitoring.models.refusing import matcher_faults
from zerostate_monitoring.models.words import AlertState
from zerostate_monitoring.notifiers.canary import CanaryNotifier

_NAMED: Final = 5

_HOLDS: Final = gettext_noop(
    "They hold nothing back. Open them in admin: the form says what is wrong."
)
_ROUTE: Final = gettext_noop("Open it in admin under Routes: the form says what is wrong.")
_NO_ROUTE: Final = gettext_noop(
    "Add a route with a receiver, and at the end one without matchers, in admin."
)
_UNROUTED: Final = gettext_noop(
    "In admin under Routes, Who is told what: add a route without matchers at the end."
)


def examine_holding() -> Iterator[Finding]:
    """Whether silences, maintenance windows and inhibitions can be read."""
    rows: list[tuple[str, Iterable[Silence | MaintenanceWindow | Inhibition]]] = [
        (_("silence %(name)s"), Silence.objects.filter(ends_at__gt=timezone.now())),
        (_("maintenance window %(name)s"), MaintenanceWindow.objects.filter(enabled=True)),
        (_("inhibition %(name)s"), Inhibition.objects.filter(enabled=True)),
    ]
    broken = [said % {"name": row} for said, found in rows for row in found if row.faults()]
    if broken:
        said = _("%(names)s: broken") % {"names": some(broken, _NAMED)}
        yield warning("holding back", said, _(_HOLDS))
    else:
        yield ok("holding back", _("silences, windows and inhibitions can be read"))


def examine_routing() -> Iterator[Finding]:
    """Whether alerts get to somebody."""
    routes = list(Route.objects.filter(enabled=True).prefetch_related("steps__receiver"))
    if not any(map(_leads_out, routes)):
        said = _("no route leads to a receiver: nobody is told anything")
        yield warning("routes", said, _(_NO_ROUTE))
        return
    faulty = [f"{route}: {' '.join(faults)}" for route in routes if (faults := _faults(route))]
    yield from (warning("routes", said, _(_ROUTE)) for said in faulty[:_NAMED])
    unrouted = Alert.objects.filter(state=AlertState.FIRING, is_unrouted=True).count()
    if unrouted:
        said = ngettext(
            "%(n)d alert that fires is told to nobody",
            "%(n)d alerts that fire are told to nobody",
            unrouted,
        )
        yield error("routes", said % {"n": unrouted}, _(_UNROUTED))
    elif not faulty:
        said = ngettext("%(n)d leads to a receiver", "%(n)d lead to a receiver", len(routes))
        yield ok("routes", said % {"n": len(routes)})


def _faults(route: Route) -> list[str]:
    return matcher_faults(route.matchers) or route.step_faults(_receivers(route))


def _receivers(route: Route) -> list[int]:
    return [step.receiver_id for step in route.steps.all() if step.receiver.enabled]


def _leads_out(route: Route) -> bool:
    """Whether it leads to anybody but the app itself."""
    steps = route.steps.all()
    return any(one.receiver.enabled and one.receiver.kind != CanaryNotifier.kind for one in steps)
