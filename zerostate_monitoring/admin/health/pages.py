"""The page of health, beside the doctor's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from zerostate_monitoring.admin.base import LiveAdmin
from zerostate_monitoring.models import Collector

if TYPE_CHECKING:
    Base = LiveAdmin[Collector]
else:
    Base = ModelAdmin

BUDGET_SECONDS: Final = 2.5
"""How long the page waits for checks: somebody sits before it, who wants to know."""


class HealthPages(Base):
    """For ``CollectorAdmin``: a page of the whole installation."""

    def get_urls(self) -> list[URLPattern]:
        """The page, then the usual ones."""
        view = self.admin_site.admin_view(self.health_view)
        return [path("health/", view, name="zerostate_monitoring_health"), *super().get_urls()]

    def health_view(self, request: HttpRequest) -> TemplateResponse:
        """How each component is now and since when, and a picture of the last hours."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        from zerostate_monitoring.admin.health import showing
        from zerostate_monitoring.admin.health.picturing import picture
        from zerostate_monitoring.health.answering import everything
        from zerostate_monitoring.health.states import verdict

        components, now = everything(BUDGET_SECONDS), timezone.now()
        whole = verdict(components)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Health"),
            "opts": self.model._meta,
            "whole": showing.badge_of(whole),
            "sentence": showing.sentence(whole, components),
            "groups": showing.groups(components, showing.since(), now.timestamp()),
            "picture": picture([component.name for component in components], now),
            "asked_at": now,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/zerostate_monitoring/health.html", context)
