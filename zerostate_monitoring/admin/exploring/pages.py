"""Explore: any expression, as a table and as a chart."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.forms.widgets import Media, Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import chart_media, zones
from zerostate_monitoring.admin.base import LiveAdmin
from zerostate_monitoring.admin.exploring import histories
from zerostate_monitoring.models import Metric

if TYPE_CHECKING:
    Base = LiveAdmin[Metric]
else:
    Base = ModelAdmin

View = Callable[[HttpRequest], HttpResponse]

NAME: Final = "zerostate_monitoring_explore"
LOOKS: Final[Any] = {"all": [*chart_media.STYLES["all"], "zerostate_monitoring/explore.css"]}
SCRIPTS: Final[Any] = (
    *chart_media.SCRIPTS,
    Script("zerostate_monitoring/copying.js", type="module"),
)
"""What the page of a metric loads."""
_ADD_RULE: Final = "zerostate_monitoring.add_rule"
_EXPLORE: Final[Any] = [
    *SCRIPTS,
    zones.SCRIPT,
    Script("zerostate_monitoring/explore.js", type="module"),
]
MEDIA: Final = Media(css=LOOKS, js=_EXPLORE)


class ExplorePages(Base):
    """For ``MetricAdmin``. Who may see metrics may ask for any of them."""

    def get_urls(self) -> list[URLPattern]:
        """The page and what its script asks, then the usual ones."""
        view, seen = self.admin_site.admin_view, self._seen
        return [
            path("explore/", view(seen(self.explore_view)), name=NAME),
            path("explore/complete/", view(seen(self.complete_view)), name=f"{NAME}_complete"),
            path("explore/forget/", view(seen(self.forget_view)), name=f"{NAME}_forget"),
            path("explore/rule/", view(seen(self.rule_view)), name=f"{NAME}_rule"),
            *super().get_urls(),
        ]

    def _seen(self, view: View) -> View:
        """The same, for whoever may see metrics."""

        @wraps(view)
        def seen(request: HttpRequest) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            return view(request)

        return seen

    def explore_view(self, request: HttpRequest) -> HttpResponse:
        """The form; with a query, what it gives."""
        from zerostate_monitoring.admin.exploring.completing import kinds, words
        from zerostate_monitoring.admin.exploring.showing import shown
        from zerostate_monitoring.admin.exploring.windows import lengths, others, window_of

        query = request.GET.get("query", "").strip()
        window = window_of(request.GET.dict(), time.time_ns() // 1_000_000)
        found = shown(query, window) if query else {}
        if query and not found["is_wrong"]:
            histories.remember(request.session, query)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Explore"),
            "opts": self.model._meta,
            "media": MEDIA,
            "query": query,
            "window": window,
            "lengths": lengths(),
            "moves": [(title, others(request.GET.dict(), to)) for title, to in window.moved()],
            "past": [
                (one, urlencode({"query": one})) for one in histories.remembered(request.session)
            ],
            "words": words(),
            "kinds": kinds(),
            "may_add_rule": request.user.has_perm(_ADD_RULE),
            **found,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/zerostate_monitoring/explore.html", context)

    def complete_view(self, request: HttpRequest) -> JsonResponse:
        """What may stand next."""
        from zerostate_monitoring.admin.exploring.completing import completions

        asked = [request.GET.get(name, "") for name in ("for", "metric", "label", "prefix")]
        return JsonResponse(completions(*asked))

    def forget_view(self, request: HttpRequest) -> HttpResponse:
        """Forget what was asked."""
        if request.method == "POST":
            histories.forget(request.session)
        return HttpResponseRedirect(reverse(f"admin:{NAME}", current_app=self.admin_site.name))

    def rule_view(self, request: HttpRequest) -> HttpResponse:
        """To the form of a new rule with the expression as it stands in the field now."""
        if not request.user.has_perm(_ADD_RULE):
            raise PermissionDenied(_ADD_RULE)
        address = reverse("admin:zerostate_monitoring_rule_add", current_app=self.admin_site.name)
        asked = {"expr": request.GET.get("query", "").strip(), "way": "promql"}
        return HttpResponseRedirect(f"{address}?{urlencode(asked)}")
