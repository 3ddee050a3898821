"""One calendar for silences and maintenance windows, and the strip above each of their lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from zerostate_monitoring.admin.base import LiveChangeList
from zerostate_monitoring.admin.holding.adjusting import adjust
from zerostate_monitoring.admin.holding.previewing import PreviewedAdmin
from zerostate_monitoring.alerting.suppression.hits import live_alerts
from zerostate_monitoring.models import MaintenanceWindow, Silence

PAST, NEXT = 7, 14
"""Days that are shown if nothing else is asked."""
MOST_DAYS: Final = 90
OWN: Final = ("past", "next")
LENGTHS: Final = (
    (gettext_lazy("the next day"), 0, 1),
    (gettext_lazy("a week"), 1, 6),
    (gettext_lazy("three weeks"), PAST, NEXT),
)
"""What is offered: title, days back, days ahead."""
_APP: Final = "zerostate_monitoring"

if TYPE_CHECKING:
    from zerostate_monitoring.admin.holding.entries import Reach

    Base = PreviewedAdmin[Any]
else:
    Base = object


class DaysForm(forms.Form):
    """How far back and ahead; what is no number of days is said, and the usual is shown."""

    past = forms.IntegerField(
        label=gettext_lazy("Days back"), min_value=0, max_value=MOST_DAYS, required=False
    )
    next = forms.IntegerField(
        label=gettext_lazy("Days ahead"), min_value=1, max_value=MOST_DAYS, required=False
    )

    def reach(self, now: Any) -> Reach:
        """What is to be shown."""
        from zerostate_monitoring.admin.holding.entries import Reach

        self.is_valid()
        past, following = (self.cleaned_data.get(name) for name in OWN)
        return Reach.of(
            now, PAST if past is None else past, NEXT if following is None else following
        )


def days_form(request: HttpRequest) -> DaysForm:
    """The form as the address has it."""
    asked = {name: request.GET.get(name, "") for name in OWN}
    return DaysForm(
        {"past": asked["past"] or str(PAST), "next": asked["next"] or str(NEXT)}, prefix=None
    )


def lengths_of(request: HttpRequest) -> list[tuple[str, str, bool]]:
    """Title and query of some spans of days, and which of them is shown."""
    shown = tuple(
        request.GET.get(name) or str(usual) for name, usual in zip(OWN, (PAST, NEXT), strict=True)
    )
    found = []
    for title, past, following in LENGTHS:
        query = request.GET.copy()
        query["past"], query["next"] = str(past), str(following)
        found.append((str(title), query.urlencode(), shown == (str(past), str(following))))
    return found


class HoldingChangeList(LiveChangeList):
    """A list whose address may also say which days its strip shows."""

    def get_filters_params(self, params: Any = None) -> Any:
        """Without those that are the strip's."""
        found = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in OWN}


