"""Routes in admin."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.holding.previewing import PreviewedAdmin
from zerostate_monitoring.admin.holding.showing import matchers_code, with_faults
from zerostate_monitoring.admin.routing.guarding import GuardedRoutes
from zerostate_monitoring.admin.routing.page import TrialForm, page_of
from zerostate_monitoring.admin.routing.route_form import RouteForm, StepInline
from zerostate_monitoring.models import Route, RouteStep
from zerostate_monitoring.models.refusing import matcher_faults


class RouteAdmin(GuardedRoutes, PreviewedAdmin[Route]):
    """Routes, in the order in which alerts meet them."""

    form = RouteForm
    inlines = (StepInline,)
    change_list_template = "admin/zerostate_monitoring/routing/change_list.html"
    change_form_template = "admin/zerostate_monitoring/routing/change_form.html"
    list_display = ("name", "state", "what", "receivers")
    list_filter = ("enabled", "origin")
    search_fields = ("name", "matchers", "steps__receiver__name")
    ordering = ("position", "name")
    fieldsets = (
        (None, {"fields": ("name", "position", "enabled", "matchers", "is_continued")}),
        (
            gettext_lazy("Messages"),
            {
                "fields": (
                    "group_by",
                    ("group_wait_seconds", "group_interval_seconds", "repeat_interval_seconds"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Route]:
        """Routes with their receivers."""
        return super().get_queryset(request).prefetch_related("steps__receiver")

    def get_urls(self) -> list[URLPattern]:
        """The page of all routing, then the usual ones."""
        view = self.admin_site.admin_view(self.routing_view)
        own = path("routing/", view, name="zerostate_monitoring_routing")
        return [own, *super().get_urls()]

    def routing_view(self, request: HttpRequest) -> TemplateResponse:
        """Which routes take which alerts now, which take none, and labels to try."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = TrialForm(request.GET if "labels" in request.GET or "alert" in request.GET else None)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Routing"),
            "opts": self.model._meta,
            "form": form,
            "page": page_of(form),
        }
        request.current_app = self.admin_site.name
        template = "admin/zerostate_monitoring/routing/routing.html"
        return TemplateResponse(request, template, context)

    @admin.action(description=gettext_lazy("Enable"), permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Route]) -> None:
        """Enable the chosen routes, but for those that would not be saved enabled."""
        refused = [(row, faults) for row in queryset if (faults := _faults_enabled(row))]
        for row, faults in refused:
            said = _("%(route)s stays disabled: %(why)s")
            values = {"route": row, "why": " ".join(faults)}
            self.message_user(request, said % values, messages.ERROR)
        super().enable(request, queryset.exclude(pk__in=[row.pk for row, _faults in refused]))

    # -- columns -------------------------------------------------------------

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: Route) -> str:
        """Enabled, disabled, without receiver or fallback, or broken."""
        if not row.enabled:
            return display.badge("off", _("disabled"))
        faults = self.faults_of(row)
        if not faults:
            return display.badge("good", _("enabled"))
        if matcher_faults(row.matchers):
            return display.badge("bad", _("broken"), " ".join(faults))
        word = _("no fallback") if _receivers(row) else _("no receiver")
        return display.badge("bad", word, " ".join(faults))

    def faults_of(self, obj: Route) -> list[str]:
        """Why it does not send what it should."""
        faults = matcher_faults(obj.matchers)
        if faults:
            return [*faults, _("It takes only what no other route takes.")]
        return obj.step_faults(_receivers(obj))

    @admin.display(description=gettext_lazy("takes"))
    def what(self, row: Route) -> str:
        """Its matchers in a line, and whether routes after it are looked at, too."""
        taken = matchers_code(row.matchers) if row.matchers.strip() else _("all alerts")
        if row.is_continued:
            taken = format_html("{}<br>{}", taken, _("then the next, too"))
        return with_faults(taken, self.faults_of(row) if row.enabled else ())

    @admin.display(description=gettext_lazy("tells"))
    def receivers(self, row: Route) -> str:
        """Its receivers in order, with when each is told."""
        named = ((n, _step_text(n, step)) for n, step in enumerate(row.steps.all()))
        lines = [(mark_safe("<br>→ ") if n else "", text) for n, text in named]
        return format_html_join("", "{}{}", lines) or display.EMPTY


def _step_text(place: int, step: RouteStep) -> str:
    """A receiver, when it is told, and whether it is at all."""
    after = step.after_seconds
    when = f" ({_('after %s') % display.age(after)})" if place and after else ""
    off = f" [{_('disabled')}]" if not step.receiver.enabled else ""
    return f"{step.receiver.name}{when}{off}"


def _receivers(row: Route) -> Sequence[int]:
    return [step.receiver_id for step in row.steps.all() if step.receiver.enabled]


def _faults_enabled(row: Route) -> list[str]:
    """Why ``row`` cannot be enabled."""
    enabled = Route(**{f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields})
    enabled.enabled = True
    try:
        enabled.clean()
    except ValidationError as error:
        return list(error.messages)
    return enabled.step_faults(_receivers(row))
