"""Ways to people that are closed to critical alerts: told to the log of security, once it is sure.

A route that is disabled, deleted, or takes less than it did; a receiver of such a route that is
disabled. Whoever changes such a row past ``save()`` calls what stands here himself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zerostate_monitoring.alerting.routing.guarding import routes_of
from zerostate_monitoring.alerting.suppression.criticals import critical_rules, silenced
from zerostate_monitoring.models import Receiver, Route


def route_saved(
    sender: type[Route], instance: Route, using: str | None = None, **kwargs: Any
) -> None:
    """Receiver of ``pre_save``: what the row in the database takes, and this one does not."""
    stored = Route.objects.using(using).filter(pk=instance.pk, enabled=True).first()
    if stored is None:
        return
    if not instance.enabled:
        route_closed(stored, "disabled", using)
    elif instance.matchers != stored.matchers:
        lost = set(critical_rules(stored.matchers)) - set(critical_rules(instance.matchers))
        _tell_of(stored, "matchers", lost, using)


def route_deleted(
    sender: type[Route], instance: Route, using: str | None = None, **kwargs: Any
) -> None:
    """Receiver of ``pre_delete``."""
    if instance.enabled:
        route_closed(instance, "deleted", using)


def route_closed(route: Route, change: str, using: str | None = None) -> None:
    """``route``, which was enabled, takes nothing any more."""
    _tell_of(route, change, critical_rules(route.matchers), using)


def _tell_of(route: Route, change: str, rules: Iterable[str], using: str | None) -> None:
    keys = {"route": route.name, "matchers": route.matchers, "change": change}
    silenced("route", sorted(rules), using, **keys)


def receiver_saved(
    sender: type[Receiver], instance: Receiver, using: str | None = None, **kwargs: Any
) -> None:
    """Receiver of ``pre_save``."""
    stored = Receiver.objects.using(using).filter(pk=instance.pk, enabled=True)
    if not instance.enabled and stored.exists():
        receiver_closed(instance, using)


def receiver_closed(receiver: Receiver, using: str | None = None) -> None:
    """``receiver``, which was enabled, is told nothing any more; others may be."""
    routes = routes_of([receiver.pk])
    rules = {name for route in routes for name in critical_rules(route.matchers)}
    left = {
        step.receiver.name
        for route in routes
        for step in route.steps.all()
        if step.receiver.enabled and step.receiver_id != receiver.pk
    }
    keys = {"receiver": receiver.name, "routes": sorted(route.name for route in routes)}
    silenced("receiver", sorted(rules), using, change="disabled", left=sorted(left), **keys)
