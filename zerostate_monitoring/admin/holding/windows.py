"""Maintenance windows in admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.holding.calendar import Strip
from zerostate_monitoring.admin.holding.fields import WEEKDAYS
from zerostate_monitoring.admin.holding.previewing import PreviewedAdmin
from zerostate_monitoring.admin.holding.showing import (
    matchers_code,
    span_lines,
    span_text,
    with_faults,
)
from zerostate_monitoring.admin.holding.state import hits_text, window_state
from zerostate_monitoring.admin.holding.window_form import NEXT_SHOWN, WindowForm
from zerostate_monitoring.alerting.suppression.criticals import holding_saved
from zerostate_monitoring.alerting.suppression.hits import hits_among
from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.models import MaintenanceWindow
from zerostate_monitoring.models.suppression import WindowKind
from zerostate_monitoring.rules.windows import Span, zone_of


class WindowAdmin(Strip, PreviewedAdmin[MaintenanceWindow]):
    """Maintenance windows: what they hold back, and when they come."""

    form = WindowForm
    list_display = ("name", "state", "what", "next", "hits")
    list_filter = ("enabled", "kind")
    search_fields = ("name", "matchers", "comment", "author")
    readonly_fields = ("coming", "author")

    def get_fieldsets(self, request: HttpRequest, obj: MaintenanceWindow | None = None) -> Any:
        """What it holds back, when it comes, and of an old one when it comes next."""
        found: list[Any] = [
            (None, {"fields": ("name", "enabled", "matchers", "comment", "kind", "zone")}),
            (gettext_lazy("Once"), {"fields": ("starts_at", "ends_at"), "classes": ("zsm-once",)}),
            (
                gettext_lazy("Every week"),
                {"fields": ("weekdays", ("start_time", "end_time")), "classes": ("zsm-weekly",)},
            ),
        ]
        if obj is not None:
            found.append((gettext_lazy("Next"), {"fields": ("coming", "author")}))
        return found

    def switched(self, rows: list[MaintenanceWindow], *, enabled: bool) -> None:
        """Tell the log of those that may hold back what is critical: an update sends no signal."""
        for row in rows:
            row.enabled = enabled
            holding_saved(MaintenanceWindow, row)

    def save_model(
        self,
        request: HttpRequest,
        obj: MaintenanceWindow,
        form: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """The author is whoever made it."""
        obj.author = obj.author or request.user.get_username()
        super().save_model(request, obj, form, change)

    # -- columns -------------------------------------------------------------

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: MaintenanceWindow) -> str:
        """Open, to come, over, disabled, or broken."""
        return display.badge(*window_state(row, timezone.now()))

    @admin.display(description=gettext_lazy("holds back"))
    def what(self, row: MaintenanceWindow) -> str:
        """Its matchers in a line, and how often."""
        shown = format_html("{}<br>{}", matchers_code(row.matchers), self._when(row))
        return with_faults(shown, row.faults() if row.enabled else ())

    def _when(self, row: MaintenanceWindow) -> str:
        """Weekdays and times; once."""
        if row.kind == WindowKind.ONCE or not isinstance(row.weekdays, list):
            return str(row.get_kind_display())
        if row.start_time is None or row.end_time is None:
            return str(row.get_kind_display())
        days = [str(name)[:3] for day, name in WEEKDAYS if day in row.weekdays]
        named = _("daily") if len(days) == len(WEEKDAYS) else " ".join(days)
        return f"{named} {row.start_time:%H:%M}–{row.end_time:%H:%M}"

    @admin.display(description=gettext_lazy("open next"))
    def next(self, row: MaintenanceWindow) -> str:
        """The window that is open, or the next one, in its zone."""
        spans = _coming(row, 1) if row.enabled else []
        if not spans:
            return display.EMPTY
        start, _between, end = span_text(spans[0], zone_of(row.zone)).partition(" – ")
        return format_html("{}<br>– {}<br>{}", start, end, row.zone)

    @admin.display(description=gettext_lazy("next three"))
    def coming(self, row: MaintenanceWindow) -> str:
        """The next ones, in its zone and in UTC, with what is unusual about them."""
        spans = _coming(row, NEXT_SHOWN)
        if not spans:
            return display.EMPTY
        lines = (span_lines(span, zone_of(row.zone)) for span in spans)
        items = format_html_join(
            "", '<li>{} <span class="zsm-advice">({} UTC)</span> {}</li>', lines
        )
        return format_html('<ul class="zsm-reasons">{}</ul>', items)

    @admin.display(description=gettext_lazy("hits now"))
    def hits(self, row: MaintenanceWindow) -> str:
        """How many live alerts its matchers hit, open or not."""
        return hits_text(hits_among(row.matchers, self.live_alerts))


def _coming(row: MaintenanceWindow, count: int) -> list[Span]:
    try:
        zone_of(row.zone)
        return row.schedule().after(timezone.now(), count)
    except RuleError:
        return []
