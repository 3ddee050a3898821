"""What routes lose when a receiver or a route goes: said before, or refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from zerostate_monitoring.alerting.routing.deciding import Routing
from zerostate_monitoring.models import Receiver, Route, RouteStep
from zerostate_monitoring.models.words import Severity

_SEVERITIES: Final = (Severity.CRITICAL.value, Severity.WARNING.value, Severity.INFO.value)
_ANY: Final = "\x00any"
"""A name that no route's matchers ask for."""


def check_disabling(receiver: Receiver) -> None:
    """Refuse to disable a receiver that a route cannot do without.

    Raises:
        ValidationError: under ``enabled``, with the routes.
    """
    if receiver.enabled or receiver.pk is None:
        return
    was_enabled = Receiver.objects.filter(pk=receiver.pk, enabled=True).exists()
    faults = faults_without({receiver.pk}) if was_enabled else []
    if faults:
        raise ValidationError({"enabled": faults})


def faults_without(off: Collection[int]) -> list[str]:
    """What would be wrong with enabled routes if the receivers ``off`` were disabled."""
    return [said for route in routes_of(off) if (said := _fault_without(route, off))]


def routes_of(receivers: Collection[int]) -> list[Route]:
    """Enabled routes that lead to any of ``receivers``, with their steps."""
    steps = Prefetch("steps", RouteStep.objects.select_related("receiver"))
    rows = Route.objects.filter(enabled=True, steps__receiver__in=receivers).distinct()
    return list(rows.prefetch_related(steps))


def _fault_without(route: Route, off: Collection[int]) -> str:
    steps = [step for step in route.steps.all() if step.receiver.enabled]
    left = [step.receiver_id for step in steps if step.receiver_id not in off]
    if not route.step_faults(left):
        return ""
    if left:
        said = _(
            "Route %s would have no fallback for critical alerts: give it another receiver "
            "first, or disable the route."
        )
    else:
        said = _(
            "Route %s would tell nobody: give it another receiver first, or disable the route."
        )
    return said % route


def uncaught(routing: Routing) -> Sequence[str]:
    """Severities of which an alert that no route asks for by name is told to nobody."""
    return [one for one in _SEVERITIES if not routing.of({"alertname": _ANY, "severity": one})]