class Strip(Base):
    """For lists of silences and windows: a strip above the list, of the rows on its page."""

    change_list_template = "admin/zerostate_monitoring/holding/change_list.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list with a strip."""
        return HoldingChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The list; its strip is made of the rows that it shows."""
        response = super().changelist_view(request, extra_context)
        context: Any = getattr(response, "context_data", None)
        if context is not None and "cl" in context and "strip" not in context:
            context.update(self._strip(request, context["cl"].result_list))
        return response

    def _strip(self, request: HttpRequest, rows: Iterable[Any]) -> dict[str, Any]:
        from zerostate_monitoring.admin.holding import drawing
        from zerostate_monitoring.admin.holding.entries import entries_of

        form, now = days_form(request), timezone.now()
        reach, rows = form.reach(now), list(rows)
        silences = [row for row in rows if isinstance(row, Silence)]
        windows = [row for row in rows if isinstance(row, MaintenanceWindow)]
        shown = [row for row in silences if row.ends_at > reach.start and row.starts_at < reach.end]
        # The list says what each hits; its strip only when each is.
        entries = entries_of(shown, windows, reach)
        return {
            "strip": drawing.picture_of(entries, reach) if entries else "",
            "days": form,
            "lengths": lengths_of(request),
            "calendar_url": reverse(f"{self.admin_site.name}:{_APP}_calendar"),
        }


class CalendarPage(Base):
    """For ``SilenceAdmin``: the page of both."""

    def calendar_urls(self) -> list[URLPattern]:
        """Before Django's own, which take everything else for a key."""
        view = self.admin_site.admin_view
        adjust_view = view(require_POST(self.adjust_view))
        return [
            path("calendar/", view(self.calendar_view), name=f"{_APP}_calendar"),
            path("calendar/adjust/", adjust_view, name=f"{_APP}_calendar_adjust"),
        ]

    def calendar_view(self, request: HttpRequest) -> HttpResponse:
        """What holds alerts back, held and will hold back, with what can be done about it."""
        from zerostate_monitoring.admin.holding import drawing
        from zerostate_monitoring.admin.holding.entries import (
            entries_of,
            held_by,
            silences_of,
            windows_of,
        )

        may = _may_see(request)
        if not any(may.values()):
            raise PermissionDenied
        form, now = days_form(request), timezone.now()
        reach, alerts = form.reach(now), live_alerts()
        silences, is_cut = silences_of(reach) if may["silence"] else ([], False)
        windows = windows_of() if may["window"] else []
        held = held_by(reach) if silences or windows else {}
        entries = entries_of(silences, windows, reach, alerts, held)
        lines = drawing.lines_of(entries, reach, self._urls(), self._may_change(request))
        context = {
            "days": form,
            "lengths": lengths_of(request),
            "picture": drawing.picture_of(entries, reach) if entries else "",
            "lines": lines,
            "is_cut": is_cut,
            "disabled": sum(not row.enabled for row in windows),
            "live": len(alerts),
            "may": may,
            "may_add": self._may_add(request),
            "may_see_alerts": request.user.has_perm(f"{_APP}.view_alert"),
            "query": request.GET.urlencode(),
            "asked_at": now,
        }
        return self._page(request, context)

    def _page(self, request: HttpRequest, context: Mapping[str, Any]) -> TemplateResponse:
        request.current_app = self.admin_site.name
        frame = {
            **self.admin_site.each_context(request),
            "title": _("Silences and maintenance"),
            "opts": self.model._meta,
        }
        template = "admin/zerostate_monitoring/holding/calendar.html"
        return TemplateResponse(request, template, {**frame, **context})

    def adjust_view(self, request: HttpRequest) -> HttpResponse:
        """Change the end of one; say what was done, and go back to the same days."""
        kind = request.POST.get("kind", "")
        if not self._may_change(request).get(kind, False):
            raise PermissionDenied
        model = {"silence": Silence, "window": MaintenanceWindow}[kind]
        row = _row(model, request.POST.get("pk", ""))
        done = adjust(
            row, request.POST.get("what", ""), request.POST.get("seen", ""), timezone.now()
        )
        if done.log:
            self.log_change(request, row, done.log)
        self.message_user(request, done.said, messages.SUCCESS if done.log else messages.WARNING)
        back = reverse(f"{self.admin_site.name}:{_APP}_calendar")
        query = request.GET.urlencode()
        return HttpResponseRedirect(f"{back}?{query}" if query else back)

    def _urls(self) -> dict[str, str]:
        site = self.admin_site.name
        return {
            "silence": reverse(f"{site}:{_APP}_silence_change", args=(0,)),
            "window": reverse(f"{site}:{_APP}_maintenancewindow_change", args=(0,)),
        }

    def _may_change(self, request: HttpRequest) -> dict[str, bool]:
        return {
            "silence": self.has_change_permission(request),
            "window": request.user.has_perm(f"{_APP}.change_maintenancewindow"),
        }

    def _may_add(self, request: HttpRequest) -> dict[str, bool]:
        return {
            "silence": self.has_add_permission(request),
            "window": request.user.has_perm(f"{_APP}.add_maintenancewindow"),
        }


def _may_see(request: HttpRequest) -> dict[str, bool]:
    has = request.user.has_perm
    return {
        "silence": any(has(f"{_APP}.{name}") for name in ("view_silence", "change_silence"))
        or has(f"{_APP}.silence_alert"),
        "window": any(
            has(f"{_APP}.{name}") for name in ("view_maintenancewindow", "change_maintenancewindow")
        ),
    }


def _row(model: Any, key: str) -> Any:
    """The row with the key that was sent.

    Raises:
        Http404: there is none.
    """
    found = model.objects.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
    if found is None:
        raise Http404
    return found
