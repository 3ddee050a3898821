"""Routes from the database: two queries, however many there are."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch

from zerostate_monitoring.alerting.routing.deciding import Routing
from zerostate_monitoring.alerting.routing.values import Entry, Routed, Step, Taken
from zerostate_monitoring.models import Route, RouteStep


def load() -> Routing:
    """The enabled routes as they stand now."""
    steps = Prefetch("steps", RouteStep.objects.select_related("receiver").order_by("position"))
    routes = Route.objects.filter(enabled=True).prefetch_related(steps)
    return Routing(entry_of(route, list(route.steps.all())) for route in routes)


def entry_of(route: Route, steps: list[RouteStep]) -> Entry:
    """A row as a value, without receivers that are disabled."""
    routed = Routed(
        pk=route.pk,
        name=route.name,
        group_by=_names(route.group_by),
        group_wait_seconds=route.group_wait_seconds,
        group_interval_seconds=route.group_interval_seconds,
        repeat_interval_seconds=route.repeat_interval_seconds,
    )
    usable = (
        Step(step.receiver_id, step.after_seconds, step.receiver.name)
        for step in steps
        if step.receiver.enabled
    )
    disabled = tuple(step.receiver.name for step in steps if not step.receiver.enabled)
    return Entry(Taken(routed, tuple(usable)), route.matchers, route.is_continued, disabled)


def _names(value: Any) -> tuple[str, ...]:
    """Names of labels; a row that was not written through a form may hold anything."""
    return tuple(map(str, value)) if isinstance(value, list) else ()
