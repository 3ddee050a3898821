"""Switching receivers and routes off: refused where nobody would be told, else said aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.base import LiveAdmin
from zerostate_monitoring.alerting import routing
from zerostate_monitoring.alerting.routing.guarding import faults_without, routes_of, uncaught
from zerostate_monitoring.alerting.routing.silencing import receiver_closed, route_closed
from zerostate_monitoring.alerting.suppression.hits import live_alerts
from zerostate_monitoring.alerting.suppression.reasons import labels_of
from zerostate_monitoring.models import Receiver, Route

if TYPE_CHECKING:
    ReceiverBase = LiveAdmin[Receiver]
    RouteBase = LiveAdmin[Route]
else:
    ReceiverBase = RouteBase = object


class GuardedReceivers(ReceiverBase):
    """For ``ReceiverAdmin``: what routes need stays enabled."""

    @admin.action(description=gettext_lazy("Disable"), permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Receiver]) -> None:
        """Disable the chosen receivers, but for those that a route cannot do without."""
        off: list[int] = []
        for row in queryset.filter(enabled=True).order_by("name"):
            faults = faults_without({row.pk, *off})
            if faults:
                values = {"receiver": row, "why": " ".join(faults)}
                said = _("Left enabled: %(receiver)s. %(why)s") % values
                self.message_user(request, said, messages.ERROR)
            else:
                off.append(row.pk)
        super().disable(request, queryset.filter(pk__in=off))
        self._tell_successors(request, off)

    def switched(self, rows: list[Receiver], *, enabled: bool) -> None:
        """Tell the log of those that were told what is critical: an update sends no signal."""
        for row in () if enabled else rows:
            receiver_closed(row)

    def save_model(
        self,
        request: HttpRequest,
        obj: Receiver,
        form: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Save it, and say who is told in its place."""
        super().save_model(request, obj, form, change)
        if change and "enabled" in form.changed_data and not obj.enabled:
            self._tell_successors(request, [obj.pk])

    def _tell_successors(self, request: HttpRequest, off: list[int]) -> None:
        for route in routes_of(off):
            names = [step.receiver.name for step in route.steps.all() if step.receiver.enabled]
            said = _("Route %(route)s tells %(names)s now.")
            values = {"route": route, "names": display.some(names)}
            self.message_user(request, said % values, messages.WARNING)


class GuardedRoutes(RouteBase):
    """For ``RouteAdmin``: whoever changes routes hears what goes to nobody."""

    @admin.action(description=gettext_lazy("Disable"), permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Route]) -> None:
        """Disable the chosen routes, and say what nobody hears of any more."""
        super().disable(request, queryset)
        self.tell_uncaught(request)

    def switched(self, rows: list[Route], *, enabled: bool) -> None:
        """Tell the log of those that took what is critical: an update sends no signal."""
        for row in () if enabled else rows:
            route_closed(row, "disabled")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with routes; before it is confirmed, also what nobody would hear of."""
        if "post" not in request.POST:
            going = {route.pk for route in objs}
            left = (one for one in routing.load().entries if one.taken.route.pk not in going)
            self._tell_lost(request, routing.Routing(left))
        return super().get_deleted_objects(objs, request)

    def _tell_lost(self, request: HttpRequest, left: routing.Routing) -> None:
        unrouted = _unrouted(left) - _unrouted(routing.load())
        if unrouted > 0:
            said = ngettext(
                "Without what you delete %d more live alert is told to nobody.",
                "Without what you delete %d more live alerts are told to nobody.",
                unrouted,
            )
            self.message_user(request, said % unrouted, messages.ERROR)
        if said := uncaught_text(uncaught(left)):
            self.message_user(request, _("Once deleted: %s") % said, messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: Route) -> None:
        """Delete it, and say what nobody hears of any more."""
        super().delete_model(request, obj)
        self.tell_uncaught(request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Route]) -> None:
        """Delete them, and say what nobody hears of any more."""
        super().delete_queryset(request, queryset)
        self.tell_uncaught(request)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Save its receivers, and say what nobody hears of."""
        super().save_related(request, form, formsets, change)
        self.tell_uncaught(request)

    def tell_uncaught(self, request: HttpRequest) -> None:
        """Warn of alerts that no route takes: live ones, and whole severities."""
        known = routing.load()
        unrouted = _unrouted(known)
        if unrouted:
            said = ngettext(
                "%d live alert is told to nobody.", "%d live alerts are told to nobody.", unrouted
            )
            self.message_user(request, said % unrouted, messages.ERROR)
        said = uncaught_text(uncaught(known))
        if said:
            self.message_user(request, said, messages.WARNING)


def _unrouted(known: routing.Routing) -> int:
    """How many live alerts no route takes."""
    return sum(not known.of(labels_of(alert)) for alert in live_alerts())


def uncaught_text(severities: Any) -> str:
    """What is told to nobody, and what to do; empty where all is told."""
    if not severities:
        return ""
    said = _(
        "No route takes all alerts of severity %s: what none takes is told to nobody. Add a "
        "route without matchers at the end."
    )
    return said % display.some(list(severities))
