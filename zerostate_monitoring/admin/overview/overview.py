"""The overview in admin: a page that stands where a list of rows would."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from zerostate_monitoring.admin.rows import ReadOnlyAdmin
from zerostate_monitoring.models import Overview


class OverviewAdmin(ReadOnlyAdmin[Overview]):
    """One page; there are no rows behind it."""

    needs: ClassVar[str] = "zerostate_monitoring.view_alert"
    """Any of the rights to view opens it, and this one what it is for."""

    class Media:
        css: ClassVar[Any] = {"all": ["zerostate_monitoring/overview.css"]}

    def has_view_permission(self, request: HttpRequest, obj: Overview | None = None) -> bool:
        """Whoever may see one of the things that it shows; others are left out."""
        from zerostate_monitoring.admin.overview.page import may_see

        return may_see(request)

    def get_urls(self) -> list[URLPattern]:
        """The page, under the name by which the index finds it."""
        view = self.admin_site.admin_view(self.overview_view)
        return [path("", view, name="zerostate_monitoring_overview_changelist")]

    def overview_view(self, request: HttpRequest) -> HttpResponse:
        """How the network is, and what is to be done."""
        from zerostate_monitoring.admin.overview.page import overview_context

        if not self.has_view_permission(request):
            raise PermissionDenied
        context = overview_context(request, timezone.now(), self.admin_site.name)
        return self.page(request, "overview.html", _("Overview"), context)
