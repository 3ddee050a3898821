"""Does what holds alerts back, and what sends them, say what it means?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from django.utils import timezone

from zerostate_monitoring.doctor.finding import Finding, error, ok, warning
from zerostate_monitoring.models import Alert, Inhibition, MaintenanceWindow, Route, Silence
from zerostate_monitoring.models.refusing import matcher_faults
from zerostate_monitoring.models.words import AlertState
from zerostate_monitoring.notifiers.canary import CanaryNotifier

_NAMED: Final = 5

_HOLDS: Final = "They hold nothing back. Open them in admin: the form says what is wrong."
_ROUTE: Final = "Open it in admin under Routes: the form says what is wrong."
_NO_ROUTE: Final = "Add a route with a receiver, and at the end one without matchers, in admin."
_UNROUTED: Final = (
    "In admin under Routes, Who is told what: add a route without matchers at the end."
)


def examine_holding() -> Iterator[Finding]:
    """Whether silences, maintenance windows and inhibitions can be read."""
    rows: dict[str, Iterable[Silence | MaintenanceWindow | Inhibition]] = {
        "silence": Silence.objects.filter(ends_at__gt=timezone.now()),
        "maintenance window": MaintenanceWindow.objects.filter(enabled=True),
        "inhibition": Inhibition.objects.filter(enabled=True),
    }
    broken = [f"{kind} {row}" for kind, found in rows.items() for row in found if row.faults()]
    if broken:
        yield warning("holding back", f"{_some(broken)}: broken", _HOLDS)
    else:
        yield ok("holding back", "silences, windows and inhibitions can be read")


def examine_routing() -> Iterator[Finding]:
    """Whether alerts get to somebody."""
    routes = list(Route.objects.filter(enabled=True).prefetch_related("steps__receiver"))
    if not any(map(_leads_out, routes)):
        yield warning("routes", "no route leads to a receiver: nobody is told anything", _NO_ROUTE)
        return
    faulty = [f"{route}: {' '.join(faults)}" for route in routes if (faults := _faults(route))]
    yield from (warning("routes", said, _ROUTE) for said in faulty[:_NAMED])
    unrouted = Alert.objects.filter(state=AlertState.FIRING, is_unrouted=True).count()
    if unrouted:
        yield error("routes", f"{unrouted} alerts that fire are told to nobody", _UNROUTED)
    elif not faulty:
        yield ok("routes", f"{len(routes)} lead to a receiver")


def _faults(route: Route) -> list[str]:
    return matcher_faults(route.matchers) or route.step_faults(_receivers(route))


def _receivers(route: Route) -> list[int]:
    return [step.receiver_id for step in route.steps.all() if step.receiver.enabled]


def _leads_out(route: Route) -> bool:
    """Whether it leads to anybody but the app itself."""
    steps = route.steps.all()
    return any(one.receiver.enabled and one.receiver.kind != CanaryNotifier.kind for one in steps)


def _some(names: Iterable[str]) -> str:
    found = list(names)
    rest = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return ", ".join(found[:_NAMED]) + rest
